"""The cached figures of contacts: always recomputed from the ledger, never incremented."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from oscar_crm.models import Contact, ValueEntry
from oscar_crm.queries.rates import VALUE_LIMIT

from .ledger import CENT, ZERO, to_cents


@transaction.atomic
def refresh_figures(contact_ids: Iterable[int]) -> None:
    """Recompute lifetime value, counts and dates of some contacts. Safe to repeat.

    Locks the contacts, so that of two syncs at once the later one sees the other's entries.
    The first counted order turns a prospect into a customer.
    """
    rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=set(contact_ids))
    for contact, figures in stale_figures(rows.order_by("pk")):
        is_first = contact.orders_count == 0 and figures.get("orders_count", 0) > 0
        if is_first and contact.kind == Contact.Kind.LEAD:
            figures["kind"] = Contact.Kind.CUSTOMER
        Contact.objects.filter(pk=contact.pk).update(**figures)


def stale_figures(contacts: Iterable[Contact]) -> list[tuple[Contact, dict[str, Any]]]:
    """The contacts whose cached figures differ from the ledger, with the right values."""
    known = {contact.pk: contact for contact in contacts}
    totals, counts = _totals(known), _counts(known)
    found = []
    for pk, contact in known.items():
        figures = {**totals[pk], **counts.get(pk, _NO_ORDERS)}
        wrong = {name: v for name, v in figures.items() if getattr(contact, name) != v}
        if wrong:
            found.append((contact, wrong))
    return found


_NO_ORDERS = {
    "orders_count": 0,
    "unvalued_orders": 0,
    "first_order_at": None,
    "last_order_at": None,
}


def _entries(contact_ids: Iterable[int]) -> "QuerySet[ValueEntry]":
    return ValueEntry.objects.filter(contact__in=list(contact_ids))


def _totals(contact_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Per contact: lifetime value in base currency and the sums per order currency."""
    found: dict[int, dict[str, Any]] = defaultdict(
        lambda: {"lifetime_value": ZERO, "currency_totals": {}}
    )
    rows = _entries(contact_ids).values("contact_id", "currency").order_by("currency")
    for row in rows.annotate(total=Sum("amount"), base=Sum("base_amount")):
        totals = found[row["contact_id"]]
        base = None if row["base"] is None else to_cents(Decimal(row["base"]))
        value = totals["lifetime_value"] + (base or ZERO)
        totals["lifetime_value"] = min(value, VALUE_LIMIT - CENT)
        totals["currency_totals"][row["currency"]] = {
            "amount": str(to_cents(Decimal(row["total"]))),
            "base": None if base is None else str(base),
        }
    return found


def _counts(contact_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Per contact: how many orders count, how many of them have no rate, first and last."""
    cancelled = ValueEntry.objects.filter(link=OuterRef("link"), kind=ValueEntry.Kind.CANCELLED)
    placed = _entries(contact_ids).filter(~Exists(cancelled), kind=ValueEntry.Kind.PLACED)
    rows = placed.values("contact_id").order_by("contact_id")
    rows = rows.annotate(
        orders_count=Count("pk"),
        unvalued_orders=Count("pk", filter=Q(base_amount=None)),
        first_order_at=Min("occurred_at"),
        last_order_at=Max("occurred_at"),
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        figures: dict[str, Any] = dict(row)
        found[figures.pop("contact_id")] = figures
    return found
