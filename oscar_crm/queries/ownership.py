"""The one visibility rule, for every area whose records have an owner."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from oscar_crm.conf import crm_settings

Row = TypeVar("Row", bound=Model)


def seen_by(user: Any, rows: QuerySet[Row], *, view: str, view_all: str) -> QuerySet[Row]:
    """Those of some rows that a user may see, by the permissions ``view`` and ``view_all``.

    With ``view_all`` all; else one's own and, by setting, those nobody owns. Records that were
    merged into another are nobody's any more.
    """
    if not user.has_perm(f"oscar_crm.{view}"):
        return rows.none()
    found = rows.filter(merged_into=None)
    if user.has_perm(f"oscar_crm.{view_all}"):
        return found
    mine = Q(owner=user.pk)
    if crm_settings.SHOW_UNASSIGNED:
        mine |= Q(owner=None)
    return found.filter(mine)
