"""Reading a CSV or XLSX file row by row, whatever its encoding, without holding it in memory."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from django.utils.translation import gettext as _

from oscar_crm.exceptions import ImportFileError

from .encoding import ENCODINGS, SAMPLE, SAMPLE_ROWS, detect_encoding, detect_separator
from .workbook import is_old_excel, is_zip, read_workbook

MAX_COLUMNS = 500
MAX_CELL = 100_000  # characters
Row = tuple[int, list[str]]


@dataclass
class Table:
    """A file's headers and its rows, numbered as a spreadsheet shows them.

    ``rows`` reads the file as it goes, once, and may raise ``ImportFileError``.
    """

    headers: list[str]
    rows: Iterator[Row]
    encoding: str = ""
    separator: str = ""
    notes: list[str] = field(default_factory=list)


def open_table(
    file: IO[bytes], *, name: str = "", encoding: str = "", separator: str = ""
) -> Table:
    """The table in a file; encoding and separator of a CSV file are found out unless given.

    Raises ``ImportFileError`` for what is no such file, for an empty one, and for one whose first
    row does not name the columns.
    """
    file.seek(0)
    head = file.read(8)
    if not head:
        raise ImportFileError(_("The file is empty."))
    if is_old_excel(head):
        raise ImportFileError(
            _("This is an old or an encrypted Excel file. Save it as .xlsx without a password.")
        )
    if is_zip(head):
        table = Table([], read_workbook(file))
    else:
        table = _open_csv(file, encoding=encoding, separator=separator)
    table.headers, table.rows = _split_headers(table.rows)
    return table


def _open_csv(file: IO[bytes], *, encoding: str, separator: str) -> Table:
    if encoding and encoding not in ENCODINGS:
        raise ImportFileError(_("The encoding “%s” is not known.") % encoding[:40])
    encoding = encoding or detect_encoding(file)
    if encoding == "utf-8":  # a mark that somebody overlooked would stick to the first header
        encoding = "utf-8-sig"
    separator = separator or detect_separator(_first_lines(file, encoding))
    file.seek(0)
    rows = _csv_rows(file, encoding, separator)
    return Table([], rows, encoding=encoding.removesuffix("-sig"), separator=separator)


def _first_lines(file: IO[bytes], encoding: str) -> list[str]:
    file.seek(0)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(file.read(SAMPLE))
    return list(islice(io.StringIO(text, newline=""), SAMPLE_ROWS))


def _csv_rows(file: IO[bytes], encoding: str, separator: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    reader = csv.reader(text, delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1 and cells and cells[0].lower().startswith("sep="):
                continue
            yield number, cells
    except csv.Error as error:
        raise ImportFileError(_csv_problem(number + 1, str(error))) from error
    except UnicodeError as error:
        raise ImportFileError(
            _("Row %(row)s: the letters are not %(encoding)s. Choose another encoding.")
            % {"row": number + 1, "encoding": encoding}
        ) from error
    finally:
        text.detach()  # closing it would close the file, which is not ours


def _csv_problem(row: int, error: str) -> str:
    if "field limit" in error:
        return _("Row %(row)s: a cell has more than %(limit)s characters.") % {
            "row": row,
            "limit": f"{MAX_CELL:,}",
        }
    if "unexpected end" in error:
        return _("Row %s: a quotation mark is opened and never closed. Is the file cut off?") % row
    return (
        _(
            "Row %s: the quotation marks do not match. A mark inside a text must be written twice,"
            " and a text with one in it stand in quotation marks."
        )
        % row
    )


def _split_headers(rows: Iterator[Row]) -> tuple[list[str], Iterator[Row]]:
    """The first row with anything in it, and the rows below it, blank ones left out."""
    for _number, cells in rows:
        headers = [" ".join(cell.split()) for cell in cells]
        while headers and not headers[-1]:
            headers.pop()
        if headers:
            _check_headers(headers)
            return headers, (row for row in rows if any(map(str.strip, row[1])))
    raise ImportFileError(_("The file has no rows in it."))


def _check_headers(headers: list[str]) -> None:
    if len(headers) > MAX_COLUMNS:
        raise ImportFileError(
            _("The file has %(count)s columns; %(most)s are possible.")
            % {"count": len(headers), "most": MAX_COLUMNS}
        )
    if any("@" in header and "." in header for header in headers):
        raise ImportFileError(
            _(
                "The first row has an e-mail address in it. It must name the columns instead:"
                " put a row such as “First name, Last name, E-mail” above it."
            )
        )


def sample_of(table: Any, count: int) -> list[Row]:
    """The next rows of a table, taken from it."""
    return list(islice(table.rows, count))
