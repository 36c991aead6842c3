"""One search over everything: what is found, what comes first, and what it costs."""

from datetime import UTC, datetime

import pytest

from oscar_crm.models import Contact
from oscar_crm.queries import search as queries
from oscar_crm.queries.search import MAX_QUERIES, search
from oscar_crm.test.factories import (
    AccountFactory,
    ContactFactory,
    OrderLinkFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db

ALL = ("view_contact", "view_account", "view_orderlink")


@pytest.fixture
def user():
    return make_staff(*ALL, "view_all_contacts", "view_all_accounts")


@pytest.fixture
def ada():
    return ContactFactory(
        first_name="Ada",
        last_name="Müller",
        phone="+49 221 1234567",
        emails=["ada@example.com", "info@engines.example"],
    )


def found(user, query, size=10):
    results = search(user, query, size=size)
    return {group.key: [str(row) for row in group.rows] for group in results.groups}


@pytest.mark.parametrize(
    "query",
    ["mull", "MULLER", "ada müll", "ada@exa", "ADA@example.com", "0221 / 12 34", "engines.ex"],
)
def test_a_contact_is_found_by_the_beginning_of_what_is_known_of_it(user, ada, query):
    ContactFactory(first_name="Other")

    assert found(user, query) == {"contact": ["Ada Müller"]}


def test_people_companies_and_their_orders_are_found_together(user, ada):
    AccountFactory(name="Müller & Söhne GmbH")
    OrderLinkFactory(contact=ada, number="100612")

    assert found(user, "müller") == {
        "contact": ["Ada Müller"],
        "account": ["Müller & Söhne GmbH"],
        "order": ["100612"],
    }


def test_orders_are_found_by_the_beginning_of_their_number(user, ada):
    for number in ("100612", "100613", "A-100", "2100"):
        OrderLinkFactory(contact=ada, number=number)

    assert found(user, "1006")["order"][:2] == ["100612", "100613"]
    assert found(user, "a-1")["order"][0] == "A-100"


def test_an_order_without_a_contact_is_found_as_well(user):
    OrderLinkFactory(contact=None, number="W-1")

    assert found(user, "w-1") == {"order": ["W-1"]}


def test_the_number_typed_in_full_comes_first(user, ada):
    for number in ("1001", "100", "1002"):
        OrderLinkFactory(contact=ada, number=number)

    assert found(user, "100")["order"] == ["100", "1001", "1002"]


def test_the_name_typed_in_full_comes_first_then_those_that_begin_so(user):
    for first, last in (("Bo", "Ada"), ("Adam", "Zed"), ("Ada", ""), ("Al", "Adams")):
        ContactFactory(first_name=first, last_name=last, emails=[])

    assert found(user, "ada")["contact"] == ["Ada", "Bo Ada", "Al Adams", "Adam Zed"]


def test_the_address_typed_in_full_comes_first(user, ada):
    ContactFactory(first_name="Aa", emails=["ada@example.com.au"])

    assert found(user, "ada@example.com")["contact"] == ["Ada Müller", "Aa " + last_of("Aa")]


def last_of(first):
    return Contact.objects.get(first_name=first).last_name


def test_the_newest_orders_of_a_contact_come_first(user, ada):
    for day in (1, 3, 2):
        at = datetime(2026, 5, day, tzinfo=UTC)
        OrderLinkFactory(contact=ada, number=f"B{day}", placed_at=at)

    assert found(user, "ada")["order"] == ["B3", "B2", "B1"]


def test_an_archived_contact_is_found_by_its_whole_address_only(user, ada):
    Contact.objects.update(archived_at=datetime(2026, 5, 1, tzinfo=UTC))

    assert found(user, "müller") == {}
    assert found(user, "ada@example.com") == {"contact": ["Ada Müller"]}


def test_the_only_hit_of_an_address_is_the_contact_whatever_it_ordered(user, ada):
    OrderLinkFactory(contact=ada)

    assert search(user, " ADA@example.com ", size=5).only_hit == ada
    assert search(user, "ada@exam", size=5).only_hit is None
    assert search(user, "ada", size=5).only_hit is None


def test_an_address_of_two_contacts_is_no_only_hit(user, ada):
    ContactFactory(emails=["info@engines.example"])

    assert search(user, "info@engines.example", size=5).only_hit is None


def test_an_address_that_another_begins_with_is_no_only_hit(user, ada):
    ContactFactory(emails=["ada@example.com.au"])

    assert search(user, "ada@example.com", size=5).only_hit is None


def test_the_only_hit_of_a_number_is_the_order_although_its_contact_is_found_too(user, ada):
    link = OrderLinkFactory(contact=ada, number="100612")
    OrderLinkFactory(contact=ada, number="777")

    assert search(user, "100612", size=5).only_hit == link
    assert search(user, "10061", size=5).only_hit is None


def test_a_number_that_is_also_somebodys_phone_is_no_only_hit(user, ada):
    OrderLinkFactory(number="2211234567")

    assert search(user, "2211234567", size=5).only_hit is None


def test_what_others_own_is_not_found(ada):
    colleague = make_staff()
    Contact.objects.update(owner=colleague)
    AccountFactory(name="Müller", owner=colleague)
    OrderLinkFactory(contact=ada, number="100612")
    user = make_staff(*ALL)

    for query in ("müller", "ada@example.com", "100612", "2211234567"):
        results = search(user, query, size=5)
        assert (list(results.groups), results.only_hit) == ([], None)


@pytest.mark.parametrize("missing", ALL)
def test_each_group_wants_a_permission_of_its_own(ada, missing):
    AccountFactory(name="Müller")
    OrderLinkFactory(contact=ada)
    everything = {"view_contact": "contact", "view_account": "account", "view_orderlink": "order"}
    user = make_staff(*(name for name in ALL if name != missing))

    keys = set(found(user, "müller"))

    gone = {"contact", "order"} if missing == "view_contact" else {everything[missing]}
    assert keys == {"contact", "account", "order"} - gone


def test_no_more_than_asked_is_shown_and_the_rest_is_counted_up_to_a_bound(user, monkeypatch):
    monkeypatch.setattr(queries, "CANDIDATES", 5)
    for _ in range(4):
        ContactFactory(last_name="Adams")
    (few,) = search(user, "adams", size=3).groups
    for _ in range(4):
        ContactFactory(last_name="Adams")
    (many,) = search(user, "adams", size=3).groups

    assert (len(few.rows), few.count, few.is_cut, few.is_beyond_counting) == (3, 4, True, False)
    assert (len(many.rows), many.count, many.is_beyond_counting) == (3, 6, True)


@pytest.mark.parametrize(
    "query",
    [
        *("", " ", "\u3000\u200b", "\x00", "\ud800", "x", "x" * 10_000, "*", "(", "[z-", "%", "_"),
        *(".*", "\\", "'", '"; --', "a@b", "@", "++", "0", "9" * 400, "é\u0301" * 300),
        " ".join(f"w{n}" for n in range(200)),
    ],
)
def test_no_query_is_an_error_and_none_finds_what_it_does_not_say(user, query):
    ContactFactory(first_name="Ada", last_name="Byron", emails=[])

    assert found(user, query) == {}


@pytest.mark.parametrize("query", ["ada", "ada@example.com", "100612"])
@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_is_fixed(user, ada, django_assert_max_num_queries, query, count):
    for number in range(count):
        other = ContactFactory(first_name="Ada", emails=[f"ada@example.com{number}.au"])
        OrderLinkFactory(contact=other, number=f"100612{number}")
        AccountFactory(name="Ada GmbH")
    user = type(user).objects.get(pk=user.pk)
    with django_assert_max_num_queries(MAX_QUERIES):
        assert found(user, query)
