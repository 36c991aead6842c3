"""Reading the first sheet of an XLSX file that nobody vouches for."""

import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _

from oscar_crm.exceptions import ImportFileError

from .values import as_text

# A workbook is text, which shrinks about ten times; a bomb shrinks a thousand times.
MAX_RATIO = 100
MAX_UNPACKED = 2 * 1024**3  # bytes, of all parts together
MAX_SHARED_TEXTS = 200 * 1024**2  # bytes; the only part that is held in memory
MAX_PARTS = 5_000
BLANK_ROWS = 1_000  # formatted, empty rows at the end are common; a million of them are not data
_READ_IN_FULL = ("xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml")
MAX_SMALL_PART = 20 * 1024**2


def is_zip(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04")


def is_old_excel(head: bytes) -> bool:
    """The container of .xls files, and of encrypted .xlsx files."""
    return head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_workbook(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first visible sheet, as texts. Raises ``ImportFileError``."""
    _check_archive(file)
    file.seek(0)
    # Not at the top: most processes never read a workbook.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    from .sheet import rows_of_sheet

    broken = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError)
    broken += (IndexError, AttributeError, EOFError, OSError, ParseError)  # type: ignore[assignment]
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"]
    except broken as error:
        raise _damaged() from error
    if not sheets:
        raise ImportFileError(_("The workbook has no sheet with cells in it."))
    number = filled = 0
    rows = rows_of_sheet(book, sheets[0])
    while True:
        before = number
        try:
            number, cells = next(rows)
        except StopIteration:
            break
        except broken as error:
            raise _damaged(number + 1) from error
        if number <= before:
            raise _damaged(before + 1)
        if number - filled > BLANK_ROWS:
            break
        texts = [as_text(cell) for cell in cells]
        if any(texts):
            filled = number
            yield number, texts
    book.close()


def _damaged(row: int = 0) -> ImportFileError:
    if row:
        return ImportFileError(_("The workbook is damaged or cut off at row %s.") % row)
    return ImportFileError(
        _("The workbook is damaged or cut off. Open it in a spreadsheet and save it again.")
    )


def _check_archive(file: IO[bytes]) -> None:
    """Look at the list of parts before anything is unpacked."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged() from error
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "[Content_Types].xml"} or len(parts) > MAX_PARTS:
        raise ImportFileError(
            _("This is an archive, not a workbook. Unpack it and upload the CSV or XLSX file.")
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise ImportFileError(
            _("The workbook has macros in it. Save it as .xlsx, which has none, or as CSV.")
        )
    if any(_is_bomb(part) for part in parts) or sum(p.file_size for p in parts) > MAX_UNPACKED:
        raise ImportFileError(
            _("The workbook unpacks to far more than its size. Save it as CSV and upload that.")
        )


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    if part.filename.endswith("sharedStrings.xml") and part.file_size > MAX_SHARED_TEXTS:
        return True
    if part.filename in _READ_IN_FULL and part.file_size > MAX_SMALL_PART:
        return True
    is_large = part.file_size > 1024**2
    return is_large and part.file_size > MAX_RATIO * max(part.compress_size, 1)
