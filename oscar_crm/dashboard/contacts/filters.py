"""What the contact list can be narrowed down to: the form, and the chips that take it back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.custom_fields.inputs import PREFIX, CustomFilterMixin
from oscar_crm.dashboard.lookups import HonestSelect, LookupField, is_served
from oscar_crm.models import Contact, CustomField, Segment
from oscar_crm.queries import segments
from oscar_crm.queries.changes import display_name
from oscar_crm.queries.contacts import (
    DEFAULT_SORT,
    NOBODY,
    ContactFilter,
    staff,
    tags_in_use,
)
from oscar_crm.queries.custom_fields import definitions_from, with_definitions
from oscar_crm.queries.stored_filters import MAX_DAYS, MAX_MONTHS, from_json

from . import filter_fields as fields
from .filter_fields import amount_field, day_field

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
    ("average_min", "average_max", _("The highest value must not be below the lowest.")),
)


class ContactFilterForm(CustomFilterMixin, forms.Form):
    """The list's filters, all in the query string. A field with an error does not filter."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *Contact.Kind.choices]
    )
    tag = forms.TypedChoiceField(
        label=_("Tag"), required=False, coerce=int, empty_value=None, widget=HonestSelect
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False, widget=HonestSelect)
    value_min = amount_field(_("Lifetime value from"))
    value_max = amount_field(_("Lifetime value to"))
    ordered_from = day_field(_("Last order from"))
    ordered_to = day_field(_("Last order to"))
    created_from = day_field(_("Created from"))
    created_to = day_field(_("Created to"))
    with_orders = forms.BooleanField(label=_("Only with orders"), required=False)
    unvalued = forms.BooleanField(label=_("Only with orders that lack a rate"), required=False)
    archived = forms.BooleanField(label=_("Archived contacts"), required=False)
    country = fields.country(_("Country"))
    untouched_months = fields.count(_("Nothing happened for … months"), MAX_MONTHS)
    average_min = amount_field(_("Average order from"))
    average_max = amount_field(_("Average order to"))
    spent_min = amount_field(_("Spent at least"))
    spent_since = day_field(_("Spent that much since"))
    idle_days = fields.count(_("No order for … days"), MAX_DAYS)
    bought = fields.product(_("Bought product"))
    bought_category = fields.category(_("Bought in category"))
    voucher = forms.CharField(label=_("Used voucher code"), required=False, max_length=128)
    abandoned_days = fields.count(_("Basket left for … days"), MAX_DAYS)
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=SORT_CHOICES)

    def __init__(self, data: Any, *, user: Any, segment: Segment | None = None) -> None:
        """Within ``segment``, if given: its filter must hold as well."""
        self.user, self.segment = user, segment
        super().__init__(data)
        if not user.has_perm("oscar_crm.view_orderlink"):
            for name in fields.OF_ORDERS:
                del self.fields[name]
        self.known_tags = list(tags_in_use())
        tags = [(str(tag.pk), tag.name) for tag in self.known_tags]
        self.fields["tag"].choices = [("", _("Any")), *tags]  # type: ignore[attr-defined]
        self.colleagues = colleagues(user)
        self.fields["owner"].choices = owner_choices(self.colleagues)  # type: ignore[attr-defined]
        self.fields["account"] = fields.account(user)
        for name in ("kind", "tag", "owner", "sort"):
            self.fields[name].error_messages["invalid_choice"] = _("Choose one of the list.")
        self.initial = {"sort": DEFAULT_SORT}
        first = next(iter(self.colleagues), None)
        self.add_custom_filters(definitions_from(first, CustomField.Area.CONTACT))
        self._prepare_lookups()

    def _prepare_lookups(self) -> None:
        chosen: dict[str, str] = {}
        for name, field in self.fields.items():
            if isinstance(field, LookupField):
                chosen |= field.prepare(self.data, name)
        if chosen:
            data: QueryDict = self.data.copy()  # type: ignore[attr-defined]
            for name, value in chosen.items():
                data[name] = value
            self.data = data

    def clean(self) -> dict[str, Any]:
        for low, high, message in RANGES:
            first, last = self.cleaned_data.get(low), self.cleaned_data.get(high)
            if first is not None and last is not None and last < first:
                self.add_error(high, message)
        self.clean_custom_ranges()
        if self.cleaned_data.get("spent_since") and not self.data.get("spent_min"):
            self.add_error("spent_min", _("Give the amount as well."))
        return self.cleaned_data

    def contact_filter(self) -> ContactFilter:
        """The filter the input asks for, without the fields that have an error."""
        self.is_valid()
        own = {k: v for k, v in self.cleaned_data.items() if not k.startswith(PREFIX)}
        found = {k: v for k, v in own.items() if v not in (None, "")}
        if found.get("owner") == ME:
            found["owner"] = str(self.user.pk)
        found.setdefault("sort", DEFAULT_SORT)
        within = None if self.segment is None else from_json(self.segment.filter)
        return ContactFilter(**found, custom=self.custom_conditions(), within=within)

    def active(self) -> list[str]:
        """Names of the fields that narrow the list down."""
        values = self.cleaned_data
        given = [n for n in self.fields if values.get(n) not in (None, "")]
        return [n for n in given if n != "sort" and (values[n] or n.startswith(PREFIX))]

    def in_panel(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields of the collapsible panel in their groups, each with its title.

        What no group names is among the basics; the search box, the tabs, the custom fields and
        the order of the list stand elsewhere.
        """
        grouped = {name for _title, names in fields.GROUPS for name in names}
        own = (name for name in self.fields if not name.startswith(PREFIX))
        others = [n for n in own if n not in grouped and n not in ("q", "kind", "sort")]
        groups = []
        for number, (title, names) in enumerate(fields.GROUPS):
            shown = [name for name in names if name in self.fields]
            shown = [*shown, *others] if number == 0 else shown
            if not is_served(fields.ACCOUNT_LOOKUP):
                shown = [name for name in shown if name != "account"]
            if shown:
                groups.append((title, [self[name] for name in shown]))
        return groups


def list_form(query: Any, *, user: Any) -> ContactFilterForm:
    """The form for a query string of the list; 404 for a segment that the user may not see."""
    asked = query.get("segment", "")
    segment = segments.find(user, asked) if asked else None
    if asked and segment is None:
        raise Http404("There is no such segment.")
    return ContactFilterForm(query, user=user, segment=segment)


def colleagues(
    user: Any, area: str = CustomField.Area.CONTACT, permission: str = "view_all_contacts"
) -> list[Any]:
    """Staff, for those who may see their records. They bring the area's custom fields along."""
    if not user.has_perm(f"oscar_crm.{permission}"):
        return []
    return list(with_definitions(staff(), area))


def owner_choices(owners: Iterable[Any]) -> list[tuple[str, Any]]:
    choices: list[tuple[str, Any]] = [("", _("Anybody")), (ME, _("Me")), (NOBODY, _("Nobody"))]
    return [*choices, *((str(owner.pk), display_name(owner)) for owner in owners)]


@dataclass(frozen=True)
class Chip:
    """An active filter in words, and the query string without it."""

    text: str
    query: str


def chips(form: Any, query: QueryDict) -> Iterator[Chip]:
    """One chip per filter that is at work, the segment's first."""
    if getattr(form, "segment", None) is not None:
        yield Chip(_("Segment: %s") % form.segment, _without(query, "segment"))
    for name in form.active():
        yield Chip(_chip_text(form, name), _without(query, name))


def _without(query: QueryDict, name: str) -> str:
    rest = query.copy()
    for parameter in (name, f"{name}_text", *POSITION):
        rest.pop(parameter, None)
    return "?" + rest.urlencode()


def _chip_text(form: Any, name: str) -> str:
    value, field = form.cleaned_data[name], form.fields[name]
    if isinstance(value, bool) and name.startswith(PREFIX):
        value = _t("Yes") if value else _t("No")
    elif isinstance(field, forms.ChoiceField):
        value = dict(field.choices)[str(value)]  # type: ignore[arg-type]
    return condition_text(str(field.label), value)


def condition_text(label: str, value: Any) -> str:
    """A condition in words: “Lifetime value from: 100”."""
    if value is True:
        return label
    if isinstance(value, date):
        value = date_format(value, "SHORT_DATE_FORMAT")
    elif isinstance(value, Decimal):
        value = f"{value:f}"
    return label.replace("…", str(value)) if "…" in label else f"{label}: {value}"
