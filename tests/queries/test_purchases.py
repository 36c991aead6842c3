"""Conditions on what contacts did in the shop."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.core.loading import get_model
from oscar.test.factories import (
    BasketFactory,
    CategoryFactory,
    ProductFactory,
    StockRecordFactory,
    UserFactory,
)

from oscar_crm.models import Contact, Operation
from oscar_crm.queries.contacts import ContactFilter, narrowed
from oscar_crm.queries.retention import untouched_among
from oscar_crm.services.activities import add_note
from oscar_crm.services.journal import operation, record_change
from oscar_crm.services.reconcile import run as reconcile
from oscar_crm.test.factories import (
    AccountContactFactory,
    ContactFactory,
    ValueEntryFactory,
    make_order,
    refund_order,
)

pytestmark = pytest.mark.django_db


def found(**conditions: Any) -> set[str]:
    """Main addresses of the contacts that pass a filter."""
    rows = narrowed(Contact.objects.all(), ContactFilter(**conditions))
    return {contact.primary_email.split("@")[0] for contact in rows}


def buy(name: str, *products: Any, status: str = "", **fields: Any) -> Any:
    """An order of ``name@example.com`` with a line for each product."""
    order = make_order(f"{name}@example.com", status=status, **fields)
    for product in products:
        order.lines.create(
            product=product,
            title=product.get_title(),
            partner_sku="sku",
            line_price_incl_tax=10,
            line_price_excl_tax=10,
            line_price_before_discounts_incl_tax=10,
            line_price_before_discounts_excl_tax=10,
            num_allocated=0,
        )
    return order


@pytest.fixture
def lamp(db: None) -> Any:
    return ProductFactory(title="Lamp", structure="parent", stockrecords=None)


@pytest.fixture
def red_lamp(lamp: Any) -> Any:
    return ProductFactory(
        title="", structure="child", parent=lamp, product_class=None, categories=None
    )


def test_a_product_was_bought_by_those_who_have_it_on_an_order(lamp: Any) -> None:
    buy("buyer", lamp)
    buy("other", ProductFactory())
    reconcile()
    assert found(bought=lamp.pk) == {"buyer"}


def test_a_parent_was_bought_by_those_who_bought_a_variant(lamp: Any, red_lamp: Any) -> None:
    buy("buyer", red_lamp)
    reconcile()
    assert found(bought=lamp.pk) == {"buyer"}


def test_a_variant_was_not_bought_by_those_who_bought_another(lamp: Any, red_lamp: Any) -> None:
    green = ProductFactory(
        title="Green", structure="child", parent=lamp, product_class=None, categories=None
    )
    buy("buyer", green)
    reconcile()
    assert found(bought=red_lamp.pk) == set()


def test_a_cancelled_order_bought_nothing(lamp: Any) -> None:
    buy("buyer", lamp, status="Cancelled")
    reconcile()
    assert found(bought=lamp.pk) == set()


def test_an_order_that_awaits_payment_bought_nothing_yet(lamp: Any, settings: Any) -> None:
    settings.OSCAR_CRM_UNCOUNTED_STATUSES = ["Pending"]
    buy("buyer", lamp, status="Pending")
    reconcile()
    assert found(bought=lamp.pk) == set()


def test_a_refunded_order_was_bought_all_the_same(lamp: Any) -> None:
    refund_order(buy("buyer", lamp), "120.00")
    reconcile()
    assert found(bought=lamp.pk) == {"buyer"}


def test_a_deleted_product_was_bought_by_nobody(lamp: Any) -> None:
    buy("buyer", lamp)
    reconcile()
    pk = lamp.pk
    lamp.delete()
    assert found(bought=pk) == set()


def test_a_category_counts_what_is_filed_below_it_and_variants(lamp: Any, red_lamp: Any) -> None:
    below = create_from_breadcrumbs("Home > Lights")
    other = create_from_breadcrumbs("Garden")
    top = get_model("catalogue", "Category")._default_manager.get(name="Home")
    lamp.categories.set([below])
    buy("variant", red_lamp)
    chair = ProductFactory(categories=None)
    chair.categories.set([top])
    buy("chair", chair)
    reconcile()
    assert found(bought_category=top.pk) == {"variant", "chair"}
    assert found(bought_category=below.pk) == {"variant"}
    assert found(bought_category=other.pk) == set()


def test_a_deleted_category_was_bought_by_nobody(lamp: Any) -> None:
    buy("buyer", lamp)
    reconcile()
    category = CategoryFactory()
    lamp.categories.set([category])
    pk = category.pk
    category.delete()
    assert found(bought_category=pk) == set()


def test_conditions_hold_together(lamp: Any) -> None:
    chair = ProductFactory()
    buy("both", lamp, chair)
    buy("lamp", lamp)
    reconcile()
    category = chair.categories.get()
    assert found(bought=lamp.pk, bought_category=category.pk) == {"both"}


@pytest.mark.parametrize("typed", ["SPRING", "spring"])
def test_a_voucher_is_known_by_its_code_however_it_is_typed(typed: str) -> None:
    discounts = get_model("order", "OrderDiscount")._default_manager
    discounts.create(order=buy("user"), voucher_code="SPRING", amount=5)
    discounts.create(order=buy("other"), voucher_code="SUMMER", amount=5)
    reconcile()
    assert found(voucher=typed) == {"user"}


def test_spent_ever_is_net_of_refunds() -> None:
    refund_order(make_order("less@example.com", "100.00"), "30.00")
    make_order("more@example.com", "71.00")
    reconcile()
    assert found(spent_min=Decimal("70.01")) == {"more"}
    assert found(spent_min=Decimal("70.00")) == {"less", "more"}


def test_spent_since_a_day_sums_the_entries_from_that_day_on() -> None:
    contact = ContactFactory(emails=["ada@example.com"])
    for day, amount in ((1, "50.00"), (10, "10.10"), (11, "20.20"), (12, "-5.05")):
        ValueEntryFactory(
            link__contact=contact,
            kind="placed" if amount[0] != "-" else "refunded",
            amount=Decimal(amount),
            base_amount=Decimal(amount),
            gross=Decimal(amount),
            occurred_at=datetime(2026, 5, day, 12, tzinfo=UTC),
        )
    # 10.10 + 20.20 - 5.05 = 25.25 from the tenth on
    assert found(spent_min=Decimal("25.25"), spent_since=date(2026, 5, 10)) == {"ada"}
    assert found(spent_min=Decimal("25.26"), spent_since=date(2026, 5, 10)) == set()


def test_the_average_order_leaves_out_orders_without_a_rate() -> None:
    # 90 / (4 - 1) = 30
    ContactFactory(emails=["ada@example.com"], lifetime_value=90, orders_count=4, unvalued_orders=1)
    ContactFactory(lifetime_value=0, orders_count=1, unvalued_orders=1)
    ContactFactory(lifetime_value=0, orders_count=0)
    assert found(average_min=Decimal("30.00")) == {"ada"}
    assert found(average_min=Decimal("30.01")) == set()
    assert found(average_max=Decimal("30.00")) == {"ada"}
    assert found(average_max=Decimal("29.99")) == set()


def test_idle_are_those_who_ordered_but_not_lately() -> None:
    now = timezone.now()
    ContactFactory(emails=["idle@example.com"], last_order_at=now - timedelta(days=31))
    ContactFactory(emails=["busy@example.com"], last_order_at=now - timedelta(days=29))
    ContactFactory(emails=["never@example.com"])
    assert found(idle_days=30) == {"idle"}


def leave_basket(name: str, *, days: int, status: str = "Open", has_line: bool = True) -> Any:
    """A basket of a contact's shop account whose lines were touched some days ago."""
    user = UserFactory()
    contact = ContactFactory(emails=[f"{name}@example.com"])
    contact.shop_accounts.create(user=user, basis="ordered")
    basket = BasketFactory(owner=user)
    if has_line:
        touch(basket, days=days)
    type(basket).objects.filter(pk=basket.pk).update(status=status)
    return basket


