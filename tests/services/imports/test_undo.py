"""Taking an import back."""

import pytest

from oscar_crm.exceptions import ImportStateError
from oscar_crm.models import (
    Account,
    AccountContact,
    Change,
    CompanyDecision,
    Contact,
    Import,
    Operation,
)
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.queries.contacts import search, visible_to
from oscar_crm.services import imports
from oscar_crm.services.activities import add_note
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.imports import undoing
from oscar_crm.services.merge import merge_records
from oscar_crm.services.tags import tag_contact
from oscar_crm.test.factories import ContactFactory, OrderLinkFactory, TagFactory

from .conftest import texts

pytestmark = pytest.mark.django_db
HEADERS = ["First name", "Last name", "E-mail", "City", "Tags"]
ADA = ["Ada", "Byron", "ada@example.com", "Köln", "Fair"]
BEN = ["Ben", "Abel", "ben@example.com", "Bonn", ""]


@pytest.fixture
def undo(manager):
    def do(made: Import) -> Import:
        imports.start_undo(made, by=manager)
        return imports.run(made)

    return do


def test_what_was_made_goes_again(bring_in, undo):
    made = undo(bring_in([HEADERS, ADA, BEN]))

    assert made.state == Import.State.UNDONE
    assert not Contact.objects.exists()
    assert made.facts["undo"]["restored"] == 2


def test_what_was_changed_comes_back(bring_in, undo, manager):
    old = TagFactory(name="Old", key="old")
    ada = ContactFactory(
        first_name="Ada", last_name="Old", emails=["a@example.com", "ada@example.com"], tags=[old]
    )
    rows = [["Last name", "E-mail", "E-mail 2", "Tags"], ["New", ADA[2], "new@example.com", "Fair"]]

    undo(bring_in(rows))

    ada.refresh_from_db()
    assert (ada.last_name, ada.sort_name) == ("Old", "old ada")
    assert {e.address for e in ada.emails.all()} == {"a@example.com", "ada@example.com"}
    assert list(ada.tags.all()) == [old]
    assert search(visible_to(manager), "old").get() == ada
    assert not search(visible_to(manager), "new").exists()


def test_companies_and_memberships_go_again(bring_in, undo):
    rows = [["First name", "Company"], ["Ada", "Acme"], ["Ben", "Acme"]]

    undo(bring_in(rows, match="name", companies="make"))

    assert not Account.objects.exists()
    assert not AccountContact.objects.exists()
    assert not Contact.objects.exists()


def test_accounts_are_taken_back_as_well(bring_in, undo):
    undo(bring_in([["Name", "City"], ["Acme", "Ulm"]], area="account"))

    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("touch", "reason"),
    [
        (lambda ada, by: update_contact(ada, {"city": "X"}, by=by), "changed since"),
        (lambda ada, by: tag_contact(ada, "VIP", by=by), "changed since"),
        (lambda ada, by: add_note(ada, "Called", by=by), "notes by now"),
        (lambda ada, by: OrderLinkFactory(contact=ada), "orders by now"),
    ],
)
def test_who_was_touched_since_stays_and_is_told(bring_in, undo, manager, touch, reason):
    made = bring_in([HEADERS, ADA, BEN])
    touch(Contact.objects.get(first_name="Ada"), manager)

    undo(made)

    assert Contact.objects.get().first_name == "Ada"
    kept = made.rows.get(outcome="kept")
    assert kept.label == "Ada Byron"
    assert reason in texts(made)[0]
    assert made.facts["undo"]["kept"] == 1


def test_a_change_that_was_edited_since_stays(bring_in, undo, manager):
    ada = ContactFactory(city="Old", emails=["ada@example.com"])
    made = bring_in([HEADERS, ADA])
    ada.refresh_from_db()
    update_contact(ada, {"city": "Newest"}, by=manager)

    undo(made)

    ada.refresh_from_db()
    assert ada.city == "Newest"


def test_an_undo_stands_in_the_journal(bring_in, undo):
    ada = ContactFactory(city="Old", emails=["ada@example.com"])
    made = undo(bring_in([HEADERS, ADA]))

    operation = Operation.objects.get(kind="import")
    assert operation.undone_by.kind == "undo"
    assert operation.undone_by.changes.get().contact == ada
    assert made.operation == operation


def test_an_undo_that_was_cut_off_goes_on(bring_in, manager, monkeypatch):
    monkeypatch.setattr(undoing, "BLOCK", 1)
    made = bring_in([HEADERS, ADA, BEN])
    imports.start_undo(made, by=manager)
    imports.step(made)
    assert Contact.objects.count() == 1

    imports.run(Import.objects.get())

    assert not Contact.objects.exists()


def test_an_import_is_taken_back_once(bring_in, undo, manager):
    made = undo(bring_in([HEADERS, ADA]))

    with pytest.raises(ImportStateError):
        imports.start_undo(made, by=manager)


def test_an_import_that_wrote_nothing_has_nothing_to_take_back(bring_in, manager):
    made = bring_in([["E-mail"], ["wrong"]])

    with pytest.raises(ImportStateError, match="nothing to take back"):
        imports.start_undo(made, by=manager)


def test_after_an_undo_the_file_can_be_imported_again(bring_in, undo):
    undo(bring_in([HEADERS, ADA]))
    bring_in([HEADERS, ADA])

    assert Contact.objects.get().first_name == "Ada"


def test_the_journal_keeps_key_and_version_of_what_was_made(bring_in):
    bring_in([HEADERS, ADA])

    change = Change.objects.get()
    assert (change.before, change.after, change.version) == ({}, {}, 1)


def test_orders_that_followed_a_company_leave_it_again(bring_in, undo):
    ada = ContactFactory(emails=["ada@example.com"])
    link = OrderLinkFactory(contact=ada)

    made = bring_in([["E-mail", "Company"], ["ada@example.com", "Acme"]], companies="make")
    link.refresh_from_db()
    assert link.account.name == "Acme"
    undo(made)

    link.refresh_from_db()
    assert link.account is None
    assert not Account.objects.exists()
    assert not CompanyDecision.objects.exists()


def test_what_was_merged_since_stays(bring_in, undo, manager):
    bring_in([HEADERS, ADA, BEN])
    made = Import.objects.get()
    ada, ben = Contact.objects.order_by("pk")
    merge_records(CONTACTS, into=ada.pk, others=[ben.pk], by=manager)

    undo(made)

    assert Contact.objects.count() == 2
    assert made.facts["undo"]["kept"] == 2
