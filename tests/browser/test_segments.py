"""Segments on shop behaviour, and changing the contacts in them together."""

from typing import Any

import pytest
from oscar.test.factories import ProductFactory
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, Operation, Segment
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.services import bulk_changes
from oscar_crm.test.factories import ContactFactory, SegmentFactory, TagFactory, make_order
from tests.browser.conftest import Visit
from tests.browser.presses import look_around, press, says

CONTACTS = "/dashboard/crm/contacts/"
SEGMENTS = "/dashboard/crm/segments/"


@pytest.fixture
def lamp(germany: Any) -> Any:
    """A lamp, bought by Ada and not by Bob."""
    lamp = ProductFactory(title="Reading lamp", upc="L-1", stockrecords=None)
    order = make_order("ada@example.com")
    order.lines.create(
        product=lamp,
        title="Reading lamp",
        partner_sku="L-1",
        line_price_incl_tax=120,
        line_price_excl_tax=120,
        line_price_before_discounts_incl_tax=120,
        line_price_before_discounts_excl_tax=120,
        num_allocated=0,
    )
    ContactFactory(first_name="Bob")
    return lamp


def choose(page: Page, label: str, typed: str, option: str) -> None:
    """Look something up in a Select2 box of the filters."""
    page.get_by_label(label).locator("xpath=following-sibling::span").first.click()
    page.locator(".select2-search__field").last.fill(typed)
    page.locator(".select2-results__option", has_text=option).click()


def test_a_segment_on_shop_behaviour_is_made_and_tagged_and_the_tag_undone(
    desk: Page, lamp: Any
) -> None:
    tag = TagFactory(name="Lamp lovers")
    desk.goto(CONTACTS)
    press(desk, "Filters and sorting")
    choose(desk, "Bought product", "read", "Reading lamp (L-1)")
    press(desk, "Apply")
    expect(desk.locator("td:first-child a")).to_have_text(["Ada Byron"])
    press(desk, "Save as segment")
    press(desk, "Cancel")
    desk.go_back()
    desk.fill("#id_name", "Who bought the lamp")
    desk.check("#id_is_shared")
    press(desk, "Save")
    says(desk, "The segment “Who bought the lamp” is saved.")
    says(desk, "Bought product: Reading lamp (L-1)")
    desk.click("td:first-child a")
    expect(desk.locator("td:first-child a")).to_have_text(["Ada Byron"])
    desk.check("input[name=all]")
    desk.select_option("#id_what", value=f"tag:{tag.pk}")
    press(desk, "Continue")
    says(desk, "1 contact will be changed.")
    press(desk, "Change them")
    says(desk, "1 contact changed.")
    says(desk, "Segment “Who bought the lamp”")
    assert Contact.objects.get(tags=tag).first_name == "Ada"
    desk.click("text=Look at it, or undo it")
    desk.click("text=Undo >> nth=0")
    desk.click(".content form button[type=submit]")
    says(desk, "Undone: 1 row is as it was.")
    assert not tag.contacts.exists()


def test_a_chip_leaves_the_segment(desk: Page, transactional_db: None) -> None:
    segment = SegmentFactory(name="Germans")
    ContactFactory(country="DE")
    ContactFactory()
    desk.goto(f"{CONTACTS}?segment={segment.pk}")
    expect(desk.locator("caption")).to_contain_text("1 contact")
    press(desk, "Segment: Germans (remove this filter)")
    expect(desk.locator("caption")).to_contain_text("2 contacts")


