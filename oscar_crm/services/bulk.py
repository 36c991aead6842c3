"""Writing many rows at once: what Django offers, and on PostgreSQL what is several times quicker.

A backfill of a shop's whole past writes nothing but rows, and most of its time would go into
turning them into SQL. ``COPY`` and arrays spare that. Below ``MANY`` rows it is Django's own way.
"""

import gc
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connections, models, router
from django.db.models.base import ModelState

from oscar_crm.queries.ids import as_array

MANY = 100


@contextmanager
def no_garbage() -> Iterator[None]:
    """Work that makes many objects, keeps them all and ends soon: a block, a chunk.

    Python would look through them for reference cycles again and again, a sixth of the time. The
    search is put off for the whole process until the block ends, or another one of another thread.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def maker(model: type[models.Model]) -> Callable[..., Any]:
    """A function that makes unsaved rows as ``model(**values)`` does, in a seventh of the time.

    ``values`` are by attribute (``contact_id``) and are not checked; no signal of Django's is sent.
    """
    fields = model._meta.concrete_fields
    defaults = {field.attname: field.get_default() for field in fields}
    fresh = [(f.attname, f.get_default) for f in fields if f.has_default() and callable(f.default)]

    def make(**values: Any) -> Any:
        row = model.__new__(model)
        row.__dict__ = {**defaults, "_state": ModelState(), **values}
        for name, default in fresh:
            if name not in values:
                row.__dict__[name] = default()
        return row

    return make


def insert(model: type[models.Model], rows: Sequence[Any]) -> None:
    """``bulk_create``: the rows get their keys. Fields with ``auto_now`` must be set already."""
    connection = connections[router.db_for_write(model)]
    if not _is_worth_it(connection, rows):
        model._default_manager.bulk_create(rows)
        return
    if rows[0].pk is None:
        give_keys(model, rows)
    fields = model._meta.concrete_fields
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    values = _values_of(fields)
    _copy(connection, model, [field.attname for field in fields], map(values, rows))


def give_keys(model: type[models.Model], rows: Sequence[Any]) -> bool:
    """Give new rows their keys before ``insert``, so that others can be written that hold them.

    False, and nothing done, where keys come with the insert: elsewhere than on PostgreSQL, and
    for a few rows.
    """
    connection = connections[router.db_for_write(model)]
    if not _is_worth_it(connection, rows):
        return False
    for row, pk in zip(rows, _next_keys(connection, model, len(rows)), strict=True):
        row.pk = pk
    return True


def insert_values(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows given as values of some fields, without making instances that nobody needs.

    ``names`` are attributes (``contact_id``); other fields are left to the database, which has
    no default for them. ``rows`` may be a generator, which is asked while the database is busy.
    """
    connection = connections[router.db_for_write(model)]
    is_few = isinstance(rows, Sequence) and len(rows) < MANY
    if connection.vendor == "postgresql" and not is_few:
        places = _documents(_fields(model, names))
        texts = (_with_texts(list(row), places) for row in rows) if places else rows
        _copy(connection, model, names, texts)
    else:
        model._default_manager.bulk_create(_instances(model, names, rows))


def add_missing(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """As ``insert_values``; rows that are there already, by whatever is unique, are left out.

    Not for documents: the driver does not understand them as they are.
    """
    connection = connections[router.db_for_write(model)]
    if not _is_worth_it(connection, rows):
        made = _instances(model, names, rows)
        model._default_manager.bulk_create(made, ignore_conflicts=True, batch_size=1000)
        return
    quote = connection.ops.quote_name
    fields = _fields(model, names)
    columns = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns})"  # noqa: S608
            f" SELECT * FROM {_unnested(connection, fields)} ON CONFLICT DO NOTHING",
            [as_array(column) for column in zip(*rows, strict=True)],
        )


def update(model: type[models.Model], rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Write some fields of rows that exist and are locked. Past ``save()``: no ``auto_now``."""
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    if _is_worth_it(connection, rows):
        _update_from_arrays(connection, model, rows, fields)
    else:
        model._default_manager.bulk_update(rows, fields, batch_size=100)


def _is_worth_it(connection: Any, rows: Sequence[Any]) -> bool:
    """Whether these rows are written in PostgreSQL's own way."""
    return connection.vendor == "postgresql" and len(rows) >= MANY


def _next_keys(connection: Any, model: type[models.Model], count: int) -> list[Any]:
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(name) FROM"
            " (SELECT pg_get_serial_sequence(%s, %s)::regclass AS name OFFSET 0) AS sequence,"
            " generate_series(1, %s)",
            [table, model._meta.pk.column, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _copy(
    connection: Any, model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _fields(model, names))
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _update_from_arrays(
    connection: Any, model: type[models.Model], rows: Sequence[Any], names: Sequence[str]
) -> None:
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    columns = [quote(field.column) for field in fields]
    changes = ", ".join(f"{column} = changed.{column}" for column in columns[1:])
    table = quote(model._meta.db_table)
    values = _values_of(fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes}"  # noqa: S608
            f" FROM {_unnested(connection, fields)} AS changed ({', '.join(columns)})"
            f" WHERE {table}.{columns[0]} = changed.{columns[0]}",
            [as_array(column) for column in zip(*map(values, rows), strict=True)],
        )


def _fields(model: type[models.Model], names: Sequence[str]) -> list[Any]:
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def _instances(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[models.Model]:
    return [model(**dict(zip(names, values, strict=True))) for values in rows]


def _unnested(connection: Any, fields: Sequence[Any]) -> str:
    """Rows given as a parameter for each column, an array of its values."""
    arrays = (f"%s::{field.cast_db_type(connection)}[]" for field in fields)
    return f"unnest({', '.join(arrays)})"


def _values_of(fields: Sequence[Any]) -> Callable[[Any], Sequence[Any]]:
    """A function from a row to its values; only JSON is not understood by the driver as it is."""
    plain: Callable[[Any], Sequence[Any]] = attrgetter(*(field.attname for field in fields))
    places = _documents(fields)
    if not places:
        return plain
    return lambda row: _with_texts(list(plain(row)), places)


def _documents(fields: Sequence[Any]) -> list[tuple[int, Callable[[Any], str]]]:
    """The places of JSON among some fields, and what writes it."""
    return [
        (place, (field.encoder or json.JSONEncoder)().encode)
        for place, field in enumerate(fields)
        if isinstance(field, models.JSONField)
    ]


def _with_texts(values: list[Any], places: Sequence[tuple[int, Callable[[Any], str]]]) -> list[Any]:
    for place, encode in places:
        value = values[place]
        values[place] = "{}" if value == {} else encode(value)  # most are empty
    return values
