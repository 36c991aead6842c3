"""What becomes of imported files when a person is erased, merged, or followed by the shop."""

import pytest

from oscar_crm.models import Contact, Import
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.services import imports
from oscar_crm.services.erasure import erase_contact
from oscar_crm.services.merge import merge_records
from oscar_crm.test.factories import ContactFactory

pytestmark = pytest.mark.django_db
ROWS = [
    ["First name", "Last name", "E-mail", "ID"],
    ["Ada", "Byron", "ada@example.com", "7"],
    ["Ben", "Abel", "ben@example.com", "8"],
]


def test_an_erasure_erases_the_files_the_person_came_from(bring_in, manager):
    made = bring_in(ROWS)
    other = bring_in([["E-mail"], ["other@example.com"]])
    ada = Contact.objects.get(first_name="Ada")

    erasure = erase_contact(ada, by=manager)

    made.refresh_from_db()
    other.refresh_from_db()
    assert (made.blocks.exists(), other.blocks.exists()) == (False, True)
    assert made.erased_at is not None
    assert erasure.counts["Import"] == 1
    assert Contact.objects.get(pk=ada.pk).external_id == ""


def test_an_erasure_cancels_a_dry_run_that_is_about_the_person(check, manager):
    ada = ContactFactory(first_name="Old", emails=["ada@example.com"])
    made = check(ROWS)

    erase_contact(ada, by=manager)

    made.refresh_from_db()
    assert not made.rows.exists()


def test_taking_back_an_import_leaves_an_erased_person_erased(bring_in, manager):
    made = bring_in(ROWS)
    ada = Contact.objects.get(first_name="Ada")
    erase_contact(ada, by=manager)

    imports.start_undo(Import.objects.get(pk=made.pk), by=manager)
    imports.run(Import.objects.get(pk=made.pk))

    kept = Contact.objects.get()
    assert (kept.pk, kept.first_name) == (ada.pk, "")


def test_the_id_of_a_merged_contact_finds_the_one_that_stayed(bring_in, manager):
    bring_in(ROWS, match="external_id", source="old")
    ada, ben = Contact.objects.order_by("pk")
    merge_records(CONTACTS, into=ada.pk, others=[ben.pk], by=manager)

    made = bring_in([["ID", "City"], ["8", "Ulm"]], match="external_id", source="old")

    assert made.counts["update"] == 1
    ada.refresh_from_db()
    assert ada.city == "Ulm"
