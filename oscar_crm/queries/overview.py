"""The figures of the overview page; each is the size of a list the page links to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.conf import crm_settings
from oscar_crm.models import Operation, OrderLink

from . import contacts, orders, reconcile
from .keyset import bounded_count
from .timeline import TimelineItem, latest_activity


@dataclass(frozen=True)
class Overview:
    """Counts beyond 10,000 are given as 10,001. ``value`` is in ``currency``.

    ``past_orders`` is counted on first use only; ``reasons`` say why orders have no contact.
    """

    contacts: int
    new_contacts: int
    month_start: date
    value: Decimal
    currency: str
    unvalued_contacts: int
    synced_orders: int
    orders_without_contact: int
    reasons: list[tuple[OrderLink.Problem, int]]
    orders_with_warnings: int
    is_first_use: bool
    past_orders: int
    last_reconcile: Operation | None
    running_reconcile: Operation | None
    activity: list[TimelineItem]

    @property
    def needs_attention(self) -> bool:
        return bool(
            self.orders_without_contact or self.orders_with_warnings or self.unvalued_contacts
        )

    @property
    def reconcile_is_late(self) -> bool:
        """Whether signals may have been missed unnoticed for more than a day."""
        return not self.is_first_use and reconcile.is_late(self.last_reconcile)


def overview(user: Any) -> Overview:
    """What a user sees first. The month is that of the shop's time zone."""
    seen = contacts.filtered_contacts(user, contacts.ContactFilter())
    month_start = timezone.localdate(timezone=timezone.get_default_timezone()).replace(day=1)
    new = contacts.filtered_contacts(user, contacts.ContactFilter(created_from=month_start))
    links = orders.visible_to(user)
    first_use = orders.is_first_use()
    return Overview(
        contacts=bounded_count(seen),
        new_contacts=bounded_count(new),
        month_start=month_start,
        value=seen.aggregate(total=Sum("lifetime_value"))["total"] or Decimal("0.00"),
        currency=crm_settings.CURRENCY,
        unvalued_contacts=bounded_count(
            contacts.filtered_contacts(user, contacts.ContactFilter(unvalued=True))
        ),
        synced_orders=bounded_count(links.filter(contact__isnull=False)),
        orders_without_contact=bounded_count(orders.without_contact(user)),
        reasons=orders.reasons_without_contact(user),
        orders_with_warnings=bounded_count(orders.with_warnings(user)),
        is_first_use=first_use,
        past_orders=get_model("order", "Order")._default_manager.count() if first_use else 0,
        last_reconcile=reconcile.last_complete(),
        running_reconcile=reconcile.unfinished().first(),
        activity=latest_activity(user),
    )
