"""Reading from Oscar what the ledger and the order link need, for one order or a chunk of them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.conf import crm_settings
from oscar_crm.models import OrderLink
from oscar_crm.queries.ids import IdIn
from oscar_crm.queries.rates import Rates

from .buyers import read_orders
from .ledger import ZERO, OrderFacts, Refund

FINGERPRINT_VERSION = "1"


@dataclass(frozen=True)
class ValueRules:
    """The settings that say what an order is worth, read once for a chunk of orders."""

    currency: str
    with_tax: bool
    with_shipping: bool
    cancelled: frozenset[str]
    uncounted: frozenset[str]

    @classmethod
    def from_settings(cls) -> "ValueRules":
        return cls(
            currency=crm_settings.CURRENCY,
            with_tax=crm_settings.VALUE_INCLUDES_TAX,
            with_shipping=crm_settings.VALUE_INCLUDES_SHIPPING,
            cancelled=frozenset(crm_settings.CANCELLED_STATUSES),
            uncounted=frozenset(crm_settings.UNCOUNTED_STATUSES),
        )


@dataclass
class OrderState:
    """An order, its link, and what its payment sources say, all read in one go.

    ``refunded`` is in the order's currency; ``foreign`` holds refunds that a source recorded in
    another currency: never booked. ``rate`` is base currency per unit, None when unknown.
    """

    pk: Any
    order: Any
    rules: ValueRules
    link: OrderLink | None = None
    rate: Decimal | None = None
    refunded: Decimal = ZERO
    foreign: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def counted(self) -> Decimal:
        """The part of the order that counts, in its currency; tax and shipping by setting."""
        order, with_tax = self.order, self.rules.with_tax
        total = order.total_incl_tax if with_tax else order.total_excl_tax
        if self.rules.with_shipping:
            return Decimal(total)
        shipping = order.shipping_incl_tax if with_tax else order.shipping_excl_tax
        return Decimal(total) - Decimal(shipping)

    @property
    def is_cancelled(self) -> bool:
        return self.order.status in self.rules.cancelled

    @property
    def is_counted(self) -> bool:
        return self.order.status not in self.rules.uncounted

    @property
    def foreign_refund(self) -> str:
        """Refunds in a currency other than the order's, fit to be shown: ``"20.00 GBP"``."""
        if not self.foreign:
            return ""
        parts = (f"{amount:.2f} {code}" for code, amount in sorted(self.foreign.items()))
        return ", ".join(parts)[:100]

    @property
    def placed_at(self) -> datetime:
        """A date once stored stays."""
        return self.link.placed_at if self.link else self.order.date_placed

    @property
    def is_current(self) -> bool:
        """Whether the order is in the CRM as it is now in the shop."""
        return self.link is not None and self.link.fingerprint == self.fingerprint()

    def fingerprint(self) -> str:
        """Changes whenever the link or the ledger of the order may have to change."""
        order = self.order
        parts = (
            FINGERPRINT_VERSION,
            order.number,
            order.status,
            order.site_id,
            order.user_id,
            order.guest_email,
            order.currency,
            order.total_incl_tax,
            self.counted,
            self.is_counted,
            self.is_cancelled,
            self.refunded,
            self.foreign_refund,
            self.rules.currency,
            None if self.rate is None else self.rate.normalize(),
        )
        joined = "\x1f".join(map(str, parts))
        return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()


def read_states(order_ids: Iterable[Any]) -> dict[Any, OrderState]:
    """States of the orders that still exist, by id and in its order, in two or three queries."""
    orders = get_model("order", "Order")._default_manager.filter(IdIn(order_ids))
    rules = ValueRules.from_settings()
    states = {
        order.pk: OrderState(order.pk, order, rules, getattr(order, "crm_link", None))
        for order in read_orders(orders.order_by("pk"))
    }
    _read_refunded(states)
    rates = Rates((state.order.currency, state.placed_at) for state in states.values())
    for state in states.values():
        state.rate = rates.of(state.order.currency, state.placed_at)
    return states


def _read_refunded(states: dict[Any, OrderState]) -> None:
    sources = get_model("payment", "Source")._default_manager.filter(IdIn(states, "order"))
    rows = sources.values_list("order_id", "currency", "amount_refunded")
    for order_id, currency, refunded in rows.exclude(amount_refunded=0):
        state = states[order_id]
        if currency == state.order.currency:
            state.refunded += refunded
        else:
            state.foreign[currency] += refunded


def read_facts(states: Sequence[OrderState]) -> dict[Any, OrderFacts]:
    """Everything the ledger wants to know of some orders, by order id; two queries at most."""
    refunds = _refunds([state.order for state in states if state.refunded])
    cancelled = _cancelled_at([state.order for state in states if state.is_cancelled])
    return {
        state.pk: OrderFacts(
            currency=state.order.currency,
            total=Decimal(state.order.total_incl_tax),
            counted=state.counted,
            placed_at=state.order.date_placed,
            refunded=state.refunded,
            refunds=tuple(refunds.get(state.pk, ())),
            is_counted=state.is_counted,
            cancelled_at=cancelled.get(state.pk),
        )
        for state in states
    }


def _refunds(orders: Sequence[Any]) -> dict[Any, list[Refund]]:
    """The dated refunds of orders in their own currency, oldest first."""
    found: dict[Any, list[Refund]] = defaultdict(list)
    if not orders:
        return found
    currencies = {order.pk: order.currency for order in orders}
    transactions = get_model("payment", "Transaction")
    rows = transactions._default_manager.filter(
        IdIn(currencies, "source__order"), txn_type=transactions.REFUND, amount__gt=0
    ).order_by("date_created", "pk")
    for order_id, currency, amount, at in rows.values_list(
        "source__order_id", "source__currency", "amount", "date_created"
    ):
        if currency == currencies[order_id]:
            found[order_id].append(Refund(amount, at))
    return found


def _cancelled_at(orders: Sequence[Any]) -> dict[Any, datetime]:
    """When orders reached their cancelling status, as far as their history tells, else now."""
    if not orders:
        return {}
    statuses = {order.pk: order.status for order in orders}
    found = dict.fromkeys(statuses, timezone.now())
    changes = get_model("order", "OrderStatusChange")._default_manager.filter(
        IdIn(statuses, "order"), new_status__in=set(statuses.values())
    )
    rows = changes.order_by("date_created").values_list("order_id", "new_status", "date_created")
    for order_id, status, at in rows:
        if status == statuses[order_id]:
            found[order_id] = at
    return found
