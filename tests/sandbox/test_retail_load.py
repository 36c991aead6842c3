"""Invoices become orders, credit notes become refunds: amounts worked out beside each case."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from oscar.core.loading import get_model

from oscar_crm.models import Contact, OrderLink

Order = get_model("order", "Order")
Product = get_model("catalogue", "Product")
StockRecord = get_model("partner", "StockRecord")
Transaction = get_model("payment", "Transaction")
User = get_user_model()

Load = Callable[..., str]
pytestmark = pytest.mark.django_db

STORY = (
    # 6 x 2.55 + 2 x 3.39 + postage 18.00 = 15.30 + 6.78 + 18.00 = 40.08
    "1001;85123A;WHITE HOLDER;6;1/12/2010 08:26;2,55;17850;France",
    "1001;71053;WHITE LANTERN;2;1/12/2010 08:26;3,39;17850;France",
    "1001;POST;POSTAGE;1;1/12/2010 08:26;18;17850;France",
    # 10 x 2.00 + a free lantern = 20.00
    "1002;85123A;WHITE HOLDER;10;2/12/2010 10:00;2,00;17850;France",
    "1002;71053;;1;2/12/2010 10:00;0;17850;France",
    # a guest: 1 x 2.55
    "1003;85123A;WHITE HOLDER;1;2/12/2010 11:00;2,55;;Atlantis",
    # takes back 25.00: all 20.00 of 1002, then 5.00 of 1001, whose balance becomes 35.08
    "C1004;85123A;WHITE HOLDER;-10;3/12/2010 09:00;2,50;17850;France",
    # after the credit note: out of its reach. 1 x 100.00
    "1005;71053;WHITE LANTERN;1;4/12/2010 09:00;100;17850;France",
)


def refunds() -> dict[tuple[str, str], Decimal]:
    """Refunded amounts by order number and credit note."""
    rows = Transaction.objects.filter(txn_type="Refund").select_related("source__order")
    return {(row.source.order.number, row.reference): row.amount for row in rows}


def test_invoices_become_paid_orders(write_file: Any, load: Load) -> None:
    load(write_file(*STORY), "--no-sync")
    totals = dict(Order.objects.values_list("number", "total_incl_tax"))
    assert totals == {
        "1001": Decimal("40.08"),
        "1002": Decimal("20.00"),
        "1003": Decimal("2.55"),
        "1005": Decimal("100.00"),
    }
    order = Order.objects.get(number="1001")
    assert order.date_placed == datetime(2010, 12, 1, 7, 26, tzinfo=UTC)
    assert (order.currency, order.status) == ("GBP", "Complete")
    assert (order.total_excl_tax, order.shipping_address.country_id) == (Decimal("40.08"), "FR")
    assert sum(line.line_price_incl_tax for line in order.lines.all()) == Decimal("40.08")
    source = order.sources.get()
    assert (source.amount_allocated, source.amount_debited) == (order.total_incl_tax,) * 2
    paid = source.transactions.filter(txn_type="Debit").get()
    assert (paid.amount, paid.date_created) == (Decimal("40.08"), order.date_placed)


def test_customers_become_users_and_the_others_guests(write_file: Any, load: Load) -> None:
    load(write_file(*STORY), "--no-sync")
    user = User.objects.get(email="customer-17850@retail.example")
    assert user.get_full_name() == "Customer 17850"
    assert not user.has_usable_password()
    assert Order.objects.filter(user=user).count() == 3
    guest = Order.objects.get(number="1003")
    assert (guest.user, guest.guest_email) == (None, "")
    assert guest.shipping_address.country_id == "ZZ"
    assert "Atlantis" in guest.shipping_address.notes


def test_codes_become_products(write_file: Any, load: Load) -> None:
    # A code only seen in a stock correction is a product too, without a price.
    correction = "1009;99999;damaged;-3;4/12/2010 09:00;0;;France"
    load(write_file(*STORY, correction), "--no-sync")
    holder = Product.objects.get(upc="85123A")
    assert (holder.title, holder.is_public) == ("WHITE HOLDER", True)
    # 2.55 twice, 2.00 once; the credit note's 2.50 is no price.
    assert holder.stockrecords.get().price == Decimal("2.55")
    assert [category.name for category in holder.categories.all()] == ["Retail catalogue"]
    postage = Product.objects.get(upc="POST")
    assert (postage.is_public, postage.is_shipping_required) == (False, False)
    assert postage.get_product_class().track_stock is False
    unseen = Product.objects.get(upc="99999")
    assert (unseen.title, unseen.stockrecords.get().price) == ("99999", None)


def test_credit_notes_refund_earlier_orders_newest_first(write_file: Any, load: Load) -> None:
    load(write_file(*STORY), "--no-sync")
    assert refunds() == {
        ("1002", "C1004"): Decimal("20.00"),
        ("1001", "C1004"): Decimal("5.00"),
    }
    source = Order.objects.get(number="1001").sources.get()
    assert source.amount_refunded == Decimal("5.00")
    refund = source.transactions.get(txn_type="Refund")
    assert refund.date_created == datetime(2010, 12, 3, 8, 0, tzinfo=UTC)


def test_credit_notes_are_taken_in_time_order(write_file: Any, load: Load) -> None:
    # Balance 40.08 + 20.00 = 60.08. The earlier note takes 25, then 30 + 5.08 remain for 50:
    # 14.92 does not fit, though the note stands above the others in the file.
    late = "C1010;85123A;;-10;3/12/2010 12:00;5;17850;France"
    out = load(write_file(late, *STORY), "--no-sync")
    assert sum(refunds().values()) == Decimal("60.08")
    assert "line 2 (customer 17850, 14.92)" in out
    assert "14.92 of 50.00 exceeds the balance" in out


def test_a_credit_note_without_an_earlier_order_is_reported(write_file: Any, load: Load) -> None:
    early = "C1000;85123A;;-1;1/12/2010 08:25;5;17850;France"
    stranger = "C1011;85123A;;-2;9/12/2010 08:25;5;99;France"
    out = load(write_file(*STORY, early, stranger), "--no-sync")
    assert "line 10 (customer 17850, 5.00): credit note: no earlier order" in out
    assert "line 11 (customer 99, 10.00): credit note: no earlier order" in out
    assert sum(refunds().values()) == Decimal("25.00")


def test_a_credit_note_of_the_same_minute_reaches_the_order(write_file: Any, load: Load) -> None:
    note = "C1;85123A;;-1;1/12/2010 08:26;40,08;17850;France"
    load(write_file(note, *STORY[:3]), "--no-sync")
    assert refunds() == {("1001", "C1"): Decimal("40.08")}


def test_a_later_file_refunds_orders_of_an_earlier_one(write_file: Any, load: Load) -> None:
    load(write_file(*STORY), "--no-sync")
    later = "C2000;85123A;;-1;9/1/2011 08:00;110;17850;France"
    load(write_file(later, name="later.csv"), "--no-sync")
    # 100.00 of 1005, nothing left of 1002, 10.00 of the 35.08 left of 1001.
    assert refunds()[("1005", "C2000")] == Decimal("100.00")
    assert refunds()[("1001", "C2000")] == Decimal("10.00")
    assert Order.objects.get(number="1001").sources.get().amount_refunded == Decimal("15.00")


def test_two_customers_on_one_invoice(write_file: Any, load: Load) -> None:
    other = "1001;71053;;1;1/12/2010 08:26;3;11111;France"
    nobody = "1001;71053;;1;1/12/2010 08:27;1;;France"
    out = load(write_file(*STORY[:3], other, nobody), "--no-sync")
    assert "line 5 (customer 11111): another customer than 17850" in out
    assert Order.objects.get(number="1001").total_incl_tax == Decimal("41.08")


def test_fractions_of_a_cent_are_rounded_once_for_the_invoice(write_file: Any, load: Load) -> None:
    # 3 x 0.001 + 1 x 0.002 = 0.005, half up: 0.01
    rows = ("7;1;A;3;1/1/2011 10:00;0,001;5;Spain", "7;1;A;1;1/1/2011 10:00;0,002;5;Spain")
    load(write_file(*rows), "--no-sync")
    assert Order.objects.get(number="7").total_incl_tax == Decimal("0.01")


def test_a_free_order_has_no_payment(write_file: Any, load: Load) -> None:
    load(write_file("7;1;A;3;1/1/2011 10:00;0;5;Spain"), "--no-sync")
    order = Order.objects.get(number="7")
    assert (order.total_incl_tax, order.sources.count()) == (Decimal("0.00"), 0)


def test_loading_twice_changes_nothing(write_file: Any, load: Load, rows: Any) -> None:
    path = write_file(*STORY)
    load(path)
    before = rows()
    out = load(path)
    assert rows() == before
    assert "left alone: 4 orders, 1 credit notes" in out


def test_the_crm_hears_of_the_orders(write_file: Any, load: Load, settings: Any) -> None:
    settings.OSCAR_CRM_CURRENCY = "GBP"
    out = load(write_file(*STORY))
    assert "4 orders checked" in out
    contact = Contact.objects.get(emails__address="customer-17850@retail.example")
    # 40.08 + 20.00 + 100.00 - 25.00
    assert contact.lifetime_value == Decimal("135.08")
    assert contact.orders_count == 3
    assert OrderLink.objects.get(number="1003").contact is None


def test_no_sync_leaves_the_crm_empty(
    write_file: Any, load: Load, on_commit: Callable[[], Any]
) -> None:
    with on_commit():
        load(write_file(*STORY), "--no-sync")
    assert not OrderLink.objects.exists()


def test_another_currency(write_file: Any, load: Load) -> None:
    out = load(write_file(*STORY), "--currency", "usd")
    assert set(Order.objects.values_list("currency", flat=True)) == {"USD"}
    assert set(StockRecord.objects.values_list("price_currency", flat=True)) == {"USD"}
    assert "needs a rate for USD" in out


def test_the_report_lists_what_was_not_taken(write_file: Any, load: Load, tmp_path: Path) -> None:
    bad = "1006;85123A;HOLDER;x;4/12/2010 09:00;2;12;France"
    note = "C1007;85123A;HOLDER;-1;4/12/2010 09:00;2;13;France"
    report = tmp_path / "report.csv"
    load(write_file(*STORY, bad, note), "--no-sync", "--report", str(report))
    with report.open(newline="") as handle:
        found = list(csv.reader(handle))
    assert found == [
        ["lines", "invoice", "customer", "amount", "reason"],
        ["10", "1006", "12", "", "quantity 'x' is not a whole number"],
        ["11", "C1007", "13", "2.00", found[2][4]],
    ]


@pytest.mark.parametrize(
    "options", [["--currency", "pounds"], ["--report", "/nonexistent/folder/report.csv"]]
)
def test_bad_options_change_nothing(
    write_file: Any, load: Load, rows: Any, options: list[str]
) -> None:
    before = rows()
    with pytest.raises(CommandError):
        load(write_file(*STORY), *options)
    assert rows() == before


def test_a_bad_file_changes_nothing(write_file: Any, load: Load, rows: Any) -> None:
    before = rows()
    with pytest.raises(CommandError, match="The first line must name"):
        load(write_file(*STORY, header="Invoice;Code"))
    assert rows() == before
