"""The overview: each figure is the size of the list it opens."""

import html
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from oscar_crm.models import Contact, Operation, OrderLink
from oscar_crm.services import reconcile
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import (
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    ValueEntryFactory,
    make_order,
    make_staff,
)

pytestmark = pytest.mark.django_db

URL = "/dashboard/crm/"
MAY_SEE = (
    *("view_contact", "view_orderlink", "view_activity", "view_exchangerate"),
    "view_all_contacts",
)


@pytest.fixture
def staff() -> Any:
    return make_staff(*MAY_SEE)


@pytest.fixture
def signed_in(client: Client, staff: Any) -> Client:
    client.force_login(staff)
    return client


def grant(user: Any, codename: str) -> None:
    user.user_permissions.add(Permission.objects.get(codename=codename))


def link_of(page: str, tile: str) -> str:
    found = re.search(rf'id="{tile}" href="([^"]+)"', page)
    assert found, f"no tile {tile}"
    return html.unescape(found[1])


def figure_of(page: str, tile: str) -> str:
    found = re.search(rf'id="{tile}".*?crm-tile-figure">([^<]+)<', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


@pytest.fixture
def some_records() -> None:
    long_ago = timezone.now() - timedelta(days=70)
    ContactFactory.create_batch(2)
    old = ContactFactory(created_at=long_ago, lifetime_value=Decimal("99.50"))
    ContactFactory(archived_at=timezone.now())
    OrderLinkFactory.create_batch(3, contact=old)
    OrderLinkFactory(contact=None, problem=OrderLink.Problem.NO_EMAIL)
    OrderLinkFactory(contact=old, refund_excess=Decimal("1"))
    ContactFactory(created_at=long_ago, unvalued_orders=1)


@pytest.mark.usefixtures("some_records")
@pytest.mark.parametrize(
    ("tile", "count"),
    [
        ("tile-contacts", 4),
        ("tile-new", 2),
        ("tile-orders", 4),
        ("tile-without-contact", 1),
        ("tile-warnings", 1),
        ("tile-unvalued", 1),
    ],
)
def test_each_figure_opens_a_list_of_that_many(signed_in: Client, tile: str, count: int) -> None:
    page = signed_in.get(URL).content.decode()
    if tile in ("tile-contacts", "tile-new", "tile-orders"):
        assert figure_of(page, tile) == str(count)
    opened = signed_in.get(link_of(page, tile))
    assert opened.status_code == 200
    assert len(opened.context["page"].rows) == count


@pytest.mark.usefixtures("some_records")
def test_the_value_is_in_base_currency_and_opens_the_contacts_by_value(signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    assert figure_of(page, "tile-value") == "€99.50"
    opened = signed_in.get(link_of(page, "tile-value"))
    assert opened.context["page"].rows[0].lifetime_value == Decimal("99.50")


@pytest.mark.usefixtures("some_records")
def test_why_orders_have_no_contact_is_said(signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    assert "1 order without a contact" in page
    assert "no e-mail address and no customer account" in html.unescape(page)


def test_the_month_begins_in_the_time_zone_of_the_shop(
    signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.datetime(2026, 3, 15, 12, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: now)
    first = now.replace(day=1, hour=0)
    ContactFactory(created_at=first)
    ContactFactory(created_at=first - timedelta(seconds=1))  # still the same day in UTC
    assert figure_of(signed_in.get(URL).content.decode(), "tile-new") == "1"


def test_a_sales_user_counts_only_what_is_theirs_or_nobodys(client: Client) -> None:
    user = make_staff("view_contact", "view_orderlink", "view_activity")
    for owner in (user, None, make_staff()):
        contact = ContactFactory(owner=owner, lifetime_value=Decimal("10"))
        NoteFactory(contact=contact, body=f"note for {owner}")
        OrderLinkFactory(contact=contact)
    client.force_login(user)
    response = client.get(URL)
    page = response.content.decode()
    assert figure_of(page, "tile-contacts") == "2"
    assert figure_of(page, "tile-value") == "€20.00"
    assert figure_of(page, "tile-orders") == "2"
    assert len(response.context["overview"].activity) == 2


def test_the_figures_of_a_check_are_for_those_who_see_all_contacts(client: Client) -> None:
    user = make_staff("view_contact")
    make_order()
    reconcile.run()
    client.force_login(user)
    url = URL
    assert "1 order checked" not in client.get(url).content.decode()
    grant(user, "view_all_contacts")
    assert "1 order checked" in client.get(url).content.decode()


def test_latest_activity_names_its_contact(signed_in: Client) -> None:
    note = NoteFactory(body="Called about the delivery.")
    entry = ValueEntryFactory()
    page = signed_in.get(URL).content.decode()
    assert "Called about the delivery." in page
    assert note.contact.get_absolute_url() in page
    assert f"Order {entry.link.number} placed" in page


def test_an_empty_crm_offers_to_bring_in_past_orders(
    signed_in: Client, staff: Any, germany: Any
) -> None:
    make_order()
    make_order(email="bob@example.com")
    assert "Ask a CRM manager" in signed_in.get(URL).content.decode()
    grant(staff, "sync_orders")
    page = signed_in.get(URL).content.decode()
    assert "Bring in past orders (2 found)" in page
    assert "Check all orders now" not in page


def test_a_shop_without_orders_is_told_what_will_happen(signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    assert "The shop has no orders yet." in page
    assert "Nothing has happened yet." in page


def test_a_late_check_is_warned_of(signed_in: Client, staff: Any, germany: Any) -> None:
    sync_order(make_order())
    assert "never been compared" in signed_in.get(URL).content.decode()
    reconcile.run(by=staff)
    page = signed_in.get(URL).content.decode()
    assert "alert-warning" not in page
    assert "1 order was up to date." in page
    Operation.objects.update(started_at=timezone.now() - timedelta(hours=25))
    assert "more than a day ago" in signed_in.get(URL).content.decode()
    grant(staff, "sync_orders")
    page = signed_in.get(URL).content.decode()
    assert "crm_sync_orders" in page
    assert "Check all orders now" in page


def test_a_check_that_was_cut_off_can_be_continued(
    signed_in: Client, staff: Any, germany: Any
) -> None:
    make_order()
    grant(staff, "sync_orders")
    run = reconcile.start()
    reconcile.step(run, size=1)
    page = signed_in.get(URL).content.decode()
    assert "under way or was cut off. 1 of 1 order checked." in " ".join(page.split())
    assert f"/dashboard/crm/sync/?run={run.pk}" in page


@pytest.mark.parametrize("rows", [3, 30])
def test_the_overview_takes_the_same_queries_whatever_the_size(
    signed_in: Client, django_assert_max_num_queries: Any, rows: int
) -> None:
    for n in range(rows):
        nameless = ContactFactory(first_name="", last_name="", emails=[f"c{n}@example.com"])
        ValueEntryFactory(link__contact=nameless)
        NoteFactory(contact=nameless)
        OrderLinkFactory(contact=None, problem=OrderLink.Problem.NO_EMAIL)
    Contact.objects.update(unvalued_orders=1)
    with django_assert_max_num_queries(20):
        signed_in.get(URL)
