"""The search box and its page."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from oscar_crm.queries.search import MAX_QUERIES
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import ContactFactory, OrderLinkFactory, make_order, make_staff

pytestmark = pytest.mark.django_db

URL = "/dashboard/crm/search/"
SUGGESTIONS = f"{URL}suggestions/"
ALL = ("view_contact", "view_all_contacts", "view_account", "view_orderlink")


@pytest.fixture
def user() -> Any:
    user = make_staff(*ALL, "view_exchangerate")
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    return user


@pytest.fixture
def staff(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


def test_the_box_stands_on_every_page_without_a_search_of_its_own(
    staff: Client, client: Client
) -> None:
    for name in ("overview", "operation-list", "rate-list", "search"):
        page = staff.get(reverse(f"dashboard:crm-{name}")).content.decode()
        assert 'id="crm-search"' in page, name

    for name in ("contact-list", "account-list", "order-list"):  # with a search of their own
        page = staff.get(reverse(f"dashboard:crm-{name}")).content.decode()
        assert 'id="crm-search"' not in page, name

    client.force_login(make_staff("view_exchangerate"))
    assert 'id="crm-search"' not in client.get("/dashboard/crm/rates/").content.decode()


def test_results_stand_in_groups_with_links(staff: Client) -> None:
    ada = ContactFactory(first_name="Ada", last_name="Byron", company_name="Engines")
    OrderLinkFactory(contact=ada, number="100612")
    ContactFactory(first_name="Ada", last_name="Other")

    page = staff.get(URL, {"q": "ada"}).content.decode()

    assert f'<a href="{ada.get_absolute_url()}">Ada Byron</a>' in page
    assert "Engines" in page
    assert "Order 100612" in page
    assert f"{reverse('dashboard:crm-order-list')}?q=100612" in page  # the shop has it no more


def test_more_than_fits_is_a_link_to_the_whole_list(staff: Client) -> None:
    for _ in range(12):
        ContactFactory(last_name="Byron")

    page = staff.get(URL, {"q": "byron"}).content.decode()

    assert '<a href="/dashboard/crm/contacts/?q=byron">All 12 contacts</a>' in page


def test_beyond_the_bound_the_number_is_not_told(staff: Client) -> None:
    for _ in range(52):
        ContactFactory(last_name="Byron")

    assert "All contacts found" in staff.get(URL, {"q": "byron"}).content.decode()


def test_an_address_typed_in_full_opens_its_contact(staff: Client) -> None:
    ada = ContactFactory(emails=["ada@example.com"])

    response = staff.get(URL, {"q": "ADA@example.com "})

    assert (response.status_code, response.url) == (302, ada.get_absolute_url())


def test_a_number_typed_in_full_opens_its_order(staff: Client) -> None:
    sync_order(make_order("ada@example.com", number="100612"))

    response = staff.get(URL, {"q": "100612"})

    assert response.url == "/dashboard/orders/100612/"


def test_who_may_not_open_orders_sees_the_hit_in_the_list(client: Client) -> None:
    sync_order(make_order("ada@example.com", number="100612"))
    client.force_login(make_staff(*ALL))

    response = client.get(URL, {"q": "100612"})

    assert response.status_code == 200
    assert "/dashboard/orders/" not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "title"), [("", "What are you looking for?"), ("nobody", "Nothing found")]
)
def test_without_hits_the_page_says_what_can_be_searched(
    staff: Client, query: str, title: str
) -> None:
    page = staff.get(URL, {"q": query}).content.decode()

    assert title in page
    assert "a phone number, or an order number" in page


def test_suggestions_are_a_part_of_a_page(staff: Client) -> None:
    for _ in range(6):
        ContactFactory(last_name="Byron")

    page = staff.get(SUGGESTIONS, {"q": "byr"}).content.decode()

    assert "<html" not in page
    assert page.count('class="crm-suggestion"') == 5  # four and "Show all results"
    assert "/dashboard/crm/search/?q=byr" in page


def test_nothing_typed_suggests_nothing(staff: Client) -> None:
    assert staff.get(SUGGESTIONS, {"q": " "}).content.decode().strip() == ""


def test_the_page_does_not_tell_of_the_contacts_of_others(client: Client) -> None:
    hidden = ContactFactory(first_name="Hidden", emails=["hidden@example.com"], owner=make_staff())
    OrderLinkFactory(contact=hidden, number="H-1")
    client.force_login(make_staff("view_contact", "view_account", "view_orderlink"))

    for query in ("hidden", "hidden@example.com", "h-1"):
        for address in (URL, SUGGESTIONS):
            response = client.get(address, {"q": query})
            assert response.status_code == 200
            assert str(hidden) not in response.content.decode()
            assert hidden.get_absolute_url() not in response.content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_takes_a_fixed_number_of_queries(
    staff: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    for number in range(count):
        contact = ContactFactory(last_name="Byron")
        OrderLinkFactory(contact=contact, number=f"100{number}")
    for query in ("byron", "100"):
        # Session, user, two of permissions, and Oscar's count of notifications.
        with django_assert_max_num_queries(MAX_QUERIES + 5):
            assert staff.get(URL, {"q": query}).status_code == 200
