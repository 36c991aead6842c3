"""Walking through the cells of a sheet, on top of openpyxl's parser; imported when one is read."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.worksheet._reader import INLINE_STRING, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

TEXT_TAG = f"{{{SHEET_MAIN_NS}}}t"


class _Parser(WorkSheetParser):
    """Many programs write texts into the cells themselves, for which openpyxl takes most of its
    time; the result of a formula, which is a text as well, it takes as it is.
    """

    def parse_cell(self, element: Element) -> dict[str, Any]:
        if element.get("t") == "inlineStr":
            inline = element.find(INLINE_STRING)
            if inline is not None and len(inline) == 1 and inline[0].tag == TEXT_TAG:
                inline[0].tag = VALUE_TAG
                element[:] = inline
                element.set("t", "str")
        cell: dict[str, Any] = super().parse_cell(element)
        return cell


def rows_of_sheet(book: Any, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """The rows that a sheet of a workbook opened for reading has, by number, as lists of values."""
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            values = [None] * max((cell["column"] for cell in cells), default=0)
            for cell in cells:
                values[cell["column"] - 1] = cell["value"]
            yield number, values
