"""Importing, taking back and exporting: microseconds a row, and the memory it takes.

A fifth of the file's rows are contacts that are there already; two thirds of those change a cell.
"""

import csv
import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .figures import Figure

ROWS = {"small": 3_000, "medium": 20_000, "large": 100_000}
# Microseconds a row: 4,000, 2,000, 30,000 and 6,000 rows a second; 60 seconds for 100,000.
CSV_IN, XLSX_IN, CSV_OUT, XLSX_OUT, UNDO = 250, 500, 1_000 / 30, 1_000 / 6, 600
MEMORY = 300  # megabytes
HEADERS = (
    *("First name", "Last name", "E-mail", "Phone", "Company", "Job title", "Address", "City"),
    *("Postcode", "Country", "Tags", "External ID"),
)


def rows_of_file(count: int, *, known: int) -> Iterator[tuple[str, ...]]:
    """``known``: so many contacts of ``database.fill`` are there."""
    for n in range(count):
        is_known = n % 5 == 0 and known > count
        address = f"person{known - n}@example.com" if is_known else f"new{n}@example.net"
        phone = f"+4922100{known - n:07}" if is_known else f"+49 30 {5_000_000 + n}"
        yield (
            *("Greta", f"Conrad {n}", address, phone, f"Example {n % 5_000} GmbH", "Buyer"),
            *(f"Street {n}", "Town" if n % 15 else "Köln", "10000", "Germany"),
            *("Trade fair" if n % 10 == 0 else "", f"old:{n}"),
        )


def as_csv(count: int, *, known: int) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads it
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    writer.writerows(rows_of_file(count, known=known))
    text.detach()
    return file


def as_xlsx(count: int, *, known: int) -> Any:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADERS)
    for row in rows_of_file(count, known=known):
        sheet.append(row)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads it
    book.save(file)
    return file


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def import_file(file: Any, user: Any) -> tuple[float, float, Any]:
    """Seconds of upload with dry run, of upload with the run, and the import."""
    from oscar_crm.services import imports

    reading, made = timed(lambda: imports.create_import(file, area="contact", by=user, name="b"))
    options = imports.Options(match="email", tags=("Imported",))
    imports.set_columns(made, made.columns, options)
    checking, _made = timed(lambda: imports.run(made))
    imports.start_import(made)
    running, _made = timed(lambda: imports.run(made))
    return reading + checking, reading + running, made


def peak_memory() -> float:
    """Megabytes this process has taken at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


__all__ = ["CSV_IN", "MEMORY", "Figure", "Path"]
