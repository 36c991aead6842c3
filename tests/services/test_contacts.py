"""What staff do with contacts, and the journal it leaves."""

import pytest

from oscar_crm.exceptions import AddressInUseError, EditConflictError, ValidationError
from oscar_crm.models import Activity, Change, Contact, Operation
from oscar_crm.services.activities import add_note, delete_note, edit_note
from oscar_crm.services.contacts import (
    archive_contact,
    create_contact,
    restore_contact,
    update_contact,
)
from oscar_crm.test.factories import ContactFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_staff(first_name="Sam", last_name="Sales")


def addresses(contact):
    return [(e.address, e.is_primary) for e in contact.emails.order_by("pk")]


def test_a_created_contact_is_found_and_journalled(staff):
    contact = create_contact(
        {"first_name": "Ada", "last_name": "Byron", "kind": "vendor"},
        emails=["ada@example.com", "ada@home.example"],
        by=staff,
    )

    assert addresses(contact) == [("ada@example.com", True), ("ada@home.example", False)]
    assert contact.words.filter(word="byron").exists()
    assert contact.sort_name == "byron ada"
    change = Change.objects.get()
    assert change.contact == contact
    assert change.after["emails"] == ["ada@example.com", "ada@home.example"]
    assert change.operation.actor_label == "Sam Sales"


def test_a_contact_needs_a_name_a_company_or_an_address(staff):
    with pytest.raises(ValidationError, match="at least a name"):
        create_contact({"phone": "123"}, by=staff)

    assert not Contact.objects.exists()
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"last_name": "x" * 256}, "last_name"),
        ({"last_name": "a\x00b"}, "last_name"),
        ({"last_name": "A", "kind": "friend"}, "kind"),
        ({"last_name": "A", "lifetime_value": 5}, "lifetime_value"),
    ],
)
def test_bad_values_are_refused_and_change_nothing(staff, values, field):
    with pytest.raises(ValidationError) as caught:
        create_contact(values, by=staff)

    assert caught.value.field == field
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "address", ["nobody", "@example.com", "a b@example.com", "x" * 250 + "@e.de"]
)
def test_a_bad_address_is_refused(staff, address):
    with pytest.raises(ValidationError, match="not an e-mail address"):
        create_contact({"last_name": "A"}, emails=[address], by=staff)


def test_an_address_belongs_to_one_contact_in_any_spelling(staff):
    ContactFactory(emails=["ada@example.com"])

    with pytest.raises(AddressInUseError):
        create_contact({"last_name": "A"}, emails=["ADA@example.com"], by=staff)

    assert Contact.objects.count() == 1


def test_a_shared_address_may_belong_to_several(staff):
    ContactFactory(emails=["info@example.com"])

    create_contact({"last_name": "A"}, emails=["info@example.com"], by=staff)

    assert Contact.objects.count() == 2


def test_a_change_is_journalled_field_by_field(staff):
    contact = ContactFactory(first_name="Ada", phone="1")

    update_contact(contact, {"first_name": "Ada", "phone": "2"}, by=staff)

    change = Change.objects.get()
    assert (change.before, change.after) == ({"phone": "1"}, {"phone": "2"})
    contact.refresh_from_db()
    assert contact.phone == "2"
    assert contact.version == 2


def test_saving_without_a_change_leaves_no_trace(staff):
    contact = ContactFactory(first_name="Ada")

    update_contact(contact, {"first_name": "Ada"}, emails=None, by=staff)

    assert not Operation.objects.exists()
    contact.refresh_from_db()
    assert contact.version == 1


def test_two_people_editing_at_once_do_not_overwrite_each_other(staff):
    contact = ContactFactory(phone="1")
    update_contact(contact, {"phone": "2"}, version=1, by=staff)

    with pytest.raises(EditConflictError):
        update_contact(contact, {"phone": "3"}, version=1, by=staff)

    contact.refresh_from_db()
    assert contact.phone == "2"


def test_addresses_are_reordered_added_and_removed(staff):
    contact = ContactFactory(emails=["a@example.com", "b@example.com"])

    update_contact(contact, {}, emails=["c@example.com", "A@example.com"], by=staff)

    assert set(addresses(contact)) == {("c@example.com", True), ("A@example.com", False)}
    assert not contact.words.filter(word="b@example.com").exists()


def test_the_owner_is_journalled_as_an_id(staff):
    contact = ContactFactory()

    update_contact(contact, {"owner": staff}, by=staff)

    assert Change.objects.get().after == {"owner": staff.pk}


def test_archiving_and_restoring(staff):
    contact = ContactFactory()

    archive_contact(contact, by=staff)
    archive_contact(contact, by=staff)
    contact.refresh_from_db()
    assert contact.is_archived
    restore_contact(contact, by=staff)

    contact.refresh_from_db()
    assert not contact.is_archived
    assert [o.kind for o in Operation.objects.order_by("pk")] == ["archive", "restore"]


def test_a_note_is_written_changed_and_removed_and_the_journal_knows(staff):
    contact = ContactFactory()
    note = add_note(contact, " Called. \x00", by=staff)
    assert (note.body, note.author_label) == ("Called.", "Sam Sales")

    edit_note(note, "Called twice.", by=staff)
    delete_note(note, by=staff)

    assert not Activity.objects.exists()
    bodies = [(c.before.get("body"), c.after.get("body")) for c in Change.objects.order_by("pk")]
    assert bodies == [(None, "Called."), ("Called.", "Called twice."), ("Called twice.", None)]


@pytest.mark.parametrize(("body", "message"), [(" \n", "something"), ("x" * 20_001, "at most")])
def test_an_empty_or_endless_note_is_refused(staff, body, message):
    with pytest.raises(ValidationError, match=message):
        add_note(ContactFactory(), body, by=staff)

    assert not Activity.objects.exists()


def test_the_author_of_a_note_may_leave(staff):
    note = add_note(ContactFactory(), "Called.", by=staff)

    staff.delete()

    note.refresh_from_db()
    assert (note.author, note.author_label) == (None, "Sam Sales")


def test_a_name_nobody_can_see_is_no_name(staff):
    with pytest.raises(ValidationError, match="at least a name"):
        create_contact({"first_name": "\u200b"}, by=staff)
