"""Files made in memory, and one call that takes them all the way."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import Workbook

from oscar_crm.models import Import
from oscar_crm.services import imports
from oscar_crm.services.imports import Options
from oscar_crm.test.factories import make_staff

RIGHTS = (
    *("view_import", "add_import", "view_contact", "add_contact", "change_contact"),
    *("view_account", "add_account", "change_account"),
)


def csv_file(rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", **how: Any) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text, **how).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def xlsx_file(rows: Sequence[Sequence[Any]]) -> io.BytesIO:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file


@pytest.fixture
def manager(db: None) -> Any:
    """Somebody who may import and sees everything."""
    return make_staff(*RIGHTS, "view_all_contacts", "view_all_accounts")


@pytest.fixture
def limited(db: None) -> Any:
    """Somebody who may import and sees their own records only."""
    return make_staff(*RIGHTS)


@pytest.fixture
def upload(manager: Any) -> Callable[..., Import]:
    """``upload(file)`` keeps a file; its columns are matched as the page would show them."""

    def do(file: Any, *, area: str = "contact", by: Any = None, **more: Any) -> Import:
        return imports.create_import(file, area=area, by=by or manager, name="f.csv", **more)

    return do


@pytest.fixture
def check(upload: Callable[..., Import]) -> Callable[..., Import]:
    """``check(rows, mode="create")`` uploads rows and makes the dry run; options by name."""

    def do(
        rows: Any,
        *,
        area: str = "contact",
        by: Any = None,
        columns: Sequence[str] | None = None,
        **options: Any,
    ) -> Import:
        file = csv_file(rows) if isinstance(rows, list) else rows
        made = upload(file, area=area, by=by)
        chosen = replace(Options.of(made.options), **options)
        imports.set_columns(made, made.columns if columns is None else columns, chosen)
        return imports.run(made)

    return do


@pytest.fixture
def bring_in(check: Callable[..., Import]) -> Callable[..., Import]:
    """As ``check``, and then the run."""

    def do(rows: Any, **options: Any) -> Import:
        made = check(rows, **options)
        imports.start_import(made)
        return imports.run(made)

    return do


def texts(of_import: Import, row: int | None = None) -> list[str]:
    """What is said of a row, or of all of them."""
    rows = of_import.rows.order_by("row")
    if row is not None:
        rows = rows.filter(row=row)
    return [remark["text"] for found in rows for remark in found.remarks]
