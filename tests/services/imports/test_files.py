"""Reading files that people upload: what is understood, and what is refused with which words."""

import codecs
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from oscar_crm.exceptions import ImportFileError
from oscar_crm.models import Import, ImportBlock
from oscar_crm.services.imports import workbook
from oscar_crm.services.imports.files import open_table
from oscar_crm.services.imports.store import read_rows

from .conftest import csv_file, xlsx_file

# Workbooks know no time zones.
AT_HALF_PAST = datetime(2020, 12, 31, 8, 30)  # noqa: DTZ001
ROWS = [["Name", "Ort"], ["Jürgen", "Köln"], ["Ada", "Łódź"]]


def read(file: Any, **how: Any) -> tuple[list[str], list[list[str]]]:
    table = open_table(file, **how)
    return table.headers, [cells for _row, cells in table.rows]


def refusal(file: Any, **how: Any) -> str:
    with pytest.raises(ImportFileError) as caught:
        read(file, **how)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(encoding):
    headers, rows = read(csv_file(ROWS, encoding=encoding))

    assert headers == ["Name", "Ort"]
    assert rows == ROWS[1:]


def test_windows_letters_are_recognised():
    rows = [["Name", "Ort", "Straße"], *([f"Jürgen Müller {n}", "Köln", "Höhe"] for n in range(9))]

    table = open_table(csv_file(rows, encoding="cp1252"))

    assert next(iter(table.rows))[1][:2] == ["Jürgen Müller 0", "Köln"]


def test_an_encoding_can_be_said():
    _headers, rows = read(csv_file(ROWS, encoding="cp1250"), encoding="cp1250")

    assert rows[1] == ["Ada", "Łódź"]


def test_an_encoding_that_is_wrong_is_told_with_its_row():
    file = csv_file([["Name"], ["Ada"], ["Jürgen"]], encoding="cp1252")

    assert "letters are not utf-8" in refusal(file, encoding="utf-8")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(separator):
    rows = [["Name", "Remark"], ["Ada", "a, b, c"], ["Ben", "d; e"]]

    assert read(csv_file(rows, delimiter=separator))[1] == rows[1:]


def test_excels_own_hint_at_the_separator_is_no_header():
    headers, rows = read(io.BytesIO(b"sep=;\nName;Ort\nAda;Ulm\n"))

    assert (headers, rows) == (["Name", "Ort"], [["Ada", "Ulm"]])


def test_quoted_newlines_stay_in_their_cell():
    rows = [["Name", "Address"], ["Ada", "Street 1\nHouse 2"]]

    assert read(csv_file(rows))[1] == rows[1:]


def test_rows_are_numbered_as_a_spreadsheet_does():
    table = open_table(io.BytesIO(b"\nName,Ort\n\nAda,Ulm\n"))

    assert list(table.rows) == [(4, ["Ada", "Ulm"])]


def test_headers_may_be_missing_or_there_twice():
    assert read(io.BytesIO(b"Name,,Name\nA,B,C\n"))[0] == ["Name", "", "Name"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"\n\n , \n", "The file has no rows in it."),
        (b"ada@example.com,Ada\n", "first row has an e-mail address in it"),
        (b'Name,Ort\nAda,"Ulm\n', "Row 2: a quotation mark is opened and never closed"),
        (b'Name,Ort\nAda,"Ul"m"\n', "Row 2: the quotation marks do not match"),
        (b"Name\n" + b"x" * 100_001, "Row 2: a cell has more than 100,000 characters."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 99, "old or an encrypted Excel file"),
        (b"%PDF-1.7\x00\x01\x02", "neither a CSV file nor an XLSX file"),
        (b"a,b\n1,\x002\n", "neither a CSV file nor an XLSX file"),
        (b"PK\x03\x04 and then nothing", "damaged or cut off"),
        ("Name\nÄäÖö\nÜü".encode()[:-1] + b"\xc3", "damaged or cut off in line 3"),
        (b",".join(b"H%d" % n for n in range(501)), "501 columns; 500 are possible"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_with_the_reason(content, message):
    assert message in refusal(io.BytesIO(content))


def test_a_workbook_is_read_like_a_text_file():
    rows = [
        ["Name", "Number", "Day", "Time", "Yes"],
        ["Ada", 42, date(2020, 12, 31), AT_HALF_PAST, True],
        ["Ben", 1.5, None, None, False],
    ]

    assert read(xlsx_file(rows)) == (
        rows[0],
        [
            ["Ada", "42", "2020-12-31", "2020-12-31 08:30:00", "yes"],
            ["Ben", "1.5", "", "", "no"],
        ],
    )


def test_the_first_sheet_that_can_be_seen_is_read():
    book = Workbook()
    book.active.append(["Hidden"])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Second")
    for row in (["Name"], ["Ada"]):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)

    assert read(file) == (["Name"], [["Ada"]])


