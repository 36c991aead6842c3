"""The page of one contact: notes, tags, history, archive, and where its links lead."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Activity, Contact
from oscar_crm.test.factories import ContactFactory, NoteFactory, TagFactory, make_order
from tests.browser.conftest import Visit
from tests.browser.presses import press, says


@pytest.fixture
def ada(transactional_db: None) -> Contact:
    contact: Contact = ContactFactory(
        first_name="Ada", last_name="Byron", emails=["ada@example.com"], phone="+44 (20) 12 34"
    )
    return contact


def stay(page: Page) -> None:
    """Mark the page; ``stayed`` tells whether it was loaded again since."""
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    return bool(page.evaluate("window.stayed === true"))


def notes_on(page: Page) -> Any:
    return page.locator(".crm-note")


def test_a_note_appears_in_the_timeline_without_a_reload(desk: Page, ada: Contact) -> None:
    desk.goto(ada.get_absolute_url())
    stay(desk)
    desk.fill("#id_body", "Prefers brass.\nCall after six.")
    press(desk, "Add note")
    expect(notes_on(desk)).to_contain_text("Prefers brass.")
    expect(desk.locator("#timeline [role=status]")).to_have_text("Note added.")
    expect(desk.locator("#id_body")).to_have_value("")
    says(desk, "Mara Boss")
    assert stayed(desk)
    assert ada.activities.count() == 1


def test_an_empty_note_is_refused_in_place(desk: Page, ada: Contact) -> None:
    desk.goto(ada.get_absolute_url())
    stay(desk)
    press(desk, "Add note")
    says(desk, "Write something first.")
    assert stayed(desk)
    desk.fill("#id_body", "Now there is something.")
    press(desk, "Add note")
    expect(notes_on(desk)).to_have_count(1)
    expect(desk.locator("#timeline .error-block")).to_have_count(0)


def test_a_note_can_be_changed(desk: Page, ada: Contact) -> None:
    note = NoteFactory(contact=ada, body="Likes bras.")
    desk.goto(ada.get_absolute_url())
    desk.click("a:has-text('Edit this note')")
    press(desk, "Cancel")
    expect(notes_on(desk)).to_have_text("Likes bras.")
    desk.click("a:has-text('Edit this note')")
    desk.fill("#id_body", "")
    press(desk, "Save")
    says(desk, "Write something first.")
    desk.fill("#id_body", "Likes brass.")
    press(desk, "Save")
    says(desk, "Note saved.")
    expect(notes_on(desk)).to_have_text("Likes brass.")
    expect(desk.locator(f"#note-{note.pk}")).to_contain_text("edited")


def test_a_note_is_deleted_only_after_a_question(desk: Page, ada: Contact) -> None:
    NoteFactory(contact=ada, body="Wrong person.")
    desk.goto(ada.get_absolute_url())
    desk.click("a:has-text('Delete this note')")
    says(desk, "Wrong person.")
    press(desk, "Cancel")
    expect(notes_on(desk)).to_have_count(1)
    desk.click("a:has-text('Delete this note')")
    press(desk, "Delete")
    says(desk, "Note deleted.")
    expect(notes_on(desk)).to_have_count(0)
    assert not Activity.objects.exists()


def test_notes_and_tags_work_without_javascript(visit: Visit, manager: Any, ada: Contact) -> None:
    page = visit(manager, javascript=False)
    page.goto(ada.get_absolute_url())
    page.click("text=Add note")
    expect(page.locator(".error-block")).to_contain_text("Write something first.")
    page.fill("#id_body", "Written without a script.")
    page.click("text=Add note")
    says(page, "Note added.")
    expect(notes_on(page)).to_have_text("Written without a script.")
    page.fill("#tag-name", "Plain")
    page.click(".crm-tag-add button")
    says(page, "Tag “Plain” added.")
    page.click(".crm-tag-remove")
    says(page, "Tag “Plain” removed.")


def test_tags_are_added_and_removed_without_a_reload(desk: Page, ada: Contact) -> None:
    TagFactory(name="Wholesale")
    desk.goto(ada.get_absolute_url())
    stay(desk)
    expect(desk.locator("#tag-names option")).to_have_attribute("value", "Wholesale")
    for name in ("VIP", "Wholesale"):
        desk.fill("#tag-name", name)
        press(desk, "Add")
        expect(desk.locator(".crm-tag", has_text=name)).to_be_visible()
    press(desk, "Remove the tag VIP")
    expect(desk.locator(".crm-tag")).to_have_count(1)
    assert stayed(desk)
    assert [tag.name for tag in ada.tags.all()] == ["Wholesale"]


def test_a_tag_nobody_could_read_is_refused_with_a_reason(desk: Page, ada: Contact) -> None:
    desk.goto(ada.get_absolute_url())
    desk.fill("#tag-name", "   ")
    press(desk, "Add")
    expect(desk.locator("#tag-error")).to_have_text("A tag needs a name of 1 to 50 characters.")


def test_older_brings_the_rest_of_the_timeline(desk: Page, ada: Contact) -> None:
    for number in range(45):
        NoteFactory(contact=ada, body=f"Note number {number}.")
    desk.goto(ada.get_absolute_url())
    stay(desk)
    expect(notes_on(desk)).to_have_count(20)
    press(desk, "Older")
    expect(notes_on(desk)).to_have_count(40)
    press(desk, "Older")
    expect(notes_on(desk)).to_have_count(45)
    expect(notes_on(desk).last).to_contain_text("Note number 0.")
    assert stayed(desk)


def test_older_without_javascript_is_a_page_of_its_own(
    visit: Visit, manager: Any, ada: Contact
) -> None:
    for number in range(45):
        NoteFactory(contact=ada, body=f"Note number {number}.")
    page = visit(manager, javascript=False)
    page.goto(ada.get_absolute_url())
    page.click("text=Older")
    expect(page.locator("h1")).to_have_text("Timeline of Ada Byron")
    expect(notes_on(page).first).to_contain_text("Note number 24.")
    press(page, "Older")
    expect(notes_on(page)).to_have_count(5)
    page.click("text=Back to the newest")
    expect(notes_on(page).first).to_contain_text("Note number 44.")


def test_archiving_takes_a_contact_off_the_list_and_restoring_brings_it_back(
    desk: Page, ada: Contact
) -> None:
    desk.goto(ada.get_absolute_url())
    press(desk, "Archive")
    says(desk, "“Ada Byron” is archived")
    desk.goto("/dashboard/crm/contacts/")
    says(desk, "No contacts yet")
    desk.goto(ada.get_absolute_url())
    press(desk, "Restore")
    says(desk, "“Ada Byron” is back on the lists.")
    desk.goto("/dashboard/crm/contacts/")
    expect(desk.locator("td:first-child a")).to_have_text("Ada Byron")


def test_edit_opens_the_form(desk: Page, ada: Contact) -> None:
    desk.goto(ada.get_absolute_url())
    press(desk, "Edit")
    expect(desk.locator("h1")).to_have_text("Edit Ada Byron")


def test_address_and_phone_are_links_a_mail_program_and_a_phone_understand(
    desk: Page, ada: Contact
) -> None:
    desk.goto(ada.get_absolute_url())
    mail = desk.locator("a", has_text="ada@example.com")
    phone = desk.locator("a", has_text="+44 (20) 12 34")
    assert mail.get_attribute("href") == "mailto:ada@example.com"
    assert phone.get_attribute("href") == "tel:+44201234"


def test_orders_lead_to_oscars_page_and_all_orders_to_the_list(desk: Page, germany: Any) -> None:
    make_order("ada@example.com", "12.50", number="100777")
    make_order("bob@example.com", "1.00", number="100778")
    contact = Contact.objects.get(emails__address="ada@example.com")
    desk.goto(contact.get_absolute_url())
    desk.click("section[aria-labelledby=orders-heading] a:has-text('100777')")
    expect(desk.locator("h1")).to_have_text("Order #100777")
    desk.go_back()
    desk.click("#timeline a:has-text('100777')")
    expect(desk.locator("h1")).to_have_text("Order #100777")
    desk.go_back()
    desk.click("a:has-text('All orders')")
    expect(desk.locator("caption")).to_have_text("1 order")
    expect(desk.locator("td:first-child a")).to_have_text("100777")
    press(desk, f"Orders of {contact} remove")
    expect(desk.locator("caption")).to_have_text("2 orders")


def test_a_missing_rate_leads_to_the_rates(desk: Page, germany: Any) -> None:
    make_order("ada@example.com", "12.50", currency="USD")
    desk.goto(Contact.objects.get().get_absolute_url())
    desk.click(".alert a:has-text('Exchange rates')")
    says(desk, "Missing rates")
