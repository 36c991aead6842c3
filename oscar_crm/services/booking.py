"""Storing ledger lines: making the rows of orders equal to what the rules of ``ledger`` say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from oscar_crm.models import OrderLink, ValueEntry

from . import bulk
from .ledger import Entry, OrderFacts, entries_of

RANKS = {ValueEntry.Kind.PLACED: 0, ValueEntry.Kind.REFUNDED: 1, ValueEntry.Kind.CANCELLED: 2}
LINE = ("kind", "sequence", "gross", "amount", "base_amount", "occurred_at")
COLUMNS = ("link_id", "contact_id", "currency", *LINE)
_line = attrgetter(*LINE)


@dataclass
class Booking:
    """An order's ledger lines as they are stored and as they should be."""

    link: OrderLink
    currency: str
    wanted: list[Entry]
    stored: list[ValueEntry] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether the rows are what the rules say, in that order."""
        stored = [as_entry(row) for row in self.stored]
        return stored == self.wanted and not any(
            self.differs(row, entry) for row, entry in zip(self.stored, self.wanted, strict=True)
        )

    def differs(self, row: ValueEntry, entry: Entry) -> bool:
        return (
            as_entry(row) != entry
            or row.currency != self.currency
            or row.contact_id != self.link.contact_id
        )

    def values(self, entry: Entry) -> tuple[Any, ...]:
        """Those of ``COLUMNS``; the link is saved by now."""
        return self.link.pk, self.link.contact_id, self.currency, *_line(entry)


def as_entry(row: ValueEntry) -> Entry:
    return Entry(row.kind, row.sequence, row.gross, row.amount, row.base_amount, row.occurred_at)


def stored_entries(links: Iterable[OrderLink]) -> dict[int, list[ValueEntry]]:
    """The ledger lines of some orders by link id, in the order they were booked; one query."""
    found: dict[int, list[ValueEntry]] = defaultdict(list)
    ids = [link.pk for link in links]
    for row in ValueEntry.objects.filter(link__in=ids) if ids else ():
        found[row.link_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (RANKS[ValueEntry.Kind(row.kind)], row.sequence))
    return found


def booking_of(
    link: OrderLink,
    facts: OrderFacts,
    *,
    rate: Decimal | None,
    stored: Sequence[ValueEntry] = (),
    now: datetime,
) -> Booking:
    """What is to be booked for one order. Writes nothing; ``link`` may be unsaved."""
    wanted = entries_of(facts, rate=rate, stored=[as_entry(row) for row in stored], now=now)
    return Booking(link, facts.currency, wanted, list(stored))


def book(bookings: Iterable[Booking]) -> None:
    """Make the stored lines equal to the wanted ones. The links are saved by now."""
    missing: list[tuple[Any, ...]] = []
    changed: list[ValueEntry] = []
    gone: list[int] = []
    for booking in bookings:
        by_key = {(row.kind, row.sequence): row for row in booking.stored}
        for entry in booking.wanted:
            row = by_key.pop((entry.kind, entry.sequence), None)
            if row is None:
                missing.append(booking.values(entry))
            elif booking.differs(row, entry):
                for name, value in zip(COLUMNS, booking.values(entry), strict=True):
                    setattr(row, name, value)
                changed.append(row)
        gone += [row.pk for row in by_key.values()]
    bulk.insert_values(ValueEntry, COLUMNS, missing)
    bulk.update(ValueEntry, changed, ("contact", "currency", *LINE))
    if gone:
        ValueEntry.objects.filter(pk__in=gone).delete()