def test_a_workbook_with_macros_is_refused():
    file = xlsx_file(ROWS)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")

    assert "has macros in it" in refusal(file)


def test_an_archive_of_something_else_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("contacts.csv", "Name")

    assert "This is an archive" in refusal(file)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_bomb_is_refused_before_it_is_unpacked(part):
    bomb = _with_part(part, lambda content: b" " * 30_000_000)

    assert "unpacks to far more" in refusal(bomb)


def test_half_a_workbook_is_refused():
    file = xlsx_file([["Name"], ["Ada"]])
    content = bytearray(file.getvalue())

    assert "damaged" in refusal(io.BytesIO(bytes(content[: len(content) // 2])))


def test_entities_that_multiply_are_refused():
    levels = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "ha ha ha ha ha">'
        for n in range(10)
    )
    file = _with_part(
        "xl/worksheets/sheet1.xml",
        lambda content: (
            f"<!DOCTYPE worksheet [{levels}]>".encode()
            + content.replace(b"<sheetData>", b"<sheetData>&e9;", 1)
        ),
    )

    assert "damaged" in refusal(file)


def _with_part(name: str, change: Callable[[bytes], bytes]) -> io.BytesIO:
    """A workbook, one part of which was tampered with."""
    source = zipfile.ZipFile(xlsx_file(ROWS))
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for info in source.infolist():
            content = source.read(info)
            archive.writestr(info.filename, change(content) if info.filename == name else content)
    return changed


def _with_rows(rows: str) -> io.BytesIO:
    """A workbook whose sheet has these rows, as XML."""

    def change(content: bytes) -> bytes:
        before, _rows, after = re.split(rb"(<sheetData>.*</sheetData>)", content, flags=re.DOTALL)
        return before + f"<sheetData>{rows}</sheetData>".encode() + after

    return _with_part("xl/worksheets/sheet1.xml", change)


def test_texts_in_cells_are_read_however_a_program_writes_them():
    file = _with_rows(
        """
        <row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c>
          <c r="B1" t="str"><v>City</v></c><c r="C1" t="inlineStr"><is><t>Note</t></is></c></row>
        <row r="3"><c r="A3" t="inlineStr"><is><t xml:space="preserve"> Ada </t></is></c>
          <c r="C3" t="inlineStr"><is><r><t>very </t></r><r><rPr><b/></rPr><t>good</t></r></is></c>
        </row>
        <row r="5"><c r="B5" t="inlineStr"><is><t>Cölln</t></is></c><c t="inlineStr"><is/></c>
          <c t="inlineStr"><is><t></t></is></c></row>
        """
    )

    table = open_table(file)

    assert table.headers == ["Name", "City", "Note"]
    assert list(table.rows) == [(3, [" Ada ", "", "very good"]), (5, ["", "Cölln", "", ""])]


def test_a_workbook_that_has_a_row_twice_is_damaged():
    cell = '<c t="inlineStr"><is><t>Ada</t></is></c>'
    file = _with_rows(f'<row r="1">{cell}</row><row r="2">{cell}</row><row r="2">{cell}</row>')

    assert "cut off at row 3" in refusal(file)


def test_a_million_formatted_empty_rows_are_not_read(monkeypatch):
    monkeypatch.setattr(workbook, "BLANK_ROWS", 3)
    rows = [["Name"], ["Ada"], *([None] for _ in range(50)), ["Late"]]

    assert read(xlsx_file(rows))[1] == [["Ada"]]


@pytest.mark.django_db
def test_rows_come_back_from_the_store_as_they_were(upload, monkeypatch):
    monkeypatch.setattr("oscar_crm.services.imports.store.BLOCK_ROWS", 2)
    rows = [[f"Jürgen {n}", "a\nb"] for n in range(5)]

    made = upload(csv_file([["First name", "City"], *rows]))

    assert [cells for _row, cells in read_rows(made)] == rows
    assert (made.rows_total, made.blocks_total) == (5, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OSCAR_CRM_IMPORT_MAX_MB", 0, "larger than 0 MB"),
        ("OSCAR_CRM_IMPORT_MAX_ROWS", 1, "more than 1 rows"),
    ],
)
def test_a_file_beyond_the_limits_is_refused_and_nothing_is_kept(
    upload, settings, name, value, message
):
    setattr(settings, name, value)

    with pytest.raises(ImportFileError, match=message):
        upload(csv_file(ROWS))

    assert not Import.objects.exists()
    assert not ImportBlock.objects.exists()


@pytest.mark.django_db
def test_headers_without_rows_are_refused(upload):
    with pytest.raises(ImportFileError, match="no rows below"):
        upload(csv_file([["Name"]]))


def test_a_mark_inside_a_chosen_encoding_does_not_stick_to_the_first_header():
    file = io.BytesIO(codecs.BOM_UTF8 + b"Name\nAda\n")

    assert read(file, encoding="utf-8")[0] == ["Name"]
