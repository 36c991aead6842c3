"""Keeping a file's rows in the database, in blocks: one place for web servers and workers.

A block is the unit of work and of memory: its rows are planned together and written in one
transaction. Blocks are packed, as a file of a million rows is mostly repetition.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from oscar_crm.conf import crm_settings
from oscar_crm.exceptions import ImportFileError, ImportStateError
from oscar_crm.models import Import, ImportBlock

from .files import Row, Table
from .values import DayOrder, looks_like_day

BLOCK_ROWS = 2_000
BLOCK_CHARACTERS = 4_000_000


def store_rows(of_import: Import, table: Table) -> None:
    """Read a table to its end and store it, in the caller's transaction.

    Raises ``ImportFileError``.
    """
    number = total = 0
    days = _Days()
    for number, block in enumerate(_blocks(table.rows), start=1):
        total += len(block)
        if total > crm_settings.IMPORT_MAX_ROWS:
            raise ImportFileError(
                _("The file has more than %s rows. Split it.") % f"{crm_settings.IMPORT_MAX_ROWS:,}"
            )
        days.look_at(block)
        ImportBlock.objects.create(of_import=of_import, number=number - 1, data=_packed(block))
    if not total:
        raise ImportFileError(_("The file has headers, but no rows below them."))
    of_import.rows_total, of_import.blocks_total = total, number
    of_import.facts = {**of_import.facts, "days": days.found()}


def read_block(of_import: Import, number: int) -> list[Row]:
    """The rows of a block. Raises ``ImportStateError`` if the file is erased."""
    block = ImportBlock.objects.filter(of_import=of_import, number=number).first()
    if block is None:
        raise ImportStateError(_("The file of this import has been erased."))
    return [(row, cells) for row, *cells in json.loads(zlib.decompress(bytes(block.data)))]


def read_rows(of_import: Import) -> Iterator[Row]:
    """All rows, a block at a time."""
    for number in range(of_import.blocks_total):
        yield from read_block(of_import, number)


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    block: list[Row] = []
    size = 0
    for row in rows:
        block.append(row)
        size += sum(map(len, row[1]))
        if len(block) >= BLOCK_ROWS or size >= BLOCK_CHARACTERS:
            yield block
            block, size = [], 0
    if block:
        yield block


def _packed(block: list[Row]) -> bytes:
    rows: list[list[Any]] = [[row, *cells] for row, cells in block]
    document = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(document.encode("utf-8", "surrogatepass"), level=1)


class _Days:
    """Which columns hold days written in digits, and the largest numbers in them."""

    def __init__(self) -> None:
        self.columns: dict[int, DayOrder] | None = None

    def look_at(self, block: list[Row]) -> None:
        if self.columns is None:
            width = max((len(cells) for _row, cells in block), default=0)
            self.columns = {
                index: DayOrder()
                for index in range(width)
                if any(len(c) > index and looks_like_day(c[index]) for _row, c in block)
            }
        for index, order in self.columns.items():
            for _row, cells in block:
                if len(cells) > index:
                    order.look_at(cells[index])

    def found(self) -> dict[str, tuple[int, int]]:
        return {str(n): (order.first, order.second) for n, order in (self.columns or {}).items()}
