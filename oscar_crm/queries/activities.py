"""Reading notes."""

from typing import Any

from django.db.models import Q, QuerySet

from oscar_crm.models import Activity

from . import accounts, contacts


def visible_to(user: Any) -> QuerySet[Activity]:
    """Notes on the contacts and accounts a user may see."""
    seen = seen_by(user, "contact", contacts) | seen_by(user, "account", accounts)
    return Activity.objects.select_related("contact", "account").filter(seen)


def seen_by(user: Any, name: str, area: Any) -> Q:
    """Rows whose ``name`` (a foreign key) the user may see; cheap for those who may see all."""
    is_set = Q(**{f"{name}__isnull": False})
    if user.has_perms([f"oscar_crm.view_{name}", f"oscar_crm.view_all_{name}s"]):
        return is_set
    return is_set & Q(**{f"{name}__in": area.visible_to(user)})
