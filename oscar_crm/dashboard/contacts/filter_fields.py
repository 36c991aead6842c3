"""The kinds of fields that the list's filter is made of, and how they are grouped."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.days import DAY_VALIDATORS
from oscar_crm.dashboard.lookups import Lookup, LookupField
from oscar_crm.queries import accounts, catalogue
from oscar_crm.queries.contacts import country_names, country_of

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("Basics"),
        (
            *("tag", "owner", "country", "account", "created_from", "created_to"),
            *("untouched_months", "archived"),
        ),
    ),
    (
        _("Orders"),
        (
            *("value_min", "value_max", "average_min", "average_max", "spent_min", "spent_since"),
            *("ordered_from", "ordered_to", "idle_days", "with_orders", "unvalued"),
        ),
    ),
    (_("What they bought"), ("bought", "bought_category", "voucher", "abandoned_days")),
)
ACCOUNT_LOOKUP = "crm-account-lookup"
# What tells of orders is for those who may see them.
OF_ORDERS = ("bought", "bought_category", "voucher", "abandoned_days")
PRODUCT = Lookup(
    "crm-product-lookup",
    catalogue.product_names,
    catalogue.product_of_code,
    gone=_("There is no such product (any more). Choose one from the list."),
)
CATEGORY = Lookup(
    "crm-category-lookup",
    catalogue.category_names,
    catalogue.category_of_name,
    gone=_("There is no such category (any more). Choose one from the list."),
)
COUNTRY = Lookup(
    "crm-country-lookup",
    country_names,
    country_of,
    gone=_("The shop knows no such country. Choose one from the list."),
    is_key=lambda code: len(code) == 2 and code.isascii() and code.isalpha(),
    key=str.upper,
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


def count(label: Any, highest: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=highest,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": _("This is not a whole number."),
            "min_value": _("Give a whole number, 1 or more."),
            "max_value": _("Give %(limit_value)s at most."),
        },
    )


def product(label: Any) -> LookupField:
    return LookupField(lookup=PRODUCT, label=label, hint=_("Title, SKU or UPC"))


def category(label: Any) -> LookupField:
    return LookupField(lookup=CATEGORY, label=label, hint=_("Name of a category"))


def country(label: Any) -> LookupField:
    return LookupField(lookup=COUNTRY, label=label, hint=_("Name or code of a country"))


def account(user: Any) -> LookupField:
    """One of the companies that a user may see."""
    lookup = Lookup(
        ACCOUNT_LOOKUP,
        lambda ids: accounts.names(user, ids),
        gone=_("There is no such company (any more). Choose one from the list."),
    )
    return LookupField(lookup=lookup, label=_("Company"), hint=_("Name of a company"))
