"""Undo: what nobody has touched since comes back, the rest is refused by name."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from oscar_crm.exceptions import UndoError
from oscar_crm.models import (
    AccountContact,
    Activity,
    Change,
    Contact,
    ContactEmail,
    Operation,
    OrderLink,
)
from oscar_crm.services.activities import add_note, delete_note, edit_note
from oscar_crm.services.contacts import (
    archive_contact,
    create_contact,
    update_contact,
)
from oscar_crm.services.journal import operation, record_change, row_of
from oscar_crm.services.orders import assign_order, sync_order
from oscar_crm.services.tags import tag_contact, untag_contact
from oscar_crm.services.undo import Reason, undo_operation
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    NoteFactory,
    TagFactory,
    make_order,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_staff(first_name="Sam", last_name="Sales")


def latest():
    return Operation.objects.order_by("-pk").first()


def refusals(outcome):
    return [(row.object_id, row.field, row.reason) for row in outcome.refused]


def test_an_edit_comes_back_field_by_field(staff):
    contact = ContactFactory(first_name="Ada", last_name="King", phone="1")
    update_contact(contact, {"last_name": "Byron", "phone": "2", "owner": staff}, by=staff)

    outcome = undo_operation(latest(), by=staff)

    contact.refresh_from_db()
    assert (contact.last_name, contact.phone, contact.owner) == ("King", "1", None)
    assert (outcome.restored, outcome.refused) == (1, [])
    assert contact.version == 3


def test_an_undone_edit_is_found_by_its_old_words(staff):
    contact = ContactFactory(last_name="King")
    update_contact(contact, {"last_name": "Byron"}, by=staff)

    undo_operation(latest(), by=staff)

    contact.refresh_from_db()
    assert contact.sort_name.startswith("king")
    assert contact.words.filter(word="king").exists()
    assert not contact.words.filter(word="byron").exists()


def test_a_field_edited_since_is_refused_by_name_and_the_others_come_back(staff):
    contact = ContactFactory(last_name="King", phone="1")
    update_contact(contact, {"last_name": "Byron", "phone": "2"}, by=staff)
    edit = latest()
    update_contact(contact, {"phone": "3"}, by=staff)

    outcome = undo_operation(edit, by=staff)

    contact.refresh_from_db()
    assert (contact.last_name, contact.phone) == ("King", "3")
    assert refusals(outcome) == [(contact.pk, "phone", Reason.CHANGED)]


def test_when_nothing_can_come_back_nothing_is_written_and_it_may_be_tried_again(staff):
    contact = ContactFactory(phone="1")
    update_contact(contact, {"phone": "2"}, by=staff)
    edit = latest()
    update_contact(contact, {"phone": "3"}, by=staff)

    outcome = undo_operation(edit, by=staff)

    edit.refresh_from_db()
    assert (outcome.restored, outcome.operation, edit.undone_by) == (0, None, None)
    assert Operation.objects.count() == 2


def test_undo_is_journalled_and_done_once(staff):
    contact = ContactFactory(phone="1")
    update_contact(contact, {"phone": "2"}, by=staff)
    edit = latest()

    outcome = undo_operation(edit, by=staff)

    edit.refresh_from_db()
    assert edit.undone_by == outcome.operation
    assert outcome.operation.kind == Operation.Kind.UNDO
    change = Change.objects.get(operation=outcome.operation)
    assert (change.before, change.after) == ({"phone": "2"}, {"phone": "1"})
    assert change.contact == contact
    with pytest.raises(UndoError, match="already"):
        undo_operation(edit, by=staff)


def test_an_undo_cannot_be_undone(staff):
    update_contact(ContactFactory(phone="1"), {"phone": "2"}, by=staff)

    outcome = undo_operation(latest(), by=staff)

    with pytest.raises(UndoError, match="cannot be undone"):
        undo_operation(outcome.operation, by=staff)


def test_a_created_contact_goes_away(staff):
    create_contact({"last_name": "A"}, emails=["a@example.com"], by=staff)

    outcome = undo_operation(latest(), by=staff)

    assert not Contact.objects.exists()
    assert outcome.restored == 1


def test_of_a_contact_that_was_never_to_be_the_journal_keeps_nothing(staff):
    """No erasure would find it any more: the contact it is about is gone."""
    other = create_contact({"last_name": "Other"}, emails=["other@example.com"], by=staff)
    contact = create_contact({"last_name": "Zq"}, emails=["zq@example.com"], by=staff)
    creation = latest()
    Operation.objects.filter(pk=creation.pk).update(summary="Zq")

    undo_operation(creation, by=staff)

    told = [*Change.objects.values_list("before", "after"), *Operation.objects.values_list("state")]
    told += Operation.objects.values_list("summary", flat=True)
    assert "zq" not in str(told).casefold()
    assert "other@example.com" in str(told)
    mine = Change.objects.filter(object_type="oscar_crm.Contact", object_id=contact.pk)
    assert [change.is_erased for change in mine] == [True, True]
    assert not Change.objects.filter(object_id=other.pk, is_erased=True).exists()


@pytest.mark.parametrize(
    ("touch", "reason"),
    [
        (lambda c, by: update_contact(c, {"phone": "1"}, by=by), Reason.CHANGED),
        (lambda c, by: add_note(c, "Called", by=by), Reason.IN_USE),
        (lambda c, by: tag_contact(c, "VIP", by=by), Reason.IN_USE),
        (lambda c, by: sync_order(make_order("a@example.com")), Reason.IN_USE),
        (lambda c, by: AccountContactFactory(contact=c), Reason.IN_USE),
    ],
)
def test_a_created_contact_that_was_used_stays(staff, touch, reason):
    contact = create_contact({"last_name": "A"}, emails=["a@example.com"], by=staff)
    creation = latest()
    touch(contact, staff)

    outcome = undo_operation(creation, by=staff)

    assert refusals(outcome) == [(contact.pk, "", reason)]
    assert Contact.objects.filter(pk=contact.pk).exists()


def test_addresses_come_back(staff):
    contact = ContactFactory(emails=["a@example.com", "b@example.com"])
    update_contact(contact, {}, emails=["b@example.com"], by=staff)

    undo_operation(latest(), by=staff)

    rows = contact.emails.order_by("-is_primary").values_list("address", "is_primary")
    assert list(rows) == [("a@example.com", True), ("b@example.com", False)]


def test_an_address_that_somebody_else_has_by_now_is_refused(staff):
    contact = ContactFactory(emails=["a@example.com", "b@example.com"], phone="1")
    update_contact(contact, {"phone": "2"}, emails=["b@example.com"], by=staff)
    edit = latest()
    ContactFactory(emails=["a@example.com"])

    outcome = undo_operation(edit, by=staff)

    contact.refresh_from_db()
    assert contact.phone == "1"
    assert refusals(outcome) == [(contact.pk, "emails", Reason.TAKEN)]
    assert [email.address for email in contact.emails.all()] == ["b@example.com"]


def test_tags_come_back(staff):
    contact, tag = ContactFactory(), TagFactory(name="Old")
    contact.tags.add(tag)
    untag_contact(contact, tag, by=staff)
    off = latest()
    tag_contact(contact, "New", by=staff)

    undo_operation(latest(), by=staff)
    undo_operation(off, by=staff)

    assert [t.name for t in contact.tags.all()] == ["Old"]


def test_a_tag_that_is_gone_is_refused(staff):
    contact, tag = ContactFactory(), TagFactory(name="Old")
    contact.tags.add(tag)
    untag_contact(contact, tag, by=staff)
    tag.delete()

    outcome = undo_operation(latest(), by=staff)

    assert refusals(outcome) == [(contact.pk, "tag", Reason.TARGET_GONE)]


def test_an_archived_contact_comes_back(staff):
    contact = ContactFactory()
    archive_contact(contact, by=staff)

    undo_operation(latest(), by=staff)

    contact.refresh_from_db()
    assert not contact.is_archived


def test_a_deleted_note_comes_back_as_it_was(staff):
    note = NoteFactory(body="Called", author=staff)
    was = Activity.objects.filter(pk=note.pk).values().get()
    delete_note(note, by=staff)

    undo_operation(latest(), by=staff)

    assert Activity.objects.values().get() == was


def test_an_edited_note_comes_back(staff):
    note = NoteFactory(body="Called")
    edit_note(note, "Wrote", by=staff)

    undo_operation(latest(), by=staff)

    note.refresh_from_db()
    assert note.body == "Called"


def test_an_owner_whose_account_was_deleted_is_refused(staff):
    contact = ContactFactory(owner=(leaver := make_staff()))
    update_contact(contact, {"owner": staff}, by=staff)
    leaver.delete()

    outcome = undo_operation(latest(), by=staff)

    assert refusals(outcome) == [(contact.pk, "owner", Reason.TARGET_GONE)]


def test_an_assigned_order_goes_back_with_its_value(staff):
    link = sync_order(make_order("a@example.com", "30.00"))
    buyer, other = link.contact, ContactFactory()
    assign_order(link, other, by=staff)

    undo_operation(latest(), by=staff)

    link.refresh_from_db()
    assert link.contact == buyer
    assert [entry.contact for entry in link.entries.all()] == [buyer]
    for contact, value in ((buyer, "30.00"), (other, "0.00")):
        contact.refresh_from_db()
        assert contact.lifetime_value == Decimal(value)


def test_custom_values_come_back_key_by_key(staff):
    contact = ContactFactory(custom={"1": "red", "2": "big"})
    with operation(Operation.Kind.UPDATE, by=staff) as opened:
        Contact.objects.filter(pk=contact.pk).update(custom={"1": "blue", "2": "big", "3": "new"})
        record_change(
            opened,
            contact,
            before={"custom": {"1": "red"}},
            after={"custom": {"1": "blue", "3": "new"}},
        )

    undo_operation(opened, by=staff)

    contact.refresh_from_db()
    assert contact.custom == {"1": "red", "2": "big"}


def test_a_deleted_membership_is_refused_where_a_new_one_has_its_place(staff):
    membership = AccountContactFactory()
    with operation(Operation.Kind.JOIN, by=staff) as opened:
        record_change(opened, membership, before=row_of(membership), after={})
        membership.delete()
    AccountContactFactory(account=membership.account, contact=membership.contact)

    outcome = undo_operation(opened, by=staff)

    assert [row.reason for row in outcome.refused] == [Reason.TAKEN]
    assert AccountContact.objects.count() == 1


def test_a_membership_that_was_made_goes_away(staff):
    membership = AccountContactFactory(role="Buyer")
    with operation(Operation.Kind.JOIN, by=staff) as opened:
        record_change(opened, membership, before={}, after=row_of(membership))

    undo_operation(opened, by=staff)

    assert not AccountContact.objects.exists()


def test_moved_rows_go_back_unless_they_moved_on(staff):
    winner, loser, third = ContactFactory.create_batch(3, emails=[])
    notes = NoteFactory.create_batch(3, contact=winner)
    moved = {"field": "contact", "from": loser.pk, "to": winner.pk, "ids": [n.pk for n in notes]}
    with operation(Operation.Kind.BULK, by=staff) as opened:
        record_change(opened, notes[0], before={}, after={}, moved=moved)
    Activity.objects.filter(pk=notes[1].pk).update(contact=third)
    notes[2].delete()

    outcome = undo_operation(opened, by=staff)

    assert [n.pk for n in loser.activities.all()] == [notes[0].pk]
    assert refusals(outcome) == [
        (notes[1].pk, "", Reason.MOVED),
        (moved["ids"][2], "", Reason.GONE),
    ]
    back = Change.objects.get(operation=outcome.operation).moved
    assert back == {**moved, "from": winner.pk, "to": loser.pk, "ids": [notes[0].pk]}


def test_moved_rows_whose_old_owner_is_gone_stay(staff):
    winner, loser = ContactFactory.create_batch(2)
    note = NoteFactory(contact=winner)
    moved = {"field": "contact", "from": loser.pk, "to": winner.pk, "ids": [note.pk]}
    with operation(Operation.Kind.BULK, by=staff) as opened:
        record_change(opened, note, before={}, after={}, moved=moved)
    loser.delete()

    outcome = undo_operation(opened, by=staff)

    assert refusals(outcome) == [(note.pk, "", Reason.TARGET_GONE)]


def test_erased_values_do_not_come_back(staff):
    contact = ContactFactory(phone="1")
    update_contact(contact, {"phone": "2"}, by=staff)
    Change.objects.update(before={}, after={}, is_erased=True)

    outcome = undo_operation(latest(), by=staff)

    assert refusals(outcome) == [(contact.pk, "", Reason.ERASED)]


def test_undo_never_makes_a_company_its_own_parent(staff):
    top = AccountFactory()
    below = AccountFactory(parent=None)
    with operation(Operation.Kind.UPDATE, by=staff) as opened:
        record_change(opened, below, before={"parent": top.pk}, after={"parent": None})
    top.parent = below
    top.save()

    outcome = undo_operation(opened, by=staff)

    assert refusals(outcome) == [(below.pk, "parent", Reason.LOOP)]


def test_a_bulk_change_of_thousands_is_undone_in_a_few_dozen_queries(
    staff, django_assert_max_num_queries
):
    count = 3000
    tag = TagFactory(name="Fair")
    Contact.objects.bulk_create(Contact(last_name=f"C{n}", owner=staff) for n in range(count))
    contacts = list(Contact.objects.all())
    Contact.tags.through.objects.bulk_create(
        Contact.tags.through(contact=contact, tag=tag) for contact in contacts
    )
    opened = Operation.objects.create(
        kind=Operation.Kind.BULK, actor=staff, finished_at=timezone.now()
    )
    Change.objects.bulk_create(
        Change(
            operation=opened,
            contact=contact,
            object_type="oscar_crm.Contact",
            object_id=contact.pk,
            before={"owner": None, "tag": None},
            after={"owner": staff.pk, "tag": "Fair"},
        )
        for contact in contacts
    )

    with django_assert_max_num_queries(90):
        outcome = undo_operation(opened, by=staff)

    assert (outcome.restored, outcome.refused) == (count, [])
    assert not tag.contacts.exists()
    assert not Contact.objects.filter(owner=staff).exists()


def test_undo_reads_times_to_the_microsecond(staff):
    note = NoteFactory(occurred_at=timezone.now() - timedelta(microseconds=7))
    email = ContactEmail.objects.get(contact=note.contact)
    link = OrderLink.objects.create(contact=note.contact, number="1", placed_at=timezone.now())
    rows = [note, email, link]
    was = [type(row).objects.filter(pk=row.pk).values().get() for row in rows]
    with operation(Operation.Kind.BULK, by=staff) as opened:
        for row in rows:
            record_change(opened, row, before=row_of(row), after={})
            type(row).objects.filter(pk=row.pk).delete()

    undo_operation(opened, by=staff)

    assert [type(row).objects.filter(pk=row.pk).values().get() for row in rows] == was
