"""Placing the planned orders the way the shop does, only earlier."""

import random
from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from oscar.core.loading import get_class, get_model
from oscar.core.prices import Price

from sandbox.demo.seed.plan import OrderPlan, Step

Basket = get_model("basket", "Basket")
BillingAddress = get_model("order", "BillingAddress")
OrderStatusChange = get_model("order", "OrderStatusChange")
ShippingAddress = get_model("order", "ShippingAddress")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")
Transaction = get_model("payment", "Transaction")
DefaultStrategy = get_class("partner.strategy", "Default")
EventHandler = get_class("order.processing", "EventHandler")
FixedPrice = get_class("partner.prices", "FixedPrice")
OrderCreator = get_class("order.utils", "OrderCreator")
OrderTotalCalculator = get_class("checkout.calculators", "OrderTotalCalculator")
Repository = get_class("shipping.repository", "Repository")

CENT = Decimal("0.01")
# What the shop asks in dollars for one euro of its price list.
DOLLAR_PRICE = Decimal("1.15")
PAYMENT_NAMES = ("Card", "Card", "PayPal", "Bank transfer")


class DollarStrategy(DefaultStrategy):  # type: ignore[misc, valid-type]
    """The shop's prices for customers who pay in US dollars."""

    def pricing_policy(self, product: Any, stockrecord: Any) -> Any:
        price = (stockrecord.price * DOLLAR_PRICE).quantize(CENT, ROUND_HALF_UP)
        return FixedPrice(currency="USD", excl_tax=price, tax=Decimal("0.00"))


STRATEGIES = {"EUR": DefaultStrategy, "USD": DollarStrategy}


def place_orders(rng: random.Random, plans: Iterable[OrderPlan], products: list[Any]) -> list[Any]:
    """Place every planned order and let it run its course; returns the orders."""
    types = {name: SourceType.objects.get_or_create(name=name)[0] for name in PAYMENT_NAMES}
    orders = []
    for plan in plans:
        order = _place(plan, products)
        _pay(order, plan, types[rng.choice(PAYMENT_NAMES)])
        for step in plan.steps:
            _move(order, step)
        orders.append(order)
    return orders


def _place(plan: OrderPlan, products: list[Any]) -> Any:
    basket = _basket(plan, products)
    method = Repository().get_default_shipping_method(basket)
    charge = method.calculate(basket)
    total: Price = OrderTotalCalculator().calculate(basket, charge)
    user = None if plan.as_guest else plan.person.user
    order = OrderCreator().place_order(
        basket=basket,
        total=total,
        shipping_method=method,
        shipping_charge=charge,
        user=user,
        shipping_address=_shipping_address(plan),
        billing_address=BillingAddress.objects.create(**plan.person.address),
        date_placed=plan.placed_at,
        guest_email="" if user else plan.email,
    )
    basket.owner = user
    basket.date_created = basket.date_submitted = plan.placed_at
    basket.status = Basket.SUBMITTED
    basket.save()
    return order


def _basket(plan: OrderPlan, products: list[Any]) -> Any:
    basket = Basket.objects.create()
    basket.strategy = STRATEGIES[plan.currency]()
    for position, quantity in plan.items.items():
        basket.add_product(products[position], quantity)
    return basket


def _shipping_address(plan: OrderPlan) -> Any:
    return ShippingAddress.objects.create(phone_number=plan.person.phone, **plan.person.address)


def _pay(order: Any, plan: OrderPlan, source_type: Any) -> None:
    total = order.total_incl_tax
    source = Source(order=order, source_type=source_type, currency=order.currency)
    source.reference = f"PAY-{order.number}"
    source.allocate(total, reference=source.reference)
    _date(source, plan.placed_at)
    if not plan.paid_at:
        return
    source.debit(total, reference=source.reference)
    _date(source, plan.paid_at)
    for repayment in plan.repayments:
        amount = (total * repayment.share).quantize(CENT, ROUND_HALF_UP)
        source.refund(amount, reference=f"REF-{order.number}")
        _date(source, repayment.at)


def _date(source: Any, at: datetime) -> None:
    """Date the transaction just made: Oscar always writes the present."""
    newest = source.transactions.order_by("-pk").values_list("pk", flat=True)[:1]
    Transaction.objects.filter(pk=newest.get()).update(date_created=at)


def _move(order: Any, step: Step) -> None:
    order.set_status(step.status)
    OrderStatusChange.objects.filter(order=order, new_status=step.status).update(
        date_created=step.at
    )
    if step.status == "Shipped":
        # What consume_allocation does; the stock follows for all orders in set_stock_levels.
        order.lines.update(num_allocated=0)
    elif step.status == "Cancelled":
        EventHandler().cancel_stock_allocations(order)
