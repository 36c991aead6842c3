"""Every page, on a desktop and on a phone, fits the window and is accessible."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact
from tests.browser.conftest import SIZES, Visit
from tests.browser.lived_in import LONG_NAME, live_in, pages_of, past_orders
from tests.browser.looks import complaints, sideways
from tests.browser.presses import look_around, press

both_sizes = pytest.mark.parametrize("size", SIZES)


def faults(page: Page, pages: dict[str, str]) -> dict[str, list[str]]:
    """What is wrong with which page; its buttons are noted as seen."""
    found = {}
    for name, address in pages.items():
        page.goto(address)
        closed = page.locator("details:not([open]) > summary")
        while closed.count():
            closed.first.click()
        look_around(page)
        if trouble := [*complaints(page), *sideways(page)]:
            found[name] = trouble
    return found


@both_sizes
def test_the_pages_of_a_busy_crm_are_accessible_and_fit(
    visit: Visit, manager: Any, settings: Any, size: str
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 5  # so that there is a next page
    pages = pages_of(live_in(manager))
    long = Contact.objects.get(company_name=LONG_NAME)
    pages["contact of long words"] = long.get_absolute_url()
    pages["editing long words"] = f"{long.get_absolute_url()}edit/"
    assert faults(visit(manager, size=size), pages) == {}


@both_sizes
def test_the_pages_of_an_empty_crm_are_accessible_and_fit(
    visit: Visit, manager: Any, size: str
) -> None:
    past_orders(1)
    names = (
        *("", "contacts/", "accounts/", "companies/", "orders/", "rates/", "segments/"),
        *("duplicates/", "operations/", "tags/", "custom-fields/"),
        *("privacy/closed-accounts/", "privacy/untouched/", "privacy/certificates/"),
        "privacy/purposes/",
    )
    pages = {name: f"/dashboard/crm/{name}" for name in names}
    assert faults(visit(manager, size=size), pages) == {}


@both_sizes
def test_errors_in_forms_are_accessible_and_fit(
    visit: Visit, manager: Any, transactional_db: None, size: str
) -> None:
    page = visit(manager, size=size)
    page.goto("/dashboard/crm/contacts/create/")
    page.fill("#id_emails", "x" * 200)
    press(page, "Save")
    expect(page.locator(".content .error-block").first).to_be_visible()
    assert [*complaints(page), *sideways(page)] == []

    page.fill("#id_emails", "ada@example.com")
    press(page, "Save")
    press(page, "Add note")
    expect(page.locator("#timeline .error-block")).to_be_visible()
    page.fill("#tag-name", " ")
    page.click(".crm-tag-add button")
    expect(page.locator("#tag-error")).to_be_visible()
    assert [*complaints(page), *sideways(page)] == []
