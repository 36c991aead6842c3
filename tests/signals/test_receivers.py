"""Receivers queue work and can never break checkout."""

from decimal import Decimal as D
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from oscar.core.loading import get_model
from oscar.test.factories import UserFactory, create_basket, create_order

from oscar_crm import signals
from oscar_crm.models import Contact, OrderLink
from oscar_crm.services import orders, reconcile
from oscar_crm.test.factories import ContactFactory, make_order, refund_order
from tests.shop import buy_as_guest

SYNC = "oscar_crm.services.orders.sync_order"


def raise_runtime_error(*args, **kwargs):
    raise RuntimeError("the CRM is broken")


def raise_database_error(*args, **kwargs):
    """A real one, so that the database connection is in the state such an error leaves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")


@pytest.fixture
def atomic_requests():
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    yield
    connection.settings_dict["ATOMIC_REQUESTS"] = False


@pytest.mark.django_db(transaction=True)
def test_a_guest_order_in_the_storefront_becomes_a_contact(client):
    response = buy_as_guest(client, "guest@example.com")

    assert response.url == reverse("checkout:thank-you")
    contact = Contact.objects.get()
    order = get_model("order", "Order").objects.get()
    assert contact.full_name == "Grace Hopper"
    assert contact.lifetime_value == order.total_incl_tax > 0
    assert contact.orders_count == 1


@pytest.mark.parametrize("broken", [raise_runtime_error, raise_database_error])
@pytest.mark.django_db(transaction=True)
def test_a_raising_crm_leaves_checkout_alone_and_the_next_sync_brings_the_order_in(client, broken):
    with patch(SYNC, broken):
        response = buy_as_guest(client, "guest@example.com")

    check_checkout_went_well_and_order_comes_in_later(response)


@pytest.mark.parametrize("broken", [raise_runtime_error, raise_database_error])
@pytest.mark.django_db(transaction=True)
def test_a_raising_crm_under_atomic_requests(client, broken, atomic_requests):
    with patch(SYNC, broken):
        response = buy_as_guest(client, "guest@example.com")

    check_checkout_went_well_and_order_comes_in_later(response)


def check_checkout_went_well_and_order_comes_in_later(response):
    assert response.url == reverse("checkout:thank-you")
    assert [message.to for message in mail.outbox] == [["guest@example.com"]]
    assert OrderLink.objects.get().problem == OrderLink.Problem.FAILED
    assert not Contact.objects.exists()

    reconcile.run()

    order = get_model("order", "Order").objects.get()
    assert Contact.objects.get().lifetime_value == order.total_incl_tax
    assert OrderLink.objects.get().problem == ""


@pytest.mark.django_db(transaction=True)
def test_a_crm_that_cannot_even_write_down_its_failure_leaves_checkout_alone(client):
    with (
        patch(SYNC, raise_runtime_error),
        patch("oscar_crm.services.orders._note_failure", raise_runtime_error),
    ):
        response = buy_as_guest(client, "guest@example.com")

    assert response.url == reverse("checkout:thank-you")
    assert not OrderLink.objects.exists()
    reconcile.run()
    assert Contact.objects.get().orders_count == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_rolled_back_leaves_no_trace():
    with transaction.atomic():
        make_order()
        transaction.set_rollback(True)

    assert not OrderLink.objects.exists()
    assert not Contact.objects.exists()


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.django_db
def test_placing_an_order_takes_no_query_more_inside_the_customers_transaction(settings, is_async):
    settings.OSCAR_CRM_ASYNC = is_async

    def queries(number: str, *, with_crm: bool) -> int:
        settings.OSCAR_CRM_SYNC_ORDERS = with_crm
        basket = create_basket()
        with CaptureQueriesContext(connection) as captured:  # the test never commits
            create_order(basket=basket, number=number)
        return len(captured)

    queries("warm-up", with_crm=False)

    assert queries("with", with_crm=True) == queries("without", with_crm=False)


@pytest.mark.django_db
def test_many_signals_of_one_order_are_one_sync_per_transaction(on_commit):
    with patch(SYNC, wraps=orders.sync_order) as sync, on_commit():
        order = make_order(status="Pending")
        order.save()
        with transaction.atomic():
            order.set_status("Being processed")
            refund_order(order, "5.00")

    assert sync.call_count == 1
    assert Contact.objects.get().lifetime_value == D("115.00")


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_that_is_rolled_back_does_not_take_the_sync_with_it():
    order = make_order(total="120.00")
    with transaction.atomic():
        with transaction.atomic():
            order.save()
            transaction.set_rollback(True)
        get_model("order", "Order").objects.filter(pk=order.pk).update(total_incl_tax=D("70.00"))
        order.refresh_from_db()
        order.save()

    assert Contact.objects.get().lifetime_value == D("70.00")


@pytest.mark.django_db
def test_a_status_change_a_saved_source_and_a_transaction_are_noticed(on_commit):
    with on_commit():
        order = make_order(total="120.00", status="Pending")
    with on_commit():
        refund_order(order, "20.00")
    assert Contact.objects.get().lifetime_value == D("100.00")
    with on_commit():
        order.set_status("Cancelled")
    assert Contact.objects.get().lifetime_value == D("0.00")


@pytest.mark.django_db
def test_a_transaction_recorded_alone_is_noticed(on_commit):
    with on_commit():
        source = refund_order(make_order(total="120.00"), "20.00")
    type(source).objects.update(amount_refunded=D("30.00"))

    with on_commit():
        get_model("payment", "Transaction").objects.create(
            source_id=source.pk, txn_type="Refund", amount=D("10.00")
        )

    assert Contact.objects.get().lifetime_value == D("90.00")


@pytest.mark.django_db
def test_a_deleted_order_takes_its_value_back(on_commit):
    with on_commit():
        order = make_order(total="120.00")
    with on_commit():
        order.delete()

    assert Contact.objects.get().lifetime_value == D("0.00")
    assert OrderLink.objects.get().deleted_at is not None


@pytest.mark.django_db
def test_switched_off_the_sync_does_nothing_by_itself(settings, on_commit):
    settings.OSCAR_CRM_SYNC_ORDERS = False

    with on_commit() as callbacks:
        make_order()

    assert callbacks == []
    assert not OrderLink.objects.exists()


def register(client, email="ada@example.com"):
    return client.post(
        reverse("customer:register"),
        {
            "email": email,
            "password1": "correct horse",
            "password2": "correct horse",
            "registration_submit": "1",
        },
    )


@pytest.mark.django_db(transaction=True)
def test_a_registration_makes_a_prospect(client):
    register(client)

    contact = Contact.objects.get()
    assert contact.kind == Contact.Kind.LEAD
    assert contact.source == Contact.Source.REGISTRATION
    assert contact.shop_accounts.get().basis == "email"


@pytest.mark.django_db(transaction=True)
def test_a_registration_joins_a_contact_by_address_only(client):
    known = ContactFactory(emails=["Ada@Example.com"])

    register(client)

    assert Contact.objects.get() == known
    assert known.shop_accounts.get().basis == "email"


@pytest.mark.django_db(transaction=True)
def test_a_registration_makes_no_prospect_where_the_shop_wants_none(client, settings):
    settings.OSCAR_CRM_REGISTRATION_CREATES_CONTACT = False

    register(client)

    assert not Contact.objects.exists()


@pytest.mark.django_db
def test_the_first_order_of_a_registered_account_proves_it(on_commit):
    from oscar_crm.services.contacts import join_user

    user = UserFactory(email="ada@example.com")
    contact = join_user(user)

    with on_commit():
        make_order("", user=user)

    assert contact.shop_accounts.get().basis == "ordered"


@pytest.mark.django_db
def test_a_registration_that_met_a_guests_orders_is_never_proved_by_ordering(on_commit):
    from oscar_crm.services.contacts import join_user

    with on_commit():
        make_order("ada@example.com")
    user = UserFactory(email="ada@example.com")
    join_user(user)

    with on_commit():
        make_order("", user=user)

    assert Contact.objects.get().shop_accounts.get().basis == "email"


@pytest.mark.django_db
def test_our_own_signals_are_sent_after_commit(on_commit):
    heard = []

    def hear(sender, signal, **kwargs):
        heard.append(signal)

    signals.contact_created.connect(hear)
    signals.order_synced.connect(hear)
    try:
        with on_commit():
            make_order()
    finally:
        signals.contact_created.disconnect(hear)
        signals.order_synced.disconnect(hear)

    assert sorted(map(id, heard)) == sorted(
        map(id, [signals.contact_created, signals.order_synced])
    )
