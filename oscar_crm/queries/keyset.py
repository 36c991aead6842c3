"""Keyset pages: the first, a middle and the last page of a long list cost the same.

A cursor holds the sort value and the id of a row; the next page starts after it. OFFSET would
have to read everything before the page.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models
from django.db.models import F, Q, QuerySet

from .ids import IdIn

Row = TypeVar("Row", bound=models.Model)
Key = tuple[Any, int]

COUNT_LIMIT = 10_000
# What reading a forged cursor may raise.
BROKEN = (binascii.Error, ValueError, TypeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Sort:
    """One column and a direction; ties are broken by id. Rows without a value come last."""

    field: str
    descending: bool = False
    nullable: bool = False


@dataclass
class Page(Generic[Row]):
    """Rows and the cursors of the neighbouring pages, ``""`` where there is none."""

    rows: Sequence[Row] = field(default_factory=list)
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Position:
    """Where a page starts: after a row, before a row, at the end, or (default) at the start."""

    after: str = ""
    before: str = ""
    at_end: bool = False

    @classmethod
    def from_query(cls, params: Any) -> "Position":
        return cls(
            after=params.get("after", ""),
            before=params.get("before", ""),
            at_end=params.get("at") == "end",
        )


def keyset_page(
    queryset: QuerySet[Row], sort: Sort, *, size: int, position: Position = Position()
) -> Page[Row]:
    """One page of a queryset that has no order of its own. A broken cursor means page one."""
    backwards = bool(position.before) or position.at_end
    cursor = _decode(position.before or position.after, queryset.model, sort)
    rows = _fetch(queryset, sort, cursor, size + 1, backwards=backwards)
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_before = more if backwards else cursor is not None
    has_after = (cursor is not None) if backwards else more
    return Page(
        rows=rows,
        before=encode(rows[0], sort) if rows and has_before else "",
        after=encode(rows[-1], sort) if rows and has_after else "",
    )


def bounded_count(queryset: QuerySet[Any], limit: int = COUNT_LIMIT) -> int:
    """Number of rows, but at most ``limit + 1``: that many already means "more than limit"."""
    return queryset.order_by()[: limit + 1].count()


def count_of(page: Page[Any], queryset: QuerySet[Any]) -> int:
    """The ``bounded_count`` of what a page was cut from: a query unless the page is all."""
    return bounded_count(queryset) if page.before or page.after else len(page.rows)


def counted(
    queryset: QuerySet[Row], *, among: QuerySet[Row], limit: int = COUNT_LIMIT
) -> tuple[QuerySet[Row], int]:
    """The ``bounded_count`` of a queryset, and the same rows for ``keyset_page`` to read.

    For filters of several conditions: up to ``limit`` rows are named by their ids from then on,
    ``among`` those that an index on the sort covers. Else the database may read rows in the order
    of the page until enough have passed the filter: the whole table where hardly any does, and it
    cannot tell how few pass two conditions together.
    """
    ids = list(queryset.order_by().values_list("pk", flat=True)[: limit + 1])
    if len(ids) > limit:
        return queryset, len(ids)
    return among.filter(IdIn(ids)), len(ids)


def encode(row: models.Model, sort: Sort) -> str:
    """The cursor of a row: opaque to browsers, never trusted when it comes back."""
    pair = json.dumps([getattr(row, sort.field), row.pk], cls=_ExactEncoder)
    return base64.urlsafe_b64encode(pair.encode()).decode().rstrip("=")


class _ExactEncoder(DjangoJSONEncoder):
    """Keeps microseconds, which Django's encoder drops to milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _decode(cursor: str, model: type[models.Model], sort: Sort) -> Key | None:
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, pk = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        column = model._meta.get_field(sort.field)
        if value is None and not sort.nullable:
            return None
        value = column.to_python(value)  # type: ignore[union-attr]
        return checked_value(value), int(pk)
    except (*BROKEN, ValidationError):
        return None


def checked_value(value: Any) -> Any:
    """A value out of a cursor that every database can compare with. Raises one of ``BROKEN``."""
    if isinstance(value, str):
        value.encode()  # a lone surrogate cannot be stored
        if "\x00" in value:
            raise ValueError("NUL in a cursor")
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a naive time in a cursor")
        value.astimezone(UTC)  # the first and last day of the calendar overflow
    return value


def _fetch(
    queryset: QuerySet[Row], sort: Sort, cursor: Key | None, size: int, *, backwards: bool
) -> list[Row]:
    """Read the parts (with a value, then without) in the wanted direction: one query."""
    descending = sort.descending != backwards
    kinds = [False, True] if sort.nullable else [False]
    if backwards:
        kinds.reverse()
    if cursor is not None:
        kinds = kinds[kinds.index(cursor[0] is None) :]
    parts = [_part(queryset, sort, is_null=is_null, descending=descending) for is_null in kinds]
    if cursor is not None:
        parts[0] = parts[0].filter(_beyond(sort.field, cursor, descending=descending))
    if len(parts) == 1:
        return list(parts[0][:size])
    if connections[queryset.db].features.supports_parentheses_in_compound:
        # The second part is read only when the first has not filled the page.
        return list(parts[0][:size].union(parts[1][:size], all=True)[:size])
    first, second = (part.values("pk")[:size] for part in parts)
    by_value = F(sort.field).desc if descending else F(sort.field).asc
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    either = queryset.filter(Q(pk__in=first) | Q(pk__in=second))
    return list(either.order_by(by_value(**nulls), "-pk" if descending else "pk")[:size])


def _part(queryset: QuerySet[Row], sort: Sort, *, is_null: bool, descending: bool) -> QuerySet[Row]:
    sign = "-" if descending else ""
    if is_null:
        return queryset.filter(**{f"{sort.field}__isnull": True}).order_by(f"{sign}pk")
    if sort.nullable:
        queryset = queryset.filter(**{f"{sort.field}__isnull": False})
    return queryset.order_by(f"{sign}{sort.field}", f"{sign}pk")


def _beyond(name: str, cursor: Key, *, descending: bool) -> Q:
    """Rows past the cursor. Written so that an index on (name, id) is entered at the cursor."""
    value, pk = cursor
    than = "lt" if descending else "gt"
    if value is None:
        return Q(**{f"pk__{than}": pk})
    return Q(**{f"{name}__{than}e": value}) & (
        Q(**{f"{name}__{than}": value}) | Q(**{f"pk__{than}": pk})
    )
