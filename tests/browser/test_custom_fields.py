"""Custom fields: adding them, filling them in, filtering by them, taking them away."""

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, CustomField
from oscar_crm.test.factories import ContactFactory, CustomFieldFactory
from tests.browser.presses import lists, press, says

URL = "/dashboard/crm/custom-fields/"
CONTACTS = "/dashboard/crm/contacts/"


@pytest.fixture
def tier(transactional_db: None) -> CustomField:
    field: CustomField = CustomFieldFactory(
        label="Tier", kind="choice", choices=["Gold", "Silver"], position=0
    )
    return field


def test_a_field_is_added_filled_in_and_filtered_by(desk: Page, transactional_db: None) -> None:
    ContactFactory(first_name="Ada", last_name="Byron")
    ContactFactory(first_name="Bob", last_name="Other")
    desk.goto(URL)
    press(desk, "Add a field")
    press(desk, "Cancel")
    press(desk, "Add a field")
    desk.fill("#id_label", "Tier")
    desk.select_option("#id_kind", label="Choice")
    press(desk, "Save")
    says(desk, "Give at least one choice.")
    desk.fill("#id_choices", "Gold\nSilver")
    press(desk, "Save")
    says(desk, "The field “Tier” is saved.")

    desk.goto(f"{CONTACTS}{Contact.objects.get(first_name='Ada').pk}/edit/")
    desk.select_option("#id_custom_tier", label="Gold")
    press(desk, "Save")
    says(desk, "Tier set to “Gold”")

    desk.goto(CONTACTS)
    press(desk, "Filters and sorting")
    desk.select_option("#id_custom_tier", label="Gold")
    press(desk, "Apply")
    lists(desk, "Ada Byron")
    press(desk, "Tier: Gold (remove this filter)")
    lists(desk, "Bob Other", "Ada Byron")


def test_fields_are_put_in_order(desk: Page, tier: CustomField) -> None:
    CustomFieldFactory(label="Hobby", position=1)
    desk.goto(URL)
    press(desk, "Down “Tier”")
    expect(desk.locator(".crm-fields strong").first).to_have_text("Hobby")
    press(desk, "Up “Tier”")
    expect(desk.locator(".crm-fields strong").first).to_have_text("Tier")


def test_choices_are_renamed_removed_and_added(desk: Page, tier: CustomField) -> None:
    contact = ContactFactory(custom={"tier": "Silver"})
    desk.goto(URL)
    press(desk, "Edit “Tier”")
    press(desk, "Cancel")
    press(desk, "Edit “Tier”")
    desk.fill("#id_name_0", "Platinum")
    desk.select_option("#id_fate_1", label="Remove, if nothing has it")
    desk.fill("#id_choices", "Iron")
    press(desk, "Save")
    says(desk, "“Silver” is in use")
    expect(desk.locator("#id_name_0")).to_have_value("Platinum")
    desk.select_option("#id_fate_1", label="Remove: becomes “Gold”")
    press(desk, "Save")
    says(desk, "Choice: Platinum, Iron")
    contact.refresh_from_db()
    assert contact.custom == {"tier": "Platinum"}


def test_a_field_is_deleted_only_after_a_question(desk: Page, tier: CustomField) -> None:
    ContactFactory(custom={"tier": "Silver"})
    desk.goto(URL)
    press(desk, "Delete “Tier”")
    says(desk, "It is filled in once")
    press(desk, "Cancel")
    press(desk, "Delete “Tier”")
    press(desk, "Delete")
    says(desk, "The field “Tier” and its values are deleted.")
    assert not CustomField.objects.exists()


def test_a_second_field_has_a_button_of_its_own(desk: Page, tier: CustomField) -> None:
    desk.goto(URL)
    press(desk, "New field")
    desk.fill("#id_label", "Birthday")
    desk.select_option("#id_kind", label="Date")
    press(desk, "Save")
    says(desk, "Birthday")
