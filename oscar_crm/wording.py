"""Counts, field changes and stored values in words."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from oscar_crm.models import Account, AccountContact, Contact, CustomField
from oscar_crm.queries.changes import COUNTRY_FIELDS, Names
from oscar_crm.queries.custom_fields import typed
from oscar_crm.queries.keyset import COUNT_LIMIT
from oscar_crm.queries.timeline import CUSTOM, FieldChange


def bounded(count: int) -> str:
    """A count of ``queries.keyset.bounded_count`` in words: ``1,234`` or ``more than 10,000``."""
    if count > COUNT_LIMIT:
        return _("more than %s") % number_format(COUNT_LIMIT, force_grouping=True)
    return str(number_format(count, force_grouping=True))


def sentence(change: FieldChange, names: Names) -> str:
    """A field's change in words; empty values are said to be added or removed."""
    label = label_of(change.name, names)
    before, after = (value_of(change.name, v, names) for v in (change.before, change.after))
    words = {"field": label[:1].upper() + label[1:], "before": before, "after": after}
    if not before:
        return str(_("%(field)s set to “%(after)s”") % words)
    if not after:
        return str(_("%(field)s “%(before)s” removed") % words)
    return str(_("%(field)s changed from “%(before)s” to “%(after)s”") % words)


def stored_now(change: FieldChange, names: Names) -> str:
    """What a field holds in the database, against the value somebody is about to save."""
    label = label_of(change.name, names)
    words = {
        "field": label[:1].upper() + label[1:],
        "stored": value_of(change.name, change.before, names) or _("empty"),
    }
    return str(_("%(field)s is now: %(stored)s") % words)


def label_of(name: str, names: Names | None = None) -> str:
    """What a field of a contact, account or membership is called on the page.

    A deleted custom field goes by its key.
    """
    if name.startswith(CUSTOM):
        key = name.removeprefix(CUSTOM)
        known = names.custom.get(key) if names else None
        return known.label if known else key.replace("_", " ")
    if name == "emails":
        return _("E-mail addresses")
    if name == "kept_at":
        return _("kept although the shop account was closed")
    for model in (Contact, Account, AccountContact):
        try:
            return str(getattr(model._meta.get_field(name), "verbose_name", name))
        except FieldDoesNotExist:
            continue
    return name


def value_of(name: str, value: Any, names: Names) -> str:
    """A stored value as people read it."""
    if value in (None, "", []) and value is not False:
        return ""
    if name.startswith(CUSTOM):
        return custom_value(names.custom.get(name.removeprefix(CUSTOM)), value)
    if (called := _named(name, str(value), names)) is not None:
        return called
    if isinstance(value, bool):
        return _("yes") if value else ""
    if name in ("from_date", "until_date"):
        return date_format(date.fromisoformat(str(value)))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _named(name: str, value: str, names: Names) -> str | None:
    """What an id or code is called; None for fields that hold neither."""
    if name in COUNTRY_FIELDS:
        return names.countries.get(value, value)
    if name == "kind":
        return str(dict(Contact.Kind.choices).get(value, value))
    known = {
        "owner": (names.users, _("a deleted user")),
        "parent": (names.accounts, _("another company")),
        "partner": (names.partners, _("a deleted partner")),
    }
    if name not in known:
        return None
    labels, otherwise = known[name]
    return labels.get(value, otherwise)


def custom_value(field: CustomField | None, stored: Any) -> str:
    """A custom field's stored value as people read it; as it is, where the field is gone."""
    return typed_value(stored if field is None else typed(field, stored))


def typed_value(value: Any) -> str:
    """A custom field's typed value as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, Decimal):
        return str(number_format(value, use_l10n=True, force_grouping=True))
    return "" if value is None else str(value)
