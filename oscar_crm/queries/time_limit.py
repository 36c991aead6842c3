"""A query that takes too long is better not answered than waited for."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from oscar_crm.exceptions import TookTooLongError


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let PostgreSQL give up each query of the block after some seconds: ``TookTooLongError``.

    The block is a transaction or a savepoint and should only read. Other databases know no such
    limit and take the time they need.
    """
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic():
            before = _set(f"{int(seconds * 1000)}ms")
            yield
            _set(before)
    except OperationalError as error:
        if not _is_cancelled(error):
            raise
        raise TookTooLongError from error


def _set(value: str) -> str:
    """Set the limit for this transaction; the one before is returned."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [value])
    return str(before)


def _is_cancelled(error: Exception) -> bool:
    """SQLSTATE 57014, whatever the language of the server's messages."""
    return getattr(error.__cause__, "sqlstate", "") == "57014"
