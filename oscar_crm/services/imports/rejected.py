"""The rows that were refused, as a file that can be mended and uploaded again."""

import csv
from collections.abc import Iterator

from django.utils.translation import gettext as _

from oscar_crm.models import Import, ImportRow
from oscar_crm.services.csv_lines import Lines

from .store import read_block

REASON = "Why it was not imported"


def rejected_rows(of_import: Import) -> Iterator[str]:
    """A CSV file: the refused rows as they were, with their number and the reason.

    The two columns in front are ignored when the file is uploaded again. Cells are given back as
    they came: whatever marker they had is theirs.
    """
    lines = Lines()
    writer = csv.writer(lines)
    writer.writerow([_("Row"), _(REASON), *of_import.headers])
    yield "\ufeff" + lines.take()
    refused = ImportRow.objects.filter(of_import=of_import, outcome=ImportRow.Outcome.REFUSED)
    for number in range(of_import.blocks_total):
        block = dict(read_block(of_import, number))
        told = refused.filter(row__in=list(block)).order_by("row")
        for row in told:
            writer.writerow([row.row, reason_of(row, of_import), *block[row.row]])
        yield lines.take()


def reason_of(row: ImportRow, of_import: Import) -> str:
    """All remarks of a row in one text, each with the header of its column."""
    return "; ".join(remark_text(remark, of_import.headers) for remark in row.remarks)


def remark_text(remark: dict[str, object], headers: list[str]) -> str:
    """“E-mail (C): “x” is not an e-mail address.”"""
    column = remark.get("column")
    if not isinstance(column, int):
        return str(remark["text"])
    header = headers[column] if column < len(headers) else ""
    letters = column_letters(column)
    place = f"{header} ({letters})" if header else letters
    return f"{place}: {remark['text']}"


def column_letters(index: int) -> str:
    """What spreadsheets call a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
