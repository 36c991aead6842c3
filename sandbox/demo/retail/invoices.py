"""From lines to invoices and credit notes, and which invoices a credit note takes back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sandbox.demo.retail.parse import Line, Rejection

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_TOTAL = Decimal(10) ** 10


def cents(amount: Decimal) -> Decimal:
    """Round half up to two places."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(slots=True)
class Document:
    """An invoice or a credit note: the lines that share a number."""

    number: str
    date: datetime
    customer: str
    country: str
    is_credit: bool
    lines: list[Line] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """What the lines come to, never negative: for a credit note, what is given back."""
        return cents(abs(sum((line.amount for line in self.lines), ZERO)))

    @property
    def line_numbers(self) -> tuple[int, ...]:
        return tuple(line.number for line in self.lines)


@dataclass(slots=True)
class Balance:
    """What is left of an order after its refunds."""

    order: str
    date: datetime
    left: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """The part of a credit note that one order gives back."""

    order: str
    note: str
    date: datetime
    amount: Decimal


def group(lines: Iterable[Line]) -> tuple[list[Document], list[Rejection]]:
    """Documents in time order, and the lines that fit none.

    The first line gives date and country, the first customer id is the document's.
    """
    by_number: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_number[line.invoice].append(line)
    documents: list[Document] = []
    rejected: list[Rejection] = []
    for members in by_number.values():
        document = _document(members, rejected)
        if document.amount < MAX_TOTAL:
            documents.append(document)
        else:
            rejected.append(_rejection(document, "the total is out of range"))
    return sorted(documents, key=_when), rejected


def _document(lines: list[Line], rejected: list[Rejection]) -> Document:
    first = lines[0]
    customer = next((line.customer for line in lines if line.customer), "")
    document = Document(first.invoice, first.date, customer, first.country, first.is_credit)
    for line in lines:
        if line.customer in ("", customer):
            document.lines.append(line)
        else:
            reason = f"another customer than {customer} on the same invoice"
            rejected.append(Rejection((line.number,), line.customer, reason, line.invoice))
    return document


def _when(document: Document) -> tuple[datetime, bool, int]:
    return document.date, document.is_credit, document.lines[0].number


def _rejection(document: Document, reason: str, amount: Decimal | None = None) -> Rejection:
    left = document.amount if amount is None else amount
    return Rejection(document.line_numbers, document.customer, reason, document.number, left)


def plan_refunds(
    notes: Iterable[Document], balances: dict[str, list[Balance]]
) -> tuple[list[Refund], list[Rejection]]:
    """Spread every credit note over the same customer's earlier orders, newest first.

    `notes` are in time order; `balances` holds the orders of each customer and is used up on
    the way. What does not fit is returned as rejected, with the amount.
    """
    refunds: list[Refund] = []
    rejected: list[Rejection] = []
    for note in notes:
        parts = list(_spread(note, balances.get(note.customer, [])))
        refunds.extend(parts)
        left = note.amount - sum((part.amount for part in parts), ZERO)
        if left > 0:
            rejected.append(_rejection(note, _why_not(left, note.amount), left))
    return refunds, rejected


def _why_not(left: Decimal, amount: Decimal) -> str:
    if left == amount:
        return "credit note: no earlier order of this customer with a balance"
    return f"credit note: {left} of {amount} exceeds the balance of the earlier orders"


def _spread(note: Document, balances: list[Balance]) -> Iterable[Refund]:
    left = note.amount
    earlier = [balance for balance in balances if balance.date <= note.date and balance.left > 0]
    for balance in sorted(earlier, key=lambda b: (b.date, b.order), reverse=True):
        amount = min(left, balance.left)
        if amount <= 0:
            return
        balance.left -= amount
        left -= amount
        yield Refund(balance.order, note.number, note.date, amount)
