"""What a column of a file can be: the fields of an area that are imported and exported.

A new area adds one entry to ``FIELDS``. Custom fields come beside them, as ``custom:<key>``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from oscar_crm import text
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Contact, CustomField

from . import values

MAX_LONG_TEXT = 20_000
CUSTOM = "custom:"
_BREAKS = re.compile(r"[\r\n\t\v\f]+")


@dataclass(frozen=True)
class Reading:
    """What decides how cells are read: the import's options and what the shop knows.

    ``region``: the country of phone numbers without a country code. ``day_order``: see
    ``values.parse_day``. ``owners``: ids of staff by folded name, e-mail and login name.
    """

    region: str = ""
    day_order: str = ""
    decimal_comma: bool = False
    owners: Mapping[str, Any] = field(default_factory=dict)


Parse = Callable[[str, Reading], Any]


class UnknownValueError(ValidationError):
    """A value that is left out with a remark; the rest of the row is taken."""


@dataclass(frozen=True)
class Field:
    """One field: how it is called, and how a cell becomes its value.

    ``many``: the value is a list, and several columns add up; else the first column that is not
    empty counts. ``is_number``: digits that a spreadsheet may take as they are.
    """

    key: str
    label: str | Promise
    parse: Parse
    many: bool = False
    is_number: bool = False


def text_of(length: int) -> Parse:
    """One line of text of at most so many characters."""

    def parse(value: str, reading: Reading) -> str:
        return checked_text(_BREAKS.sub(" ", value), length)

    return parse


def checked_text(value: str, length: int) -> str:
    if len(value) > length:
        raise ValidationError(
            _t("is %(length)s characters long; %(most)s are possible.")
            % {"length": f"{len(value):,}", "most": f"{length:,}"}
        )
    if not is_storable(value):
        raise ValidationError(_t("has a character in it that cannot be kept."))
    return value


def is_storable(value: str) -> bool:
    """Whether every database can hold it: no NUL, no half of a surrogate pair."""
    if value.isascii():
        return "\x00" not in value
    return "\x00" not in value and value == value.encode(errors="ignore").decode()


def _long_text(value: str, reading: Reading) -> str:
    return checked_text(value, MAX_LONG_TEXT)


def _street(value: str, reading: Reading) -> str:
    """Lines stay apart: what is below the first goes into the second line of the address."""
    return checked_text("\n".join(line.strip() for line in value.splitlines() if line.strip()), 510)


def _phone(value: str, reading: Reading) -> str:
    first = value.partition(":::")[0].strip()  # Google puts several into one cell
    return checked_text(values.parse_phone(first, region=reading.region), 64)


def _emails(value: str, reading: Reading) -> list[str]:
    found = []
    for item in values.split_list(value):
        for address in item.split() if item.count("@") > 1 else [item]:
            address = address.removeprefix("mailto:")
            if not text.is_email(address) or len(address) > 254 or not is_storable(address):
                raise ValidationError(_t("“%s” is not an e-mail address.") % values.shown(address))
            found.append(address)
    return found


def _tags(value: str, reading: Reading) -> list[str]:
    found = []
    for item in values.split_list(value):
        name = " ".join(item.split())
        if name.startswith("* "):  # Google's own groups: "* myContacts"
            continue
        if len(name) > 50 or not text.fold(name) or not is_storable(name):
            raise ValidationError(_t("“%s” cannot be a tag.") % values.shown(name))
        found.append(name)
    return found


def _companies(value: str, reading: Reading) -> list[str]:
    return [checked_text(item, 255) for item in values.split_list(value, (";",))]


def _name_of_other(value: str, reading: Reading) -> str:
    return checked_text(_BREAKS.sub(" ", value), 255)


_KIND_WORDS = {
    Contact.Kind.LEAD: "prospect lead subscriber opportunity interessent marketing qualified sales",
    Contact.Kind.CUSTOMER: "customer client kunde evangelist buyer",
    Contact.Kind.PARTNER: "partner reseller",
    Contact.Kind.VENDOR: "vendor supplier lieferant",
}


def _kind(value: str, reading: Reading) -> str:
    folded = text.fold(value)
    for kind, words in _KIND_WORDS.items():
        if folded in (kind.value, text.fold(str(kind.label))) or folded in words.split():
            return str(kind.value)
    if folded in ("marketing qualified lead", "sales qualified lead", "marketingqualifiedlead"):
        return str(Contact.Kind.LEAD)
    raise UnknownValueError(_t("“%s” is no kind of contact.") % values.shown(value))


def _country(value: str, reading: Reading) -> str:
    return values.parse_country(value)


def _owner(value: str, reading: Reading) -> Any:
    owner = reading.owners.get(text.fold(value))
    if owner is None:
        raise UnknownValueError(_t("No member of staff is called “%s”.") % values.shown(value))
    return owner


def _f(key: str, label: Any, parse: Parse, **more: Any) -> Field:
    return Field(key, label, parse, **more)


def _address(prefix: str, labels: tuple[Any, ...]) -> tuple[Field, ...]:
    line1, line2, city, state, postcode, country = labels
    return (
        _f(f"{prefix}line1", line1, _street),
        _f(f"{prefix}line2", line2, text_of(255)),
        _f(f"{prefix}city", city, text_of(255)),
        _f(f"{prefix}state", state, text_of(255)),
        _f(f"{prefix}postcode", postcode, text_of(64), is_number=True),
        _f(f"{prefix}country", country, _country),
    )


FIELDS: dict[str, tuple[Field, ...]] = {
    "contact": (
        _f("first_name", _("First name"), text_of(255)),
        _f("last_name", _("Last name"), text_of(255)),
        _f("full_name", _("Full name"), text_of(510)),
        _f("emails", _("E-mail"), _emails, many=True),
        _f("phone", _("Phone"), _phone, is_number=True),
        _f("company_name", _("Company"), text_of(255)),
        _f("accounts", _("Accounts"), _companies, many=True),
        _f("job_title", _("Job title"), text_of(255)),
        *_address(
            "",
            (
                _("Address"),
                _("Address, second line"),
                _("City"),
                _("State or county"),
                _("Postcode"),
                _("Country"),
            ),
        ),
        _f("kind", _("Kind"), _kind),
        _f("owner", _("Owner"), _owner),
        _f("tags", _("Tags"), _tags, many=True),
        _f("external_id", _("External ID"), text_of(100)),
    ),
    "account": (
        _f("name", _("Name"), text_of(255)),
        _f("industry", _("Industry"), text_of(100)),
        _f("website", _("Website"), text_of(255)),
        _f("vat_number", _("VAT number"), text_of(20)),
        _f("phone", _("Phone"), _phone, is_number=True),
        _f("currency", _("Currency"), text_of(12)),
        _f("description", _("Description"), _long_text),
        *_address(
            "billing_",
            (
                _("Billing address"),
                _("Billing address, second line"),
                _("Billing city"),
                _("Billing state or county"),
                _("Billing postcode"),
                _("Billing country"),
            ),
        ),
        *_address(
            "shipping_",
            (
                _("Shipping address"),
                _("Shipping address, second line"),
                _("Shipping city"),
                _("Shipping state or county"),
                _("Shipping postcode"),
                _("Shipping country"),
            ),
        ),
        _f("parent", _("Parent company"), _name_of_other),
        _f("owner", _("Owner"), _owner),
        _f("tags", _("Tags"), _tags, many=True),
        _f("external_id", _("External ID"), text_of(100)),
    ),
}
# Fields that only reading knows: they are parts of others.
READ_ONLY = frozenset(("full_name",))


def fields_of(area: str) -> dict[str, Field]:
    """All fields of an area by key, custom ones included; one query."""
    fixed = {one.key: one for one in FIELDS[area]}
    custom = {
        f"{CUSTOM}{row.key}": Field(
            f"{CUSTOM}{row.key}",
            row.label,
            _custom_parser(row),
            is_number=row.kind == CustomField.Kind.NUMBER,
        )
        for row in CustomField.objects.filter(area=area)
    }
    return fixed | custom


def _custom_parser(row: CustomField) -> Parse:
    """A cell as the value that ``CustomField`` describes."""
    if row.kind == CustomField.Kind.NUMBER:
        return lambda value, reading: str(
            values.parse_number(value, decimal_comma=reading.decimal_comma)
        )
    if row.kind == CustomField.Kind.DATE:
        return lambda value, reading: values.parse_day(value, order=reading.day_order).isoformat()
    if row.kind == CustomField.Kind.BOOLEAN:
        return lambda value, reading: values.parse_yes_or_no(value)
    if row.kind == CustomField.Kind.CHOICE:
        return _choice_parser(row)
    return text_of(1_000)


def _choice_parser(row: CustomField) -> Parse:
    known = {text.fold(str(choice)): choice for choice in row.choices}

    def parse(value: str, reading: Reading) -> Any:
        if (folded := text.fold(value)) not in known:
            raise ValidationError(
                _t("“%(value)s” is not one of: %(choices)s.")
                % {"value": values.shown(value), "choices": ", ".join(map(str, row.choices[:10]))}
            )
        return known[folded]

    return parse
