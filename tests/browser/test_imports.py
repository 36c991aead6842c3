"""Importing a file, from a bad one to the undo; and exporting a list."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, Import
from oscar_crm.services import imports
from oscar_crm.services.imports import store
from oscar_crm.test.factories import AccountFactory, ContactFactory, ImportFactory
from tests.browser.conftest import Visit
from tests.browser.lived_in_imports import ROWS
from tests.browser.presses import press, says

URL = "/dashboard/crm/imports/"
HEADERS = "First name,Last name,E-mail,City"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def write(file: Path, *lines: str) -> Path:
    file.write_text("\n".join((HEADERS, *lines)), encoding="utf-8")
    return file


def upload(page: Page, file: Path) -> None:
    page.set_input_files("#id_file", file)
    press(page, "Upload")


def test_a_bad_file_is_mended_imported_looked_at_and_taken_back(
    desk: Page, transactional_db: None, file: Path, tmp_path: Path
) -> None:
    ContactFactory(first_name="Ada", last_name="Byron", city="Ulm", emails=["ada@example.com"])
    desk.goto(URL)
    press(desk, "Import a file")
    upload(desk, write(file, 'Ada,"Byron,ada@example.com,Köln'))
    says(desk, "a quotation mark is opened and never closed")

    bad_row = "Ben,Abel,no address,Bonn"
    upload(desk, write(file, "Ada,Byron,ada@example.com,Köln", bad_row, "Cleo,Lorenz,c@x.de,Ulm"))
    says(desk, "What is in the columns?")
    press(desk, "See what will happen")
    says(desk, "This is what will happen")
    says(desk, "E-mail (C): “no address” is not an e-mail address.")
    expect(desk.locator("del")).to_have_text("Ulm")
    press(desk, "1 will be changed")
    press(desk, "Back to the import")
    assert Contact.objects.count() == 1

    with desk.expect_download() as download:
        press(desk, "Download the rows to mend")
    mended = tmp_path / "mended.csv"
    download.value.save_as(mended)
    mended.write_text(
        mended.read_text(encoding="utf-8-sig").replace("Abel,no address", "Abel,b@x.de"), "utf-8"
    )

    press(desk, "Import 2 rows")
    says(desk, "Imported")
    press(desk, "See the contacts")
    says(desk, "Cleo Lorenz")

    desk.goto(f"{URL}create/")
    upload(desk, mended)
    press(desk, "See what will happen")
    says(desk, "This is what will happen")
    press(desk, "Import 1 row")
    says(desk, "Imported")
    assert Contact.objects.count() == 3

    desk.goto(URL)
    expect(desk.locator("tbody tr")).to_have_count(2)
    desk.click("text=people.csv")
    press(desk, "Take it all back")
    says(desk, "Take this import back?")
    press(desk, "Take it back")
    says(desk, "2 changes were taken back.")
    assert Contact.objects.count() == 2
    assert Contact.objects.get(emails__address="ada@example.com").city == "Ulm"


@pytest.fixture
def slow_import(manager: Any, monkeypatch: pytest.MonkeyPatch) -> Import:
    """An import of 20 blocks, each request doing one, that is about to be checked."""
    monkeypatch.setattr(store, "BLOCK_ROWS", 1)
    monkeypatch.setattr("oscar_crm.dashboard.imports.progress.BLOCK_ROWS", 1)
    monkeypatch.setattr("oscar_crm.dashboard.imports.background.SECONDS", 0)
    rows = [("First name", "E-mail"), *((f"A{n}", f"a{n}@example.com") for n in range(20))]
    made = ImportFactory(actor=manager, rows=rows)
    imports.set_columns(made, made.columns, imports.Options())
    imports.pause_import(made)
    return made


def test_an_import_is_paused_gone_on_with_and_cancelled(desk: Page, slow_import: Import) -> None:
    desk.goto(slow_import.get_absolute_url())
    press(desk, "Continue")
    expect(desk.locator(".crm-sync-text")).to_contain_text("of 20 rows checked")
    press(desk, "Pause")
    says(desk, "Paused. Press Continue to go on.")
    press(desk, "Continue")
    says(desk, "This is what will happen")
    slow_import.refresh_from_db()
    imports.pause_import(imports.start_import(slow_import))
    desk.reload()
    press(desk, "Cancel the import")
    says(desk, "Cancelled")


def test_without_javascript_each_press_does_a_step(
    visit: Visit, manager: Any, slow_import: Import
) -> None:
    page = visit(manager, javascript=False)
    page.goto(slow_import.get_absolute_url())
    press(page, "Continue")
    says(page, "1 of 20 rows checked.")
    press(page, "Continue")
    says(page, "2 of 20 rows checked.")


def test_the_ways_back_and_aside(desk: Page, manager: Any, settings: Any, file: Path) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    made = ImportFactory(actor=manager, rows=ROWS)
    for _ in range(4):
        ImportFactory(actor=manager)
    desk.goto(URL)
    for label in ("Next", "Last", "Previous", "First"):
        press(desk, label)
    press(desk, "Import a file")
    press(desk, "Cancel")
    desk.goto(made.get_absolute_url())
    press(desk, "Match the columns")
    press(desk, "Choose another file")
    desk.goto(f"{made.get_absolute_url()}columns/")
    press(desk, "IDs, phone numbers, days and numbers")
    press(desk, "See what will happen")
    says(desk, "This is what will happen")
    press(desk, "Change the columns")
    press(desk, "See what will happen")
    says(desk, "This is what will happen")
    press(desk, "26 cannot be imported")
    for label in ("Next", "Last", "Previous", "First"):
        press(desk, label)
    press(desk, "Back to the import")
    press(desk, "Cancel the import")
    says(desk, "Cancelled")


def test_an_import_that_was_thought_better_of_is_not_taken_back_and_its_file_is_erased(
    desk: Page, manager: Any
) -> None:
    ContactFactory(emails=["ada@example.com"])
    made = ImportFactory(actor=manager, rows=ROWS)
    imports.set_columns(made, made.columns, imports.Options())
    imports.run(imports.start_import(imports.run(made)))
    made.refresh_from_db()
    imports.run(made)
    desk.goto(made.get_absolute_url())
    press(desk, "Take it all back")
    press(desk, "1 changed")
    desk.goto(made.get_absolute_url())
    press(desk, "1 changed")
    desk.goto(made.get_absolute_url())
    press(desk, "26 cannot be imported")
    desk.goto(made.get_absolute_url())
    press(desk, "Take it all back")
    press(desk, "26 cannot be imported")
    desk.goto(f"{made.get_absolute_url()}undo/")
    press(desk, "Cancel")
    with desk.expect_download():
        press(desk, "Download the rows to mend")
    press(desk, "Erase the file's rows now")
    says(desk, "The rows of the file are erased.")
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("label", ["Download CSV", "Download XLSX"])
@pytest.mark.parametrize("area", ["contacts", "accounts"])
def test_a_list_is_exported_as_it_is_filtered(
    desk: Page, transactional_db: None, label: str, area: str
) -> None:
    make = {"contacts": ContactFactory, "accounts": AccountFactory}[area]
    name = {"contacts": "last_name", "accounts": "name"}[area]
    for word in ("Partner", "Customer"):
        make(**{name: word})
    desk.goto(f"/dashboard/crm/{area}/?q=partner")
    press(desk, "Export")
    says(desk, "1 records")
    with desk.expect_download() as download:
        press(desk, label)
    assert download.value.suggested_filename.startswith(f"{area}-")
    press(desk, "Back to the list")
    says(desk, "Partner")
