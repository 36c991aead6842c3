"""What a user may see, search and filters."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from oscar_crm.models import Contact
from oscar_crm.queries import contacts, keyset
from oscar_crm.queries.contacts import (
    ContactFilter,
    filtered_contacts,
    list_page,
    search,
    visible_to,
)
from oscar_crm.queries.keyset import Position
from oscar_crm.queries.orders import visible_to as visible_links
from oscar_crm.queries.timeline import latest_activity
from oscar_crm.test.factories import (
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    TagFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


def found(query):
    return set(search(Contact.objects.all(), query))


@pytest.fixture
def ada():
    return ContactFactory(
        first_name="Ada",
        last_name="Müller-Byron",
        company_name="Analytical Engines GmbH",
        phone="+49 221 1234567",
        emails=["ada.byron@engines.example"],
    )


@pytest.mark.parametrize(
    "query",
    [
        "ada",
        "MULLER",
        "müller",
        "mull ad",
        "anal gmb",
        "ada.byron@engines.example",
        "ada.by",
        "byron",
        "engines.example",
        "0221 123",
        "+49221 1234567",
        "2211234",
    ],
)
def test_a_contact_is_found_by_the_beginnings_of_words(ada, query):
    ContactFactory()

    assert found(query) == {ada}


@pytest.mark.parametrize("query", ["yron", "ada xyz", "99999", "%", "_", "'", "  "])
def test_what_does_not_begin_so_is_not_found(ada, query):
    assert found(query) == set()


def test_a_contact_is_found_by_an_order_number(ada):
    OrderLinkFactory(contact=ada, number="100123")
    OrderLinkFactory(number="200123")
    OrderLinkFactory(contact=ada, number="WEB-77")

    assert found("100123") == {ada}
    assert found("1001") == {ada}
    assert found("web-77") == {ada}


@pytest.mark.parametrize("query", ["1001 ada", "ada 1001", "1001 web-77", "mull web-77 1001 ada"])
def test_names_and_order_numbers_are_found_together(ada, query):
    OrderLinkFactory(contact=ada, number="100123")
    OrderLinkFactory(contact=ada, number="WEB-77")
    OrderLinkFactory(contact=ContactFactory(first_name="Ada"), number="200123")

    assert found(query) == {ada}
    assert found(f"{query} 300") == set()


def test_a_number_needs_three_characters(ada):
    OrderLinkFactory(contact=ada, number="9912")

    assert found("991") == {ada}
    assert found("99") == set()


def test_what_too_many_order_numbers_begin_with_is_nobodys(ada, monkeypatch):
    monkeypatch.setattr(contacts, "MANY_NUMBERS", 3)
    for number in range(4):
        OrderLinkFactory(contact=ada, number=f"99{number}0")

    assert found("990") == {ada}
    assert found("99") == found("99 ada") == set()
    OrderLinkFactory(contact=ada, number="9901")
    OrderLinkFactory(contact=ada, number="9902")
    assert found("990") == {ada}  # three are not too many
    OrderLinkFactory(contact=ada, number="9903")
    assert found("990") == set()


def test_a_word_that_too_many_contacts_have_is_no_order_number(ada, monkeypatch):
    monkeypatch.setattr(contacts, "MANY_WORDS", 2)
    OrderLinkFactory(contact=ada, number="7001")
    two = {ContactFactory(last_name="700a"), ContactFactory(last_name="700b")}

    assert found("700") == {ada, *two}
    third = ContactFactory(last_name="700c")
    assert found("700") == {*two, third}


@pytest.mark.parametrize("many", [1, 2, 3, 4, 6, 8])
@pytest.mark.parametrize("query", ["700", "700 x", "+700 70"])
def test_a_list_of_more_than_are_counted_shows_the_same_contacts(monkeypatch, many, query):
    """The page then comes from the words alone: whoever is found must be found so."""
    monkeypatch.setattr(keyset, "COUNT_LIMIT", many)
    monkeypatch.setattr(contacts, "COUNT_LIMIT", many)
    monkeypatch.setattr(keyset.counted, "__kwdefaults__", {"limit": many})
    monkeypatch.setattr(contacts, "MANY_WORDS", many // 2)
    monkeypatch.setattr(contacts, "MANY_NUMBERS", many // 4)
    for n in range(4):
        ContactFactory(last_name=f"X 700{n}", phone=f"+7007000{n}")
        OrderLinkFactory(contact=ContactFactory(first_name="X"), number=f"700{n}")
    user = make_staff("view_contact", "view_all_contacts")
    wanted = ContactFilter(q=query)

    page, _count = list_page(user, wanted, size=50, position=Position())

    assert set(page.rows) == set(filtered_contacts(user, wanted))


def test_users_see_all_their_own_or_nobodys(settings):
    sales = make_staff("view_contact")
    mine, nobodys, others = (
        ContactFactory(owner=sales),
        ContactFactory(),
        ContactFactory(owner=make_staff()),
    )

    assert set(visible_to(make_staff("view_contact", "view_all_contacts"))) == {
        mine,
        nobodys,
        others,
    }
    assert set(visible_to(sales)) == {mine, nobodys}
    settings.OSCAR_CRM_SHOW_UNASSIGNED = False
    assert set(visible_to(sales)) == {mine}
    assert set(visible_to(make_staff())) == set()


def test_orders_and_activity_follow_the_contact(settings):
    sales = make_staff("view_contact", "view_orderlink", "view_activity")
    others = ContactFactory(owner=make_staff())
    hidden, unlinked = OrderLinkFactory(contact=others), OrderLinkFactory(contact=None)
    NoteFactory(contact=others)
    note = NoteFactory()
    manager = make_staff(*("view_contact", "view_all_contacts", "view_orderlink", "view_activity"))

    assert set(visible_links(sales)) == {unlinked}
    assert set(visible_links(manager)) == {hidden, unlinked}
    assert [item.record for item in latest_activity(sales)] == [note]
    assert len(latest_activity(manager)) == 2
    assert latest_activity(make_staff("view_all_contacts")) == []
    settings.OSCAR_CRM_SHOW_UNASSIGNED = False
    assert set(visible_links(sales)) == set()


FILTERS = [
    {"kind": "vendor"},
    {"value_min": D("50")},
    {"value_max": D("150"), "value_min": D("1")},
    {"ordered_from": date(2026, 1, 31)},
    {"ordered_to": date(2026, 1, 31)},
    {"created_from": date(2026, 1, 31), "created_to": date(2026, 1, 31)},
    {"with_orders": True},
    {"unvalued": True},
    {"owner": "none", "kind": "vendor"},
    {"q": "wanted"},
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_filters(wanted, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    # 23:30 in London on the 30th is the 31st in Berlin.
    at = datetime(2026, 1, 30, 23, 30, tzinfo=UTC)
    match = ContactFactory(
        last_name="Wanted",
        kind="vendor",
        lifetime_value=D("100"),
        orders_count=1,
        unvalued_orders=1,
        last_order_at=at,
        created_at=at,
    )
    ContactFactory(last_name="Other", created_at=datetime(2025, 1, 1, tzinfo=UTC))

    found = filtered_contacts(make_staff("view_contact"), ContactFilter(**wanted))

    assert set(found) == {match}


def test_filter_by_tag_and_owner():
    owner, tag = make_staff(), TagFactory()
    match = ContactFactory(owner=owner, tags=[tag])
    ContactFactory()
    user = make_staff("view_contact", "view_all_contacts")

    assert set(filtered_contacts(user, ContactFilter(tag=tag.pk))) == {match}
    assert set(filtered_contacts(user, ContactFilter(owner=str(owner.pk)))) == {match}


def test_the_archive_is_a_list_of_its_own():
    gone = ContactFactory(archived_at=datetime(2026, 1, 1, tzinfo=UTC))
    here = ContactFactory()
    user = make_staff("view_contact")

    assert set(filtered_contacts(user, ContactFilter())) == {here}
    assert set(filtered_contacts(user, ContactFilter(archived=True))) == {gone}


def test_a_tag_and_words_are_looked_for_together():
    tag, other = TagFactory(), TagFactory()
    match = ContactFactory(first_name="Ada", tags=[tag, other])
    ContactFactory(first_name="Ada", tags=[other])
    ContactFactory(first_name="Ben", tags=[tag])
    user = make_staff("view_contact", "view_all_contacts")

    assert set(filtered_contacts(user, ContactFilter(tag=tag.pk, q="ada"))) == {match}
    assert set(filtered_contacts(user, ContactFilter(tag=tag.pk, q="ada ben"))) == set()


@pytest.mark.parametrize(
    ("wanted", "combined"),
    [
        ({}, False),
        ({"q": "ada"}, False),
        ({"q": "ada byron"}, True),
        ({"q": "100123"}, True),
        ({"q": "10"}, False),
        ({"q": "ada", "kind": "lead"}, True),
        ({"value_min": D("1"), "value_max": D("2"), "sort": "name"}, False),
        ({"value_min": D("0"), "archived": True}, True),
    ],
    ids=str,
)
def test_a_filter_knows_whether_it_combines_conditions(wanted, combined):
    assert ContactFilter(**wanted).is_combined is combined


def test_a_combined_filter_shows_the_page_and_the_count_of_all_that_match():
    for number in range(7):
        ContactFactory(first_name="Ada", kind="vendor" if number % 2 else "partner")
    user = make_staff("view_contact", "view_all_contacts")
    wanted = ContactFilter(q="ada", kind="partner", sort="name")

    page, count = list_page(user, wanted, size=3, position=Position())
    rest, _ = list_page(user, wanted, size=3, position=Position(after=page.after))

    assert count == 4
    assert len(page.rows) == 3
    assert {*page.rows, *rest.rows} == set(filtered_contacts(user, wanted))
