"""The contact list over HTTP."""

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oscar_crm.models import Contact
from oscar_crm.test.factories import ContactFactory, OrderLinkFactory, TagFactory, make_staff

pytestmark = pytest.mark.django_db
URL = "/dashboard/crm/contacts/"


def names(response: Any) -> list[str]:
    return [contact.first_name for contact in response.context["page"].rows]


def noon(day: int) -> datetime:
    return datetime(2026, 5, day, 12, tzinfo=UTC)


def test_the_list_shows_what_matters_of_each_contact(manager_client: Client, manager: Any) -> None:
    ContactFactory(
        first_name="Ada",
        last_name="Byron",
        company_name="Analytical Engines",
        emails=["ada@example.com", "second@example.com"],
        owner=manager,
        lifetime_value=Decimal("1234.50"),
        orders_count=3,
        kind=Contact.Kind.CUSTOMER,
        tags=[TagFactory(name="VIP", colour="#d62728")],
    )
    page = manager_client.get(URL).content.decode()
    for text in ("Ada Byron", "Analytical Engines", "ada@example.com", "Mara Manager", "VIP"):
        assert text in page
    assert "€1,234.50" in page
    assert "#d62728" in page
    assert "second@example.com" not in page
    assert "1 contact" in page


@pytest.mark.parametrize(
    "query", ["byron", "ada@exa", "+49 171 2345", "engines", "A-100", "BYRON ada"]
)
def test_search_finds_by_name_address_phone_company_and_order_number(
    manager_client: Client, query: str
) -> None:
    ada = ContactFactory(
        first_name="Ada",
        last_name="Byron",
        company_name="Analytical Engines",
        phone="+49 171 2345678",
        emails=["ada@example.com"],
    )
    OrderLinkFactory(contact=ada, number="A-10023")
    ContactFactory(first_name="Other")
    assert names(manager_client.get(URL, {"q": query})) == ["Ada"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"kind": "customer"}, ["Cleo"]),
        ({"owner": "me"}, ["Mine"]),
        ({"owner": "none"}, ["Cleo", "Late"]),
        ({"value_min": "100"}, ["Cleo"]),
        ({"value_max": "50"}, ["Late", "Mine"]),
        ({"value_min": "1", "value_max": "50"}, ["Late"]),
        ({"ordered_from": "2026-05-10"}, ["Late"]),
        ({"ordered_to": "2026-05-09"}, ["Cleo"]),
        ({"created_to": "2026-05-03"}, ["Mine"]),
        ({"created_from": "2026-05-04"}, ["Cleo", "Late"]),
        ({"with_orders": "on"}, ["Cleo"]),
        ({"unvalued": "on"}, ["Late"]),
        ({"archived": "on"}, ["Old"]),
    ],
)
def test_filters_narrow_the_list_down(
    manager_client: Client, manager: Any, filters: dict[str, str], expected: list[str]
) -> None:
    ContactFactory(
        first_name="Cleo",
        kind="customer",
        lifetime_value=100,
        orders_count=1,
        last_order_at=noon(9),
        created_at=noon(4),
    )
    ContactFactory(
        first_name="Late",
        lifetime_value=50,
        unvalued_orders=1,
        last_order_at=noon(10),
        created_at=noon(4),
    )
    ContactFactory(first_name="Mine", owner=manager, created_at=noon(3))
    ContactFactory(first_name="Old", archived_at=noon(5))
    response = manager_client.get(URL, filters)
    assert sorted(names(response)) == expected
    assert len(response.context["chips"]) == len(filters)


def test_the_tag_filter_shows_the_contacts_with_the_tag(manager_client: Client) -> None:
    tag = TagFactory(name="VIP")
    ContactFactory(first_name="Tagged", tags=[tag])
    ContactFactory(first_name="Plain")
    response = manager_client.get(URL, {"tag": tag.pk})
    assert names(response) == ["Tagged"]
    assert "Tag: VIP" in response.content.decode()


