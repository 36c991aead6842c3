"""The value ledger: what an order is worth, as a pure function of the order's state.

The rules, each also a row of the worked table in ``tests/services/test_ledger.py``:

* An order is *placed* with its counted amount: tax and shipping in or out, by setting.
* A *refund* takes from the counted amount in proportion to the order's total including tax; the
  refund that completes the total takes the rounding remainder, in base currency too.
* A *cancellation* removes whatever is left, so that refund and cancellation commute.
* Nothing nets below zero: refunds beyond the total are reported as excess and not booked.
* All amounts of an order are converted at one rate, that of the day it was placed.
* The date of an entry, once stored, stays.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from oscar_crm.models import OrderLink, ValueEntry
from oscar_crm.queries.rates import VALUE_LIMIT

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


class Refund(NamedTuple):
    """Money given back, of ``total_incl_tax``, in the order's currency."""

    gross: Decimal
    at: datetime


class OrderFacts(NamedTuple):
    """All of an order that the ledger depends on.

    ``refunded`` is the sum over the order's payment sources; ``refunds`` are the transactions
    that date it, oldest first. ``cancelled_at`` is None while the order stands.
    """

    currency: str
    total: Decimal
    counted: Decimal
    placed_at: datetime
    refunded: Decimal = ZERO
    refunds: tuple[Refund, ...] = ()
    is_counted: bool = True
    cancelled_at: datetime | None = None


class Entry(NamedTuple):
    """A ledger line to be stored; the fields are those of ``ValueEntry``."""

    kind: str
    sequence: int
    gross: Decimal
    amount: Decimal
    base_amount: Decimal | None
    occurred_at: datetime


def to_cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def within_limit(value: Decimal) -> Decimal | None:
    """The value if the ledger can hold it; an absurd rate leaves an order without a base value."""
    return value if value < VALUE_LIMIT else None


def refund_excess(facts: OrderFacts) -> Decimal:
    """How much more was refunded than the order's total; in the order's currency."""
    return max(facts.refunded - max(facts.total, ZERO), ZERO)


def entries_of(
    facts: OrderFacts, *, rate: Decimal | None, stored: Sequence[Entry] = (), now: datetime
) -> list[Entry]:
    """The order's ledger lines.

    ``rate`` is base currency per unit of the order's currency, None when unknown: then
    ``base_amount`` is None. ``stored`` are the lines booked before: their dates are kept.
    ``now`` dates what nothing else does.
    """
    if not facts.is_counted:
        return []
    dates = {(entry.kind, entry.sequence): entry.occurred_at for entry in stored}
    split = _Split(total=max(facts.total, ZERO), counted=max(facts.counted, ZERO), rate=rate)
    placed_at = dates.get((ValueEntry.Kind.PLACED, 0), facts.placed_at)
    lines = [Entry(ValueEntry.Kind.PLACED, 0, split.total, split.counted, split.base, placed_at)]
    for sequence, refund in enumerate(dated_refunds(facts, stored, now=now), start=1):
        gross, amount, base = split.take(refund.gross)
        lines.append(
            Entry(ValueEntry.Kind.REFUNDED, sequence, -gross, -amount, _minus(base), refund.at)
        )
    if facts.cancelled_at is not None:
        at = dates.get((ValueEntry.Kind.CANCELLED, 0), facts.cancelled_at)
        gross, amount, base = split.take_rest()
        lines.append(Entry(ValueEntry.Kind.CANCELLED, 0, -gross, -amount, _minus(base), at))
    return lines


def dated_refunds(facts: OrderFacts, stored: Sequence[Entry], *, now: datetime) -> list[Refund]:
    """Split the refunded sum into dated parts: those stored first, then by transaction, then now.

    A sum that has shrunk (a refund was taken back) shortens the newest parts.
    """
    left = min(facts.refunded, max(facts.total, ZERO))
    known = [Refund(-e.gross, e.occurred_at) for e in stored if e.kind == ValueEntry.Kind.REFUNDED]
    parts: list[Refund] = []
    for refund in [*known, *_after(facts.refunds, sum((r.gross for r in known), ZERO))]:
        if left <= 0:
            break
        parts.append(Refund(min(refund.gross, left), refund.at))
        left -= parts[-1].gross
    if left > 0:
        parts.append(Refund(left, now))
    return parts


def _after(refunds: Iterable[Refund], booked: Decimal) -> list[Refund]:
    """The transactions, or parts of them, that come after the first ``booked`` of money."""
    rest = []
    for refund in refunds:
        skipped = min(booked, refund.gross)
        booked -= skipped
        if refund.gross > skipped:
            rest.append(Refund(refund.gross - skipped, refund.at))
    return rest


class _Split:
    """Takes portions out of an order so that all portions together are exactly the whole."""

    def __init__(self, *, total: Decimal, counted: Decimal, rate: Decimal | None) -> None:
        self.total = total
        self.counted = to_cents(counted)
        self.base = None if rate is None else within_limit(to_cents(self.counted * rate))
        self._gross = ZERO
        self._amount = ZERO
        self._base = ZERO

    def take(self, gross: Decimal) -> tuple[Decimal, Decimal, Decimal | None]:
        """A refund's (gross, counted, base) part."""
        return self._up_to(self._gross + gross)

    def take_rest(self) -> tuple[Decimal, Decimal, Decimal | None]:
        """Whatever no refund has taken."""
        return self._up_to(self.total)

    def _up_to(self, gross: Decimal) -> tuple[Decimal, Decimal, Decimal | None]:
        share = gross / self.total if self.total else Decimal(1)
        amount = to_cents(self.counted * share)
        base = None if self.base is None else to_cents(self.base * share)
        taken = (
            gross - self._gross,
            amount - self._amount,
            None if base is None else base - self._base,
        )
        self._gross, self._amount, self._base = gross, amount, base or ZERO
        return taken


def _minus(value: Decimal | None) -> Decimal | None:
    return None if value is None else -value


def facts_from_entries(
    link: OrderLink, stored: Sequence[Entry], *, cancelled_at: datetime
) -> OrderFacts | None:
    """The facts as the ledger remembers them, for an order that the shop has deleted.

    None when nothing was ever booked.
    """
    placed = next((e for e in stored if e.kind == ValueEntry.Kind.PLACED), None)
    if placed is None:
        return None
    refunds = [e for e in stored if e.kind == ValueEntry.Kind.REFUNDED]
    return OrderFacts(
        currency=link.currency,
        total=placed.gross,
        counted=placed.amount,
        placed_at=placed.occurred_at,
        refunded=-sum((e.gross for e in refunds), ZERO),
        cancelled_at=cancelled_at,
    )
