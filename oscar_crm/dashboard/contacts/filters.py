"""What the contact list can be narrowed down to: the form, and the chips that take it back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.days import DAY_VALIDATORS
from oscar_crm.models import Contact
from oscar_crm.queries.changes import display_name
from oscar_crm.queries.contacts import (
    DEFAULT_SORT,
    NOBODY,
    ContactFilter,
    staff,
    tags_in_use,
)

ME = "me"
POSITION = ("before", "after", "at")
SORT_CHOICES = (
    ("-last_order", _("Last order, newest first")),
    ("last_order", _("Last order, oldest first")),
    ("name", _("Name, A to Z")),
    ("-name", _("Name, Z to A")),
    ("-value", _("Lifetime value, highest first")),
    ("value", _("Lifetime value, lowest first")),
    ("-orders", _("Orders, most first")),
    ("orders", _("Orders, fewest first")),
    ("-created", _("Created, newest first")),
    ("created", _("Created, oldest first")),
)
RANGES = (
    ("value_min", "value_max", _("The highest value must not be below the lowest.")),
    ("ordered_from", "ordered_to", _("This day must not be before the first one.")),
    ("created_from", "created_to", _("This day must not be before the first one.")),
)


def amount_field(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=14,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=DAY_VALIDATORS,
        error_messages={"invalid": _("This is not a day. Write it as 2026-12-31.")},
    )


class ContactFilterForm(forms.Form):
    """The list's filters, all in the query string. A field with an error does not filter."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *Contact.Kind.choices]
    )
    tag = forms.TypedChoiceField(label=_("Tag"), required=False, coerce=int, empty_value=None)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    value_min = amount_field(_("Lifetime value from"))
    value_max = amount_field(_("Lifetime value to"))
    ordered_from = day_field(_("Last order from"))
    ordered_to = day_field(_("Last order to"))
    created_from = day_field(_("Created from"))
    created_to = day_field(_("Created to"))
    with_orders = forms.BooleanField(label=_("Only with orders"), required=False)
    unvalued = forms.BooleanField(label=_("Only with orders that lack a rate"), required=False)
    archived = forms.BooleanField(label=_("Archived contacts"), required=False)
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=SORT_CHOICES)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        tags = [(str(tag.pk), tag.name) for tag in tags_in_use()]
        self.fields["tag"].choices = [("", _("Any")), *tags]  # type: ignore[attr-defined]
        self.fields["owner"].choices = owner_choices(user)  # type: ignore[attr-defined]
        for name in ("kind", "tag", "owner", "sort"):
            self.fields[name].error_messages["invalid_choice"] = _("Choose one of the list.")
        self.initial = {"sort": DEFAULT_SORT}

    def clean(self) -> dict[str, Any]:
        for low, high, message in RANGES:
            first, last = self.cleaned_data.get(low), self.cleaned_data.get(high)
            if first is not None and last is not None and last < first:
                self.add_error(high, message)
        return self.cleaned_data

    def contact_filter(self) -> ContactFilter:
        """The filter the input asks for, without the fields that have an error."""
        self.is_valid()
        found = {k: v for k, v in self.cleaned_data.items() if v not in (None, "")}
        if found.get("owner") == ME:
            found["owner"] = str(self.user.pk)
        found.setdefault("sort", DEFAULT_SORT)
        return ContactFilter(**found)

    def active(self) -> list[str]:
        """Names of the fields that narrow the list down."""
        values = self.cleaned_data
        return [n for n in self.fields if n != "sort" and values.get(n) not in (None, "", False)]

    def in_panel(self) -> list[forms.BoundField]:
        """The fields of the collapsible panel: all but the search box and the tabs."""
        return [field for field in self if field.name not in ("q", "kind")]


def owner_choices(user: Any, permission: str = "view_all_contacts") -> list[tuple[str, Any]]:
    """Colleagues only for those who may see their records."""
    choices: list[tuple[str, Any]] = [("", _("Anybody")), (ME, _("Me")), (NOBODY, _("Nobody"))]
    if user.has_perm(f"oscar_crm.{permission}"):
        choices += [(str(owner.pk), display_name(owner)) for owner in staff()]
    return choices


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the query string without it."""

    text: str
    query: str


def chips(form: Any, query: QueryDict) -> Iterator[Chip]:
    """One chip per filter that is at work."""
    for name in form.active():
        rest = query.copy()
        for parameter in (name, *POSITION):
            rest.pop(parameter, None)
        yield Chip(_chip_text(form, name), "?" + rest.urlencode())


def _chip_text(form: Any, name: str) -> str:
    value, label = form.cleaned_data[name], str(form.fields[name].label)
    if value is True:
        return label
    if isinstance(form.fields[name], forms.ChoiceField):
        value = dict(form.fields[name].choices)[str(value)]
    elif isinstance(value, date):
        value = date_format(value, "SHORT_DATE_FORMAT")
    elif isinstance(value, Decimal):
        value = f"{value:f}"
    return f"{label}: {value}"