def test_a_chip_takes_away_its_filter_and_no_other(manager_client: Client) -> None:
    ContactFactory()
    response = manager_client.get(
        URL, {"q": "last", "value_min": "5", "after": "x", "kind": "lead"}
    )
    queries = {chip.text: chip.query for chip in response.context["chips"]}
    assert queries["Search: last"] == "?value_min=5&kind=lead"
    assert queries["Kind: Prospect"] == "?q=last&value_min=5"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value_min", "abc"),
        ("value_min", "NaN"),
        ("value_min", "1e30"),
        ("ordered_from", "tomorrow"),
        ("ordered_to", "9999-12-31"),
        ("created_from", "0001-01-01"),
        ("tag", "999"),
        ("tag", "x"),
        ("owner", "999"),
        ("kind", "alien"),
        ("sort", "shoe-size"),
        ("q", "x" * 201),
        ("q", "a\x00b"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_does_not_filter(
    manager_client: Client, field: str, value: str
) -> None:
    ContactFactory(first_name="Ada")
    response = manager_client.get(URL, {field: value})
    assert response.status_code == 200
    assert names(response) == ["Ada"]
    [error] = response.context["form"].errors[field]
    assert error in response.content.decode()


def test_a_range_that_ends_before_it_begins_keeps_its_lower_bound(
    manager_client: Client,
) -> None:
    ContactFactory(first_name="Rich", lifetime_value=200)
    ContactFactory(first_name="Poor", lifetime_value=2)
    response = manager_client.get(URL, {"value_min": "100", "value_max": "50"})
    assert names(response) == ["Rich"]
    assert "must not be below" in response.content.decode()


@pytest.mark.parametrize("cursor", ["%%%", "x" * 5000, "bnVsbA", "WzEsMl0", "\x00"])
def test_a_broken_cursor_means_the_first_page(manager_client: Client, cursor: str) -> None:
    ContactFactory(first_name="Ada")
    assert names(manager_client.get(URL, {"after": cursor})) == ["Ada"]


@pytest.mark.parametrize("sort", ["name", "-value", "last_order", "-orders", "created"])
@pytest.mark.parametrize(
    "pair",
    [
        '["a", Infinity]',
        '["\\u0000", 1]',
        '["\\ud800", 1]',
        "[NaN, 1]",
        f"[{10**40}, {10**40}]",
        '["0001-01-01T00:00:00+14:00", 1]',
        '["9999-12-31T23:59:59-14:00", 1]',
        '["2026-01-01", 1]',
        "[[], {}]",
        "[" * 3000,
    ],
)
def test_a_forged_cursor_is_no_error(manager_client: Client, sort: str, pair: str) -> None:
    ContactFactory()
    cursor = base64.urlsafe_b64encode(pair.encode()).decode()
    for place in ("after", "before"):
        assert manager_client.get(URL, {"sort": sort, place: cursor}).status_code == 200


def test_headers_sort_and_say_so(manager_client: Client) -> None:
    ContactFactory(first_name="Low", last_name="B", lifetime_value=1)
    ContactFactory(first_name="High", last_name="A", lifetime_value=9)
    response = manager_client.get(URL, {"sort": "-value", "kind": "lead"})
    page = response.content.decode()
    assert names(response) == ["High", "Low"]
    assert page.count("aria-sort") == 1
    assert 'aria-sort="descending"' in page
    assert "?sort=value&amp;kind=lead" in page
    assert names(manager_client.get(URL, {"sort": "name"})) == ["High", "Low"]
    assert names(manager_client.get(URL, {"sort": "value"})) == ["Low", "High"]


def test_the_pager_walks_to_the_end_and_back(manager_client: Client, settings: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for letter in "ABCDE":
        ContactFactory(first_name=letter, last_name="")
    first = manager_client.get(URL, {"sort": "name"})
    second = manager_client.get(URL, {"sort": "name", "after": first.context["page"].after})
    last = manager_client.get(URL, {"sort": "name", "at": "end"})
    back = manager_client.get(URL, {"sort": "name", "before": second.context["page"].before})
    assert [names(r) for r in (first, second, last, back)] == [
        ["A", "B"],
        ["C", "D"],
        ["D", "E"],
        ["A", "B"],
    ]
    assert "5 contacts" in second.content.decode()


def test_an_empty_crm_offers_to_bring_in_past_orders(
    manager_client: Client, sales_client: Client, reader_client: Client
) -> None:
    sync = reverse("dashboard:crm-sync")
    create = reverse("dashboard:crm-contact-create")
    assert f'class="btn btn-primary" href="{sync}"' in manager_client.get(URL).content.decode()
    page = sales_client.get(URL).content.decode()
    assert f'href="{create}"' in page
    assert f'class="btn btn-primary" href="{sync}"' not in page
    assert f'href="{create}"' not in reader_client.get(URL).content.decode()


def test_nothing_found_offers_to_clear_the_filters(manager_client: Client) -> None:
    ContactFactory()
    page = manager_client.get(URL, {"q": "nosuchname"}).content.decode()
    assert "No contact matches" in page
    assert "Clear all filters" in page


def test_sales_staff_see_their_own_and_unassigned_contacts_only(
    sales_client: Client, sales: Any, manager: Any
) -> None:
    ContactFactory(first_name="Mine", owner=sales)
    ContactFactory(first_name="Free")
    ContactFactory(first_name="Theirs", owner=manager)
    response = sales_client.get(URL)
    assert sorted(names(response)) == ["Free", "Mine"]
    assert "Mara Manager" not in response.content.decode()


def test_the_contacts_of_a_colleague_who_has_left_can_be_found(manager_client: Client) -> None:
    gone = make_staff(is_active=False)
    contact = ContactFactory(owner=gone)
    ContactFactory()
    page = manager_client.get(reverse("dashboard:crm-contact-list"), {"owner": str(gone.pk)})
    assert list(page.context["page"].rows) == [contact]


def test_an_order_without_a_rate_is_marked_at_the_value(manager_client: Client) -> None:
    ContactFactory(unvalued_orders=2)
    assert "2 orders are missing here" in manager_client.get(URL).content.decode()


@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.parametrize("ordering", [0, 10])
def test_the_list_takes_at_most_ten_queries_whatever_its_size(
    manager_client: Client,
    manager: Any,
    django_assert_max_num_queries: Any,
    count: int,
    ordering: int,
) -> None:
    tag = TagFactory()
    for number in range(count):
        ContactFactory(
            owner=manager, tags=[tag], last_order_at=noon(1) if number < ordering else None
        )
    with django_assert_max_num_queries(10):
        assert manager_client.get(URL).status_code == 200
