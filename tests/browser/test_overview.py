"""The overview: each figure opens a list of that size; first use; what needs attention."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, OrderLink
from oscar_crm.services import reconcile
from oscar_crm.test.factories import ContactFactory, make_order, refund_order
from tests.browser.conftest import Visit
from tests.browser.lived_in import past_orders
from tests.browser.presses import press, says

URL = "/dashboard/crm/"


def test_every_tile_opens_a_list_of_that_many(desk: Page, germany: Any) -> None:
    make_order("ada@example.com", "100.00")
    make_order("ada@example.com", "20.00")
    make_order("bob@example.com", "3.00")
    make_order("", "7.00")
    long_ago = timezone.now() - timedelta(days=70)
    Contact.objects.filter(emails__address="bob@example.com").update(created_at=long_ago)
    for tile, caption in {
        "2 Contacts": "2 contacts",
        "1 New this month": "1 contact",
        "€123.00 Lifetime value of all contacts": "2 contacts",
        "3 Orders with a contact": "3 orders",
    }.items():
        desk.goto(URL)
        press(desk, tile)
        expect(desk.locator("caption")).to_have_text(caption)
    desk.goto(f"{URL}contacts/?sort=-value")
    assert desk.locator("td.num[data-label='Lifetime value']").all_inner_texts() == [
        "€120.00",
        "€3.00",
    ]


def test_what_needs_attention_opens_the_list_behind_it(desk: Page, germany: Any) -> None:
    make_order("", "7.00")
    refund_order(make_order("ada@example.com", "10.00"), "99.00")
    make_order("usd@example.com", currency="USD")
    for link, text in {
        "1 order without a contact": "no e-mail address and no customer account",
        "1 order with a warning": "the excess is not counted",
        "1 contact with orders that have no exchange rate": "1 contact",
        "Enter the missing rates": "Missing rates",
    }.items():
        desk.goto(URL)
        desk.click(f"a:has-text('{link}')")
        says(desk, text)


def test_activity_names_and_links_the_contact(desk: Page, germany: Any) -> None:
    make_order("ada@example.com", number="B-1")
    desk.goto(URL)
    desk.click(".crm-timeline a:has-text('Ada Byron')")
    expect(desk.locator("h1")).to_have_text("Ada Byron")
    desk.go_back()
    desk.click(".crm-timeline a:has-text('B-1')")
    expect(desk.locator("h1")).to_have_text("Order #B-1")


def test_past_orders_are_brought_in_with_one_press(
    desk: Page, monkeypatch: Any, transactional_db: None
) -> None:
    monkeypatch.setattr("oscar_crm.dashboard.overview.views.STEP_SIZE", 3)
    past_orders(7)
    desk.goto(URL)
    says(desk, "Welcome to your CRM")
    press(desk, "Bring in past orders (7 found)")
    says(desk, "7 orders brought in.")
    assert Contact.objects.count() == 7
    assert OrderLink.objects.filter(contact__isnull=False).count() == 7
    press(desk, "See the contacts")
    expect(desk.locator("caption")).to_have_text("7 contacts")
    desk.goto(URL)
    expect(desk.locator("#tile-value .crm-tile-figure")).to_have_text("€840.00")


def test_all_orders_can_be_checked_again(desk: Page, germany: Any) -> None:
    make_order("ada@example.com")
    desk.goto(URL)
    says(desk, "The orders have never been compared with the shop")
    press(desk, "Check all orders now")
    says(desk, "1 order was up to date.")
    press(desk, "Back to the overview")
    says(desk, "1 order checked.")
    expect(desk.locator(".alert-warning")).to_have_count(0)


def test_a_check_that_was_cut_off_can_be_continued(desk: Page, germany: Any) -> None:
    make_order("ada@example.com")
    reconcile.start()
    desk.goto(URL)
    desk.click("a:has-text('Continue it')")
    press(desk, "Continue")
    says(desk, "1 order was up to date.")


def test_a_contact_can_be_entered_from_the_overview(desk: Page, transactional_db: None) -> None:
    desk.goto(URL)
    press(desk, "New contact")
    expect(desk.locator("h1")).to_have_text("New contact")


def test_who_may_not_bring_orders_in_is_told_whom_to_ask(
    visit: Visit, sales: Any, transactional_db: None
) -> None:
    past_orders(2)
    page = visit(sales)
    page.goto(URL)
    says(page, "Ask a CRM manager or an administrator of the shop")
    expect(page.locator("form[action*=sync]")).to_have_count(0)


def test_value_of_a_contact_shows_in_its_base_currency(desk: Page, transactional_db: None) -> None:
    ContactFactory(lifetime_value=Decimal("1234.50"))
    desk.goto(URL)
    expect(desk.locator("#tile-value .crm-tile-figure")).to_have_text("€1,234.50")