def touch(basket: Any, *, days: int) -> None:
    """A line in a basket, last changed some days ago."""
    stock = StockRecordFactory(product=ProductFactory(stockrecords=None))
    line = basket.lines.model._default_manager.create(
        basket=basket,
        product=stock.product,
        stockrecord=stock,
        line_reference=f"{stock.pk}",
        price_currency="EUR",
    )
    changed = timezone.now() - timedelta(days=days)
    type(line)._default_manager.filter(pk=line.pk).update(date_updated=changed)


def test_an_open_basket_that_nobody_touched_is_abandoned() -> None:
    leave_basket("left", days=8)
    leave_basket("fresh", days=6)
    leave_basket("submitted", days=8, status="Submitted")
    leave_basket("empty", days=8, has_line=False)
    make_order("x@example.com", basket=leave_basket("ordered", days=8))
    touch(leave_basket("busy", days=8), days=0)
    assert found(abandoned_days=7) == {"left"}


def test_the_country_is_that_of_the_contact() -> None:
    ContactFactory(emails=["ada@example.com"], country="DE")
    ContactFactory(country="FR")
    assert found(country="DE") == {"ada"}


def test_who_belongs_to_a_company_now_is_found_by_it() -> None:
    today = timezone.localdate()
    member = AccountContactFactory(contact__emails=["member@example.com"])
    AccountContactFactory(
        account=member.account,
        contact__emails=["gone@example.com"],
        until_date=today - timedelta(days=1),
    )
    AccountContactFactory(
        account=member.account,
        contact__emails=["soon@example.com"],
        from_date=today + timedelta(days=2),
    )
    assert found(account=member.account_id) == {"member"}


