"""Reading from Oscar what the ledger and the order link need, for one order or a chunk of them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.conf import crm_settings

from .ledger import ZERO, OrderFacts, Refund

FINGERPRINT_VERSION = "1"


@dataclass
class OrderState:
    """An order and what its payment sources say. ``refunded`` is in the order's currency.

    ``foreign`` holds refunds that a source recorded in another currency: never booked.
    """

    order: Any
    refunded: Decimal = ZERO
    foreign: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def counted(self) -> Decimal:
        """The part of the order that counts, in its currency; tax and shipping by setting."""
        with_tax = crm_settings.VALUE_INCLUDES_TAX
        total = self.order.total_incl_tax if with_tax else self.order.total_excl_tax
        if crm_settings.VALUE_INCLUDES_SHIPPING:
            return Decimal(total)
        shipping = self.order.shipping_incl_tax if with_tax else self.order.shipping_excl_tax
        return Decimal(total) - Decimal(shipping)

    @property
    def is_cancelled(self) -> bool:
        return self.order.status in crm_settings.CANCELLED_STATUSES

    @property
    def is_counted(self) -> bool:
        return self.order.status not in crm_settings.UNCOUNTED_STATUSES

    @property
    def foreign_refund(self) -> str:
        """Refunds in a currency other than the order's, fit to be shown: ``"20.00 GBP"``."""
        parts = (f"{amount:.2f} {code}" for code, amount in sorted(self.foreign.items()))
        return ", ".join(parts)[:100]

    def fingerprint(self, rate: Decimal | None) -> str:
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
            crm_settings.CURRENCY,
            None if rate is None else rate.normalize(),
        )
        joined = "\x1f".join(str(part) for part in parts)
        return hashlib.blake2b(joined.encode(), digest_size=16).hexdigest()


def read_states(order_ids: Iterable[int]) -> dict[int, OrderState]:
    """States of the orders that still exist, by id, in two queries."""
    ids = list(order_ids)
    orders = get_model("order", "Order")._default_manager.filter(pk__in=ids)
    states = {
        order.pk: OrderState(order)
        for order in orders.select_related("user", "billing_address", "shipping_address")
    }
    sources = get_model("payment", "Source")._default_manager.filter(order__in=list(states))
    rows = sources.values_list("order_id", "currency", "amount_refunded")
    for order_id, currency, refunded in rows.exclude(amount_refunded=0):
        state = states[order_id]
        if currency == state.order.currency:
            state.refunded += refunded
        else:
            state.foreign[currency] += refunded
    return states


def read_facts(state: OrderState) -> OrderFacts:
    """Everything the ledger wants to know of one order; at most two more queries."""
    order = state.order
    return OrderFacts(
        currency=order.currency,
        total=Decimal(order.total_incl_tax),
        counted=state.counted,
        placed_at=order.date_placed,
        refunded=state.refunded,
        refunds=_refunds(order) if state.refunded else (),
        is_counted=state.is_counted,
        cancelled_at=_cancelled_at(order) if state.is_cancelled else None,
    )


def _refunds(order: Any) -> tuple[Refund, ...]:
    transactions = get_model("payment", "Transaction")
    rows = transactions._default_manager.filter(
        source__order=order, source__currency=order.currency, txn_type=transactions.REFUND
    ).filter(amount__gt=0)
    dated = rows.order_by("date_created", "pk").values_list("amount", "date_created")
    return tuple(Refund(amount, at) for amount, at in dated)


def _cancelled_at(order: Any) -> datetime:
    """When the order reached its cancelling status, as far as its history tells, else now."""
    changes = order.status_changes.filter(new_status=order.status)
    dated = changes.order_by("-date_created").values_list("date_created", flat=True)
    return dated.first() or timezone.now()
