"""Working on a phone, 390 pixels wide."""

from typing import Any

from playwright.sync_api import expect

from oscar_crm.test.factories import ContactFactory
from tests.browser.conftest import Visit
from tests.browser.looks import sideways
from tests.browser.presses import press, says


def test_the_navigation_opens_and_leads_to_the_contacts(visit: Visit, manager: Any) -> None:
    page = visit(manager, size="phone")
    page.goto("/dashboard/crm/")
    entry = page.locator(".navbar-primary a.dropdown-toggle:has-text('CRM')")
    expect(entry).to_be_hidden()
    page.click(".navbar-primary .navbar-toggler")
    entry.click()
    assert sideways(page) == []
    page.click(".dropdown-menu.show a:text-is('Contacts')")
    expect(page.locator("h1")).to_have_text("Contacts")


def test_a_contact_is_found_and_a_note_written(visit: Visit, manager: Any) -> None:
    ContactFactory(first_name="Ada", last_name="Byron")
    ContactFactory(first_name="Bob", last_name="Stone")
    page = visit(manager, size="phone")
    page.goto("/dashboard/crm/contacts/")
    page.fill("#id_q", "ada")
    press(page, "Search")
    page.click("td a:has-text('Ada Byron')")
    page.fill("#id_body", "Met at the fair.")
    press(page, "Add note")
    expect(page.locator(".crm-note")).to_have_text("Met at the fair.")
    says(page, "Mara Boss")
    assert sideways(page) == []
