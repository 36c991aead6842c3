"""Orders, their lines and their payment, in bulk: no signal is sent for any of them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.sites.models import Site
from oscar.core.loading import get_model

from sandbox.demo.countries import code_of
from sandbox.demo.retail.invoices import Document, cents
from sandbox.demo.retail.parse import Line

Order = get_model("order", "Order")
OrderLine = get_model("order", "Line")
LinePrice = get_model("order", "LinePrice")
ShippingAddress = get_model("order", "ShippingAddress")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")
Transaction = get_model("payment", "Transaction")

BATCH = 500


def create_orders(
    invoices: list[Document], users: dict[str, Any], records: dict[str, Any], currency: str
) -> None:
    """One order for each invoice, paid in full on its date, with its lines and an address."""
    if not invoices:
        return
    addresses = ShippingAddress.objects.bulk_create(
        [_address(invoice) for invoice in invoices], batch_size=BATCH
    )
    site, status = Site.objects.get_current(), final_status()
    orders = Order.objects.bulk_create(
        [
            _order(invoice, users.get(invoice.customer), address, site, status, currency)
            for invoice, address in zip(invoices, addresses, strict=True)
        ],
        batch_size=BATCH,
    )
    placed = list(zip(orders, invoices, strict=True))
    _create_lines(placed, records, status)
    _create_payments(orders)


def final_status() -> str:
    """Where a shop's finished orders stand: "Complete" if its pipeline knows it."""
    if "Complete" in Order.pipeline:
        return "Complete"
    return str(getattr(settings, "OSCAR_INITIAL_ORDER_STATUS", ""))


def _address(invoice: Document) -> Any:
    """All the file says is the country, and whose invoice it is."""
    country = code_of(invoice.country)
    address = ShippingAddress(
        first_name="Customer" if invoice.customer else "",
        last_name=invoice.customer,
        country_id=country,
        notes=f"Country on the invoice: {invoice.country}" if country == "ZZ" else "",
    )
    # What save() does, which bulk_create does not call.
    address.search_text = address.join_fields(address.search_fields, separator=" ")
    return address


def _order(
    invoice: Document, user: Any, address: Any, site: Site, status: str, currency: str
) -> Any:
    return Order(
        number=invoice.number,
        site=site,
        user=user,
        currency=currency,
        total_incl_tax=invoice.amount,
        total_excl_tax=invoice.amount,
        shipping_address=address,
        status=status,
        date_placed=invoice.date,
    )


def _create_lines(placed: list[tuple[Any, Document]], records: dict[str, Any], status: str) -> None:
    rows = [(order, line) for order, invoice in placed for line in invoice.lines]
    lines = OrderLine.objects.bulk_create(
        [_line(order, line, records[line.code], status) for order, line in rows], batch_size=BATCH
    )
    LinePrice.objects.bulk_create(
        [
            LinePrice(
                order_id=line.order_id,
                line=line,
                quantity=line.quantity,
                price_incl_tax=line.unit_price_incl_tax,
                price_excl_tax=line.unit_price_excl_tax,
            )
            for line in lines
        ],
        batch_size=BATCH,
    )


def _line(order: Any, line: Line, record: Any, status: str) -> Any:
    amount, unit_price = cents(line.amount), cents(line.unit_price)
    return OrderLine(
        order=order,
        partner_id=record.partner_id,
        partner_name=record.partner.name,
        partner_sku=record.partner_sku,
        partner_line_reference=f"line {line.number}",
        stockrecord=record,
        product=record.product,
        title=(line.description or record.product.title)[:255],
        upc=line.code,
        quantity=line.quantity,
        line_price_incl_tax=amount,
        line_price_excl_tax=amount,
        line_price_before_discounts_incl_tax=amount,
        line_price_before_discounts_excl_tax=amount,
        unit_price_incl_tax=unit_price,
        unit_price_excl_tax=unit_price,
        status=status if status in OrderLine.pipeline else "",
        num_allocated=0,
    )


def _create_payments(orders: list[Any]) -> None:
    """Each total allocated and debited when the order was placed; nothing for a free order."""
    source_type, _ = SourceType.objects.get_or_create(code="invoice", defaults={"name": "Invoice"})
    sources = Source.objects.bulk_create(
        [_source(order, source_type) for order in orders if order.total_incl_tax],
        batch_size=BATCH,
    )
    book(
        (source.order.date_placed, _transaction(source, kind))
        for source in sources
        for kind in (Transaction.AUTHORISE, Transaction.DEBIT)
    )


def _source(order: Any, source_type: Any) -> Any:
    total: Decimal = order.total_incl_tax
    return Source(
        order=order,
        source_type=source_type,
        currency=order.currency,
        amount_allocated=total,
        amount_debited=total,
        reference=order.number,
    )


def _transaction(source: Any, kind: str) -> Any:
    amount: Decimal = source.amount_debited
    return Transaction(source=source, txn_type=kind, amount=amount, reference=source.reference)


def book(dated: Iterable[tuple[datetime, Any]]) -> None:
    """Save transactions and date them: on insertion Oscar always writes the present."""
    pairs = list(dated)
    made = Transaction.objects.bulk_create([row for _, row in pairs], batch_size=BATCH)
    for (date, _), row in zip(pairs, made, strict=True):
        row.date_created = date
    Transaction.objects.bulk_update(made, ["date_created"], batch_size=BATCH)
