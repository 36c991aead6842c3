"""Merging contacts and accounts, and taking it back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from oscar.test.factories import UserFactory

from oscar_crm.exceptions import EditConflictError, MergeError, UndoError
from oscar_crm.models import (
    Account,
    Change,
    CompanyDecision,
    Consent,
    ConsentPurpose,
    ConsentText,
    Contact,
    ContactUser,
    Operation,
    OrderLink,
    Tag,
)
from oscar_crm.queries.areas import ACCOUNTS, CONTACTS
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.segments import members
from oscar_crm.queries.stored_filters import from_json
from oscar_crm.services.contacts import create_contact, update_contact
from oscar_crm.services.merge import merge_records
from oscar_crm.services.orders import assign_order, sync_order
from oscar_crm.services.segments import create_segment
from oscar_crm.services.survivors import hand_to_survivors
from oscar_crm.services.tags import tag_contact
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


@pytest.fixture
def ada():
    return ContactFactory(first_name="Ada", last_name="Byron", emails=["ada@example.com"])


@pytest.fixture
def twin():
    return ContactFactory(first_name="A.", last_name="Byron", emails=["ada@work.example"])


def merge(kept, *gone, by=None, **options):
    area = CONTACTS if isinstance(kept, Contact) else ACCOUNTS
    return merge_records(area, kept.pk, [record.pk for record in gone], by=by, **options)


def fresh(*records):
    for record in records:
        record.refresh_from_db()


def addresses(contact):
    return [(e.address, e.is_primary) for e in contact.emails.order_by("-is_primary", "pk")]


def test_addresses_move_and_one_is_the_main_one(staff, ada, twin):
    merge(ada, twin, by=staff)

    assert addresses(ada) == [("ada@example.com", True), ("ada@work.example", False)]
    assert not twin.emails.exists()


def test_the_main_address_can_be_chosen(staff, ada, twin):
    merge(ada, twin, by=staff, choices={"main_email": twin.emails.get().pk})

    assert addresses(ada) == [("ada@work.example", True), ("ada@example.com", False)]


def test_the_others_are_kept_out_of_sight(staff, ada, twin):
    merge(ada, twin, by=staff)

    fresh(twin)
    assert twin.merged_into == ada
    assert twin.is_archived


def test_each_value_comes_from_the_record_that_was_chosen(staff, ada, twin):
    Contact.objects.filter(pk=ada.pk).update(phone="1", city="Cologne")
    Contact.objects.filter(pk=twin.pk).update(phone="2", city="Bonn", job_title="Countess")

    merge(ada, twin, by=staff, choices={"phone": twin.pk})

    fresh(ada)
    assert (ada.phone, ada.city, ada.job_title) == ("2", "Cologne", "Countess")
    assert ada.words.filter(word="ada@work.example").exists()


def test_own_fields_are_chosen_key_by_key(staff, ada, twin):
    Contact.objects.filter(pk=ada.pk).update(custom={"1": "red"})
    Contact.objects.filter(pk=twin.pk).update(custom={"1": "blue", "2": "big"})

    merge(ada, twin, by=staff, choices={"custom:1": twin.pk})

    fresh(ada)
    assert ada.custom == {"1": "blue", "2": "big"}


def test_a_customer_stays_a_customer(staff, ada, twin):
    Contact.objects.filter(pk=twin.pk).update(kind="customer")

    merge(ada, twin, by=staff)

    fresh(ada)
    assert ada.kind == "customer"


def test_orders_and_their_value_move(staff, ada, twin):
    sync_order(make_order("ada@example.com", "10.00"))
    link = sync_order(make_order("ada@work.example", "20.00"))

    merge(ada, twin, by=staff)

    fresh(ada, twin, link)
    assert link.contact == ada
    assert (ada.orders_count, ada.lifetime_value) == (2, Decimal("30.00"))
    assert (twin.orders_count, twin.lifetime_value) == (0, Decimal("0.00"))


def test_tags_are_united(staff, ada, twin):
    both, hers = TagFactory(name="Both"), TagFactory(name="Hers")
    ada.tags.add(both)
    twin.tags.add(both, hers)

    operation = merge(ada, twin, by=staff)
    assert {tag.name for tag in ada.tags.all()} == {"Both", "Hers"}

    undo_operation(operation, by=staff)
    assert {tag.name for tag in ada.tags.all()} == {"Both"}
    assert {tag.name for tag in twin.tags.all()} == {"Both", "Hers"}


def test_notes_consents_and_history_move(staff, ada, twin):
    note = NoteFactory(contact=twin)
    purpose = ConsentPurpose.objects.create(name="News", key="news")
    text = ConsentText.objects.create(purpose=purpose, version=1, text="Yes")
    consent = Consent.objects.create(contact=twin, text=text, is_given=True, source="paper")
    update_contact(twin, {"phone": "5"}, by=staff)

    merge(ada, twin, by=staff)

    fresh(note, consent)
    assert (note.contact, consent.contact) == (ada, ada)
    assert ada.changes.filter(operation__kind="update").count() == 1


def test_the_merge_stands_on_the_timeline_once(staff, ada, twin):
    NoteFactory(contact=twin)

    merge(ada, twin, by=staff)

    assert ada.changes.filter(operation__kind="merge").count() == 1


def test_of_two_memberships_of_one_company_one_is_kept(staff, ada, twin):
    company, other = AccountFactory(), AccountFactory()
    mine = AccountContactFactory(account=company, contact=ada, role="Buyer")
    AccountContactFactory(account=company, contact=twin, role="Boss", is_primary=True)
    AccountContactFactory(account=other, contact=twin)

    operation = merge(ada, twin, by=staff)

    rows = set(ada.memberships.values_list("account", "role", "is_primary"))
    assert rows == {(company.pk, "Buyer", True), (other.pk, "", False)}
    undo_operation(operation, by=staff)
    fresh(mine)
    assert not mine.is_primary
    rows = set(twin.memberships.values_list("account", "role", "is_primary"))
    assert rows == {(company.pk, "Boss", True), (other.pk, "", False)}


def test_a_contact_keeps_one_main_company(staff, ada, twin):
    AccountContactFactory(contact=ada, is_primary=True)
    AccountContactFactory(contact=twin, is_primary=True)

    operation = merge(ada, twin, by=staff)
    assert ada.memberships.filter(is_primary=True).count() == 1

    undo_operation(operation, by=staff)
    assert twin.memberships.filter(is_primary=True).count() == 1


def test_an_order_from_the_old_address_or_account_finds_the_one_that_stays(staff, ada, twin):
    user = UserFactory(email="")
    ContactUser.objects.create(contact=twin, user=user, basis="ordered")
    merge(ada, twin, by=staff)

    links = [
        sync_order(make_order("ADA@work.example", "10.00")),
        sync_order(make_order("", "20.00", user=user)),
    ]

    assert [link.contact for link in links] == [ada, ada]
    fresh(ada)
    assert ada.lifetime_value == Decimal("30.00")


def test_undo_gives_everything_back(staff, ada, twin):
    Contact.objects.filter(pk=ada.pk).update(phone="1")
    Contact.objects.filter(pk=twin.pk).update(phone="2")
    sync_order(make_order("ada@example.com", "10.00"))
    link = sync_order(make_order("ada@work.example", "20.00"))
    note = NoteFactory(contact=twin)
    operation = merge(ada, twin, by=staff, choices={"phone": twin.pk})

    outcome = undo_operation(operation, by=staff)

    fresh(ada, twin, link, note)
    assert outcome.refused == []
    assert (ada.phone, twin.phone) == ("1", "2")
    assert (twin.merged_into, twin.is_archived) == (None, False)
    assert addresses(ada) == [("ada@example.com", True)]
    assert addresses(twin) == [("ada@work.example", True)]
    assert (link.contact, note.contact) == (twin, twin)
    assert (ada.lifetime_value, twin.lifetime_value) == (Decimal("10.00"), Decimal("20.00"))
    assert twin.words.filter(word="ada@work.example").exists()
    assert not ada.words.filter(word="ada@work.example").exists()


def test_an_order_that_came_later_follows_its_address(staff, ada, twin):
    user = UserFactory(email="")
    ContactUser.objects.create(contact=twin, user=user, basis="ordered")
    operation = merge(ada, twin, by=staff)
    hers = sync_order(make_order("ada@example.com", "10.00"))
    by_address = sync_order(make_order("ada@work.example", "20.00"))
    by_account = sync_order(make_order("", "40.00", user=user))

    undo_operation(operation, by=staff)

    fresh(hers, by_address, by_account, ada, twin)
    assert (hers.contact, by_address.contact, by_account.contact) == (ada, twin, twin)
    assert (ada.lifetime_value, twin.lifetime_value) == (Decimal("10.00"), Decimal("60.00"))


def test_an_order_that_staff_assigned_stays_where_they_put_it(staff, ada, twin):
    operation = merge(ada, twin, by=staff)
    link = sync_order(make_order("ada@work.example"))
    assign_order(link, ada, by=staff)

    undo_operation(operation, by=staff)

    fresh(link)
    assert link.contact == ada


def test_an_order_from_before_stays_even_if_its_address_goes(staff, ada, twin):
    link = sync_order(make_order("ada@work.example"))
    assign_order(link, ada, by=staff)
    operation = merge(ada, twin, by=staff)

    undo_operation(operation, by=staff)

    fresh(link)
    assert link.contact == ada


def test_what_was_edited_since_stays_and_is_named(staff, ada, twin):
    note = NoteFactory(contact=twin)
    Contact.objects.filter(pk=twin.pk).update(phone="2", city="Bonn")
    operation = merge(ada, twin, by=staff)
    update_contact(ada, {"phone": "3"}, by=staff)
    note.delete()

    outcome = undo_operation(operation, by=staff)

    fresh(ada)
    assert (ada.phone, ada.city) == ("3", "")
    found = {(row.object_type, row.field, row.reason) for row in outcome.refused}
    assert found == {
        ("oscar_crm.Contact", "phone", Reason.CHANGED),
        ("oscar_crm.Activity", "", Reason.GONE),
    }


def test_after_a_later_merge_the_earlier_one_waits(staff, ada, twin):
    third = ContactFactory(emails=["third@example.com"])
    first = merge(twin, ada, by=staff)
    second = merge(third, twin, by=staff)

    with pytest.raises(UndoError, match="Undo that merge first"):
        undo_operation(first, by=staff)

    undo_operation(second, by=staff)
    undo_operation(first, by=staff)
    assert addresses(ada) == [("ada@example.com", True)]
    assert addresses(twin) == [("ada@work.example", True)]
    assert addresses(third) == [("third@example.com", True)]


def test_two_merges_into_one_can_be_undone_in_either_order(staff, ada, twin):
    third = ContactFactory(emails=["third@example.com"])
    first = merge(ada, twin, by=staff)
    merge(ada, third, by=staff)
    link = sync_order(make_order("third@example.com", "10.00"))

    undo_operation(first, by=staff)
    undo_operation(Operation.objects.filter(kind="merge").latest("pk"), by=staff)

    fresh(link)
    assert link.contact == third
    for contact, address in ((ada, "ada@example.com"), (twin, "ada@work.example")):
        assert addresses(contact) == [(address, True)]


def test_a_merge_undone_can_be_done_again(staff, ada, twin):
    undo_operation(merge(ada, twin, by=staff), by=staff)

    merge(ada, twin, by=staff)

    assert len(addresses(ada)) == 2


def test_erased_people_stay_merged(staff, ada, twin):
    operation = merge(ada, twin, by=staff)
    Contact.objects.filter(pk=ada.pk).update(erased_at=timezone.now())

    with pytest.raises(UndoError, match="erased"):
        undo_operation(operation, by=staff)


def test_a_record_cannot_be_merged_with_itself(staff, ada):
    with pytest.raises(MergeError, match="with itself"):
        merge(ada, ada, by=staff)


@pytest.mark.parametrize("count", [1, 6])
def test_two_to_five_records_can_be_merged(staff, count):
    contacts = ContactFactory.create_batch(count)

    with pytest.raises(MergeError, match="2 to 5"):
        merge(*contacts, by=staff)

    assert not Operation.objects.exists()


def test_what_is_merged_or_erased_or_gone_cannot_be_merged(staff, ada, twin):
    third, erased = ContactFactory(), ContactFactory(erased_at=timezone.now())
    merge(ada, twin, by=staff)

    with pytest.raises(MergeError, match="already"):
        merge(third, twin, by=staff)
    with pytest.raises(MergeError, match="erased"):
        merge(third, erased, by=staff)
    with pytest.raises(MergeError, match="not there"):
        merge_records(CONTACTS, third.pk, [999_999], by=staff)


def test_a_record_that_changed_since_it_was_looked_at_is_not_merged(staff, ada, twin):
    update_contact(twin, {"phone": "1"}, by=staff)

    with pytest.raises(EditConflictError):
        merge(ada, twin, by=staff, versions={ada.pk: 1, twin.pk: 1})

    fresh(twin)
    assert twin.merged_into is None


def test_values_come_from_the_records_only(staff, ada, twin):
    stranger = ContactFactory(phone="secret")

    with pytest.raises(MergeError):
        merge(ada, twin, by=staff, choices={"phone": stranger.pk})


def test_five_at_once(staff):
    contacts = ContactFactory.create_batch(5)

    operation = merge(*contacts, by=staff)
    assert contacts[0].emails.count() == 5

    assert undo_operation(operation, by=staff).refused == []
    assert [contact.emails.count() for contact in contacts] == [1] * 5


def test_an_address_of_several_people_is_known_to_both(staff):
    ada = ContactFactory(last_name="Byron", emails=["ada@example.com"])
    bob = ContactFactory(last_name="Smith", emails=["info@acme.example"])

    operation = merge(ada, bob, by=staff)
    assert addresses(ada) == [("ada@example.com", True), ("info@acme.example", False)]
    assert addresses(bob) == [("info@acme.example", True)]

    undo_operation(operation, by=staff)
    assert addresses(ada) == [("ada@example.com", True)]
    assert addresses(bob) == [("info@acme.example", True)]


def test_an_order_from_a_shared_address_under_the_old_name_finds_the_one_that_stays(staff):
    ada = ContactFactory(last_name="Lovelace", emails=["ada@example.com"])
    old = ContactFactory(first_name="Ada", last_name="Byron", emails=["info@acme.example"])
    merge(ada, old, by=staff)

    link = sync_order(make_order("info@acme.example"))

    assert link.contact == ada


def test_what_reached_a_merged_contact_goes_to_the_one_that_stays(staff, ada, twin):
    third = ContactFactory(emails=["third@example.com"])
    merge(twin, ada, by=staff)
    merge(third, twin, by=staff)
    link = OrderLink.objects.create(contact=ada, number="1", placed_at=timezone.now())

    assert hand_to_survivors([ada.pk, third.pk]) == {ada.pk: third.pk}

    fresh(link)
    assert link.contact == third


def test_a_later_order_from_a_shared_address_follows_the_name(staff):
    ada = ContactFactory(last_name="Lovelace", emails=["ada@example.com"])
    old = ContactFactory(first_name="Ada", last_name="Byron", emails=["info@acme.example"])
    operation = merge(ada, old, by=staff)
    link = sync_order(make_order("info@acme.example"))
    hand_to_survivors([old.pk])

    undo_operation(operation, by=staff)

    fresh(link)
    assert link.contact == old


def test_a_merged_tag_does_not_come_back_twice(staff, ada, twin):
    tag_contact(twin, "VIP", by=staff)
    operation = merge(ada, twin, by=staff)
    twin.tags.add(Tag.objects.get(name="VIP"))  # as a shop's own code may do

    outcome = undo_operation(operation, by=staff)

    assert [row.reason for row in outcome.refused] == [Reason.TAKEN]
    assert twin.tags.count() == 1


# Accounts


def test_people_orders_notes_and_company_names_of_accounts_move(staff):
    kept, gone = AccountFactory(), AccountFactory()
    membership = AccountContactFactory(account=gone)
    link = OrderLink.objects.create(account=gone, number="1", placed_at=timezone.now())
    note = NoteFactory(contact=None, account=gone)
    decision = CompanyDecision.objects.create(company_key="gone", account=gone)
    rows = [membership, link, note, decision]

    operation = merge(kept, gone, by=staff)
    fresh(*rows)
    assert {row.account_id for row in rows} == {kept.pk}

    assert undo_operation(operation, by=staff).refused == []
    fresh(*rows)
    assert {row.account_id for row in rows} == {gone.pk}


def test_a_person_of_both_companies_belongs_to_the_one_that_stays_once(staff):
    kept, gone = AccountFactory(), AccountFactory()
    contact = ContactFactory()
    AccountContactFactory(account=kept, contact=contact)
    AccountContactFactory(account=gone, contact=contact, is_primary=True)

    operation = merge(kept, gone, by=staff)
    assert list(contact.memberships.values_list("account", "is_primary")) == [(kept.pk, True)]

    undo_operation(operation, by=staff)
    rows = set(contact.memberships.values_list("account", "is_primary"))
    assert rows == {(kept.pk, False), (gone.pk, True)}


def test_sub_accounts_move_and_no_company_stands_above_itself(staff):
    top = AccountFactory(name="Top")
    gone = AccountFactory(parent=top)
    kept = AccountFactory(parent=gone)
    child = AccountFactory(parent=gone)

    operation = merge(kept, gone, by=staff)
    fresh(kept, child)
    assert (kept.parent, child.parent) == (top, kept)

    undo_operation(operation, by=staff)
    fresh(kept, child)
    assert (kept.parent, child.parent) == (gone, gone)


def test_a_company_merged_with_its_parent_has_no_parent(staff):
    kept = AccountFactory()
    gone = AccountFactory(parent=kept)
    below = AccountFactory(parent=gone)
    Account.objects.filter(pk=kept.pk).update(parent=None)

    merge(gone, kept, by=staff)

    fresh(gone, below)
    assert (gone.parent, below.parent) == (None, gone)


def test_a_parent_chosen_from_below_is_not_taken(staff):
    kept = AccountFactory()
    below = AccountFactory(parent=kept)
    gone = AccountFactory(parent=below)

    merge(kept, gone, by=staff)

    fresh(kept, below)
    assert (kept.parent, below.parent) == (None, kept)


def test_companies_do_not_stand_in_too_many_levels(staff):
    lowest, top = AccountFactory(), AccountFactory()
    for _ in range(8):
        lowest = AccountFactory(parent=lowest)
    AccountFactory(parent=AccountFactory(parent=top))

    with pytest.raises(MergeError, match="10 levels"):
        merge(lowest, top, by=staff)

    fresh(top)
    assert top.merged_into is None


def test_an_order_that_came_later_follows_its_company(staff):
    kept, gone = AccountFactory(), AccountFactory()
    contact = AccountContactFactory(account=gone).contact
    operation = merge(kept, gone, by=staff)
    link = OrderLink.objects.create(
        account=kept, contact=contact, number="1", placed_at=timezone.now() + timedelta(hours=1)
    )
    other = OrderLink.objects.create(account=kept, number="2", placed_at=timezone.now())

    undo_operation(operation, by=staff)

    fresh(link, other)
    assert (link.account, other.account) == (gone, kept)


def test_a_merge_that_fails_changes_nothing(staff, ada, twin, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("oscar_crm.services.merge.refresh_values", fail)
    with pytest.raises(RuntimeError):
        merge(ada, twin, by=staff)

    assert addresses(twin) == [("ada@work.example", True)]
    assert not Change.objects.exists()


def test_a_contact_made_by_staff_and_merged_is_not_taken_back(staff, ada):
    made = create_contact({"last_name": "B"}, emails=["b@example.com"], by=staff)
    creation = Operation.objects.get()
    merge(ada, made, by=staff)

    outcome = undo_operation(creation, by=staff)

    assert [row.reason for row in outcome.refused] == [Reason.CHANGED]


def test_a_segment_of_a_companys_people_follows_the_merge(staff):
    kept, gone = AccountFactory(name="Acme"), AccountFactory(name="Acme Ltd")
    contact = AccountContactFactory(account=gone).contact
    segment = create_segment("People of Acme", ContactFilter(account=gone.pk), by=staff)
    assert list(members(segment)) == [contact]

    opened = merge(kept, gone, by=staff)

    segment.refresh_from_db()
    assert from_json(segment.filter).account == kept.pk
    assert list(members(segment)) == [contact]

    undo_operation(opened, by=staff)

    segment.refresh_from_db()
    assert from_json(segment.filter).account == gone.pk
    assert list(members(segment)) == [contact]
