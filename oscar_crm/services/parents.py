"""Companies above companies: keeping the tree of accounts free of loops."""

from oscar_crm.models import Account


def is_below(account_id: int, ancestor_id: int) -> bool:
    """Whether an account is another one, or stands below it; one query per level."""
    seen: set[int] = set()
    current: int | None = account_id
    while current is not None and current not in seen:
        if current == ancestor_id:
            return True
        seen.add(current)
        parents = Account.objects.filter(pk=current).values_list("parent_id", flat=True)
        current = parents.first()
    return False
