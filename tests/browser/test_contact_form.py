"""Making and changing a contact."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact
from oscar_crm.test.factories import ContactFactory
from tests.browser.conftest import Visit
from tests.browser.presses import press, says

CREATE = "/dashboard/crm/contacts/create/"


@pytest.fixture
def ada(manager: Any) -> Contact:
    contact: Contact = ContactFactory(
        first_name="Ada", last_name="Byron", emails=["ada@example.com"]
    )
    return contact


def edit_url(contact: Contact) -> str:
    return f"{contact.get_absolute_url()}edit/"


def test_a_contact_is_entered_by_hand(desk: Page, germany: Any) -> None:
    desk.goto(CREATE)
    for field, value in {
        "first_name": "Zoë",
        "last_name": "Müller",
        "job_title": "Buyer",
        "company_name": "Lampen & Söhne",
        "emails": "zoe@lampen.example\ninfo@lampen.example",
        "phone": "040 123",
        "line1": "Am Kai 1",
        "city": "Hamburg",
        "postcode": "20095",
    }.items():
        desk.fill(f"#id_{field}", value)
    desk.select_option("#id_kind", label="Vendor")
    desk.select_option("#id_country", label="Germany")
    expect(desk.locator("#id_owner option:checked")).to_have_text("Mara Boss")
    press(desk, "Save")
    says(desk, "“Zoë Müller” is now in the CRM.")
    for text in ("Lampen & Söhne", "Buyer", "info@lampen.example", "Hamburg", "Germany", "Vendor"):
        says(desk, text)
    expect(desk.locator(".crm-facts .badge")).to_have_text("main")


def test_a_form_with_mistakes_says_which_and_keeps_the_input(
    desk: Page, transactional_db: None
) -> None:
    desk.goto(CREATE)
    press(desk, "Save")
    says(desk, "Give at least a name, a company or an e-mail address.")
    desk.fill("#id_first_name", "Eve")
    desk.fill("#id_emails", "eve at example")
    press(desk, "Save")
    says(desk, "“eve at example” is not an e-mail address.")
    expect(desk.locator("#id_first_name")).to_have_value("Eve")
    expect(desk.locator("[role=alert]")).to_contain_text("Not saved yet.")
    assert not Contact.objects.exists()


def test_an_address_in_use_names_the_other_contact(desk: Page, ada: Contact) -> None:
    desk.goto(CREATE)
    desk.fill("#id_emails", "ADA@example.com")
    press(desk, "Save")
    says(desk, "ADA@example.com belongs to Ada Byron already.")
    desk.click("form a:has-text('Ada Byron')")
    expect(desk.locator("h1")).to_have_text("Ada Byron")


def test_an_address_of_a_hidden_contact_is_not_given_away(
    visit: Visit, sales: Any, ada: Contact, manager: Any
) -> None:
    Contact.objects.update(owner=manager)
    page = visit(sales)
    page.goto(CREATE)
    page.fill("#id_emails", "ada@example.com")
    press(page, "Save")
    says(page, "ada@example.com is already in the CRM: ask a manager.")
    expect(page.locator(".content")).not_to_contain_text("Byron")


def test_cancel_leaves_everything_as_it_was(desk: Page, ada: Contact) -> None:
    desk.goto(CREATE)
    desk.fill("#id_first_name", "Nobody")
    press(desk, "Cancel")
    expect(desk.locator("h1")).to_have_text("Contacts")
    desk.goto(edit_url(ada))
    desk.fill("#id_first_name", "Augusta")
    press(desk, "Cancel")
    expect(desk.locator("h1")).to_have_text("Ada Byron")
    assert Contact.objects.get().first_name == "Ada"


def test_a_change_shows_in_the_timeline(desk: Page, ada: Contact) -> None:
    desk.goto(edit_url(ada))
    desk.fill("#id_phone", "+44 20 99")
    press(desk, "Save")
    says(desk, "“Ada Byron” is saved.")
    expect(desk.locator("#timeline")).to_contain_text("+44 20 99")


def test_two_people_editing_at_once_lose_nothing_unasked(
    visit: Visit, manager: Any, sales: Any, ada: Contact
) -> None:
    first, second = visit(manager), visit(sales)
    for page in (first, second):
        page.goto(edit_url(ada))
    first.fill("#id_phone", "111")
    press(first, "Save")
    says(first, "“Ada Byron” is saved.")

    second.fill("#id_phone", "222")
    press(second, "Save")
    says(second, "Somebody else changed this contact while you were editing.")
    says(second, "111")
    expect(second.locator("#id_phone")).to_have_value("222")
    assert Contact.objects.get().phone == "111"

    press(second, "Save")
    says(second, "“Ada Byron” is saved.")
    assert Contact.objects.get().phone == "222"


def test_a_contact_given_away_leaves_the_list_with_a_word(
    visit: Visit, sales: Any, ada: Contact
) -> None:
    page = visit(sales)
    page.goto(edit_url(ada))
    says(page, "A contact you give to somebody else leaves your list.")
    page.select_option("#id_owner", label="Mara Boss")
    press(page, "Save")
    says(page, "It belongs to somebody else now, so it has left your list.")
    expect(page.locator("h1")).to_have_text("Contacts")
