"""``crm_import`` and ``crm_export``: the same services from the command line."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from oscar_crm.models import Contact, Import
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.stored_filters import to_json
from oscar_crm.services import imports
from oscar_crm.services.imports import store
from oscar_crm.test.factories import ContactFactory, ImportFactory, SegmentFactory, make_staff

from .conftest import RIGHTS

pytestmark = pytest.mark.django_db
ROWS = "First name,E-mail,Shoe size\nAda,ada@example.com,42\nBen,wrong,43\n"


@pytest.fixture
def mara(db: None) -> Any:
    return make_staff(*RIGHTS, "view_all_contacts", "export_contacts", email="mara@example.com")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def crm_import(capsys: Any) -> Any:
    def run(*args: Any, **options: Any) -> str:
        call_command("crm_import", *args, verbosity=0, **options)
        return " ".join(capsys.readouterr().out.split())

    return run


def test_a_file_is_imported_in_somebodys_name(crm_import, file, mara):
    said = crm_import(file, user="mara@example.com", tag=["Fair"])

    ada = Contact.objects.get()
    assert [tag.name for tag in ada.tags.all()] == ["Fair"]
    assert Import.objects.get().actor == mara
    assert "1 added 1 cannot be imported" in said


def test_a_dry_run_tells_and_writes_nothing(crm_import, file, mara):
    said = crm_import(file, user="mara@example.com", dry_run=True)

    assert "Nothing was written." in said
    assert not Contact.objects.exists()
    assert Import.objects.get().state == "cancelled"


def test_refused_rows_are_written_to_a_file(crm_import, file, mara, tmp_path):
    crm_import(file, user="mara@example.com", rejected=tmp_path / "bad.csv")

    lines = (tmp_path / "bad.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1].startswith("3,")
    assert lines[1].endswith("Ben,wrong,43")


def test_a_column_can_be_said(crm_import, file, mara):
    crm_import(file, user="mara@example.com", column=["Shoe size=job_title", "First name="])

    ada = Contact.objects.get()
    assert (ada.first_name, ada.job_title) == ("", "42")


def test_an_import_that_was_cut_off_is_gone_on_with(crm_import, mara, monkeypatch):
    monkeypatch.setattr(store, "BLOCK_ROWS", 1)
    made = ImportFactory(actor=mara)
    imports.set_columns(made, made.columns, imports.Options())
    imports.start_import(imports.run(made))
    imports.step(made)
    imports.pause_import(made)

    crm_import(resume=made.pk)

    assert Contact.objects.count() == 2


def test_an_import_is_taken_back(crm_import, file, mara):
    crm_import(file, user="mara@example.com")

    said = crm_import(undo=Import.objects.get().pk, user="mara@example.com")

    assert "1 changes taken back" in said
    assert not Contact.objects.exists()


def test_old_files_are_erased(crm_import, mara):
    ImportFactory(actor=mara)
    Import.objects.update(created_at="2020-01-01T00:00:00Z")

    assert crm_import(erase_old=True) == "1 files erased."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"user": "nobody@example.com"}, "No member of staff is called"),
        ({}, "in whose name"),
        ({"user": "mara@example.com", "column": ["X=city"]}, "has no column 'X'"),
        ({"user": "mara@example.com", "column": ["E-mail=x"]}, "There is no field “x”"),
        ({"user": "mara@example.com", "match": "external_id"}, "external ID"),
        ({"user": "mara@example.com", "encoding": "klingon"}, "is not known"),
    ],
)
def test_a_wrong_option_is_told(crm_import, file, mara, options, message):
    with pytest.raises(CommandError, match=message):
        crm_import(file, **options)


def test_a_file_that_is_not_there_is_told(crm_import, tmp_path, mara):
    with pytest.raises(CommandError, match="cannot be read"):
        crm_import(tmp_path / "none.csv", user="mara@example.com")


def test_who_may_not_add_contacts_imports_none(crm_import, file, db):
    make_staff("view_import", "add_import", email="weak@example.com")

    with pytest.raises(CommandError, match="must be allowed"):
        crm_import(file, user="weak@example.com")

    assert not Contact.objects.exists()


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_contacts_are_exported_and_come_back(crm_import, mara, tmp_path, suffix):
    ContactFactory(first_name="Ada", emails=["ada@example.com"])
    path = tmp_path / f"out.{suffix}"

    call_command("crm_export", path, user="mara@example.com")
    Contact.objects.all().delete()
    crm_import(path, user="mara@example.com")

    assert Contact.objects.get().primary_email == "ada@example.com"


@pytest.mark.parametrize(
    ("name", "user", "message"),
    [
        ("x.txt", "mara@example.com", "must end in"),
        ("x.csv", "weak@example.com", "may not export"),
    ],
)
def test_an_export_that_cannot_be_is_refused(mara, tmp_path, name, user, message):
    make_staff("view_contact", email="weak@example.com")

    with pytest.raises(CommandError, match=message):
        call_command("crm_export", tmp_path / name, user=user)

    assert not (tmp_path / name).exists()


def test_a_segment_is_exported(mara, tmp_path):
    ContactFactory(last_name="Partner", kind="partner")
    ContactFactory(last_name="Customer", kind="customer")
    segment = SegmentFactory(filter=to_json(ContactFilter(kind="partner")), owner=mara)
    mara.user_permissions.add(*Permission.objects.filter(codename="view_segment"))

    call_command(
        "crm_export",
        tmp_path / "x.csv",
        user="mara@example.com",
        segment=str(segment.pk),
        column=["last_name"],
    )

    assert (tmp_path / "x.csv").read_text("utf-8-sig").splitlines() == ["Last name", "Partner"]


def test_a_segment_one_may_not_see_is_not_exported(mara, tmp_path):
    segment = SegmentFactory(owner=make_staff(), is_shared=False)

    with pytest.raises(CommandError, match="sees no segment"):
        call_command(
            "crm_export", tmp_path / "x.csv", user="mara@example.com", segment=str(segment.pk)
        )
