"""The figures of the overview page; each is the size of a list the page links to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet, Sum
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.conf import crm_settings
from oscar_crm.models import Contact, Operation, OrderLink

from . import contacts, orders, reconcile
from .keyset import COUNT_LIMIT, bounded_count
from .timeline import TimelineItem, latest_activity

VALUE_AGE = timedelta(minutes=10)


@dataclass(frozen=True)
class Overview:
    """Counts beyond 10,000 are given as 10,001. ``value`` is in ``currency``.

    ``value_at`` is when ``value`` was summed up, None if just now; at most ``VALUE_AGE`` ago.
    ``past_orders`` is counted on first use only; ``reasons`` say why orders have no contact.
    """

    contacts: int
    new_contacts: int
    month_start: date
    value: Decimal
    value_at: datetime | None
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
    count = bounded_count(seen)
    value, value_at = _value(seen, count, user)
    return Overview(
        contacts=count,
        new_contacts=bounded_count(new),
        month_start=month_start,
        value=value,
        value_at=value_at,
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


def _value(seen: QuerySet[Contact], count: int, user: Any) -> tuple[Decimal, datetime | None]:
    """What the contacts a user sees are worth together, and since when, if it is not of now.

    Up to ``COUNT_LIMIT`` of them are summed up at each request. More would make the page slower
    as the shop grows: their sum is kept for a while, for each user who sees a part of them.
    """
    if count <= COUNT_LIMIT:
        return _sum(seen), None
    whose = "all" if user.has_perm("oscar_crm.view_all_contacts") else user.pk
    key = f"oscar_crm.value.{crm_settings.CURRENCY}.{crm_settings.SHOW_UNASSIGNED}.{whose}"
    kept: tuple[Decimal, datetime] | None = cache.get(key)
    if kept is None:
        kept = _sum(seen), timezone.now()
        cache.set(key, kept, VALUE_AGE.total_seconds())
    return kept


def _sum(seen: QuerySet[Contact]) -> Decimal:
    return seen.aggregate(total=Sum("lifetime_value"))["total"] or Decimal("0.00")
