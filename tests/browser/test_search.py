"""The search box: suggestions while typing, by mouse and keyboard, and the page without them."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import AccountFactory, ContactFactory, make_order
from tests.browser.conftest import SIZES, Visit
from tests.browser.looks import complaints, sideways
from tests.browser.presses import says

BOX, LIST = "#crm-search", "#crm-suggestions"


@pytest.fixture
def ada(germany: Any) -> Contact:
    contact: Contact = ContactFactory(
        first_name="Ada", last_name="Müller", emails=["ada@example.com"]
    )
    AccountFactory(name="Müller GmbH")
    sync_order(make_order("ada@example.com", number="100612"))
    return contact


@pytest.mark.parametrize("size", SIZES)
def test_suggestions_come_while_typing(visit: Visit, manager: Any, ada: Contact, size: str) -> None:
    page = visit(manager, size=size)
    page.goto("/dashboard/crm/rates/")
    page.locator(BOX).press_sequentially("mull", delay=20)
    expect(page.locator(LIST)).to_contain_text("Ada Müller")
    for text in ("Contacts", "Accounts", "Müller GmbH", "Orders", "Order 100612"):
        expect(page.locator(LIST)).to_contain_text(text)
    assert [*complaints(page), *sideways(page)] == []
    page.click(f"{LIST} >> text=Ada Müller")
    page.wait_for_url(f"**{ada.get_absolute_url()}")


def test_suggestions_are_walked_with_the_keyboard(desk: Page, ada: Contact) -> None:
    desk.goto("/dashboard/crm/")
    desk.locator(BOX).press_sequentially("mull", delay=20)
    expect(desk.locator(LIST)).to_contain_text("Ada Müller")
    desk.keyboard.press("ArrowDown")
    expect(desk.locator(f"{LIST} a").first).to_be_focused()
    desk.keyboard.press("ArrowUp")
    expect(desk.locator(BOX)).to_be_focused()
    desk.keyboard.press("ArrowUp")
    expect(desk.locator(f"{LIST} a").last).to_be_focused()
    desk.keyboard.press("Escape")
    expect(desk.locator(LIST)).to_be_empty()
    expect(desk.locator(BOX)).to_be_focused()
    desk.locator(BOX).press_sequentially("er", delay=20)
    expect(desk.locator(LIST)).to_contain_text("Ada Müller")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{ada.get_absolute_url()}")


def test_a_click_elsewhere_closes_the_suggestions(desk: Page, ada: Contact) -> None:
    desk.goto("/dashboard/crm/")
    desk.locator(BOX).press_sequentially("nobody", delay=20)
    expect(desk.locator(LIST)).to_contain_text("Nothing found yet")
    desk.click("h1")
    expect(desk.locator(LIST)).to_be_empty()


def test_whoever_was_signed_out_meanwhile_sees_no_login_page_in_the_box(
    desk: Page, ada: Contact
) -> None:
    desk.goto("/dashboard/crm/tags/")
    desk.context.clear_cookies()
    with desk.expect_response("**/login/**"):
        desk.locator(BOX).press_sequentially("mull", delay=20)
    desk.wait_for_timeout(200)
    expect(desk.locator(LIST)).to_be_empty()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_button_leads_to_the_page_of_results(
    visit: Visit, manager: Any, ada: Contact, javascript: bool
) -> None:
    page = visit(manager, javascript=javascript)
    page.goto("/dashboard/crm/tags/")
    page.fill(BOX, "müller")
    page.click(".crm-searchbox button")
    says(page, "Search for “müller”")
    for text in ("Ada Müller", "Müller GmbH", "Order 100612"):
        says(page, text)
    expect(page.locator(BOX)).to_have_value("müller")


def test_what_is_typed_in_full_is_opened_at_once(desk: Page, ada: Contact) -> None:
    desk.goto("/dashboard/crm/search/")
    says(desk, "What are you looking for?")
    desk.fill(BOX, "ada@example.com")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{ada.get_absolute_url()}")
    desk.fill(BOX, "100612")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/dashboard/orders/100612/")
