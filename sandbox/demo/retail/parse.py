"""Read the "Online Retail" layout: one line per invoice position, as messy as real files are."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
DATE_FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y")
INTEGER = re.compile(r"[+-]?[0-9]+")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
MAX_QUANTITY = 2_147_483_647
MAX_PRICE = Decimal(10) ** 8
MAX_AMOUNT = Decimal(10) ** 9
YEARS = range(1900, 2200)


class LayoutError(Exception):
    """The file is not in the layout; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One position of an invoice; `number` is its line in the file, the header being line 1."""

    number: int
    invoice: str
    code: str
    description: str
    quantity: int
    date: datetime
    unit_price: Decimal
    customer: str
    country: str

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.unit_price

    @property
    def is_credit(self) -> bool:
        return self.invoice[:1] in ("C", "c")


@dataclass(frozen=True, slots=True)
class Rejection:
    """What was not taken over: the lines of the file, whose they are and why."""

    lines: tuple[int, ...]
    customer: str
    reason: str
    invoice: str = ""
    amount: Decimal | None = None


@dataclass(slots=True)
class Parsed:
    """The lines that can be used, the ones that cannot, and every product code seen."""

    lines: list[Line] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    codes: dict[str, None] = field(default_factory=dict)


class BadValueError(Exception):
    """A cell cannot be read; the message is the reason given in the report."""


def parse_file(path: Path) -> Parsed:
    """Read the whole file. Raises LayoutError when it is missing, empty or has another header."""
    parsed = Parsed()
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for number, row in _rows(handle):
                _take(parsed, number, row)
        if not parsed.lines and not parsed.rejected:
            raise LayoutError(f"{path} has no line after its header. Export it again.")
    except OSError as error:
        reason = error.strerror or str(error)
        raise LayoutError(f"Cannot read {path}: {reason}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise LayoutError(f"{path} is not UTF-8 text. Save it as CSV in UTF-8.") from error
    except csv.Error as error:
        raise LayoutError(f"{path} is not a CSV file: {error}. Export it again.") from error
    return parsed


def _rows(handle: Iterator[str]) -> Iterator[tuple[int, dict[str, str] | list[str]]]:
    """Every row with its line number: as a dict, or as it is when it has a wrong width."""
    first = next(handle, "")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    header = next(csv.reader([first], delimiter=delimiter), [])
    names = _columns(header)
    reader = csv.reader(handle, delimiter=delimiter)
    start = 2
    for row in reader:
        if any(cell.strip() for cell in row):
            cells = [cell.strip() for cell in row]
            wide = len(row) == len(header)
            yield start, dict(zip(names, cells, strict=True)) if wide else cells
        start = reader.line_num + 2


def _columns(header: list[str]) -> list[str]:
    """The header with our spelling of the eight columns; others keep theirs."""
    known = {name.casefold(): name for name in COLUMNS}
    names = [known.get(cell.strip().casefold().replace(" ", ""), cell) for cell in header]
    missing = [name for name in COLUMNS if names.count(name) != 1]
    if missing:
        raise LayoutError(
            "The first line must name each of the columns "
            f"{', '.join(COLUMNS)} once, separated by semicolons or commas. "
            f"Missing or repeated: {', '.join(missing)}."
        )
    return names


def _take(parsed: Parsed, number: int, row: dict[str, str] | list[str]) -> None:
    if isinstance(row, list):
        reason = f"wrong number of columns ({len(row)})"
        parsed.rejected.append(Rejection((number,), "", reason))
        return
    customer = row["CustomerID"].removesuffix(".0").lower()
    try:
        line = _line(number, row, customer)
        parsed.codes.setdefault(line.code)
        _check_sign(line)
    except BadValueError as error:
        parsed.rejected.append(Rejection((number,), customer, str(error), row["InvoiceNo"]))
    else:
        parsed.lines.append(line)


def _line(number: int, row: dict[str, str], customer: str) -> Line:
    _check_identifiers(row, customer)
    line = Line(
        number=number,
        invoice=row["InvoiceNo"],
        code=row["StockCode"],
        description=" ".join(row["Description"].split()),
        quantity=_quantity(row["Quantity"]),
        date=_date(row["InvoiceDate"]),
        unit_price=_price(row["UnitPrice"]),
        customer=customer,
        country=row["Country"],
    )
    if abs(line.amount) >= MAX_AMOUNT:
        raise BadValueError(f"amount {line.amount} is out of range")
    return line


def _check_identifiers(row: dict[str, str], customer: str) -> None:
    if any("\x00" in cell for cell in row.values()):
        raise BadValueError("holds a NUL character")
    if not row["InvoiceNo"]:
        raise BadValueError("no invoice number")
    if not row["StockCode"]:
        raise BadValueError("no stock code")
    if "/" in row["InvoiceNo"] or len(row["InvoiceNo"]) > 100:
        raise BadValueError(f"invoice number {row['InvoiceNo'][:40]!r} cannot be an order number")
    if len(row["StockCode"]) > 64:
        raise BadValueError("stock code longer than 64 characters")
    if len(customer) > 100 or not re.fullmatch(r"[\w.-]*", customer):
        raise BadValueError(f"customer id {customer[:40]!r} cannot be part of an e-mail address")


def _quantity(text: str) -> int:
    if not INTEGER.fullmatch(text) or len(text) > 12:
        raise BadValueError(f"quantity {text[:40]!r} is not a whole number")
    quantity = int(text)
    if quantity == 0 or abs(quantity) > MAX_QUANTITY:
        raise BadValueError(f"quantity {text} is out of range")
    return quantity


def _price(text: str) -> Decimal:
    """A decimal comma or point; the last of the two counts when both are there."""
    plain = text.replace(" ", "")
    if plain.rfind(",") > plain.rfind("."):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", "")
    if not NUMBER.fullmatch(plain):
        raise BadValueError(f"unit price {text[:40]!r} is not a number")
    price = Decimal(plain)
    if price < 0 or price >= MAX_PRICE:
        raise BadValueError(f"unit price {text[:40]} is out of range")
    return price


def _date(text: str) -> datetime:
    """A date in the shop's time zone; the day comes first, always."""
    for pattern in DATE_FORMATS:
        try:
            parsed = datetime.strptime(text, pattern)  # noqa: DTZ007
        except ValueError:
            continue
        if parsed.year in YEARS:
            return timezone.make_aware(parsed, timezone.get_default_timezone())
    raise BadValueError(f"date {text[:40]!r} is not D/M/YYYY HH:MM")


def _check_sign(line: Line) -> None:
    if line.is_credit and line.quantity > 0:
        raise BadValueError("positive quantity in a credit note")
    if line.is_credit and not line.customer:
        raise BadValueError("credit note without a customer id")
    if not line.is_credit and line.quantity < 0:
        raise BadValueError("negative quantity in an invoice (stock correction, no sale)")
