"""Reading imports: the history, and what became of the rows of one."""

from typing import Any

from django.db.models import Q, QuerySet

from oscar_crm.models import Import, ImportRow

from .keyset import Sort

NEWEST_FIRST = Sort("created_at", descending=True)
BY_ROW = Sort("row")


def visible_to(user: Any) -> QuerySet[Import]:
    """The imports a user may see: their own, and all of an area of which they see everything."""
    if not user.has_perm("oscar_crm.view_import"):
        return Import.objects.none()
    mine = Q(actor=user.pk)
    for area in Import.Area.values:
        if user.has_perm(f"oscar_crm.view_all_{area}s"):
            mine |= Q(area=area)
    return Import.objects.filter(mine)


def told_rows(of_import: Import, outcome: str) -> QuerySet[ImportRow]:
    """The rows of one outcome that there is something to tell of.

    ``"remarks"``: those that are taken and have one.
    """
    rows = ImportRow.objects.filter(of_import=of_import)
    if outcome == "remarks":
        return rows.exclude(outcome=ImportRow.Outcome.REFUSED).exclude(remarks=[])
    return rows.filter(outcome=outcome)


def areas_for(user: Any) -> list[tuple[str, Any]]:
    """The areas a user may bring records into."""
    return [
        (value, label)
        for value, label in Import.Area.choices
        if user.has_perm(f"oscar_crm.view_{value}")
        and (user.has_perm(f"oscar_crm.add_{value}") or user.has_perm(f"oscar_crm.change_{value}"))
    ]
