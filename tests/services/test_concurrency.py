"""Two things at once, with real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from oscar.test.factories import UserFactory

from oscar_crm.models import Contact, ContactEmail, OrderLink, ValueEntry
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.order_facts import read_states
from oscar_crm.services.orders import sync_order, try_sync_order, try_sync_states
from oscar_crm.test.factories import ContactFactory, make_order, make_staff

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
