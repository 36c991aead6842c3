"""Database functions on one key of a JSON object, for PostgreSQL and SQLite.

Keys are letters, digits and underscores only: they stand in the SQL as they are.
"""

from typing import Any

from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast


def json_text(column: str, key: str) -> Cast:
    """The value of a key as text, NULL if absent; booleans are ``true`` and ``false``.

    The cast leaves the lookups of JSON behind, which compare with JSON.
    """
    return Cast(KeyTextTransform(key, column), TextField())


class _Changed(Func):
    """A JSON column with one key changed; the subclasses say how each database writes it."""

    output_field = JSONField()
    on_postgresql = ""
    on_sqlite = ""

    def __init__(self, column: str, key: str, *values: Any) -> None:
        if not (key.isascii() and key.replace("_", "").isalnum()):
            raise ValueError(f"not a key: {key!r}")
        super().__init__(F(column), *values)
        self.key = key

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.on_sqlite, key=self.key, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = self.on_postgresql
        return self.as_sql(compiler, connection, template=template, key=self.key, **context)


class WithoutKey(_Changed):
    """The JSON object without a key."""

    on_postgresql = "(%(expressions)s - '%(key)s')"
    on_sqlite = "JSON_REMOVE(%(expressions)s, '$.%(key)s')"


class WithText(_Changed):
    """The JSON object with a text under a key."""

    arg_joiner = ", "
    on_postgresql = "JSONB_SET(%(expressions)s)"
    on_sqlite = "JSON_SET(%(expressions)s)"

    def __init__(self, column: str, key: str, text: str) -> None:
        super().__init__(column, key, _Path(key), _JsonText(text))


class _Path(Value):
    """The key as each database writes the way to it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "%s", [f"$.{self.value}"]

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return "%s::text[]", [[self.value]]


class _JsonText(Value):
    """A text as JSON."""

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return "TO_JSONB(%s::text)", [self.value]
