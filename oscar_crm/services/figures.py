"""The cached figures of contacts: always recomputed from the ledger, never incremented."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Sum

from oscar_crm.models import Contact, ValueEntry
from oscar_crm.queries.ids import IdIn
from oscar_crm.queries.rates import VALUE_LIMIT

from .ledger import CENT, ZERO, Entry, to_cents

Figures = dict[str, Any]


@transaction.atomic
def refresh_figures(contact_ids: Iterable[int]) -> None:
    """Recompute lifetime value, counts and dates of some contacts. Safe to repeat.

    Locks the contacts, so that of two syncs at once the later one sees the other's entries.
    """
    rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=set(contact_ids))
    contacts = list(rows.order_by("pk"))
    figures = figures_in_ledger(contact.pk for contact in contacts)
    for contact in contacts:
        if changed := set_figures(contact, figures[contact.pk]):
            contact.save(update_fields=changed)


def set_figures(contact: Contact, figures: Figures) -> set[str]:
    """Put figures on a contact without saving it; the names of the fields that changed.

    The first counted order turns a prospect into a customer, but no merged one: it only passes on.
    """
    wrong = _differences(contact, figures)
    is_first = contact.orders_count == 0 and figures["orders_count"] > 0
    if is_first and contact.kind == Contact.Kind.LEAD and contact.merged_into_id is None:
        wrong["kind"] = Contact.Kind.CUSTOMER
    for name, value in wrong.items():
        setattr(contact, name, value)
    return set(wrong)


def stale_figures(contacts: Iterable[Contact]) -> list[tuple[Contact, Figures]]:
    """The contacts whose cached figures differ from the ledger, with the right values."""
    known = list(contacts)
    figures = figures_in_ledger(contact.pk for contact in known)
    found = ((contact, _differences(contact, figures[contact.pk])) for contact in known)
    return [(contact, wrong) for contact, wrong in found if wrong]


def _differences(contact: Contact, figures: Figures) -> Figures:
    """The figures that a contact does not have, or that were not read with it."""
    known = vars(contact)
    return {n: value for n, value in figures.items() if n not in known or known[n] != value}


@dataclass
class CurrencySum:
    """A contact's ledger lines in one currency. ``base`` is None while none has a rate.

    Orders that were cancelled count in no figure but the sums.
    """

    currency: str
    total: Decimal = ZERO
    base: Decimal | None = None
    orders: int = 0
    unvalued: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, entries: Iterable[Entry]) -> None:
        """Add the lines of one order."""
        lines = {entry.kind: entry for entry in entries}
        for entry in entries:
            self.total += entry.amount
            if entry.base_amount is not None:
                self.base = (self.base or ZERO) + entry.base_amount
        placed = lines.get(ValueEntry.Kind.PLACED)
        if placed is None or ValueEntry.Kind.CANCELLED in lines:
            return
        self.orders += 1
        self.unvalued += placed.base_amount is None
        self.first = min(self.first or placed.occurred_at, placed.occurred_at)
        self.last = max(self.last or placed.occurred_at, placed.occurred_at)


def figures_of(sums: Iterable[CurrencySum]) -> Figures:
    """The cached fields of a contact with these sums, one per currency."""
    rows = sorted(sums, key=lambda row: row.currency)
    value = sum((row.base or ZERO for row in rows), ZERO)
    return {
        "lifetime_value": min(value, VALUE_LIMIT - CENT),
        "currency_totals": {
            row.currency: {
                "amount": str(row.total),
                "base": None if row.base is None else str(row.base),
            }
            for row in rows
        },
        "orders_count": sum(row.orders for row in rows),
        "unvalued_orders": sum(row.unvalued for row in rows),
        "first_order_at": min((row.first for row in rows if row.first), default=None),
        "last_order_at": max((row.last for row in rows if row.last), default=None),
    }


def figures_in_ledger(contact_ids: Iterable[int]) -> dict[int, Figures]:
    """What the cached fields of some contacts should be, by id; one query."""
    sums: dict[int, list[CurrencySum]] = {pk: [] for pk in contact_ids}
    cancelled = ValueEntry.objects.filter(link=OuterRef("link"), kind=ValueEntry.Kind.CANCELLED)
    counts = Q(~Exists(cancelled), kind=ValueEntry.Kind.PLACED)
    rows = ValueEntry.objects.filter(IdIn(sums, "contact")).values("contact_id", "currency")
    for row in rows.order_by().annotate(
        total=Sum("amount"),
        base=Sum("base_amount"),
        orders=Count("pk", filter=counts),
        unvalued=Count("pk", filter=counts & Q(base_amount=None)),
        first=Min("occurred_at", filter=counts),
        last=Max("occurred_at", filter=counts),
    ):
        base = row["base"]
        sums[row["contact_id"]].append(
            CurrencySum(
                currency=row["currency"],
                total=_exact(row["total"]),
                base=None if base is None else _exact(base),
                orders=row["orders"],
                unvalued=row["unvalued"],
                first=row["first"],
                last=row["last"],
            )
        )
    return {pk: figures_of(rows) for pk, rows in sums.items()}


def _exact(summed: Any) -> Decimal:
    """SQLite sums in floating point, so that nothing may come out as minus zero."""
    return ZERO + to_cents(Decimal(summed))
