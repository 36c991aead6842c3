"""Writing many rows at once, as fast as the database takes them.

PostgreSQL takes rows by ``COPY`` several times faster than by ``INSERT``; other databases, and
other drivers than psycopg 3, get Django's own ways. ``save()`` is not called and no signal of
Django's is sent: whoever uses this sets derived columns and ``updated_at`` first.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connection, models

BATCH = 500


def insert(
    model: type[models.Model],
    rows: Sequence[Any],
    *,
    prepare: Callable[[Any], None] = lambda row: None,
) -> None:
    """Insert rows and give them keys. Raises ``IntegrityError`` as ``save()`` would.

    ``prepare`` is called with each row before it is sent: while the database is busy with the
    rows before it.
    """
    if not rows:
        return
    if not _takes_copies():
        for row in rows:
            prepare(row)
        model._default_manager.bulk_create(rows, batch_size=BATCH)
        return
    _give_keys(model, rows)
    read = attrgetter(*(field.attname for field in model._meta.concrete_fields))

    def values(row: Any) -> Any:
        prepare(row)
        return read(row)

    _copy(model, model._meta.concrete_fields, map(values, rows))


def insert_values(
    model: type[models.Model], names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows that nobody asks for again, by their values; the key gets its default.

    ``names`` are attributes (``contact_id``), all but the key. Faster than ``insert``, as no
    object is made of a row.
    """
    if not _takes_copies():
        made = [model(**dict(zip(names, row, strict=True))) for row in rows]
        model._default_manager.bulk_create(made, batch_size=BATCH)
        return
    known = {field.attname: field for field in model._meta.concrete_fields}
    _copy(model, [known[name] for name in names], rows)


def _copy(model: type[models.Model], fields: Sequence[Any], rows: Iterable[Any]) -> None:
    documents = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
    columns = ", ".join(_quoted(field.column) for field in fields)
    statement = f"COPY {_quoted(model._meta.db_table)} ({columns}) FROM STDIN"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(_with_documents(row, documents, fields) if documents else row)


def update(model: type[models.Model], rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Write some fields of rows that exist, in one statement."""
    if not rows or not fields:
        return
    if connection.vendor != "postgresql" or len(rows) == 1:
        model._default_manager.bulk_update(rows, fields, batch_size=BATCH)
        return
    meta: Any = model._meta
    chosen: list[Any] = [meta.get_field(name) for name in fields]
    sets = ", ".join(f"{_quoted(f.column)} = v.{_quoted(f.column)}" for f in chosen)
    key = meta.pk
    columns = [key, *chosen]
    names = ", ".join(_quoted(f.column) for f in columns)
    arrays = ", ".join(f"%s::{_array_type(f)}" for f in columns)
    prepare = [[_prepared(f, getattr(row, f.attname)) for row in rows] for f in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_quoted(meta.db_table)} AS t SET {sets} "  # noqa: S608 - names of columns
            f"FROM unnest({arrays}) AS v ({names}) "
            f"WHERE t.{_quoted(key.column)} = v.{_quoted(key.column)}",
            prepare,
        )


def _takes_copies() -> bool:
    driver: Any = connection
    return connection.vendor == "postgresql" and driver.Database.__name__ == "psycopg"


def _give_keys(model: type[models.Model], rows: Sequence[Any]) -> None:
    """Take as many keys from the table's sequence as there are rows without one."""
    new = [row for row in rows if row.pk is None]
    if not new:
        return
    meta = model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [_quoted(meta.db_table), meta.pk.column, len(new)],
        )
        for row, (key,) in zip(new, cursor.fetchall(), strict=True):
            row.pk = key


def _with_documents(
    values: tuple[Any, ...], positions: Sequence[int], fields: Sequence[Any]
) -> list[Any]:
    changed = list(values)
    for n in positions:
        changed[n] = _document(fields[n], changed[n])
    return changed


def _document(field: Any, value: Any) -> str:
    """A JSON value as text; empty ones, most of all, without asking the encoder."""
    return json.dumps(value, cls=field.encoder) if value else json.dumps(value)


def _prepared(field: Any, value: Any) -> Any:
    return _document(field, value) if isinstance(field, models.JSONField) else value


def _array_type(field: Any) -> str:
    kind = str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))
    return f"{kind.partition('(')[0]}[]" if kind.startswith("varchar") else f"{kind}[]"


def _quoted(name: Any) -> str:
    return str(connection.ops.quote_name(name))
