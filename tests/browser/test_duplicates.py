"""Finding duplicates, merging them, and taking it back."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, DuplicatePair, Operation
from oscar_crm.services import duplicates
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import AccountFactory, ContactFactory, make_order
from tests.browser.conftest import Visit
from tests.browser.presses import press, says

LIST = "/dashboard/crm/duplicates/"
PAIR = "Ada Byron, Ada Byron"


@pytest.fixture
def twins(manager: Any) -> list[Contact]:
    values = {"first_name": "Ada", "last_name": "Byron", "phone": "0221 123456"}
    found = [
        ContactFactory(**values, city="Bonn", emails=["ada@example.com"]),
        ContactFactory(**values, city="Köln", emails=["byron@web.de"]),
    ]
    sync_order(make_order("byron@web.de", "20.00", shipping_address=None))
    return found


def test_two_duplicates_are_found_merged_and_taken_apart_again(
    desk: Page, twins: list[Contact]
) -> None:
    one, other = twins
    desk.goto(LIST)
    press(desk, "Look for duplicates now")
    press(desk, "Start")
    says(desk, "Done")
    says(desk, "2 records compared.")
    press(desk, "See the possible duplicates")
    says(desk, "same phone number")
    press(desk, f"Compare and merge: {PAIR}")
    desk.get_by_label("City: Bonn").check()
    desk.get_by_label("byron@web.de").check()
    press(desk, "Merge")
    says(desk, "Merged.")
    other.refresh_from_db()
    assert other.city == "Bonn"
    assert other.emails.count() == 2

    desk.locator(".alert a", has_text="Undo").click()
    desk.wait_for_url("**/operations/*/")
    press(desk, "Undo")
    says(desk, "Undo this?")
    press(desk, "Cancel")
    desk.wait_for_url("**/operations/*/")
    press(desk, "Undo")
    says(desk, "Undo this?")
    press(desk, "Undo")
    says(desk, "as they were")
    other.refresh_from_db()
    assert (other.city, one.emails.count(), other.emails.count()) == ("Köln", 1, 1)
    desk.goto(f"/dashboard/crm/operations/{Operation.objects.get(kind='merge').pk}/undo/")
    press(desk, "Back")


@pytest.mark.parametrize("javascript", [True, False])
def test_what_is_no_duplicate_is_said_and_taken_back(
    visit: Visit, manager: Any, twins: list[Contact], javascript: bool
) -> None:
    duplicates.run()
    page = visit(manager, javascript=javascript)
    page.goto(LIST)
    press(page, f"Not a duplicate: {PAIR}")
    says(page, "No possible duplicates")
    press(page, "Not duplicates")
    press(page, f"Take back: {PAIR}")
    press(page, "Contacts")
    press(page, f"Compare and merge: {PAIR}")
    press(page, "Not a duplicate")
    says(page, "Noted: no duplicate")
    press(page, "Accounts")
    says(page, "No possible duplicates")
    press(page, "Look for duplicates")
    assert DuplicatePair.objects.get().dismissed_at is not None


def test_a_search_goes_on_without_scripts(
    visit: Visit, manager: Any, twins: list[Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oscar_crm.dashboard.duplicates.scan_views.STEP_SIZE", 1)
    page = visit(manager, javascript=False)
    page.goto(f"{LIST}scan/")
    with page.expect_navigation():
        press(page, "Start")
    for _ in range(5):
        if page.get_by_text("See the possible duplicates").count():
            break
        with page.expect_navigation():
            press(page, "Continue")
    press(page, "See the possible duplicates")
    says(page, "Ada Byron")


def test_merging_is_left_without_doing_it(desk: Page, twins: list[Contact]) -> None:
    desk.goto(f"/dashboard/crm/contacts/merge/?ids={twins[0].pk},{twins[1].pk}")
    press(desk, "Cancel")
    desk.goto(f"/dashboard/crm/contacts/merge/?ids={twins[0].pk}")
    press(desk, "Go back to the list")
    assert not Operation.objects.filter(kind="merge").exists()


@pytest.mark.parametrize("javascript", [True, False])
def test_while_creating_one_is_told_who_is_there_already(
    visit: Visit, manager: Any, twins: list[Contact], javascript: bool
) -> None:
    page = visit(manager, javascript=javascript)
    page.goto("/dashboard/crm/contacts/create/")
    page.fill("#id_first_name", "Ada")
    page.fill("#id_last_name", "Byron")
    page.fill("#id_phone", "0221/123456")
    if javascript:
        page.locator("#id_phone").blur()
        says(page, "One of these may be the same")
    press(page, "Save")
    says(page, "create a new one all the same")
    press(page, "Create anyway")
    says(page, "is now in the CRM")
    assert Contact.objects.count() == 3


def test_while_creating_a_company_one_is_told_as_well(desk: Page, manager: Any) -> None:
    AccountFactory(name="Müller GmbH")
    desk.goto("/dashboard/crm/accounts/create/")
    desk.fill("#id_name", "mueller")
    press(desk, "Save")
    says(desk, "legal form aside")
    press(desk, "Create anyway")
    says(desk, "is now in the CRM")


def test_long_lists_are_paged(desk: Page, manager: Any, settings: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 1
    for number in range(3):
        for _ in range(2):
            values = {"first_name": "Ada", "last_name": f"B{number}", "phone": f"022112345{number}"}
            update_contact(ContactFactory(**values, emails=[]), {"city": "Bonn"}, by=manager)
    duplicates.run()
    for address in (LIST, "/dashboard/crm/operations/"):
        desk.goto(address)
        for label in ("Next", "Last", "Previous", "First"):
            press(desk, label)
            expect(desk.locator(".crm-pager")).to_be_visible()


def test_nothing_to_look_back_at_leads_to_the_contacts(desk: Page, manager: Any) -> None:
    desk.goto("/dashboard/crm/operations/")
    press(desk, "Go to the contacts")
    says(desk, "contacts")
