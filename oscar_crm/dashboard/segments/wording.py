"""A segment's filter in words."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oscar_crm.dashboard.contacts.filters import ContactFilterForm, condition_text
from oscar_crm.dashboard.custom_fields.inputs import condition_lines
from oscar_crm.models import Contact
from oscar_crm.queries.contacts import NOBODY, ContactFilter
from oscar_crm.queries.segments import FilterNames
from oscar_crm.queries.stored_filters import set_conditions

GONE = {
    "tag": gettext_lazy("a tag that no longer exists"),
    "owner": gettext_lazy("a colleague who no longer exists"),
    "bought": gettext_lazy("a product that no longer exists"),
    "bought_category": gettext_lazy("a category that no longer exists"),
    "account": gettext_lazy("a company that no longer exists, or that you may not see"),
}


def filter_lines(wanted: ContactFilter, names: FilterNames) -> list[str]:
    """One line per condition: “Bought product: Lamp (L-1)”."""
    return list(_lines(wanted, names))


def _lines(wanted: ContactFilter, names: FilterNames) -> Iterator[str]:
    if wanted.unreadable:
        yield _("A part of this filter cannot be read, so it holds nobody: %s") % ", ".join(
            wanted.unreadable
        )
    for name, value in set_conditions(wanted).items():
        if name == "custom":
            for label, wanted_value in condition_lines(value, names.custom):
                yield condition_text(label, wanted_value)
            continue
        label = _labels().get(name, name)
        yield condition_text(str(label), _value(name, value, names))


def _labels() -> dict[str, Any]:
    fields = ContactFilterForm.base_fields
    return {**{name: field.label for name, field in fields.items()}, "account": _("Company")}


def _value(name: str, value: Any, names: FilterNames) -> Any:
    known: dict[str, dict[Any, str]] = {
        "tag": names.tags,
        "owner": {**names.users, NOBODY: _("Nobody")},
        "bought": names.products,
        "bought_category": names.categories,
        "account": names.accounts,
    }
    if name in known:
        return known[name].get(value, GONE[name])
    if name == "kind":
        return Contact.Kind(value).label
    return names.countries.get(value, value) if name == "country" else value
