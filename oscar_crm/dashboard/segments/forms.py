"""The form of a segment: its name beside the list's own filters."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.contacts.filters import ME
from oscar_crm.dashboard.custom_fields.inputs import custom_query
from oscar_crm.models import Segment
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.stored_filters import set_conditions, to_json
from oscar_crm.services.segments import NAME_LENGTH


class SegmentForm(forms.Form):
    """Name and sharing; the filter has a form of its own on the same page."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    is_shared = forms.BooleanField(
        label=_("Shared with everybody"),
        required=False,
        help_text=_("Each colleague still sees only the contacts they may see."),
    )


def as_query(wanted: ContactFilter, *, user: Any) -> QueryDict:
    """A filter as the query string of the contact list."""
    query = QueryDict(mutable=True)
    stored: dict[str, Any] = to_json(wanted)["conditions"]
    for name, value in custom_query(stored.pop("custom", {})).items():
        query[name] = value
    for name, value in stored.items():
        query[name] = "on" if value is True else str(value)
    if query.get("owner") == str(user.pk):
        query["owner"] = ME
    return query


def joined(wanted: ContactFilter) -> tuple[ContactFilter, list[str]]:
    """A filter within a segment as one filter, and the names of what both set differently."""
    if wanted.within is None:
        return wanted, []
    outer, inner = set_conditions(wanted), set_conditions(wanted.within)
    custom = {**wanted.within.custom, **wanted.custom}
    both = [n for n in outer if n in inner and inner[n] != outer[n] and n != "custom"]
    both += [key for key, one in wanted.within.custom.items() if custom[key] != one]
    values = {**inner, **outer, "custom": custom}
    return ContactFilter(**values, unreadable=wanted.within.unreadable), both


def initial_of(segment: Segment | None) -> dict[str, Any]:
    return {} if segment is None else {"name": segment.name, "is_shared": segment.is_shared}