def test_a_segment_is_changed_copied_counted_and_deleted(
    desk: Page, manager: Any, germany: Any
) -> None:
    ContactFactory(country="DE", kind="partner")
    SegmentFactory(name="Germans", owner=manager)
    desk.goto(SEGMENTS)
    says(desk, "not counted yet")
    press(desk, "Count now “Germans”")
    says(desk, "“Germans” is counted.")
    press(desk, "Edit “Germans”")
    desk.fill("#id_name", "German partners")
    desk.select_option("#id_kind", "partner")
    press(desk, "Save")
    says(desk, "Kind: Partner")
    press(desk, "Copy “German partners”")
    press(desk, "Cancel")
    press(desk, "Delete “German partners (copy)”")
    press(desk, "Cancel")
    press(desk, "Delete “German partners (copy)”")
    press(desk, "Delete")
    says(desk, "is deleted. Its contacts stay.")
    assert Segment.objects.get().filter["conditions"] == {"country": "DE", "kind": "partner"}


def test_a_new_segment_is_begun_from_their_list(desk: Page, transactional_db: None) -> None:
    desk.goto(SEGMENTS)
    press(desk, "Go to the contacts")
    desk.goto(SEGMENTS)
    press(desk, "New segment")
    desk.fill("#id_name", "Sleepers")
    press(desk, "Save")
    says(desk, "Set at least one filter")
    desk.fill("#id_idle_days", "90")
    press(desk, "Save")
    says(desk, "No order for 90 days")


def test_pages_of_segments_are_walked_to_both_ends(
    desk: Page, settings: Any, transactional_db: None
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for letter in "ABCDE":
        SegmentFactory(name=f"Segment {letter}")
    desk.goto(SEGMENTS)
    for label, first in [("Next", "C"), ("Last", "D"), ("Previous", "B"), ("First", "A")]:
        press(desk, label)
        expect(desk.locator("tbody tr").first).to_contain_text(f"Segment {first}")


def test_a_page_is_ticked_at_once(desk: Page, transactional_db: None) -> None:
    for _ in range(3):
        ContactFactory()
    desk.goto(CONTACTS)
    desk.get_by_label("All on this page").check()
    expect(desk.locator("[role=status][data-tick-count]")).to_have_text("3 ticked")
    desk.locator("tbody .crm-tick").first.uncheck()
    desk.select_option("#id_what", "archive")
    press(desk, "Continue")
    says(desk, "2 contacts will be changed.")
    press(desk, "Cancel")
    expect(desk.locator("tbody tr")).to_have_count(3)


def test_contacts_are_ticked_and_archived_without_javascript(visit: Visit, manager: Any) -> None:
    people = [ContactFactory() for _ in range(3)]
    page = visit(manager, javascript=False)
    page.goto(CONTACTS)
    page.check(f"input[name=ids][value='{people[0].pk}']")
    page.select_option("#id_what", "archive")
    page.click("#crm-bulk button")
    page.click("text=Change them")
    expect(page.locator("tbody tr")).to_have_count(2)


def test_a_product_is_typed_without_javascript(visit: Visit, manager: Any, lamp: Any) -> None:
    page = visit(manager, javascript=False)
    page.goto(CONTACTS)
    page.click("summary")
    page.fill("input[name=bought_text]", "L-1")
    page.click("text=Apply")
    expect(page.locator("td:first-child a")).to_have_text(["Ada Byron"])
    press(page, "Bought product: Reading lamp (L-1) (remove this filter)")
    expect(page.locator("td:first-child a")).to_have_count(2)


def test_a_long_change_pauses_goes_on_and_ends(desk: Page, manager: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    monkeypatch.setattr("oscar_crm.dashboard.bulk.views.STEP_SIZE", 1)
    for _ in range(4):
        ContactFactory()
    opened = bulk_changes.start(
        bulk_changes.BulkAction("archive"),
        bulk_changes.Target(filter=ContactFilter()),
        by=manager,
        summary="Archive",
    )
    desk.goto(f"{CONTACTS}bulk/{opened.pk}/")
    says(desk, "This change is not finished.")
    press(desk, "Continue")
    says(desk, "4 contacts changed.")
    look_around(desk)
    press(desk, "Look at it, or undo it")
    desk.go_back()
    press(desk, "See the contacts")
    assert Operation.objects.get().finished_at is not None
