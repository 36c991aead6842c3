"""Reading the invoice file: every oddity of the layout, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.demo.retail.parse import LayoutError, parse_file

GOOD = "536365;85123A;WHITE HOLDER;6;1/12/2010 08:26;2,55;17850;United Kingdom"
COMMA_HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def test_a_line_is_read_day_first_in_the_shops_time_zone(write_file: Any) -> None:
    (line,) = parse_file(write_file(GOOD)).lines
    # 1 December, not 12 January; Berlin is one hour ahead of UTC then.
    assert line.date == datetime(2010, 12, 1, 7, 26, tzinfo=UTC)
    assert (line.number, line.invoice, line.code, line.customer) == (2, "536365", "85123A", "17850")
    assert (line.quantity, line.unit_price, line.amount) == (6, Decimal("2.55"), Decimal("15.30"))


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (COMMA_HEADER, "536365,85123A,WHITE HOLDER,6,1/12/2010 08:26,2.55,17850,United Kingdom"),
        (
            COMMA_HEADER,
            '536365,85123A,WHITE HOLDER,6,01/12/2010 8:26,"2,55",17850.0,United Kingdom',
        ),
        (
            "Country;InvoiceNo;StockCode;Quantity;Description;InvoiceDate;Unit Price;Customer ID",
            "United Kingdom;536365;85123A;6;WHITE HOLDER;1/12/2010 08:26:00;2.55;17850",
        ),
    ],
)
def test_other_spellings_say_the_same(write_file: Any, header: str, row: str) -> None:
    expected = parse_file(write_file(GOOD)).lines
    assert parse_file(write_file(row, header=header, name="other.csv")).lines == expected


def test_a_byte_order_mark_is_no_part_of_the_header(write_file: Any, tmp_path: Path) -> None:
    plain = write_file(GOOD)
    marked = tmp_path / "bom.csv"
    marked.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes())
    assert parse_file(marked).lines == parse_file(plain).lines


@pytest.mark.parametrize(
    ("text", "price"),
    [("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("0", "0"), ("12", "12"), ("0,1", "0.1")],
)
def test_prices_with_and_without_thousands(write_file: Any, text: str, price: str) -> None:
    (line,) = parse_file(write_file(GOOD.replace("2,55", text))).lines
    assert line.unit_price == Decimal(price)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (";6;", ";six;", "quantity 'six' is not a whole number"),
        (";6;", ";1.5;", "quantity '1.5' is not a whole number"),
        (";6;", ";;", "quantity '' is not a whole number"),
        (";6;", ";0;", "quantity 0 is out of range"),
        (";6;", ";99999999999;", "quantity 99999999999 is out of range"),
        (";6;", ";-6;", "negative quantity in an invoice (stock correction, no sale)"),
        ("1/12/2010 08:26", "31/2/2010 08:26", "date '31/2/2010 08:26' is not D/M/YYYY HH:MM"),
        ("1/12/2010 08:26", "12/13/2010 08:26", "date '12/13/2010 08:26' is not D/M/YYYY HH:MM"),
        ("1/12/2010 08:26", "", "date '' is not D/M/YYYY HH:MM"),
        ("1/12/2010 08:26", "1/12/0010 08:26", "date '1/12/0010 08:26' is not D/M/YYYY HH:MM"),
        ("2,55", "free", "unit price 'free' is not a number"),
        ("2,55", "NaN", "unit price 'NaN' is not a number"),
        ("2,55", "1e9", "unit price '1e9' is not a number"),
        ("2,55", "-2,55", "unit price -2,55 is out of range"),
        ("2,55", "999999999", "unit price 999999999 is out of range"),
        ("6;1/12/2010 08:26;2,55", "2000000000;1/12/2010 08:26;5", "amount 10000000000 is out"),
        ("536365", "", "no invoice number"),
        ("536365", "53/65", "invoice number '53/65' cannot be an order number"),
        ("85123A", "", "no stock code"),
        ("85123A", "8" * 65, "stock code longer than 64 characters"),
        ("17850", "a b@c", "customer id 'a b@c' cannot be part of an e-mail address"),
        ("536365", "C536365", "positive quantity in a credit note"),
        (";United Kingdom", "", "wrong number of columns (7)"),
        ("WHITE", "WHITE;RED", "wrong number of columns (9)"),
        ("WHITE", "WH\x00ITE", "holds a NUL character"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(
    write_file: Any, old: str, new: str, reason: str
) -> None:
    parsed = parse_file(write_file(GOOD, GOOD.replace(old, new), GOOD))
    assert [line.number for line in parsed.lines] == [2, 4]
    (rejection,) = parsed.rejected
    assert rejection.lines == (3,)
    assert rejection.reason.startswith(reason)


def test_a_credit_note_needs_a_customer(write_file: Any) -> None:
    row = "C536379;D;Discount;-1;1/12/2010 09:41;27,50;;United Kingdom"
    (rejection,) = parse_file(write_file(row)).rejected
    assert rejection.reason == "credit note without a customer id"
    assert rejection.invoice == "C536379"


def test_line_numbers_count_lines_of_the_file(write_file: Any) -> None:
    quoted = GOOD.replace("WHITE HOLDER", '"WHITE\nHOLDER; ""LARGE"""')
    parsed = parse_file(write_file(quoted, "", GOOD, GOOD.replace(";6;", ";x;")))
    assert [line.number for line in parsed.lines] == [2, 5]
    assert parsed.lines[0].description == 'WHITE HOLDER; "LARGE"'
    assert parsed.rejected[0].lines == (6,)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The first line must name"),
        (b"a;b;c\n1;2;3\n", "Missing or repeated: InvoiceNo"),
        (COMMA_HEADER.replace("Country", "Quantity").encode(), "Quantity, Country."),
        (COMMA_HEADER.encode() + b"\n", "has no line after its header"),
        (COMMA_HEADER.encode() + b"\n\xff\xfe\n", "is not UTF-8"),
    ],
)
def test_another_layout_is_an_error_that_says_what_to_do(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=says):
        parse_file(path)


def test_a_missing_file_or_a_folder_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(LayoutError, match="Cannot read"):
            parse_file(path)
