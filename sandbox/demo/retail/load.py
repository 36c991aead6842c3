"""Write parsed invoices into the shop: customers, orders, payments and refunds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from oscar.core.loading import get_model

from sandbox.demo.countries import add_countries
from sandbox.demo.retail.catalogue import load_catalogue
from sandbox.demo.retail.customers import load_customers
from sandbox.demo.retail.invoices import Balance, Document, Refund, group, plan_refunds
from sandbox.demo.retail.orders import book, create_orders
from sandbox.demo.retail.parse import Parsed, Rejection

Order = get_model("order", "Order")
Source = get_model("payment", "Source")
Transaction = get_model("payment", "Transaction")


@dataclass(slots=True)
class Loaded:
    """What one run did."""

    products: int = 0
    customers: int = 0
    orders: int = 0
    guest_orders: int = 0
    refunds: int = 0
    skipped_orders: int = 0
    skipped_notes: int = 0
    rejected: list[Rejection] = field(default_factory=list)


@transaction.atomic
def load(parsed: Parsed, currency: str) -> Loaded:
    """Bring a parsed file into the shop, all or nothing; what is there already is left alone."""
    add_countries()
    documents, unfit = group(parsed.lines)
    invoices = [d for d in documents if not d.is_credit]
    notes = [d for d in documents if d.is_credit]
    loaded = Loaded(rejected=[*parsed.rejected, *unfit])

    sold = [line for invoice in invoices for line in invoice.lines]
    records, loaded.products = load_catalogue(parsed.codes, sold, currency)
    users, loaded.customers = load_customers(documents)

    new = _without(invoices, existing_orders(d.number for d in invoices))
    loaded.skipped_orders = len(invoices) - len(new)
    loaded.orders = len(new)
    loaded.guest_orders = sum(1 for invoice in new if not invoice.customer)
    create_orders(new, users, records, currency)

    new_notes = _without(notes, existing_notes(d.number for d in notes))
    loaded.skipped_notes = len(notes) - len(new_notes)
    refunds, unfit = plan_refunds(new_notes, _balances(new_notes, users, currency))
    _write_refunds(refunds)
    loaded.refunds = len(refunds)
    loaded.rejected.extend(unfit)
    loaded.rejected.sort(key=lambda rejection: rejection.lines)
    return loaded


def _without(documents: list[Document], numbers: set[str]) -> list[Document]:
    return [document for document in documents if document.number not in numbers]


def existing_orders(numbers: Iterable[str]) -> set[str]:
    """Which of the order numbers the shop has."""
    found: set[str] = set()
    for chunk in chunks(list(numbers)):
        found.update(Order.objects.filter(number__in=chunk).values_list("number", flat=True))
    return found


def existing_notes(numbers: Iterable[str]) -> set[str]:
    """Which of the credit notes have been refunded before, if only in part."""
    found: set[str] = set()
    for chunk in chunks(list(numbers)):
        refunds = Transaction.objects.filter(txn_type=Transaction.REFUND, reference__in=chunk)
        found.update(refunds.values_list("reference", flat=True))
    return found


def chunks(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _balances(
    notes: list[Document], users: dict[str, Any], currency: str
) -> dict[str, list[Balance]]:
    """What is left of the orders of the notes' customers, the ones just loaded included."""
    customer_of = {users[note.customer].pk: note.customer for note in notes}
    balances: dict[str, list[Balance]] = defaultdict(list)
    for chunk in chunks(list(customer_of)):
        orders = Order.objects.filter(user__in=chunk, currency=currency, sources__isnull=False)
        for order in orders.distinct().prefetch_related("sources"):
            refunded = sum(source.amount_refunded for source in order.sources.all())
            left = order.total_incl_tax - refunded
            balances[customer_of[order.user_id]].append(
                Balance(order.number, order.date_placed, left)
            )
    return balances


def _write_refunds(refunds: list[Refund]) -> None:
    """The rows of Source.refund, dated to the credit note, without a signal for each.

    The CRM hears of them by the reconciliation at the end, so that --no-sync means none.
    """
    sources: dict[str, Any] = {}
    for chunk in chunks([refund.order for refund in refunds]):
        for source in Source.objects.filter(order__number__in=chunk).select_related("order"):
            sources.setdefault(source.order.number, source)
    for refund in refunds:
        sources[refund.order].amount_refunded += refund.amount
    Source.objects.bulk_update(sources.values(), ["amount_refunded"], batch_size=500)
    book(
        [
            (
                refund.date,
                Transaction(
                    source=sources[refund.order],
                    txn_type=Transaction.REFUND,
                    amount=refund.amount,
                    reference=refund.note,
                ),
            )
            for refund in refunds
        ]
    )
