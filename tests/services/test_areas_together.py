"""Areas that were made apart, used one after the other: merge, undo, erasure, orders, bulk."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from oscar.core.loading import get_model
from oscar.test.factories import PartnerFactory, ShippingAddressFactory, UserFactory

from oscar_crm.exceptions import CRMError
from oscar_crm.models import (
    Account,
    AccountContact,
    Change,
    Contact,
    ContactUser,
    Operation,
    OrderLink,
    ValueEntry,
)
from oscar_crm.queries.areas import ACCOUNTS, CONTACTS
from oscar_crm.queries.bulk import BulkAction, Target
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.services import contacts, memberships, tags
from oscar_crm.services.accounts import set_parent
from oscar_crm.services.activities import add_note, delete_note
from oscar_crm.services.bulk_changes import run_at_once
from oscar_crm.services.erasure import erase_contact
from oscar_crm.services.integrity import check
from oscar_crm.services.merge import merge_records
from oscar_crm.services.orders import assign_order, sync_order
from oscar_crm.services.undo import Reason, undo_operation
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    OrderLinkFactory,
    TagFactory,
    make_order,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Any:
    return make_staff("view_contact", "change_contact", "view_all_contacts", "view_account")


def latest(kind: str) -> Operation:
    return Operation.objects.filter(kind=kind).latest("pk")


def reasons(outcome: Any) -> set[str]:
    return {refusal.reason for refusal in outcome.refused}


def everything_about(word: str) -> list[str]:
    """Where a word stands in the journal."""
    rows = [str(row) for row in Change.objects.values_list("before", "after")]
    rows += Operation.objects.values_list("summary", flat=True)
    return [row for row in rows if word in row]


# Erasure after merge, undo after erasure


def test_a_merge_that_was_undone_keeps_nothing_of_whoever_is_erased_later(by: Any) -> None:
    kept = ContactFactory(first_name="Ada", last_name="Byron", phone="")
    other = ContactFactory(first_name="Zerlina", last_name="Zq", phone="555-zq")
    merge = merge_records(CONTACTS, kept.pk, [other.pk], by=by)
    undo_operation(merge, by=by)

    erase_contact(other, by=by)

    assert everything_about("Zerlina") == []
    assert everything_about("555-zq") == []


def test_undoing_a_merge_of_companies_gives_nothing_back_to_the_erased(by: Any) -> None:
    kept, gone = AccountFactory.create_batch(2)
    person = ContactFactory()
    for account in (kept, gone):
        AccountContactFactory(account=account, contact=person, role="Oberquastin")
    merge = merge_records(ACCOUNTS, kept.pk, [gone.pk], by=by)
    erase_contact(person, by=by)

    assert everything_about("Oberquastin") == []
    outcome = undo_operation(merge, by=by)

    assert reasons(outcome) == {Reason.ERASED}
    assert not AccountContact.objects.filter(contact=person).exists()


def test_undoing_a_merge_of_tags_gives_none_back_to_the_erased(by: Any) -> None:
    vip, regular = TagFactory(name="VIP"), TagFactory(name="Regular")
    person, other = ContactFactory(tags=[vip, regular]), ContactFactory(tags=[vip])
    merge = tags.merge_tags(vip, into=regular, by=by)
    erase_contact(person, by=by)

    undo_operation(merge, by=by)

    assert not person.tags.exists()
    assert other.tags.count() == 1


def test_undoing_an_assignment_gives_no_order_back_to_the_erased(by: Any) -> None:
    person, other = ContactFactory(), ContactFactory()
    link = OrderLinkFactory(contact=person, email="zq@example.com")
    assign_order(link, other, by=by)
    assigned = latest("assign_order")
    erase_contact(person, by=by)

    outcome = undo_operation(assigned, by=by)

    assert outcome.restored == 0
    link.refresh_from_db()
    assert link.contact == other


def test_an_order_is_not_assigned_to_the_erased(by: Any) -> None:
    person = ContactFactory()
    link = OrderLinkFactory(email="ada@example.com")
    owner = link.contact
    erase_contact(person, by=by)

    with pytest.raises(CRMError, match="was erased"):
        assign_order(link, person, by=by)
    link.refresh_from_db()
    assert link.contact == owner


def test_a_bulk_change_leaves_the_erased_alone(by: Any) -> None:
    person, other, tag = ContactFactory(), ContactFactory(), TagFactory()
    erase_contact(person, by=by)

    for target in (Target(ids=(person.pk, other.pk)), Target(filter=ContactFilter())):
        run_at_once(BulkAction("tag", tag=tag.pk), target, by=by)
        run_at_once(BulkAction("owner", owner=str(by.pk)), target, by=by)

    assert not person.tags.exists()
    assert other.tags.get() == tag
    person.refresh_from_db()
    assert person.owner is None


def test_a_customer_does_not_become_a_partner_of_the_shop_by_a_merge(by: Any) -> None:
    partner = PartnerFactory()
    customer = ContactFactory(kind=Contact.Kind.CUSTOMER)
    vendor = ContactFactory(kind=Contact.Kind.VENDOR, partner=partner)

    merge = merge_records(CONTACTS, customer.pk, [vendor.pk], by=by)
    customer.refresh_from_db()
    assert (customer.kind, customer.partner) == (Contact.Kind.CUSTOMER, None)

    undo_operation(merge, by=by)
    vendor.refresh_from_db()
    assert vendor.partner == partner


# What is pointed at records that were merged


def test_nothing_can_be_done_to_a_contact_that_was_merged_meanwhile(by: Any) -> None:
    kept, gone = ContactFactory(), ContactFactory()
    account, link = AccountFactory(), OrderLinkFactory()
    merge_records(CONTACTS, kept.pk, [gone.pk], by=by)

    for act in (
        lambda: contacts.update_contact(gone, {"phone": "1"}, by=by),
        lambda: tags.tag_contact(gone, "VIP", by=by),
        lambda: add_note(gone, "Called.", by=by),
        lambda: memberships.add_membership(account, gone, by=by),
        lambda: assign_order(link, gone, by=by),
    ):
        with pytest.raises(CRMError, match="merged into another"):
            act()


def test_nobody_joins_an_account_that_was_merged_meanwhile(by: Any) -> None:
    kept, gone, person = AccountFactory(), AccountFactory(), ContactFactory()
    merge_records(ACCOUNTS, kept.pk, [gone.pk], by=by)

    with pytest.raises(CRMError, match="merged into another"):
        memberships.add_membership(gone, person, by=by)
    with pytest.raises(CRMError, match="merged into another"):
        add_note(gone, "Called.", by=by)
    with pytest.raises(CRMError, match="merged into another"):
        set_parent(AccountFactory(), gone, by=by)


def test_undo_gives_an_order_to_nobody_who_was_merged_meanwhile(by: Any) -> None:
    first, second, third = ContactFactory.create_batch(3)
    link = OrderLinkFactory(contact=first)
    assign_order(link, second, by=by)
    assigned = latest("assign_order")
    merge_records(CONTACTS, third.pk, [first.pk], by=by)

    outcome = undo_operation(assigned, by=by)

    assert reasons(outcome) == {Reason.TARGET_GONE}
    link.refresh_from_db()
    assert link.contact == second


def test_undo_makes_no_membership_of_a_merged_account(by: Any) -> None:
    kept, gone = AccountFactory.create_batch(2)
    row = AccountContactFactory(account=gone)
    memberships.remove_membership(row, by=by)
    removed = latest("join")
    merge_records(ACCOUNTS, kept.pk, [gone.pk], by=by)

    outcome = undo_operation(removed, by=by)

    assert reasons(outcome) == {Reason.TARGET_GONE}
    assert not AccountContact.objects.exists()


def test_undo_puts_no_company_below_a_merged_one(by: Any) -> None:
    above, other, below, kept = AccountFactory.create_batch(4)
    set_parent(below, above, by=by)
    set_parent(below, other, by=by)
    moved = latest("update")
    merge_records(ACCOUNTS, kept.pk, [above.pk], by=by)

    undo_operation(moved, by=by)

    below.refresh_from_db()
    assert below.parent == other


def test_undo_writes_no_note_on_a_merged_contact(by: Any) -> None:
    kept, gone = ContactFactory.create_batch(2)
    delete_note(add_note(gone, "Called.", by=by), by=by)
    deleted = latest("note")
    merge_records(CONTACTS, kept.pk, [gone.pk], by=by)

    undo_operation(deleted, by=by)

    assert not gone.activities.exists()


# Orders and registrations that come while somebody is merged


def shared(name: str) -> Contact:
    first, last = name.split()
    return ContactFactory(first_name=first, last_name=last, emails=["info@acme.example"])


def order_of(name: str) -> Any:
    first, last = name.split()
    address = ShippingAddressFactory(first_name=first, last_name=last, phone_number="")
    return make_order("info@acme.example", "10.00", shipping_address=address)


def test_an_order_under_the_old_name_counts_for_the_company_of_the_one_that_stays(by: Any) -> None:
    kept, gone = shared("Ada Byron"), shared("Ada Lovelace")
    row = AccountContactFactory(contact=gone)
    merge_records(CONTACTS, kept.pk, [gone.pk], by=by)

    link = sync_order(order_of("Ada Lovelace"))

    assert link is not None
    link.refresh_from_db()
    assert (link.contact, link.account) == (kept, row.account)
    row.account.refresh_from_db()
    assert row.account.orders_count == 1


def test_an_order_for_a_merged_company_counts_for_the_one_that_stays(by: Any) -> None:
    kept, gone = AccountFactory.create_batch(2)
    merge_records(ACCOUNTS, kept.pk, [gone.pk], by=by)
    person = ContactFactory(emails=["ada@example.com"])
    AccountContactFactory(account=gone, contact=person)  # as a sync saw it before the merge

    link = sync_order(make_order("ada@example.com", "10.00"))

    assert link is not None
    link.refresh_from_db()
    assert link.account == kept
    assert list(check()) == []


def test_an_order_under_the_old_name_brings_the_one_that_stays_back(by: Any) -> None:
    kept, gone = shared("Ada Byron"), shared("Ada Lovelace")
    before = timezone.now() - timedelta(days=1)
    merge = merge_records(CONTACTS, kept.pk, [gone.pk], by=by)
    Contact.objects.filter(pk=kept.pk).update(archived_at=before)

    sync_order(order_of("Ada Lovelace"))

    kept.refresh_from_db()
    gone.refresh_from_db()
    assert kept.archived_at is None
    assert kept.kind == Contact.Kind.CUSTOMER
    assert gone.archived_at is not None
    assert gone.kind == Contact.Kind.LEAD
    outcome = undo_operation(merge, by=by)
    assert outcome.refused == []


def test_a_registration_under_the_old_name_joins_the_one_that_stays(by: Any) -> None:
    kept, gone = shared("Ada Byron"), shared("Ada Lovelace")
    merge_records(CONTACTS, kept.pk, [gone.pk], by=by)
    user = UserFactory(email="info@acme.example", first_name="Ada", last_name="Lovelace")

    joined = contacts.join_user(user)

    assert joined == kept
    assert ContactUser.objects.get(user=user).contact == kept


def test_an_order_given_back_by_undo_counts_for_the_company_of_its_contact(by: Any) -> None:
    kept = ContactFactory(emails=["kept@example.com"])
    gone = ContactFactory(emails=["gone@example.com"])
    other = AccountContactFactory(contact=kept, is_primary=True)
    own = AccountContactFactory(contact=gone, is_primary=True)
    merge = merge_records(CONTACTS, kept.pk, [gone.pk], by=by)
    link = sync_order(make_order("gone@example.com", "10.00"))
    assert link is not None
    assert link.account == other.account

    undo_operation(merge, by=by)

    link.refresh_from_db()
    assert (link.contact, link.account) == (gone, own.account)
    assert list(Account.objects.order_by("pk").values_list("orders_count", flat=True)) == [0, 1]
    assert list(check()) == []


def test_an_order_that_stays_after_undo_does_not_count_for_the_others_company(by: Any) -> None:
    kept = ContactFactory(emails=["kept@example.com"])
    gone = ContactFactory(emails=["gone@example.com"])
    own = AccountContactFactory(contact=gone, is_primary=True)
    merge = merge_records(CONTACTS, kept.pk, [gone.pk], by=by)
    link = sync_order(make_order("kept@example.com", "10.00"))
    assert link is not None
    assert link.account == own.account

    undo_operation(merge, by=by)

    link.refresh_from_db()
    assert (link.contact, link.account) == (kept, None)
    assert list(check()) == []


# Sync, rebuild and check after all of it


def test_rebuild_and_check_find_nothing_after_merge_undo_assignment_and_erasure(
    by: Any, crm_sync: Any
) -> None:
    people = [ContactFactory(emails=[f"p{n}@example.com"]) for n in range(4)]
    for n, person in enumerate(people):
        AccountContactFactory(contact=person, is_primary=True)
        for _ in range(2):
            sync_order(make_order(f"p{n}@example.com", "10.00"))
    one, two, three, four = (person.pk for person in people)
    undone = merge_records(CONTACTS, one, [two], by=by)
    sync_order(make_order("p1@example.com", "10.00"))
    undo_operation(undone, by=by)
    merge_records(CONTACTS, three, [four], by=by)
    sync_order(make_order("p3@example.com", "10.00"))
    accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    merge_records(ACCOUNTS, accounts[0], accounts[1:3], by=by)
    assign_order(OrderLink.objects.earliest("pk"), Contact.objects.get(pk=two), by=by)
    erase_contact(Contact.objects.get(pk=three), by=by)
    before = state_of_the_shop()

    assert list(check()) == []
    crm_sync()
    crm_sync(rebuild=True)

    assert state_of_the_shop() == before
    assert list(check()) == []
    assert get_model("order", "Order")._default_manager.count() == 10
    assert sum(Contact.objects.values_list("orders_count", flat=True)) == 10
    assert sum(Account.objects.values_list("orders_count", flat=True)) == 10


def state_of_the_shop() -> list[Any]:
    figures = ("lifetime_value", "orders_count", "merged_into", "archived_at")
    return [
        list(Contact.objects.order_by("pk").values_list("pk", "kind", "first_name", *figures)),
        list(Account.objects.order_by("pk").values_list("pk", *figures)),
        list(OrderLink.objects.order_by("pk").values_list("pk", "contact", "account", "email")),
        list(ValueEntry.objects.order_by("pk").values_list("pk", "contact", "base_amount")),
    ]
