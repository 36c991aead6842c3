"""The list of orders: filters, search, pages, remarks and cost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sites.models import Site
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from oscar_crm.models import OrderLink
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import ContactFactory, OrderLinkFactory, make_order, make_staff

pytestmark = pytest.mark.django_db

URL = "/dashboard/crm/orders/"
MAY_LIST = ("view_contact", "view_orderlink", "view_all_contacts")


@pytest.fixture
def staff() -> Any:
    return make_staff(*MAY_LIST)


@pytest.fixture
def signed_in(client: Client, staff: Any) -> Client:
    client.force_login(staff)
    return client


def numbers(response: Any) -> list[str]:
    return [link.number for link in response.context["page"].rows]


def test_the_newest_order_comes_first_with_contact_status_and_total(signed_in: Client) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Byron")
    now = timezone.now()
    OrderLinkFactory(number="1001", placed_at=now - timedelta(days=2), contact=contact)
    OrderLinkFactory(
        number="1002", placed_at=now, status="Shipped", total=Decimal("12.50"), contact=contact
    )
    response = signed_in.get(URL)
    assert numbers(response) == ["1002", "1001"]
    page = response.content.decode()
    assert "2 orders" in page
    assert "Ada Byron" in page
    assert contact.get_absolute_url() in page
    assert "€12.50" in page
    assert "Shipped" in page


def test_each_state_shows_its_orders(signed_in: Client) -> None:
    OrderLinkFactory(number="with")
    OrderLinkFactory(number="nobodys", contact=None, problem=OrderLink.Problem.NO_EMAIL)
    OrderLinkFactory(number="excess", refund_excess=Decimal("5"))
    OrderLinkFactory(number="foreign", foreign_refund="20.00 GBP")
    OrderLinkFactory(number="stale", problem=OrderLink.Problem.FAILED, problem_detail="Oops: x")
    expected = {
        "all": {"with", "nobodys", "excess", "foreign", "stale"},
        "linked": {"with", "excess", "foreign", "stale"},
        "without_contact": {"nobodys"},
        "warnings": {"excess", "foreign", "stale"},
    }
    for state, wanted in expected.items():
        assert set(numbers(signed_in.get(URL, {"state": state}))) == wanted


def test_what_is_odd_is_said_in_words(signed_in: Client) -> None:
    OrderLinkFactory(contact=None, problem=OrderLink.Problem.NO_EMAIL)
    OrderLinkFactory(refund_excess=Decimal("5"))
    OrderLinkFactory(foreign_refund="20.00 GBP")
    OrderLinkFactory(problem=OrderLink.Problem.FAILED, problem_detail="ValueError: odd")
    OrderLinkFactory(deleted_at=timezone.now())
    page = signed_in.get(URL).content.decode()
    assert "no e-mail address and no customer account" in page
    assert "5.00 EUR more was refunded than was paid" in page
    assert "Refunded in another currency and not counted: 20.00 GBP." in page
    assert "the next check of all orders tries again" in page
    assert "ValueError: odd" in page
    assert "Deleted in the shop on" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("T10", {"T1001", "T1002"}),
        ("t1002", {"T1002"}),
        ("ADA@", {"T1001"}),
        ("ada@example.com", {"T1001"}),
        ("broken", {"T1003"}),
        ("nobody@example.com", set()),
        ("1001", set()),
    ],
)
def test_search_goes_by_the_beginning_of_number_and_address(
    signed_in: Client, query: str, found: set[str]
) -> None:
    OrderLinkFactory(number="T1001", contact=ContactFactory(emails=["Ada@example.com"]))
    OrderLinkFactory(number="T1002", contact=ContactFactory(emails=["bob@example.com"]))
    OrderLinkFactory(number="T1003", contact=None, email="broken at example", problem="bad_email")
    found = found | ({"T1003"} if query == "T10" else set())
    assert set(numbers(signed_in.get(URL, {"q": query}))) == found


def test_the_orders_of_one_contact_can_be_listed(signed_in: Client) -> None:
    mine = OrderLinkFactory(contact__first_name="Ada", contact__last_name="Byron")
    OrderLinkFactory()
    response = signed_in.get(URL, {"contact": mine.contact_id})
    assert numbers(response) == [mine.number]
    assert "Orders of Ada Byron" in response.content.decode()


def test_the_site_filter_appears_only_in_a_shop_with_several(signed_in: Client) -> None:
    assert 'name="site"' not in signed_in.get(URL).content.decode()
    second = Site.objects.create(domain="b.example", name="Second")
    here = OrderLinkFactory(site=second)
    OrderLinkFactory(site=Site.objects.exclude(pk=second.pk).get())
    response = signed_in.get(URL, {"site": second.pk})
    assert 'name="site"' in response.content.decode()
    assert numbers(response) == [here.number]


@pytest.mark.parametrize(
    "query", ["state=nonsense", "contact=x", "site=99", "after=%%%", "q=%00", "q=" + "x" * 300]
)
def test_a_query_string_that_makes_no_sense_is_no_error(signed_in: Client, query: str) -> None:
    OrderLinkFactory()
    assert signed_in.get(f"{URL}?{query}").status_code == 200


def test_pages_follow_each_other_without_gap_or_repetition(
    signed_in: Client, settings: Any
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 3
    now = timezone.now()
    for n in range(8):
        OrderLinkFactory(number=str(n), placed_at=now - timedelta(hours=n // 2))
    seen: list[str] = []
    after = ""
    for _page in range(3):
        response = signed_in.get(URL, {"after": after} if after else {})
        seen += numbers(response)
        after = response.context["page"].after
    assert sorted(seen) == [str(n) for n in range(8)]
    assert after == ""
    assert len(numbers(signed_in.get(URL, {"at": "end"}))) == 3


def test_orders_of_other_peoples_contacts_are_not_listed(client: Client) -> None:
    user = make_staff("view_contact", "view_orderlink")
    OrderLinkFactory(number="hidden", contact__owner=make_staff())
    OrderLinkFactory(number="mine", contact__owner=user)
    OrderLinkFactory(number="unowned")
    OrderLinkFactory(number="nobodys", contact=None)
    client.force_login(user)
    assert set(numbers(client.get(URL))) == {"mine", "unowned", "nobodys"}
    assert numbers(client.get(URL, {"q": "hidden"})) == []


def test_the_number_leads_to_oscars_page_while_the_order_exists(
    signed_in: Client, staff: Any, germany: Any
) -> None:
    order = make_order()
    sync_order(order)
    url = reverse("dashboard:order-detail", kwargs={"number": order.number})
    assert url not in signed_in.get(URL).content.decode()
    staff.user_permissions.add(Permission.objects.get(codename="view_order"))
    assert url in signed_in.get(URL).content.decode()
    order.delete()
    page = signed_in.get(URL).content.decode()
    assert url not in page
    assert order.number in page


def test_only_who_may_assign_is_offered_it(signed_in: Client, staff: Any) -> None:
    link = OrderLinkFactory(contact=None)
    url = reverse("dashboard:crm-order-assign", args=[link.pk])
    assert url not in signed_in.get(URL).content.decode()
    staff.user_permissions.add(Permission.objects.get(codename="change_orderlink"))
    assert url in signed_in.get(URL).content.decode()


def test_empty_lists_say_what_to_do(signed_in: Client) -> None:
    assert "No orders yet" in signed_in.get(URL).content.decode()
    texts = {"without_contact": "Every order has a contact", "warnings": "No order has a warning"}
    for state, text in texts.items():
        assert text in signed_in.get(URL, {"state": state}).content.decode()
    assert "No orders match" in signed_in.get(URL, {"q": "zzz"}).content.decode()


@pytest.mark.parametrize("rows", [3, 30])
def test_the_list_takes_ten_queries_whatever_its_size(
    signed_in: Client, django_assert_max_num_queries: Any, settings: Any, rows: int
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 50
    for n in range(rows):
        OrderLinkFactory(contact__first_name="", contact__last_name="")
        OrderLinkFactory(contact=None, number=f"n{n}")
    with django_assert_max_num_queries(10):
        response = signed_in.get(URL, {"state": "all", "q": ""})
    assert len(numbers(response)) == min(2 * rows, 50)
