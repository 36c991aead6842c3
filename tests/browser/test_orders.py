"""The order list, and giving orders to contacts."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, OrderLink
from oscar_crm.test.factories import ContactFactory, make_order, refund_order
from tests.browser.presses import press, says

URL = "/dashboard/crm/orders/"


@pytest.fixture
def orders(germany: Any) -> None:
    """Two with a contact, one of them refunded too much, and one with nobody."""
    make_order("ada@example.com", number="B-1")
    refund_order(make_order("bob@example.com", number="B-2"), "999.00")
    make_order("", number="W-1")


def expect_numbers(page: Page, *numbers: str) -> None:
    expect(page.locator("td:first-child a")).to_have_text(list(numbers))


@pytest.mark.usefixtures("orders")
def test_each_pill_shows_its_orders(desk: Page) -> None:
    desk.goto(URL)
    for pill, numbers in {
        "With a contact": ["B-2", "B-1"],
        "Without a contact": ["W-1"],
        "With warnings": ["B-2"],
        "All": ["W-1", "B-2", "B-1"],
    }.items():
        press(desk, pill)
        expect_numbers(desk, *numbers)


@pytest.mark.usefixtures("orders")
def test_a_search_finds_by_number_and_by_address_and_is_taken_back(desk: Page) -> None:
    desk.goto(URL)
    for words, numbers in {"B-": ["B-2", "B-1"], "ada@": ["B-1"]}.items():
        desk.fill("#id_q", words)
        press(desk, "Search")
        expect_numbers(desk, *numbers)
    press(desk, "“ada@” remove")
    expect_numbers(desk, "W-1", "B-2", "B-1")
    desk.fill("#id_q", "nothing")
    press(desk, "Search")
    says(desk, "No orders match")
    press(desk, "Show all orders")
    expect_numbers(desk, "W-1", "B-2", "B-1")


def test_pages_of_orders_are_walked_to_both_ends(desk: Page, settings: Any, germany: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for number in range(1, 6):
        make_order("ada@example.com", number=f"B-{number}")
    desk.goto(URL)
    for label, numbers in [
        ("Next", ["B-3", "B-2"]),
        ("Last", ["B-2", "B-1"]),
        ("Previous", ["B-4", "B-3"]),
        ("First", ["B-5", "B-4"]),
    ]:
        press(desk, label)
        expect_numbers(desk, *numbers)


@pytest.mark.usefixtures("orders")
def test_a_number_leads_to_oscars_order_page(desk: Page) -> None:
    desk.goto(URL)
    desk.click("td a:has-text('B-1')")
    expect(desk.locator("h1")).to_have_text("Order #B-1")


@pytest.mark.usefixtures("orders")
def test_an_order_is_assigned_to_a_contact_looked_up_by_name(desk: Page) -> None:
    grace = ContactFactory(first_name="Grace", last_name="Hopper")
    desk.goto(URL)
    press(desk, "Assign order W-1")
    desk.click(".select2-selection")
    desk.fill(".select2-search__field", "hopp")
    desk.click(".select2-results__option:has-text('Grace Hopper')")
    press(desk, "Assign")
    says(desk, "Order W-1 now belongs to Grace Hopper.")
    says(desk, "Every order has a contact")
    assert OrderLink.objects.get(number="W-1").contact == grace
    press(desk, "Show all orders")
    desk.click("td a:has-text('Grace Hopper')")
    expect(desk.locator("#orders-heading")).to_be_visible()


@pytest.mark.usefixtures("orders")
def test_an_order_is_assigned_by_a_typed_address(desk: Page) -> None:
    desk.goto(URL)
    press(desk, "Assign order W-1")
    press(desk, "Assign")
    says(desk, "Choose a contact or type an e-mail address.")
    desk.fill("#id_email", "nobody@example.com")
    press(desk, "Assign")
    says(desk, "No contact you may see has this address.")
    desk.fill("#id_email", "Ada@Example.com")
    press(desk, "Assign")
    says(desk, "Order W-1 now belongs to Ada Byron.")
    ada = Contact.objects.get(emails__address="ada@example.com")
    assert OrderLink.objects.get(number="W-1").contact == ada


@pytest.mark.usefixtures("orders")
def test_an_order_moves_from_one_contact_to_another(desk: Page) -> None:
    ContactFactory(first_name="Grace", last_name="Hopper", emails=["grace@example.com"])
    desk.goto(f"{URL}?q=B-1")
    desk.click("a:has-text('Reassign')")
    expect(desk.locator("dd a")).to_have_text("Ada Byron")
    press(desk, "Cancel")
    desk.click("a:has-text('Reassign order B-1')")
    desk.fill("#id_email", "grace@example.com")
    press(desk, "Assign")
    says(desk, "Order B-1 now belongs to Grace Hopper, no longer to Ada Byron.")


@pytest.mark.usefixtures("orders")
def test_a_contact_for_an_order_can_be_made_first(desk: Page) -> None:
    desk.goto(URL)
    press(desk, "Assign order W-1")
    desk.click("a:has-text('Create a new contact first')")
    expect(desk.locator("h1")).to_have_text("New contact")


def test_a_shop_without_orders_leads_to_the_overview(desk: Page, transactional_db: None) -> None:
    desk.goto(URL)
    says(desk, "No orders yet")
    press(desk, "Go to the overview")
    expect(desk.locator("h1")).to_have_text("CRM overview")
