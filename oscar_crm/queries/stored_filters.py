"""A list's filter as JSON, and back.

``{"version": 1, "conditions": {"kind": "customer", "spent_min": "100.00"}}``: only what narrows the
list down is kept; amounts and days are texts, records are ids. Whatever is in the database is read
without error, but nothing is passed over: a filter with a condition that cannot be read matches
nobody, because without that condition it would match more records than it was made for.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField

from oscar_crm.days import FIRST_DAY, LAST_DAY
from oscar_crm.models import Contact

from .accounts import WITH_PEOPLE, WITHOUT_PEOPLE, AccountFilter
from .contacts import NOBODY, ContactFilter
from .custom_fields import checked_conditions

Filter = TypeVar("Filter", ContactFilter, AccountFilter)

VERSION = 1
MAX_TEXT = 200
MAX_DAYS = 36_500
MAX_MONTHS = 1_200
MAX_AMOUNT = Decimal("999999999999.99")
NOT_CONDITIONS = ("sort", "within", "unreadable", "with_numbers")
# What reading a value of the wrong type may raise.
WRONG = (TypeError, ValueError, InvalidOperation, ValidationError, OverflowError)


def to_json(wanted: ContactFilter | AccountFilter) -> dict[str, Any]:
    """The conditions of a filter that narrow it down; of a filter without ``within``."""
    conditions = {name: _plain(value) for name, value in set_conditions(wanted).items()}
    return {"version": VERSION, "conditions": conditions}


def from_json(stored: Any) -> ContactFilter:
    """The stored filter of contacts; ``unreadable`` names what is not understood."""
    return read_filter(stored, ContactFilter)


def read_filter(stored: Any, kind: type[Filter]) -> Filter:
    """As ``from_json``, of any area's kind of filter."""
    if stored == {}:
        return kind()
    if not isinstance(stored, dict) or stored.get("version") != VERSION:
        return kind(unreadable=("version",))
    conditions = stored.get("conditions")
    if not isinstance(conditions, dict):
        return kind(unreadable=("conditions",))
    readers = {name: READERS[name] for name in condition_names(kind)}
    values: dict[str, Any] = {}
    unreadable = []
    for name, value in conditions.items():
        try:
            values[name] = readers[name](value)
        except (KeyError, *WRONG):
            unreadable.append(str(name)[:50])
    return kind(**values, unreadable=tuple(sorted(unreadable)))


def condition_names(kind: type[Any] = ContactFilter) -> list[str]:
    """The fields of a filter that narrow a list down, in their order."""
    return [field.name for field in fields(kind) if field.name not in NOT_CONDITIONS]


def set_conditions(wanted: ContactFilter | AccountFilter) -> dict[str, Any]:
    """Name and value of each condition that is set."""
    empty = type(wanted)()
    found = {name: getattr(wanted, name) for name in condition_names(type(wanted))}
    return {name: value for name, value in found.items() if value != getattr(empty, name)}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT or "\x00" in value:
        raise ValueError(value)
    return value


def _kind(value: Any) -> str:
    return Contact.Kind(value).value


def _people(value: Any) -> str:
    if value not in (WITH_PEOPLE, WITHOUT_PEOPLE):
        raise ValueError(value)
    return str(value)


def _owner(value: Any) -> str:
    if value != NOBODY:
        get_user_model()._meta.pk.to_python(_text(value))
    return str(value)


def _yes(value: Any) -> bool:
    if value is not True:
        raise ValueError(value)
    return True


def _number(highest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not 1 <= value <= highest:
            raise ValueError(value)
        return value

    return read


def _amount(value: Any) -> Decimal:
    amount = Decimal(_text(value))
    if not amount.is_finite() or abs(amount) > MAX_AMOUNT:
        raise ValueError(value)
    return amount


def _day(value: Any) -> date:
    day = date.fromisoformat(_text(value))
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(value)
    return day


_id = _number(BigIntegerField.MAX_BIGINT)

READERS: dict[str, Callable[[Any], Any]] = {
    "q": _text,
    "kind": _kind,
    "tag": _id,
    "owner": _owner,
    "value_min": _amount,
    "value_max": _amount,
    "ordered_from": _day,
    "ordered_to": _day,
    "created_from": _day,
    "created_to": _day,
    "with_orders": _yes,
    "unvalued": _yes,
    "archived": _yes,
    "bought": _id,
    "bought_category": _id,
    "voucher": _text,
    "spent_min": _amount,
    "spent_since": _day,
    "average_min": _amount,
    "average_max": _amount,
    "idle_days": _number(MAX_DAYS),
    "abandoned_days": _number(MAX_DAYS),
    "untouched_months": _number(MAX_MONTHS),
    "country": _text,
    "account": _id,
    "custom": checked_conditions,
    # Of accounts only.
    "industry": _text,
    "parent": _id,
    "people": _people,
}
