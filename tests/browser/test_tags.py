"""Tags: making, recolouring, merging and deleting them, and seeing their contacts."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Tag
from oscar_crm.test.factories import ContactFactory, TagFactory
from tests.browser.conftest import Visit
from tests.browser.presses import lists, press, says

URL = "/dashboard/crm/tags/"
PREVIEW = "#crm-tag-preview .crm-tag"


@pytest.fixture
def vip(transactional_db: None) -> Tag:
    tag: Tag = TagFactory(name="VIP", colour="#d62728")
    ContactFactory(first_name="Ada", last_name="Byron", tags=[tag])
    ContactFactory(first_name="Bob", last_name="Other")
    return tag


def test_the_first_tag_is_made_and_seen_while_it_is_chosen(desk: Page) -> None:
    desk.goto(URL)
    press(desk, "Make a tag")
    press(desk, "Cancel")
    press(desk, "Make a tag")
    desk.fill("#id_name", "Press")
    desk.get_by_label("Green").check()
    expect(desk.locator(PREVIEW)).to_have_text("Press")
    expect(desk.locator(PREVIEW)).to_have_css("background-color", "rgb(44, 160, 44)")
    expect(desk.locator(PREVIEW)).to_have_css("color", "rgb(0, 0, 0)")
    desk.locator("#id_other").fill("#101010")
    expect(desk.locator("input[value=other]")).to_be_checked()
    expect(desk.locator(PREVIEW)).to_have_css("color", "rgb(255, 255, 255)")
    press(desk, "Save")
    says(desk, "The tag “Press” is saved.")
    assert Tag.objects.get().colour == "#101010"


def test_without_javascript_the_preview_has_a_button(visit: Visit, manager: Any, vip: Tag) -> None:
    page = visit(manager, javascript=False)
    page.goto(URL)
    press(page, "New tag")
    page.fill("#id_name", "Press")
    page.get_by_label("Orange").check()
    press(page, "Preview")
    expect(page.locator(PREVIEW)).to_have_text("Press")
    expect(page.locator(PREVIEW)).to_have_css("background-color", "rgb(255, 127, 14)")
    assert Tag.objects.get() == vip
    press(page, "Save")
    assert Tag.objects.get(name="Press").colour == "#ff7f0e"


def test_a_tag_is_renamed_and_recoloured(desk: Page, vip: Tag) -> None:
    desk.goto(URL)
    press(desk, "Edit the tag VIP")
    press(desk, "Cancel")
    press(desk, "Edit the tag VIP")
    desk.fill("#id_name", "Very important")
    desk.get_by_label("Blue").check()
    press(desk, "Preview")
    press(desk, "Save")
    expect(desk.locator("tbody .crm-tag")).to_have_css("background-color", "rgb(31, 119, 180)")
    says(desk, "Very important")


def test_a_name_that_is_taken_leads_to_merging(desk: Page, vip: Tag) -> None:
    other = TagFactory(name="Important")
    ContactFactory(tags=[other])
    desk.goto(f"{URL}{other.pk}/edit/")
    desk.fill("#id_name", "vip")
    press(desk, "Save")
    desk.click("text=Merge the two")
    says(desk, "is on 1 contact.")
    press(desk, "Cancel")
    press(desk, "Merge the tag Important")
    desk.select_option("#id_into", label="VIP")
    press(desk, "Merge")
    says(desk, "“Important” is now “VIP”, wherever it was.")
    assert vip.contacts.count() == 2


def test_a_tag_is_deleted_only_after_a_question(desk: Page, vip: Tag) -> None:
    desk.goto(URL)
    press(desk, "Delete the tag VIP")
    says(desk, "It is taken off 1 contact. This cannot be undone.")
    press(desk, "Cancel")
    press(desk, "Delete the tag VIP")
    press(desk, "Delete")
    says(desk, "The tag “VIP” is deleted.")
    assert not Tag.objects.exists()


def test_a_click_on_a_tag_shows_its_contacts(desk: Page, vip: Tag) -> None:
    desk.goto(URL)
    desk.click("tbody .crm-tag")
    lists(desk, "Ada Byron")
    desk.click("text=Ada Byron")
    desk.click(".crm-tag-link")
    lists(desk, "Ada Byron")
    desk.click("tbody .crm-tag")
    says(desk, "Tag: VIP")


def test_pages_of_tags_are_walked_to_both_ends(
    desk: Page, settings: Any, transactional_db: None
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for name in "abcde":
        TagFactory(name=name)
    desk.goto(URL)
    for label, first in [("Next", "c"), ("Last", "d"), ("Previous", "b"), ("First", "a")]:
        press(desk, label)
        expect(desk.locator("tbody tr").first).to_contain_text(first)
