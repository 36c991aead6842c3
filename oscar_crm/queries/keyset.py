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
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, QuerySet, Subquery

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


class _RowCount(Subquery):
    """The number of rows of a subquery; depends on no outer row, so it is counted once."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = models.IntegerField()


def with_count(rows: QuerySet[Row], *, limit: int = COUNT_LIMIT) -> QuerySet[Row]:
    """Let each row carry ``total``, the ``bounded_count`` of all, at no further query."""
    counted: Any = rows.annotate(total=_RowCount(rows.order_by().values("pk")[: limit + 1]))
    return cast("QuerySet[Row]", counted)


def count_of(page: Page[Any], queryset: QuerySet[Any]) -> int:
    """The ``bounded_count`` of what a page of ``with_count(queryset)`` was cut from."""
    if not page.before and not page.after:
        return len(page.rows)
    return int(page.rows[0].total) if page.rows else bounded_count(queryset)


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
    """Walk the parts (with a value, then without) in the wanted direction until full."""
    descending = sort.descending != backwards
    parts = [False, True] if sort.nullable else [False]
    if backwards:
        parts.reverse()
    if cursor is not None:
        parts = parts[parts.index(cursor[0] is None) :]
    rows: list[Row] = []
    for is_null in parts:
        part = _part(queryset, sort, is_null=is_null, descending=descending)
        if cursor is not None:
            part = part.filter(_beyond(sort.field, cursor, descending=descending))
            cursor = None
        rows += part[: size - len(rows)]
        if len(rows) == size:
            break
    return rows


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
