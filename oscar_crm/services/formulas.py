"""Text that a spreadsheet would run as a formula: marked on the way out, unmarked on the way in.

The marker is one apostrophe, as spreadsheets use it themselves. A text that looks marked already
gets another, so that reading takes away exactly what writing has added.
"""

import re

MARKER = "'"
# What makes Excel, LibreOffice or Google Sheets calculate; some of them also skip white space.
_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_MARKED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")
_HARMLESS = re.compile(r"[+\-]?[\d\s().,/\-]*\Z")


def neutralise(text: str) -> str:
    """Text for a cell, with the marker if a spreadsheet would calculate."""
    return MARKER + text if _RISKY.match(text) else text


def neutralise_number(text: str) -> str:
    """A phone number or a number stays as it is; anything else is text."""
    return text if _HARMLESS.match(text) else neutralise(text)


def restore(cell: str) -> str:
    """The text that ``neutralise`` was given."""
    return cell[1:] if _MARKED.match(cell) else cell