@pytest.fixture
def old(db: None) -> Contact:
    two_years_ago = timezone.now() - timedelta(days=730)
    return ContactFactory(emails=["old@example.com"], created_at=two_years_ago)


def test_untouched_is_whom_nothing_happened_to(old: Contact) -> None:
    ContactFactory(emails=["new@example.com"])
    assert found(untouched_months=12) == {"old"}
    assert found(untouched_months=36) == set()


def test_an_order_touches(old: Contact) -> None:
    Contact.objects.filter(pk=old.pk).update(last_order_at=timezone.now())
    assert found(untouched_months=12) == set()


def test_a_note_touches(old: Contact) -> None:
    add_note(old, "Called.", by=None)
    assert found(untouched_months=12) == set()


@pytest.mark.parametrize(("kind", "names"), [("update", set()), ("bulk", {"old"})])
def test_a_change_touches_unless_it_was_of_many(old: Contact, kind: str, names: set[str]) -> None:
    with operation(Operation.Kind(kind)) as opened:
        record_change(opened, old, before={"city": ""}, after={"city": "Bonn"}, contact=old)
    assert found(untouched_months=12) == names


def test_who_is_erased_is_not_untouched(old: Contact) -> None:
    Contact.objects.filter(pk=old.pk).update(erased_at=timezone.now())
    assert found(untouched_months=12) == set()


@pytest.mark.parametrize("kind", ["bulk", "undo"])
def test_the_filter_and_the_proposal_for_erasure_find_the_same(old: Contact, kind: str) -> None:
    with operation(Operation.Kind(kind)) as opened:
        record_change(opened, old, before={"city": ""}, after={"city": "Bonn"}, contact=old)
    Contact.objects.filter(pk=old.pk).update(updated_at=timezone.now())  # as the change does
    assert found(untouched_months=12) == {"old"}
    assert list(untouched_among(Contact.objects.all(), 12)) == [old]
