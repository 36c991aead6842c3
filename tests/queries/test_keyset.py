"""Keyset pages show every row once, in either direction, ties and missing values included."""

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from oscar_crm.models import Contact
from oscar_crm.queries.keyset import Position, Sort, bounded_count, counted, keyset_page
from oscar_crm.test.factories import ContactFactory

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def contacts():
    """Eleven: ties in every column, and four that never ordered."""
    return [
        ContactFactory(
            sort_name=f"name {n // 2}",
            lifetime_value=D(n // 3),
            created_at=START + timedelta(microseconds=n // 2),
            last_order_at=None if n % 3 == 0 else START + timedelta(microseconds=n // 4),
        )
        for n in range(11)
    ]


SORTS = [
    Sort("sort_name"),
    Sort("lifetime_value", descending=True),
    Sort("created_at"),
    Sort("created_at", descending=True),
    Sort("last_order_at", nullable=True),
    Sort("last_order_at", descending=True, nullable=True),
]


def expected(sort):
    """The same order made by Python: stable, rows without a value last."""

    def key(contact):
        return getattr(contact, sort.field)

    rows = sorted(Contact.objects.all(), key=lambda c: c.pk, reverse=sort.descending)
    known = sorted((c for c in rows if key(c) is not None), key=key, reverse=sort.descending)
    return known + [c for c in rows if key(c) is None]


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 11, 20])
def test_walking_forwards_and_back_shows_every_row_once(contacts, sort, size):
    wanted = expected(sort)
    forwards, page = [], keyset_page(Contact.objects.all(), sort, size=size)
    assert page.before == ""
    while True:
        forwards += page.rows
        if not page.after:
            break
        page = keyset_page(
            Contact.objects.all(), sort, size=size, position=Position(after=page.after)
        )
    assert forwards == wanted

    page = keyset_page(Contact.objects.all(), sort, size=size, position=Position(at_end=True))
    assert page.after == ""
    backwards = []
    while True:
        backwards = [*page.rows, *backwards]
        if not page.before:
            break
        page = keyset_page(
            Contact.objects.all(), sort, size=size, position=Position(before=page.before)
        )
    assert backwards == wanted


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "bnVsbA",
        "W10",
        "WzEsMl0x",
        "WyJhIiwgImIiXQ",
        "W251bGwsIDFd",
        "eyJhIjoxfQ",
        "=" * 9,
    ],
)
def test_a_broken_cursor_means_the_first_page(contacts, cursor):
    sort = Sort("lifetime_value")

    page = keyset_page(Contact.objects.all(), sort, size=3, position=Position(after=cursor))

    assert page.rows == expected(sort)[:3]


HUGE = int("9" * 30)
FORGED = (
    *(
        HUGE,
        -HUGE,
        -1,
        1e300,
        float("nan"),
        float("inf"),
        None,
        True,
        [],
        {},
        "",
        "a\x00b",
        "\ud800",
    ),
    *("1e30", "9" * 40, "NaN", "Infinity", "0001-01-01", "9999-12-31", "2026-01-01T00:00:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+00:00"),
)


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("end", ["after", "before"])
def test_no_forged_cursor_fails(contacts, sort, end):
    pairs = [pair for value in FORGED for pair in ([value, 1], ["", value], [None, value], value)]
    for text in (*map(json.dumps, pairs), "[" * 3000, "9" * 5000):
        cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        position = Position(**{end: cursor})
        assert len(keyset_page(Contact.objects.all(), sort, size=3, position=position).rows) <= 3


def test_an_empty_list_has_one_empty_page():
    page = keyset_page(Contact.objects.all(), SORTS[0], size=3)

    assert (page.rows, page.before, page.after) == ([], "", "")


def test_counting_stops_beyond_the_limit(contacts):
    assert bounded_count(Contact.objects.all(), limit=20) == 11
    assert bounded_count(Contact.objects.all(), limit=5) == 6


def test_a_list_is_counted_and_named_by_its_ids_up_to_the_limit(contacts):
    found = Contact.objects.filter(lifetime_value__lt=2)

    named, count = counted(found, among=Contact.objects.all(), limit=6)

    assert count == 6
    assert set(named) == set(found)
    assert keyset_page(named, SORTS[-1], size=6).rows == keyset_page(found, SORTS[-1], size=6).rows


def test_beyond_the_limit_a_list_stays_as_it_is(contacts):
    found = Contact.objects.all()

    assert counted(found, among=found, limit=10) == (found, 11)


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("end", [{}, {"at_end": True}], ids=str)
def test_a_page_is_one_query_even_where_values_are_missing(
    contacts, django_assert_num_queries, sort, end
):
    with django_assert_num_queries(1):
        page = keyset_page(Contact.objects.all(), sort, size=9, position=Position(**end))
    assert len(page.rows) == 9
