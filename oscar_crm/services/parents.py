"""Companies above companies: keeping the tree of accounts free of loops, and shallow."""

from django.utils.translation import gettext as _

from oscar_crm.exceptions import EditConflictError, ValidationError
from oscar_crm.models import Account

from .survivors import refuse_merged

MAX_DEPTH = 10  # companies from the top of a tree to its lowest, both counted


def is_below(account_id: int, ancestor_id: int) -> bool:
    """Whether an account is another one, or stands below it; one query per level."""
    return ancestor_id in _chain(account_id)


def check_parent(account: Account, parent: Account) -> None:
    """Make sure that a company may stand below another one; call it inside a transaction.

    Locks the account and all companies above the parent, so that two people at once cannot make
    a loop. Raises ``ValidationError`` for a loop or a tree of more than ``MAX_DEPTH`` levels.
    """
    above = _chain(parent.pk)
    wanted = {account.pk, *above}
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    if len(rows) != len(wanted) or _chain(parent.pk) != above:
        raise EditConflictError(
            _("Somebody else changed the companies above this one meanwhile. Save again.")
        )
    for row in rows:
        refuse_merged(row)
    if account.pk in above:
        raise ValidationError(
            _("%(parent)s is below %(account)s already, so it cannot be above it as well.")
            % {"parent": parent, "account": account}
            if account.pk != parent.pk
            else _("A company cannot be its own parent."),
            field="parent",
        )
    if len(above) + _height(account.pk) > MAX_DEPTH:
        raise ValidationError(
            _("Companies can stand in %s levels at most.") % MAX_DEPTH, field="parent"
        )


def levels_through(account_id: int) -> int:
    """Levels of the tree on its way from the top through an account to the lowest below it."""
    return len(_chain(account_id)) - 1 + _height(account_id)


def _chain(account_id: int) -> list[int]:
    """An account and those above it, the nearest first; one query per level."""
    chain: list[int] = []
    current: int | None = account_id
    while current is not None and current not in chain:
        chain.append(current)
        parents = Account.objects.filter(pk=current).values_list("parent_id", flat=True)
        current = parents.first()
    return chain


def _height(account_id: int) -> int:
    """Levels of an account with those below it, ``MAX_DEPTH + 1`` at most."""
    level, ids = 0, [account_id]
    while ids and level <= MAX_DEPTH:
        level += 1
        ids = list(Account.objects.filter(parent__in=ids).values_list("pk", flat=True))
    return level
