"""Queries that PostgreSQL gives up."""

import pytest
from django.db import connection, transaction

from oscar_crm.exceptions import TookTooLongError
from oscar_crm.queries.time_limit import time_limit

pytestmark = pytest.mark.django_db
on_postgres = pytest.mark.skipif("connection.vendor != 'postgresql'")


def ask(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0])


@on_postgres
def test_a_slow_query_is_given_up_and_the_transaction_goes_on() -> None:
    with transaction.atomic():
        with pytest.raises(TookTooLongError), time_limit(0.05):
            ask("SELECT pg_sleep(5)")
        assert ask("SELECT 1") == "1"


@on_postgres
def test_the_limit_ends_with_its_block() -> None:
    before = ask("SHOW statement_timeout")
    with time_limit(7):
        assert ask("SHOW statement_timeout") == "7s"
    assert ask("SHOW statement_timeout") == before


def test_a_quick_query_is_answered_on_every_database() -> None:
    with time_limit(5):
        assert ask("SELECT 1") == "1"
