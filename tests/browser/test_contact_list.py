"""The contact list: searching, filtering, sorting, paging."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact
from oscar_crm.test.factories import ContactFactory, TagFactory, make_order
from tests.browser.presses import lists, press, says

URL = "/dashboard/crm/contacts/"
REMOVE = "(remove this filter)"


@pytest.fixture
def people(manager: Any) -> dict[str, Contact]:
    """Three contacts that differ in everything one can filter and sort by."""
    now = timezone.now()
    return {
        "Ada Byron": ContactFactory(
            first_name="Ada",
            last_name="Byron",
            kind="customer",
            company_name="Engines Ltd",
            phone="+44 20 1234",
            owner=manager,
            tags=[TagFactory(name="VIP")],
            lifetime_value=Decimal("500.00"),
            orders_count=5,
            last_order_at=now - timedelta(days=1),
        ),
        "Bob Stone": ContactFactory(
            first_name="Bob",
            last_name="Stone",
            kind="partner",
            lifetime_value=Decimal("20.00"),
            orders_count=9,
            unvalued_orders=1,
            last_order_at=now - timedelta(days=100),
            created_at=now - timedelta(days=100),
        ),
        "Cleo Nile": ContactFactory(
            first_name="Cleo",
            last_name="Nile",
            kind="lead",
            created_at=now - timedelta(days=10),
        ),
    }


@pytest.mark.parametrize("words", ["byron", "+44 20 1234", "engines", "contact@ada.example"])
def test_a_search_finds_by_name_phone_company_and_email(
    desk: Page, people: dict[str, Contact], words: str
) -> None:
    if "@" in words:
        ContactFactory(first_name="Ada", last_name="Byron", emails=[words])
    desk.goto(URL)
    desk.fill("#id_q", words)
    press(desk, "Search")
    lists(desk, "Ada Byron")
    press(desk, f"Search: {words} {REMOVE}")
    expect(desk.locator("caption")).to_contain_text("4 contacts" if "@" in words else "3 contacts")


def test_a_search_for_an_order_number_finds_its_contact(desk: Page, germany: Any) -> None:
    make_order("grace@navy.example", number="A-4711")
    ContactFactory()
    desk.goto(URL)
    desk.fill("#id_q", "A-4711")
    press(desk, "Search")
    lists(desk, "Ada Byron")


def test_each_tab_shows_its_kind(desk: Page, people: dict[str, Contact]) -> None:
    desk.goto(URL)
    for tab, names in {
        "Prospects": ["Cleo Nile"],
        "Customers": ["Ada Byron"],
        "Partners": ["Bob Stone"],
        "All": ["Ada Byron", "Bob Stone", "Cleo Nile"],
    }.items():
        press(desk, tab)
        lists(desk, *names)
    press(desk, "Vendors")
    says(desk, "No contact matches")
    press(desk, "Clear all filters")
    lists(desk, "Ada Byron", "Bob Stone", "Cleo Nile")


def test_a_tab_can_be_left_by_its_chip(desk: Page, people: dict[str, Contact]) -> None:
    desk.goto(URL)
    press(desk, "Partners")
    press(desk, f"Kind: Partner {REMOVE}")
    lists(desk, "Ada Byron", "Bob Stone", "Cleo Nile")


FILTERS = [
    ("tag", "VIP", ["Ada Byron"], "Tag: VIP"),
    ("owner", "Me", ["Ada Byron"], "Owner: Me"),
    ("owner", "Nobody", ["Bob Stone", "Cleo Nile"], "Owner: Nobody"),
    ("owner", "Mara Boss", ["Ada Byron"], "Owner: Mara Boss"),
    ("value_min", "100", ["Ada Byron"], "Lifetime value from: 100"),
    ("value_max", "100.50", ["Bob Stone", "Cleo Nile"], "Lifetime value to: 100.50"),
    ("ordered_from", 50, ["Ada Byron"], "Last order from: "),
    ("ordered_to", 50, ["Bob Stone"], "Last order to: "),
    ("created_from", 50, ["Ada Byron", "Cleo Nile"], "Created from: "),
    ("created_to", 50, ["Bob Stone"], "Created to: "),
    ("with_orders", True, ["Ada Byron", "Bob Stone"], "Only with orders"),
    ("unvalued", True, ["Bob Stone"], "Only with orders that lack a rate"),
]


def choose(page: Page, field: str, value: Any) -> None:
    """Fill a field of the filter panel; a number is a day that long ago."""
    box = page.locator(f"#id_{field}")
    if value is True:
        box.check()
    elif isinstance(value, int):
        box.fill((timezone.localdate() - timedelta(days=value)).isoformat())
    elif box.evaluate("box => box.tagName") == "SELECT":
        box.select_option(label=value)
    else:
        box.fill(value)


def test_each_filter_narrows_the_list_and_its_chip_takes_it_back(
    desk: Page, people: dict[str, Contact]
) -> None:
    desk.goto(URL)
    for field, value, names, label in FILTERS:
        press(desk, "Filters and sorting")
        choose(desk, field, value)
        press(desk, "Apply")
        lists(desk, *names)
        chip = desk.locator(".crm-chip")
        expect(chip).to_have_count(1)
        text = " ".join(chip.inner_text().replace("×", " ").split())
        assert text.startswith(label), text
        press(desk, text)
        lists(desk, "Ada Byron", "Bob Stone", "Cleo Nile")


def test_filters_add_up_and_are_cleared_together(desk: Page, people: dict[str, Contact]) -> None:
    Contact.objects.filter(pk=people["Cleo Nile"].pk).update(archived_at=timezone.now())
    desk.goto(URL)
    press(desk, "Filters and sorting")
    choose(desk, "archived", True)
    choose(desk, "owner", "Nobody")
    press(desk, "Apply")
    lists(desk, "Cleo Nile")
    expect(desk.locator(".crm-chip")).to_have_count(2)
    press(desk, "Clear all")
    lists(desk, "Ada Byron", "Bob Stone")
    desk.goto(f"{URL}?archived=on")
    press(desk, f"Archived contacts {REMOVE}")
    lists(desk, "Ada Byron", "Bob Stone")


def test_a_wrong_filter_is_explained_and_filters_nothing(
    desk: Page, people: dict[str, Contact]
) -> None:
    desk.goto(URL)
    press(desk, "Filters and sorting")
    choose(desk, "value_min", "plenty")
    choose(desk, "created_from", 1)
    choose(desk, "created_to", 5)
    press(desk, "Apply")
    says(desk, "Enter a number.")
    says(desk, "This day must not be before the first one.")
    expect(desk.locator("#id_value_min")).to_have_value("plenty")
    lists(desk, "Ada Byron")  # created today; "to" is left out


def test_each_column_head_sorts_both_ways(desk: Page, people: dict[str, Contact]) -> None:
    desk.goto(URL)
    ada, bob, cleo = people
    for head, first, direction in [
        ("Name", [ada, cleo, bob], "ascending"),  # by last name
        ("Orders", [bob, ada, cleo], "descending"),
        ("Lifetime value", [ada, bob, cleo], "descending"),
        ("Created", [ada, cleo, bob], "descending"),
        ("Last order", [ada, bob, cleo], "descending"),
    ]:
        press(desk, head)
        lists(desk, *first)
        expect(desk.locator(f"th[aria-sort={direction}]")).to_have_text(head)
        press(desk, head)
        other_way = {"ascending", "descending"} - {direction}
        expect(desk.locator(f"th[aria-sort={other_way.pop()}]")).to_have_text(head)
        expect(desk.locator("td:first-child a").first).not_to_have_text(first[0])


def test_the_sort_box_sorts_as_the_heads_do(desk: Page, people: dict[str, Contact]) -> None:
    desk.goto(URL)
    press(desk, "Filters and sorting")
    desk.select_option("#id_sort", label="Orders, most first")
    press(desk, "Apply")
    lists(desk, "Bob Stone", "Ada Byron", "Cleo Nile")


def test_the_pager_walks_to_both_ends_and_keeps_the_filter(
    desk: Page, settings: Any, transactional_db: None
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for letter in "ABCDE":
        ContactFactory(first_name=letter, last_name="Page", kind="vendor")
    ContactFactory(first_name="Z", last_name="Page")
    desk.goto(f"{URL}?kind=vendor&sort=name")
    lists(desk, "A Page", "B Page")
    for label, names in [
        ("Next", ["C Page", "D Page"]),
        ("Last", ["D Page", "E Page"]),
        ("Previous", ["B Page", "C Page"]),
        ("First", ["A Page", "B Page"]),
    ]:
        press(desk, label)
        lists(desk, *names)
    assert "kind=vendor" in desk.url


def test_an_empty_crm_offers_past_orders_and_a_first_contact(
    desk: Page, transactional_db: None
) -> None:
    desk.goto(URL)
    says(desk, "No contacts yet")
    press(desk, "Bring in past orders")
    expect(desk.locator("h1")).to_have_text("Bring in the shop's orders")
    desk.go_back()
    press(desk, "Create a contact")
    expect(desk.locator("h1")).to_have_text("New contact")


def test_new_contact_opens_the_form(desk: Page, people: dict[str, Contact]) -> None:
    desk.goto(URL)
    press(desk, "New contact")
    expect(desk.locator("h1")).to_have_text("New contact")
