"""Two things at once, with real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from oscar.test.factories import UserFactory

from oscar_crm.exceptions import ErasedError, MergedError, MergeError, ValidationError
from oscar_crm.models import (
    Account,
    AccountContact,
    Change,
    Contact,
    ContactEmail,
    ContactUser,
    Erasure,
    OrderLink,
    ValueEntry,
)
from oscar_crm.queries.areas import ACCOUNTS, CONTACTS
from oscar_crm.services.accounts import set_parent
from oscar_crm.services.activities import add_note, edit_note
from oscar_crm.services.companies import accept_company
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.erasure import erase_contact
from oscar_crm.services.memberships import add_membership
from oscar_crm.services.merge import merge_records
from oscar_crm.services.order_facts import read_states
from oscar_crm.services.orders import sync_order, try_sync_order, try_sync_states
from oscar_crm.services.undo import undo_operation
from oscar_crm.test.factories import (
    AccountFactory,
    ContactFactory,
    NoteFactory,
    make_order,
    make_staff,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def real_connections(db):
    """A SQLite database in memory is one connection for all threads: nothing is at once there."""
    if connection.vendor == "sqlite":
        pytest.skip("needs a database with several connections; `make test` also runs PostgreSQL")


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return job()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.fixture
def no_sync(settings):
    """Orders are saved quietly, so that the test decides when they are synced."""
    settings.OSCAR_CRM_SYNC_ORDERS = False


@pytest.mark.parametrize("attempt", range(5))
def test_two_orders_of_one_new_address_make_one_contact(no_sync, attempt):
    orders = [make_order("ada@example.com", "10.00") for _ in range(4)]

    at_once(*(lambda order=order: sync_order(order) for order in orders))

    contact = Contact.objects.get()
    assert ContactEmail.objects.count() == 1
    assert contact.orders_count == 4
    assert contact.lifetime_value == 40


@pytest.mark.parametrize("attempt", range(5))
def test_two_orders_of_one_account_without_address_make_one_contact(no_sync, attempt):
    user = UserFactory(email="")
    orders = [make_order("", "10.00", user=user) for _ in range(4)]

    at_once(*(lambda order=order: sync_order(order) for order in orders))

    assert Contact.objects.get().orders_count == 4


@pytest.mark.parametrize("attempt", range(5))
def test_one_order_synced_twice_at_once_is_booked_once(no_sync, attempt):
    order = make_order(total="10.00")

    results = at_once(*(lambda: sync_order(order, force=True) for _ in range(4)))

    assert [r for r in results if isinstance(r, Exception)] == []
    assert OrderLink.objects.count() == ValueEntry.objects.count() == 1
    assert Contact.objects.get().lifetime_value == 10


@pytest.mark.parametrize("attempt", range(3))
def test_backfills_and_single_syncs_at_once_bring_every_order_in_once(no_sync, attempt):
    orders = [make_order(f"c{number % 20}@example.com", "10.00") for number in range(60)]
    backwards = [order.pk for order in reversed(orders)]

    def backfill() -> None:
        for start in range(0, 60, 30):
            ids = [order.pk for order in orders[start : start + 30]]
            try_sync_states(list(read_states(ids).values()))

    results = at_once(backfill, backfill, lambda: [try_sync_order(pk) for pk in backwards])

    assert [r for r in results if isinstance(r, Exception)] == []
    assert OrderLink.objects.filter(problem="").count() == ValueEntry.objects.count() == 60
    assert Contact.objects.filter(orders_count=3, lifetime_value=30).count() == 20
    assert Contact.objects.count() == ContactEmail.objects.count() == 20


def test_of_two_edits_at_once_one_is_told(no_sync):
    contact, staff = ContactFactory(), make_staff()

    results = at_once(
        *(
            lambda phone=phone: update_contact(contact, {"phone": phone}, version=1, by=staff)
            for phone in ("1", "2")
        )
    )

    assert sorted(type(r).__name__ for r in results) == ["Contact", "EditConflictError"]


def test_of_two_people_merging_the_same_contacts_one_is_told(no_sync):
    kept, gone, other = ContactFactory(), ContactFactory(), ContactFactory()
    NoteFactory(contact=gone)

    results = at_once(
        lambda: merge_records(CONTACTS, kept.pk, [gone.pk], by=None),
        lambda: merge_records(CONTACTS, other.pk, [gone.pk], by=None),
        lambda: merge_records(CONTACTS, gone.pk, [kept.pk], by=None),
    )

    errors = [result for result in results if isinstance(result, Exception)]
    assert {type(error) for error in errors} == {MergeError}
    merged = Contact.objects.exclude(merged_into=None)
    for contact in merged:
        assert contact.merged_into.merged_into is None or contact.merged_into in merged
        assert not contact.activities.exists()


@pytest.mark.parametrize("attempt", range(5))
def test_an_undo_pressed_twice_is_done_once(no_sync, attempt):
    kept, gone = ContactFactory(), ContactFactory()
    merged = merge_records(CONTACTS, kept.pk, [gone.pk], by=None)

    results = at_once(*(lambda: undo_operation(merged, by=None) for _ in range(2)))

    assert sorted(type(result).__name__ for result in results) == ["Outcome", "UndoError"]
    assert gone.emails.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_an_order_synced_during_a_merge_is_not_lost(no_sync, attempt):
    kept, gone = ContactFactory(), ContactFactory(emails=["gone@example.com"])
    order = make_order("gone@example.com", "10.00")

    results = at_once(
        lambda: sync_order(order),
        lambda: merge_records(CONTACTS, kept.pk, [gone.pk], by=None),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    kept.refresh_from_db()
    assert OrderLink.objects.get().contact == kept
    assert kept.lifetime_value == 10


@pytest.mark.parametrize("attempt", range(5))
def test_an_order_synced_during_a_merge_of_companies_counts_for_the_one_that_stays(
    no_sync, attempt
):
    kept, gone = AccountFactory.create_batch(2)
    contact = ContactFactory(emails=["ada@example.com"])
    AccountContact.objects.create(account=gone, contact=contact)
    order = make_order("ada@example.com", "10.00")

    results = at_once(
        lambda: sync_order(order),
        lambda: merge_records(ACCOUNTS, kept.pk, [gone.pk], by=None),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    assert OrderLink.objects.get().account == kept
    figures = Account.objects.order_by("pk").values_list("orders_count", flat=True)
    assert list(figures) == [1, 0]


@pytest.mark.parametrize("attempt", range(5))
def test_nobody_joins_a_company_while_it_is_merged(no_sync, attempt):
    kept, gone = AccountFactory.create_batch(2)
    contact, staff = ContactFactory(), make_staff()

    results = at_once(
        lambda: add_membership(gone, contact, by=staff),
        lambda: merge_records(ACCOUNTS, kept.pk, [gone.pk], by=None),
    )

    errors = [result for result in results if isinstance(result, Exception)]
    assert {type(error) for error in errors} <= {MergedError}
    assert not AccountContact.objects.filter(account=gone).exists()


@pytest.mark.parametrize("attempt", range(5))
def test_a_note_changed_during_an_erasure_leaves_nothing(no_sync, attempt):
    contact, staff = ContactFactory(), make_staff()
    note = NoteFactory(contact=contact, body="lilac-note")

    results = at_once(
        lambda: erase_contact(contact, by=staff),
        lambda: edit_note(note, "amber-note", by=staff),
        lambda: add_note(contact, "violet-note", by=staff),
    )

    errors = [result for result in results if isinstance(result, Exception)]
    assert {type(error) for error in errors} <= {ErasedError, ValidationError}
    assert not contact.activities.exists()
    told = str(list(Change.objects.values_list("before", "after")))
    assert "-note" not in told


@pytest.mark.parametrize("attempt", range(5))
def test_two_people_at_once_do_not_make_a_loop_of_companies(attempt):
    a, b, c = AccountFactory.create_batch(3)
    staff = make_staff()

    at_once(*(lambda pair=pair: set_parent(*pair, by=staff) for pair in ((a, b), (b, c), (c, a))))

    parents = dict(Account.objects.values_list("pk", "parent"))
    assert len([parent for parent in parents.values() if parent]) <= 2


@pytest.mark.parametrize("attempt", range(5))
def test_two_people_accepting_a_company_at_once_make_one_account(attempt):
    ContactFactory(company_name="Acme Ltd")
    ContactFactory(company_name="ACME")
    staff = make_staff("view_contact", "view_account")

    at_once(*(lambda: accept_company("acme", by=staff) for _ in range(3)))

    assert Account.objects.count() == 1
    assert AccountContact.objects.count() == 2


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_erasures_at_once_one_is_told(no_sync, attempt):
    contact = sync_order(make_order("ada@example.com")).contact
    staff = make_staff()

    results = at_once(*(lambda: erase_contact(contact, by=staff) for _ in range(2)))

    assert sorted(type(r).__name__ for r in results) == ["ErasedError", "Erasure"]
    assert Erasure.objects.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_an_erasure_while_orders_are_synced_leaves_nothing_of_the_person(no_sync, attempt):
    user = UserFactory(email="ada@example.com")
    orders = [make_order("", "10.00", user=user) for _ in range(4)]
    contact = sync_order(orders[0]).contact
    late = make_order("ada@example.com", "10.00")
    staff = make_staff()

    results = at_once(
        lambda: erase_contact(contact, by=staff),
        *(lambda order=order: sync_order(order, force=True) for order in [*orders, late]),
    )

    assert [r for r in results if isinstance(r, Exception)] == []
    erased = Contact.objects.get(pk=contact.pk)
    assert str(erased) == f"Erased contact {contact.pk}"
    assert erased.sort_name == ""
    assert not ContactEmail.objects.filter(contact=erased).exists()
    assert not ContactUser.objects.filter(contact=erased).exists()
    assert not OrderLink.objects.filter(contact=erased).exclude(email="").exists()
    assert sum(Contact.objects.values_list("lifetime_value", flat=True)) == 50
