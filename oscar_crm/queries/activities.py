"""Reading notes."""

from typing import Any

from django.db.models import QuerySet

from oscar_crm.models import Activity

from . import contacts


def visible_to(user: Any) -> QuerySet[Activity]:
    """Notes on the contacts a user may see."""
    notes = Activity.objects.select_related("contact")
    if user.has_perm("oscar_crm.view_all_contacts") and user.has_perm("oscar_crm.view_contact"):
        return notes
    return notes.filter(contact__in=contacts.visible_to(user))
