"""Importing, taking back and exporting: microseconds a row, and the memory it takes.

A fifth of the file's rows are contacts that are there already; their names and cities change. The
memory is that of a process of its own that reads, checks and exports.
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median
from typing import Any

from django.db import connection

from .backfill import peak_memory
from .figures import Figure

# Microseconds a row: 4,000, 2,000, 30,000 and 6,000 rows a second; 60 seconds for 100,000.
CSV_IN, XLSX_IN, CSV_OUT, XLSX_OUT, UNDO = 250, 500, 1_000_000 / 30_000, 1_000_000 / 6_000, 600
MEMORY = 300  # megabytes
LARGE = 100_000  # rows
TIMES = 3
XLSX_SHARE = 5  # of the rows go through the slower format
# Rows of the file whose memory is measured, for a row of the file whose time is.
MEMORY_SHARE = 10
PERMISSIONS = (
    *("view_import", "add_import", "view_contact", "add_contact", "change_contact"),
    *("view_all_contacts", "view_account", "view_all_accounts", "export_contacts"),
)
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


def measure(contacts: int, rows: int) -> Iterator[Figure]:
    """``contacts`` are those of ``database.fill``; ``rows`` those of the file."""
    from oscar_crm.test.factories import make_staff

    user = make_staff(*PERMISSIONS)
    # What a few rows take is mostly what the file takes: the targets are those of a large one.
    csv_in, xlsx_in, undo, csv_out, xlsx_out = (
        (CSV_IN, XLSX_IN, UNDO, CSV_OUT, XLSX_OUT) if rows >= LARGE else (None,) * 5
    )
    into = f"{rows:,} rows into {contacts:,} contacts"
    let_keys_follow()
    checking, running, undoing = import_and_undo(lambda: as_csv(rows, known=contacts), user)
    yield Figure(f"import of CSV, dry run: {into}", checking / rows * 1e6, "µs/row", csv_in)
    yield Figure(f"import of CSV: {into}", running / rows * 1e6, "µs/row", csv_in)
    yield Figure(f"import taken back: {rows:,} rows", undoing / rows * 1e6, "µs/row", undo)
    some = rows // XLSX_SHARE
    _checking, running, _undoing = import_and_undo(lambda: as_xlsx(some, known=contacts), user)
    yield Figure(f"import of XLSX: {some:,} rows", running / some * 1e6, "µs/row", xlsx_in)
    yield from measure_exports(user, contacts, rows // XLSX_SHARE, csv_out, xlsx_out)
    many = rows * MEMORY_SHARE
    peak = memory_of_check(many, user.pk)
    yield Figure(f"import and export, peak memory: {many:,} rows", peak, "MB", MEMORY)


def let_keys_follow() -> None:
    """The generated contacts brought their keys along; new ones come after them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('oscar_crm_contact', 'id'), max(id))"
            " FROM oscar_crm_contact"
        )


def import_and_undo(file: Callable[[], Any], user: Any) -> tuple[float, ...]:
    """Seconds of upload with dry run, of upload with the run, and of the undo: medians."""
    took = [_import_once(file(), user) for _time in range(TIMES)]
    return tuple(map(median, zip(*took, strict=True)))


def _import_once(file: Any, user: Any) -> tuple[float, float, float]:
    from oscar_crm.services import imports

    reading, made = timed(lambda: imports.create_import(file, area="contact", by=user, name="b"))
    imports.set_columns(made, made.columns, imports.Options(match="email"))
    checking, _made = timed(lambda: imports.run(made))
    imports.start_import(made)
    running, _made = timed(lambda: imports.run(made))
    assert made.state == "done", made.problem
    imports.start_undo(made, by=user)
    undoing, _made = timed(lambda: imports.run(made))
    return reading + checking, reading + running, undoing


def measure_exports(
    user: Any, contacts: int, some: int, csv_out: float | None, xlsx_out: float | None
) -> Iterator[Figure]:
    """The whole list as CSV, some of it as XLSX."""
    from oscar_crm.services import export

    columns = export.chosen_columns("contact", [])
    records = all_contacts(user)
    lines = export.write_csv("contact", records, columns, user=user)
    seconds, _size = timed(lambda: sum(map(len, lines)))
    yield Figure(
        f"export to CSV: {contacts:,} contacts", seconds / contacts * 1e6, "µs/row", csv_out
    )
    first = records.filter(pk__lte=some)
    with tempfile.TemporaryFile() as file:
        seconds, count = timed(
            lambda: export.write_xlsx("contact", first, columns, file, user=user)
        )
    yield Figure(f"export to XLSX: {count:,} contacts", seconds / count * 1e6, "µs/row", xlsx_out)


def all_contacts(user: Any) -> Any:
    from oscar_crm.queries.contacts import visible_to

    return visible_to(user).order_by("sort_name", "pk")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def memory_of_check(rows: int, user_id: int) -> float:
    """Peak megabytes of a process that checks a file of so many rows and exports as many."""
    command = [sys.executable, "-m", "benchmarks.imports", str(rows), str(user_id)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(json.loads(told.splitlines()[-1])) / 1024


def main(rows: int, user_id: int) -> None:
    import django

    django.setup()
    from django.contrib.auth import get_user_model

    from oscar_crm.services import export, imports

    user = get_user_model().objects.get(pk=user_id)
    made = imports.create_import(as_csv(rows, known=0), area="contact", by=user, name="b")
    imports.set_columns(made, made.columns, imports.Options(match="email"))
    imports.run(made)
    columns = export.chosen_columns("contact", [])
    lines = export.write_csv("contact", all_contacts(user)[:rows], columns, user=user)
    for _part in islice(lines, None):
        pass
    made.delete()
    print(json.dumps(peak_memory()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
