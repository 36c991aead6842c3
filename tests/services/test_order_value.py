"""What orders are worth: the lifetime value of their contact."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.models import Contact, OrderLink, ValueEntry
from oscar_crm.services.orders import settle_deleted_orders, sync_order
from oscar_crm.services.rates import set_rate
from oscar_crm.test.factories import make_order, refund_order
from tests.shop import synced

pytestmark = pytest.mark.django_db


def test_a_cancelled_order_counts_as_nothing_and_the_customer_stays_one():
    order = make_order(status="Pending")
    contact = synced(order)

    order.set_status("Cancelled")
    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("0.00")
    assert contact.orders_count == 0
    assert contact.last_order_at is None
    assert contact.kind == Contact.Kind.CUSTOMER


def test_a_cancellation_is_dated_by_the_order_history():
    order = make_order(status="Pending")
    order.set_status("Cancelled")
    at = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    order.status_changes.update(date_created=at)

    sync_order(order)

    assert ValueEntry.objects.get(kind="cancelled").occurred_at == at


def test_a_reinstated_order_counts_again():
    order = make_order(status="Pending")
    order.set_status("Cancelled")
    contact = synced(order)
    get_model("order", "Order").objects.filter(pk=order.pk).update(status="Pending")

    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("120.00")


def test_a_shop_without_statuses_counts_its_orders(settings):
    settings.OSCAR_CRM_CANCELLED_STATUSES = []

    contact = synced(make_order(status=""))

    contact.refresh_from_db()
    assert contact.lifetime_value == D("120.00")


def test_an_order_awaiting_payment_counts_once_it_is_paid(settings):
    settings.OSCAR_CRM_UNCOUNTED_STATUSES = ["Pending"]
    order = make_order(status="Pending")
    contact = synced(order)
    contact.refresh_from_db()
    assert (contact.lifetime_value, contact.kind) == (D("0.00"), Contact.Kind.LEAD)

    order.set_status("Being processed")
    sync_order(order)

    contact.refresh_from_db()
    assert (contact.lifetime_value, contact.kind) == (D("120.00"), Contact.Kind.CUSTOMER)


def test_refunds_of_all_sources_are_taken_off():
    order = make_order(total="120.00")
    contact = synced(order)
    refund_order(order, "20.00")
    refund_order(order, "10.00")

    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("90.00")


def test_a_refund_beyond_the_total_is_flagged_and_not_booked():
    order = make_order(total="120.00")
    refund_order(order, "150.00")

    link = sync_order(order)

    assert link.refund_excess == D("30.00")
    link.contact.refresh_from_db()
    assert link.contact.lifetime_value == D("0.00")


def test_a_refund_in_another_currency_is_flagged_and_not_booked():
    order = make_order(total="120.00")
    refund_order(order, "20.00", currency="GBP")

    link = sync_order(order)

    assert link.foreign_refund == "20.00 GBP"
    link.contact.refresh_from_db()
    assert link.contact.lifetime_value == D("120.00")


@pytest.mark.parametrize(
    ("tax", "shipping", "counted"),
    [
        (True, True, "119.00"),
        (False, True, "100.00"),
        (True, False, "107.10"),
        (False, False, "90.00"),
    ],
)
def test_tax_and_shipping_count_as_the_settings_say(settings, tax, shipping, counted):
    settings.OSCAR_CRM_VALUE_INCLUDES_TAX = tax
    settings.OSCAR_CRM_VALUE_INCLUDES_SHIPPING = shipping
    order = make_order(
        total="119.00",
        total_excl_tax=D("100.00"),
        shipping_incl_tax=D("11.90"),
        shipping_excl_tax=D("10.00"),
    )
    refund_order(order, "59.50")  # half of the total, so half of what counts

    contact = synced(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D(counted) / 2


def test_two_currencies_are_summed_in_base_currency_at_the_rate_of_the_order_day():
    set_rate("USD", D("0.90"), valid_from=date(2026, 1, 1))
    set_rate("USD", D("0.80"), valid_from=date(2026, 2, 1))
    january = datetime(2026, 1, 31, 12, tzinfo=UTC)
    synced(make_order(total="100.00"))
    synced(make_order(total="50.00", currency="USD", date_placed=january))
    contact = synced(make_order(total="10.00", currency="USD"))

    contact.refresh_from_db()
    # 100 + 50 × 0.90 + 10 × 0.80
    assert contact.lifetime_value == D("153.00")
    assert contact.currency_totals == {
        "EUR": {"amount": "100.00", "base": "100.00"},
        "USD": {"amount": "60.00", "base": "53.00"},
    }


def test_the_day_of_a_rate_is_the_shops_day(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    set_rate("USD", D("0.90"), valid_from=date(2026, 1, 1))
    set_rate("USD", D("0.80"), valid_from=date(2026, 2, 1))
    # Half past eleven at night in London is the first of February in Berlin.
    contact = synced(
        make_order(
            total="10.00", currency="USD", date_placed=datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
        )
    )

    contact.refresh_from_db()
    assert contact.lifetime_value == D("8.00")


def test_what_has_no_rate_is_shown_apart_and_counted_once_it_has_one():
    contact = synced(make_order(total="50.00", currency="USD"))
    contact.refresh_from_db()
    assert contact.lifetime_value == D("0.00")
    assert contact.unvalued_orders == 1
    assert contact.currency_totals == {"USD": {"amount": "50.00", "base": None}}
    assert contact.orders_count == 1

    set_rate("USD", D("0.9"), valid_from=timezone.localdate())

    contact.refresh_from_db()
    assert contact.lifetime_value == D("45.00")
    assert contact.unvalued_orders == 0


@pytest.mark.parametrize("currency", ["", "XXX", "BITCOIN"])
def test_an_unknown_currency_is_no_obstacle(currency):
    contact = synced(make_order(total="50.00", currency=currency))

    contact.refresh_from_db()
    assert contact.unvalued_orders == 1
    assert contact.currency_totals == {currency: {"amount": "50.00", "base": None}}


def test_a_rate_corrected_later_values_the_order_anew_refunds_included():
    set_rate("USD", D("0.90"), valid_from=date(2026, 1, 1))
    order = make_order(total="100.00", currency="USD")
    refund_order(order, "25.00")
    contact = synced(order)

    set_rate("USD", D("0.50"), valid_from=date(2026, 1, 1))

    contact.refresh_from_db()
    assert contact.lifetime_value == D("37.50")


def test_changing_the_base_currency_values_everything_anew(settings):
    set_rate("USD", D("0.50"), valid_from=date(2026, 1, 1))
    order = make_order(total="100.00", currency="USD")
    contact = synced(order)
    settings.OSCAR_CRM_CURRENCY = "USD"

    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("100.00")


def test_an_order_deleted_in_the_shop_leaves_its_history_and_no_value():
    order = make_order()
    contact = synced(order)
    order.delete()

    assert settle_deleted_orders() == 1

    contact.refresh_from_db()
    assert (contact.lifetime_value, contact.orders_count) == (D("0.00"), 0)
    link = OrderLink.objects.get()
    assert link.order is None
    assert link.deleted_at is not None
    assert [e.kind for e in link.entries.order_by("pk")] == ["placed", "cancelled"]
    assert settle_deleted_orders() == 0


def test_an_order_deleted_after_a_refund_leaves_no_value():
    order = make_order(total="120.00")
    refund_order(order, "20.00")
    contact = synced(order)
    order.delete()

    settle_deleted_orders()

    contact.refresh_from_db()
    assert contact.lifetime_value == D("0.00")
    assert [e.amount for e in ValueEntry.objects.order_by("pk")] == [
        D("120.00"),
        D("-20.00"),
        D("-100.00"),
    ]
