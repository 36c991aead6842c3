"""Consent, export and erasure, closed accounts, untouched contacts, purposes and certificates."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.utils import timezone
from oscar.test.factories import UserFactory
from playwright.sync_api import Page, expect

from oscar_crm.models import Consent, ConsentPurpose, Contact, Erasure
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import (
    ClosedAccountFactory,
    ConsentFactory,
    ConsentPurposeFactory,
    ContactFactory,
    ErasureFactory,
    make_order,
)
from tests.browser.conftest import Visit
from tests.browser.presses import press, says

PRIVACY = "/dashboard/crm/privacy/"


@pytest.fixture
def ada(transactional_db: None, germany: Any) -> Contact:
    """A customer with an account and two orders."""
    user = UserFactory(email="ada@example.com", first_name="Ada", last_name="Byron")
    for _number in range(2):
        contact: Contact = sync_order(make_order("", user=user)).contact
    return contact


def test_somebody_is_erased_after_a_preview(desk: Page, ada: Contact) -> None:
    desk.goto(ada.get_absolute_url())
    says(desk, "ada@example.com")
    press(desk, "Privacy")
    press(desk, "Erase personal data…")
    expect(desk.locator("#goes")).to_contain_text("E-mail addresses")
    expect(desk.locator("#stays")).to_contain_text("the law wants orders kept")
    press(desk, "Cancel")
    press(desk, "Privacy")
    press(desk, "Erase personal data…")
    desk.check("#id_blank_shop_orders")
    desk.check("#id_delete_shop_users")
    desk.fill("#id_reason", "Asked by letter")
    press(desk, "Erase for good")
    expect(desk.locator(".error-block")).to_be_visible()  # the word is missing
    assert Contact.objects.get().erased_at is None
    desk.fill("#id_confirmation", "ERASE")
    press(desk, "Erase for good")
    says(desk, "Certificate of erasure")
    says(desk, "Asked by letter")
    says(desk, str(Erasure.objects.get().reference))
    expect(desk.locator(".content")).not_to_contain_text("ada@example.com")
    desk.click(f"text=Erased contact {ada.pk}")
    says(desk, "belongs to nobody")
    expect(desk.locator(".content")).not_to_contain_text("Byron")
    ada.refresh_from_db()
    assert (ada.orders_count, ada.lifetime_value) == (2, 240)


def test_consent_is_given_and_withdrawn(desk: Page, transactional_db: None) -> None:
    contact, purpose = ContactFactory(), ConsentPurposeFactory(name="Newsletter")
    retired = ConsentFactory(contact=contact).text.purpose
    desk.goto(contact.get_absolute_url())
    press(desk, "Record consent: Newsletter")
    press(desk, "Cancel")
    press(desk, "Record consent: Newsletter")
    desk.select_option("#id_source", "paper")
    desk.fill("#id_note", "Folder 12")
    press(desk, "Record")
    says(desk, "Recorded: consent given to “Newsletter”.")
    press(desk, "Record withdrawal: Newsletter")
    expect(desk.locator("input[name=what][value=withdrawn]")).to_be_checked()
    press(desk, "Record")
    says(desk, "Recorded: consent to “Newsletter” withdrawn.")
    press(desk, "History: Newsletter")
    expect(desk.locator("#consent")).to_contain_text("Folder 12")
    given = Consent.objects.filter(text__purpose=purpose).order_by("pk")
    assert list(given.values_list("is_given", flat=True)) == [True, False]
    assert Consent.objects.filter(text__purpose=retired).count() == 1


def test_a_time_to_come_is_refused(desk: Page, transactional_db: None) -> None:
    contact = ContactFactory()
    ConsentPurposeFactory()
    desk.goto(f"{contact.get_absolute_url()}consents/")
    desk.check("input[name=what][value=given]")
    tomorrow = timezone.localtime() + timedelta(days=1)
    desk.fill("#id_at", f"{tomorrow:%Y-%m-%dT%H:%M}")
    press(desk, "Record")
    says(desk, "This is in the future.")
    assert not Consent.objects.exists()


def test_the_export_downloads_a_zip(desk: Page, ada: Contact, tmp_path: Path) -> None:
    desk.goto(ada.get_absolute_url())
    press(desk, "Privacy")
    with desk.expect_download() as download:
        press(desk, "Export all data (ZIP)")
    assert download.value.suggested_filename.startswith(f"contact-{ada.pk}-")
    download.value.save_as(tmp_path / "data.zip")
    with ZipFile(tmp_path / "data.zip") as archive:
        data = json.loads(archive.read(f"contact-{ada.pk}/personal-data.json"))
    assert len(data["records"][0]["OrderLink"]) == 2


def test_the_menu_works_without_javascript(visit: Visit, manager: Any, ada: Contact) -> None:
    page = visit(manager, javascript=False)
    page.goto(ada.get_absolute_url())
    page.click(".crm-menu > summary")
    page.click("text=Erase personal data…")
    expect(page.locator("h1")).to_contain_text("Erase the personal data of Ada Byron?")


def test_closed_accounts_are_kept_or_erased(desk: Page, transactional_db: None) -> None:
    kept, erased = (
        ClosedAccountFactory(contact__first_name=name, contact__last_name="Closed")
        for name in ("Kim", "Eve")
    )
    desk.goto(f"{PRIVACY}closed-accounts/")
    press(desk, "Keep Kim Closed")
    says(desk, "Kim Closed stays, although the shop account is closed.")
    press(desk, "Erase… Eve Closed")
    desk.fill("#id_confirmation", "erase")
    press(desk, "Erase for good")
    says(desk, "Certificate of erasure")
    desk.goto(f"{PRIVACY}closed-accounts/")
    says(desk, "No closed accounts to decide about")
    kept.refresh_from_db()
    assert kept.kept_at is not None
    assert Erasure.objects.get().contact == erased.contact


def test_untouched_contacts_are_chosen_and_erased_together(
    desk: Page, transactional_db: None
) -> None:
    then = timezone.now() - timedelta(days=1000)
    for name in ("Kim", "Eve", "Pat"):
        ContactFactory(first_name=name, last_name="Quiet")
    Contact.objects.update(created_at=then, updated_at=then)
    desk.goto(f"{PRIVACY}closed-accounts/")
    press(desk, "Untouched contacts")
    says(desk, "No time is set")
    desk.fill("#id_months", "24")
    press(desk, "Show")
    press(desk, "Erase the chosen ones…")
    says(desk, "Choose at least one contact")
    desk.fill("#id_months", "24")
    press(desk, "Show")
    for name in ("Kim", "Eve"):
        desk.get_by_label(f"Choose {name} Quiet").check()
    press(desk, "Erase the chosen ones…")
    says(desk, "Erase the personal data of 2 contacts?")
    press(desk, "Cancel")
    desk.go_back()
    desk.fill("#id_confirmation", "ERASE")
    press(desk, "Erase for good")
    says(desk, "The personal data of 2 contacts is erased.")
    assert Contact.objects.get(erased_at=None).first_name == "Pat"
    desk.goto(f"{PRIVACY}untouched/?months=24")
    press(desk, "Erase… Pat Quiet")
    says(desk, "Erase the personal data of Pat Quiet?")


def test_purposes_are_kept(desk: Page, transactional_db: None) -> None:
    desk.goto(f"{PRIVACY}purposes/")
    press(desk, "New purpose")
    press(desk, "Cancel")
    press(desk, "New purpose")
    press(desk, "Save")
    expect(desk.locator(".error-block").first).to_be_visible()
    desk.fill("#id_name", "Newsletter")
    desk.fill("#id_text", "May we write to you?")
    press(desk, "Save")
    says(desk, "“Newsletter” is saved.")
    press(desk, "Edit: Newsletter")
    press(desk, "Cancel")
    press(desk, "Edit: Newsletter")
    desk.fill("#id_text", "May we write to you each week?")
    press(desk, "Save")
    says(desk, "version 2")
    press(desk, "Delete: Newsletter")
    press(desk, "Cancel")
    press(desk, "Delete: Newsletter")
    press(desk, "Delete")
    says(desk, "No purposes yet")
    assert not ConsentPurpose.objects.exists()


@pytest.mark.parametrize(
    "label",
    ["Closed shop accounts", "Untouched contacts", "Certificates", "Purposes of consent"],
)
def test_the_tabs_lead_to_each_other(desk: Page, transactional_db: None, label: str) -> None:
    for page in ("closed-accounts", "untouched", "certificates", "purposes"):
        desk.goto(f"{PRIVACY}{page}/")
        press(desk, label)
        expect(desk.locator(".nav-tabs .active")).to_have_text(label)


def test_the_lists_have_pages(desk: Page, transactional_db: None, settings: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 5
    settings.OSCAR_CRM_RETENTION_MONTHS = 12
    then = timezone.now() - timedelta(days=1000)
    for _number in range(12):
        ClosedAccountFactory()
        ErasureFactory(contact=None)
    Contact.objects.update(created_at=then, updated_at=then)
    for page in ("closed-accounts", "untouched", "certificates"):
        desk.goto(f"{PRIVACY}{page}/")
        for label in ("Next", "Previous", "Last", "First"):
            press(desk, label)
        expect(desk.locator("tbody tr")).to_have_count(5)
