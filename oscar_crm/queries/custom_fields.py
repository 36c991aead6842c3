"""Reading custom fields: their definitions, typed values, and what a filter asks of them.

A condition is plain JSON, so that it can be kept: ``{"kind": "number", "min": "1.5"}`` under the
field's key. It says its kind itself, and so costs no query.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, cast

from django.db import models
from django.db.models import Case, DecimalField, JSONField, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast

from oscar_crm.models import CustomField, Segment

from .json_keys import json_text

Row = TypeVar("Row", bound=models.Model)

Kind = CustomField.Kind
MAX_FIELDS = 50
MAX_DIGITS, DECIMAL_PLACES = 15, 4
NUMBER = r"^-?[0-9]{1,11}(\.[0-9]{1,4})?$"
_COLUMNS = ("id", "area", "key", "label", "kind", "choices", "position")
KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")


def definitions(area: str) -> list[CustomField]:
    """The fields of an area, in order: one query. Hand them on instead of asking twice."""
    return list(CustomField.objects.filter(area=area)[:MAX_FIELDS])


class _Definitions(Subquery):
    """Rows of ``CustomField`` as one JSON array."""

    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        pairs = ", ".join(f"'{name}', f.{name}" for name in _COLUMNS if name != "choices")
        rows = f"JSON_GROUP_ARRAY(JSON_OBJECT({pairs}, 'choices', JSON(f.choices)))"
        template = f"(SELECT {rows} FROM (%(subquery)s) AS f)"  # noqa: S608 - our own columns
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT JSONB_AGG(TO_JSONB(f)) FROM (%(subquery)s) AS f)"
        return self.as_sql(compiler, connection, template=template, **context)


def with_definitions(rows: QuerySet[Row], area: str, *, only: int | None = None) -> QuerySet[Row]:
    """Let rows, or the one with the id ``only``, bring the definitions of an area along.

    That costs no further query.
    """
    fields = CustomField.objects.filter(area=area).values(*_COLUMNS)[:MAX_FIELDS]
    brought: Any = _Definitions(fields)
    if only is not None:
        brought = Case(When(pk=only, then=brought), output_field=JSONField())
    found: Any = rows.annotate(field_definitions=brought)
    return cast("QuerySet[Row]", found)


def definitions_from(row: Any, area: str) -> list[CustomField]:
    """What a row ``with_definitions`` brought along; else, and without a row, a query."""
    if "field_definitions" not in getattr(row, "__dict__", {}):
        return definitions(area)
    fields = [CustomField(**values) for values in row.field_definitions or ()]
    return sorted(fields, key=lambda field: (field.position, field.pk))


def visible_to(user: Any) -> QuerySet[CustomField]:
    """The definitions, for those who may manage them; values come with their records."""
    allowed = user.has_perm("oscar_crm.view_customfield")
    return CustomField.objects.all() if allowed else CustomField.objects.none()


def typed(field: CustomField, stored: Any) -> Any:
    """A stored value as Python knows it: ``Decimal``, ``date``, ``bool``, ``str``; None if absent.

    What does not fit the kind (a shop's own code may have written it) comes back as text.
    """
    if stored in (None, ""):
        return None
    try:
        if field.kind == Kind.NUMBER:
            return Decimal(str(stored))
        if field.kind == Kind.DATE:
            return date.fromisoformat(str(stored))
    except (InvalidOperation, ValueError):
        return str(stored)
    if field.kind == Kind.BOOLEAN:
        return stored if isinstance(stored, bool) else str(stored)
    return str(stored)


@dataclass(frozen=True)
class FieldValue:
    """A field and a record's typed value, None if it has none."""

    field: CustomField
    value: Any


def values_of(record: Any, fields: Iterable[CustomField]) -> list[FieldValue]:
    """All fields of a record in order, with and without a value."""
    return [FieldValue(field, typed(field, record.custom.get(field.key))) for field in fields]


def matching(conditions: Mapping[str, Any]) -> Q:
    """What records with such values are filtered by. An unknown condition lets nothing through."""
    found = Q()
    for key, condition in conditions.items():
        found &= _condition(key, condition)
    return found


def checked_conditions(stored: Any) -> dict[str, dict[str, Any]]:
    """Conditions that were kept. Raises ``ValueError`` where one cannot be asked for."""
    if not isinstance(stored, dict):
        raise ValueError(stored)
    for key, condition in stored.items():
        if not KEY.fullmatch(key) or not isinstance(condition, dict) or not _can_be(condition):
            raise ValueError(key)
    return stored


def _can_be(condition: dict[str, Any]) -> bool:
    kind = condition.get("kind")
    if kind in (Kind.NUMBER, Kind.DATE):
        ends = [condition[end] for end in ("min", "max") if end in condition]
        pattern = NUMBER if kind == Kind.NUMBER else r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        return bool(ends) and all(isinstance(e, str) and re.match(pattern, e) for e in ends)
    wanted = condition.get("is")
    if kind == Kind.BOOLEAN:
        return isinstance(wanted, bool)
    return kind in (Kind.TEXT, Kind.CHOICE) and isinstance(wanted, str)


def _condition(key: str, condition: Any) -> Q:
    nothing = Q(pk__in=[])
    if not KEY.fullmatch(key) or not isinstance(condition, dict):
        return nothing
    kind = condition.get("kind")
    if kind in (Kind.NUMBER, Kind.DATE):
        return _between(key, kind, condition)
    if "is" not in condition:
        return nothing
    if kind == Kind.TEXT:
        # As a pattern: SQLite's own comparison knows the case of ASCII letters only.
        return holds(json_text("custom", key), "iregex", re.escape(str(condition["is"])))
    return holds(json_text("custom", key), "exact", as_text(condition["is"]))


def as_text(stored: Any) -> str:
    """A stored value as ``json_text`` gives it."""
    return json.dumps(stored) if isinstance(stored, bool) else str(stored)


def _between(key: str, kind: str, condition: Mapping[str, Any]) -> Q:
    """Both ends are included. Dates are compared as ISO text, numbers as numbers."""
    found = Q()
    value: Any = json_text("custom", key)
    if kind == Kind.NUMBER:
        exact = DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
        # Only what is a number reaches the cast: one bad value must not break the whole list.
        value = Case(
            When(holds(value, "regex", NUMBER), then=Cast(value, exact)),
            default=Value(None),
            output_field=exact,
        )
    for end, comparison in (("min", "gte"), ("max", "lte")):
        if condition.get(end) not in (None, ""):
            limit = Decimal(condition[end]) if kind == Kind.NUMBER else str(condition[end])
            found &= holds(value, comparison, limit)
    return found


def holds(left: Any, comparison: str, right: Any) -> Q:
    """A condition on an expression; named lookups would mistake some keys for lookups."""
    lookup = left.get_lookup(comparison)
    return Q(lookup(left, right))


@dataclass(frozen=True)
class Uses:
    """Who a field cannot be taken from: names of the segments one may know of, number of others."""

    names: list[str]
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.names or self.hidden)


def segments_using(field: CustomField, *, user: Any, choice: str | None = None) -> Uses:
    """The segments that filter by a field, or by one of its choices."""
    found = [s for s in _segments_of(field) if choice is None or _choice_in(s, field) == choice]
    known = [s.name for s in found if s.is_shared or (user and s.owner_id == user.pk)]
    return Uses(known, len(found) - len(known))


def segments_with_choice(field: CustomField, choice: str) -> list[Segment]:
    return [segment for segment in _segments_of(field) if _choice_in(segment, field) == choice]


def _segments_of(field: CustomField) -> list[Segment]:
    """Segments are filters over contacts: a field of another area is in none of them."""
    if field.area != CustomField.Area.CONTACT:
        return []
    return list(Segment.objects.filter(filter__conditions__custom__has_key=field.key))


def _choice_in(segment: Segment, field: CustomField) -> Any:
    condition = segment.filter["conditions"]["custom"][field.key]
    return condition.get("is") if isinstance(condition, dict) else None
