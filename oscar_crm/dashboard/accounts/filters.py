"""What the account list can be narrowed down to."""

from typing import Any

from django import forms
from django.db.models import BigIntegerField
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.contacts.filter_fields import amount_field, day_field
from oscar_crm.dashboard.contacts.filters import ME, colleagues, owner_choices
from oscar_crm.dashboard.custom_fields.inputs import PREFIX, CustomFilterMixin
from oscar_crm.models import CustomField
from oscar_crm.queries.accounts import DEFAULT_SORT, WITH_PEOPLE, WITHOUT_PEOPLE, AccountFilter
from oscar_crm.queries.contacts import countries, tags_in_use
from oscar_crm.queries.custom_fields import definitions_from

SORT_CHOICES = (
    ("name", _("Name, A to Z")),
    ("-name", _("Name, Z to A")),
    ("-value", _("Lifetime value, highest first")),
    ("value", _("Lifetime value, lowest first")),
    ("-last_order", _("Last order, newest first")),
    ("last_order", _("Last order, oldest first")),
    ("-created", _("Created, newest first")),
    ("created", _("Created, oldest first")),
)
PEOPLE_CHOICES = (
    ("", _("Any")),
    (WITH_PEOPLE, _("With people")),
    (WITHOUT_PEOPLE, _("Without people")),
)
RANGES = (
    ("value_min", "value_max", _("The highest value must not be below the lowest.")),
    ("ordered_from", "ordered_to", _("This day must not be before the first one.")),
)


class AccountFilterForm(CustomFilterMixin, forms.Form):
    """The list's filters, all in the query string. A field with an error does not filter."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    tag = forms.TypedChoiceField(label=_("Tag"), required=False, coerce=int, empty_value=None)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    industry = forms.CharField(label=_("Industry"), required=False, max_length=100)
    country = forms.ChoiceField(label=_("Country"), required=False)
    people = forms.ChoiceField(label=_("People"), required=False, choices=PEOPLE_CHOICES)
    value_min = amount_field(_("Lifetime value from"))
    value_max = amount_field(_("Lifetime value to"))
    ordered_from = day_field(_("Last order from"))
    ordered_to = day_field(_("Last order to"))
    archived = forms.BooleanField(label=_("Archived accounts"), required=False)
    parent = forms.IntegerField(
        label=_("Sub-accounts of"),
        required=False,
        min_value=1,
        max_value=BigIntegerField.MAX_BIGINT,
        widget=forms.HiddenInput,
    )
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=SORT_CHOICES)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        self.colleagues = colleagues(user, CustomField.Area.ACCOUNT, "view_all_accounts")
        self.known_tags = list(tags_in_use())
        choices = {
            "tag": [("", _("Any")), *((str(tag.pk), tag.name) for tag in self.known_tags)],
            "owner": owner_choices(self.colleagues),
            "country": [("", _("Any")), *countries()],
        }
        for name, known in choices.items():
            self.fields[name].choices = known  # type: ignore[attr-defined]
        for name in ("tag", "owner", "country", "people", "sort"):
            self.fields[name].error_messages["invalid_choice"] = _("Choose one of the list.")
        self.initial = {"sort": DEFAULT_SORT}
        first = next(iter(self.colleagues), None)
        self.add_custom_filters(definitions_from(first, CustomField.Area.ACCOUNT))

    def clean(self) -> dict[str, Any]:
        for low, high, message in RANGES:
            first, last = self.cleaned_data.get(low), self.cleaned_data.get(high)
            if first is not None and last is not None and last < first:
                self.add_error(high, message)
        self.clean_custom_ranges()
        return self.cleaned_data

    def account_filter(self) -> AccountFilter:
        """The filter the input asks for, without the fields that have an error."""
        self.is_valid()
        own = {k: v for k, v in self.cleaned_data.items() if not k.startswith(PREFIX)}
        found = {k: v for k, v in own.items() if v not in (None, "")}
        if found.get("owner") == ME:
            found["owner"] = str(self.user.pk)
        found.setdefault("sort", DEFAULT_SORT)
        return AccountFilter(**found, custom=self.custom_conditions())

    def active(self) -> list[str]:
        """Names of the fields that narrow the list down."""
        values = self.cleaned_data
        given = [n for n in self.fields if values.get(n) not in (None, "")]
        return [n for n in given if n != "sort" and (values[n] or n.startswith(PREFIX))]

    def in_panel(self) -> list[forms.BoundField]:
        """The fields of the collapsible panel: all but the search box and the custom fields."""
        own = (field for field in self.visible_fields() if not field.name.startswith(PREFIX))
        return [field for field in own if field.name != "q"]
