"""Giving custom fields their values: what is acceptable, and how it is kept."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import CustomField
from oscar_crm.queries.custom_fields import DECIMAL_PLACES, MAX_DIGITS, Kind, definitions

MAX_TEXT = 1000


def changed_custom(area: str, custom: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A record's ``custom`` with some values set anew, checked; None or ``""`` takes one away.

    Raises ``ValidationError``, its ``field`` being the key with ``custom_`` in front.
    """
    known = {field.key: field for field in definitions(area)}
    changed = dict(custom)
    for key, value in new.items():
        if key not in known:
            raise ValidationError(_("There is no field “%s” any more.") % key)
        stored = stored_value(known[key], value, current=custom.get(key))
        if stored is None:
            changed.pop(key, None)
        else:
            changed[key] = stored
    return changed


def stored_value(field: CustomField, value: Any, *, current: Any = None) -> Any:
    """How a value is kept, None for none. ``current``: what the record has, which may stay."""
    if value is None or (isinstance(value, str) and text.is_blank(value)):
        return None
    if value == current and type(value) is type(current):
        return value  # a choice that has been removed meanwhile
    try:
        return _STORED[Kind(field.kind)](field, value)
    except ValidationError as error:
        raise ValidationError(str(error), field=f"custom_{field.key}") from error


def _stored_text(field: CustomField, value: Any) -> str:
    kept = str(value).strip()
    if "\x00" in kept or kept != kept.encode(errors="ignore").decode():
        raise ValidationError(_("The text has a character that cannot be kept."))
    if len(kept) > MAX_TEXT:
        raise ValidationError(
            _("Write %s characters at most.") % number_format(MAX_TEXT, force_grouping=True)
        )
    return kept


def _stored_number(field: CustomField, value: Any) -> str:
    try:
        number = Decimal(str(value).strip())
        if not number.is_finite() or abs(number) >= 10 ** (MAX_DIGITS - DECIMAL_PLACES):
            raise InvalidOperation
        exact = number.quantize(Decimal(1).scaleb(-DECIMAL_PLACES))
    except InvalidOperation as error:
        raise ValidationError(_("This is not a number that can be kept.")) from error
    if exact != number:
        raise ValidationError(_("Give %s decimal places at most.") % DECIMAL_PLACES)
    return f"{exact:f}".rstrip("0").rstrip(".") if exact else "0"


def _stored_date(field: CustomField, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise ValidationError(_("This is not a day. Write it as 2026-12-31.")) from error


def _stored_choice(field: CustomField, value: Any) -> str:
    if value not in field.choices:
        raise ValidationError(_("“%s” is not one of the choices.") % str(value)[:60])
    return str(value)


def _stored_boolean(field: CustomField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("Choose yes or no."))
    return value


_STORED: dict[Kind, Callable[[CustomField, Any], Any]] = {
    Kind.TEXT: _stored_text,
    Kind.NUMBER: _stored_number,
    Kind.DATE: _stored_date,
    Kind.CHOICE: _stored_choice,
    Kind.BOOLEAN: _stored_boolean,
}
