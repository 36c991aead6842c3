"""Reading exchange rates from a CSV file.

Two layouts are understood:

* ``currency,rate,valid_from``: 1 unit of the currency is worth ``rate`` units of base currency.
* The European Central Bank's reference rates, one row a day and one column a currency, giving
  units of the currency per euro; only for shops whose base currency is EUR.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from oscar_crm.conf import crm_settings
from oscar_crm.exceptions import RateFileError, ValidationError

from .rates import store_rate

PLACES = Decimal("0.00000001")


@dataclass(frozen=True)
class RateRow:
    line: int
    currency: str
    rate: Decimal
    valid_from: date


@transaction.atomic
def load_rates(lines: Iterable[str], *, by: Any = None) -> list[RateRow]:
    """Store every rate of a file, or none: raises ``RateFileError`` naming the line.

    Orders are not valued anew here: reconcile the currencies afterwards. Safe to repeat.
    """
    rows = list(read_rates(lines))
    if not rows:
        raise RateFileError(_("The file has no rates in it."))
    for row in rows:
        try:
            store_rate(row.currency, row.rate, valid_from=row.valid_from, by=by)
        except ValidationError as error:
            raise RateFileError(
                _("Line %(line)s: %(reason)s") % {"line": row.line, "reason": error}
            ) from error
    return rows


def read_rates(lines: Iterable[str]) -> Iterator[RateRow]:
    """Parse a file of either layout; raises ``RateFileError`` naming the line."""
    reader = csv.reader(line.lstrip("\ufeff") for line in lines)
    header = [cell.strip().lower() for cell in next(reader, [])]
    if {"currency", "rate", "valid_from"} <= set(header):
        parse = _long_row
    elif header[:1] == ["date"] and len(header) > 1:
        if crm_settings.CURRENCY != "EUR":
            raise RateFileError(
                _("This file gives rates per euro, but the CRM counts in %s.")
                % crm_settings.CURRENCY
            )
        parse = _wide_row
    else:
        raise RateFileError(_("The first line must be: currency,rate,valid_from"))
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield from parse(reader.line_num, header, cells)


def _long_row(line: int, header: list[str], cells: list[str]) -> Iterator[RateRow]:
    if len(cells) < len(header):
        raise RateFileError(_("Line %s has fewer columns than the first line.") % line)
    row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    yield RateRow(
        line, row["currency"].upper(), _number(line, row["rate"]), _day(line, row["valid_from"])
    )


def _wide_row(line: int, header: list[str], cells: list[str]) -> Iterator[RateRow]:
    day = _day(line, cells[0])
    for currency, cell in zip(header[1:], cells[1:], strict=False):
        if currency and cell.strip() not in ("", "N/A"):
            per_euro = _number(line, cell)
            if per_euro <= 0:
                raise RateFileError(_("Line %s: a rate must be greater than zero.") % line)
            yield RateRow(line, currency.upper(), (1 / per_euro).quantize(PLACES), day)


def _number(line: int, cell: str) -> Decimal:
    try:
        number = Decimal(cell.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise RateFileError(
            _("Line %(line)s: “%(cell)s” is not a number. Write it like 0.9215.")
            % {"line": line, "cell": cell}
        )
    return number


def _day(line: int, cell: str) -> date:
    for layout in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(cell.strip(), layout).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise RateFileError(
        _("Line %(line)s: “%(cell)s” is not a date. Write it like 2026-01-31.")
        % {"line": line, "cell": cell}
    )
