"""A contact's page that has been open too long: the answer is a whole page that says why."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Activity, Contact
from oscar_crm.test.factories import ContactFactory, make_staff
from tests.browser.conftest import Visit
from tests.browser.presses import press


@pytest.fixture
def ada(transactional_db: None) -> Contact:
    contact: Contact = ContactFactory(first_name="Ada", last_name="Byron")
    return contact


def test_who_has_been_signed_out_is_asked_to_sign_in(desk: Page, ada: Contact) -> None:
    desk.goto(ada.get_absolute_url())
    desk.context.clear_cookies(name="sessionid")
    desk.fill("#id_body", "Written too late.")
    press(desk, "Add note")
    expect(desk.locator("#dashboard_login_form")).to_be_visible()
    expect(desk.locator("#timeline")).to_have_count(0)
    assert not Activity.objects.exists()


def test_a_contact_given_away_meanwhile_is_said_to_be_gone(
    visit: Visit, sales: Any, ada: Contact
) -> None:
    page = visit(sales)
    page.goto(ada.get_absolute_url())
    Contact.objects.update(owner=make_staff())
    page.fill("#tag-name", "VIP")
    press(page, "Add")
    expect(page.locator("#contact-tags")).to_have_count(0)
    assert page.title() != "Ada Byron"
    assert not ada.tags.exists()
