"""Which encoding and separator a CSV file was saved with."""

import codecs
import csv
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from oscar_crm.exceptions import ImportFileError

SAMPLE = 256 * 1024  # bytes
SEPARATORS = (",", ";", "\t", "|")
SAMPLE_ROWS = 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does: asked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets and older systems still write; a user may choose any of them.
ENCODINGS = (
    *("utf-8", "utf-16", "cp1252", "iso8859-15", "cp1250", "cp1251", "cp1253", "cp1254"),
    *("mac_roman", "cp437", "cp850", "shift_jis", "gb18030", "big5", "euc_kr"),
)
_GUESSED = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "mac_roman", "shift_jis", "gb18030"]
# So many letters that are right in UTF-8 are no accident: the file is UTF-8 and damaged.
_SURELY_UTF8 = 3


def detect_encoding(file: IO[bytes]) -> str:
    """The encoding of a whole file, which is read through once. Raises ``ImportFileError``.

    UTF-8 is only what decodes as UTF-8 to the last byte; anything else is guessed by a sample.
    """
    file.seek(0)
    head = file.read(SAMPLE)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if wide := _wide_without_mark(head):
        return wide
    if b"\x00" in head:
        raise ImportFileError(
            _("This is neither a CSV file nor an XLSX file. Save it as one of them.")
        )
    broken_at, letters = _first_flaw_in_utf8(file)
    if broken_at is None:
        return "utf-8"
    if letters >= _SURELY_UTF8:
        raise ImportFileError(
            _(
                "The file is in UTF-8, but damaged or cut off in line %s. Export it again, or"
                " choose another encoding."
            )
            % broken_at
        )
    return _guess(head)


def _wide_without_mark(head: bytes) -> str:
    """UTF-16 of mostly Latin text has a zero in every other byte."""
    even, odd = head[0:2000:2], head[1:2000:2]
    if len(odd) > 3 and odd.count(0) > 0.7 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(even) > 3 and even.count(0) > 0.7 * len(even) and not odd.count(0):
        return "utf-16-be"
    return ""


def _first_flaw_in_utf8(file: IO[bytes]) -> tuple[int | None, int]:
    """The line of the first byte that is no UTF-8, None if there is none; and letters before it."""
    file.seek(0)
    line = letters = 0
    for line, raw in enumerate(file, start=1):
        if raw.isascii():
            continue
        try:
            letters += sum(c > "\x7f" for c in raw.decode())
        except UnicodeDecodeError as error:
            letters += sum(c > "\x7f" for c in raw[: error.start].decode())
            return line, letters
    return None, letters


def _guess(head: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(head, cp_isolation=_GUESSED).best()
    return found.encoding if found else "cp1252"


def detect_separator(lines: list[str]) -> str:
    """The separator that splits the first lines into the same number of columns, most of all."""
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0].strip()[4]
    scores = {mark: _score(lines, mark) for mark in SEPARATORS}
    best = max(SEPARATORS, key=lambda mark: scores[mark])
    return best if scores[best] > 0 else ","


def _score(lines: list[str], mark: str) -> float:
    """Columns of the header, times the share of rows that have as many."""
    widths = [len(row) for row in _rows(lines, mark) if any(row)]
    if not widths or widths[0] < 2:
        return 0
    return widths[0] * sum(width == widths[0] for width in widths) / len(widths)


def _rows(lines: list[str], mark: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=mark)
    except csv.Error:
        return
