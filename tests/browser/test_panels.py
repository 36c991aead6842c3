"""What the CRM adds to Oscar's own dashboard pages, and who sees which buttons."""

from typing import Any

import pytest
from django.urls import reverse
from oscar.test.factories import UserFactory
from playwright.sync_api import Page, expect

from oscar_crm.models import OrderLink
from oscar_crm.test.factories import ContactFactory, NoteFactory, TagFactory, make_order
from tests.browser.conftest import Visit
from tests.browser.presses import labels, press


@pytest.fixture
def order(germany: Any) -> Any:
    """An order of a customer with an account."""
    customer = UserFactory(email="ada@example.com", first_name="Ada", last_name="Byron")
    return make_order("", "120.00", user=customer, number="B-1")


def order_page(order: Any) -> str:
    return reverse("dashboard:order-detail", args=[order.number])


def test_the_customer_page_shows_value_and_leads_to_the_contact(desk: Page, order: Any) -> None:
    desk.goto(reverse("dashboard:user-detail", args=[order.user_id]))
    row = desk.locator("tr", has_text="Lifetime value")
    expect(row).to_contain_text("€120.00 from 1 order, net of cancellations and refunds")
    desk.click("tr:has-text('CRM contact') a")
    expect(desk.locator("h1")).to_have_text("Ada Byron")


def test_the_order_page_has_a_tab_that_leads_to_the_contact(desk: Page, order: Any) -> None:
    desk.goto(order_page(order))
    expect(desk.locator("#crm")).to_be_hidden()
    desk.click("a[href='#crm']")
    expect(desk.locator("#crm")).to_contain_text("€120.00")
    desk.click("#crm a:has-text('Ada Byron')")
    expect(desk.locator("h1")).to_have_text("Ada Byron")


def test_an_order_of_nobody_is_assigned_from_its_own_page(desk: Page, germany: Any) -> None:
    ContactFactory(first_name="Grace", last_name="Hopper", emails=["grace@example.com"])
    order = make_order("", number="W-1")
    desk.goto(order_page(order))
    desk.click("a[href='#crm']")
    press(desk, "Assign it to a contact")
    desk.fill("#id_email", "grace@example.com")
    press(desk, "Assign")
    expect(desk.locator("#messages")).to_contain_text("W-1 now belongs to Grace Hopper")
    assert OrderLink.objects.get().contact is not None


def test_the_home_page_leads_into_the_crm(desk: Page, order: Any) -> None:
    make_order("", number="W-1")
    for link, heading in {
        "1 contact": "Contacts",
        "1 order without a contact": "Orders in the CRM",
        "Open the CRM": "CRM overview",
    }.items():
        desk.goto("/dashboard/")
        desk.click(f".card a:has-text('{link}')")
        expect(desk.locator("h1")).to_have_text(heading)


def test_every_entry_of_the_navigation_opens_its_page(desk: Page, manager: Any) -> None:
    desk.goto("/dashboard/")
    for entry, heading in {
        "Overview": "CRM overview",
        "Contacts": "Contacts",
        "Orders": "Orders in the CRM",
        "Exchange rates": "Exchange rates",
    }.items():
        desk.click(".navbar-primary a.dropdown-toggle:has-text('CRM')")
        desk.click(f".dropdown-menu.show a:text-is('{entry}')")
        expect(desk.locator("h1")).to_have_text(heading)


def test_the_trail_of_a_page_leads_back(desk: Page, order: Any) -> None:
    desk.goto(f"{order.crm_link.contact.get_absolute_url()}edit/")
    for link, heading in [
        ("Ada Byron", "Ada Byron"),
        ("Contacts", "Contacts"),
        ("CRM", "CRM overview"),
        ("Dashboard", "Dashboard"),
    ]:
        desk.click(f".breadcrumb a:text-is('{link}')")
        expect(desk.locator("h1")).to_have_text(heading)


WRITING = {
    *("New contact", "Edit", "Archive", "Add", "Add note", "Remove the tag VIP"),
    *("Check all orders now", "Assign order W-1", "Enter a rate", "Enter a rate for USD"),
}


def all_labels(page: Page) -> set[str]:
    """What could be pressed on the pages of an order, of nobody, of a contact, and the lists."""
    found: set[str] = set()
    contact = OrderLink.objects.get(number="B-1").contact
    for address in ("", "contacts/", f"contacts/{contact.pk}/", "orders/", "rates/"):
        page.goto(f"/dashboard/crm/{address}")
        found.update(label for label in labels(page) if label)
    return found


def test_a_reader_sees_no_button_that_writes_and_a_manager_all(
    visit: Visit, manager: Any, reader: Any, order: Any
) -> None:
    make_order("", number="W-1")
    make_order("usd@example.com", currency="USD", number="U-1")
    contact = order.crm_link.contact
    contact.tags.add(TagFactory(name="VIP"))
    NoteFactory(contact=contact)

    assert all_labels(visit(manager)) >= WRITING

    page = visit(reader)
    assert all_labels(page) & WRITING == set()
    page.goto(contact.get_absolute_url())
    expect(page.locator(".content form")).to_have_count(0)
    expect(page.locator("a:has-text('this note')")).to_have_count(0)


def test_who_may_not_see_the_crm_finds_no_trace_of_it(
    visit: Visit, reader: Any, order: Any
) -> None:
    reader.groups.clear()
    page = visit(reader)
    user_page = reverse("dashboard:user-detail", args=[order.user_id])
    for address in ("/dashboard/", order_page(order), user_page):
        page.goto(address)
        expect(page.locator("body")).not_to_contain_text("CRM")
    answer = page.goto("/dashboard/crm/")
    assert answer is not None
    assert answer.status == 403
