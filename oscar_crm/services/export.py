"""Writing contacts and accounts to CSV and XLSX, row by row, in memory that does not grow.

The columns are those that imports know, so that what was exported can be imported again.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, AccountContact, Contact, ContactEmail, Operation
from oscar_crm.queries import accounts
from oscar_crm.queries.ids import IdIn

from .csv_lines import Lines
from .formulas import neutralise, neutralise_number
from .imports.fields import CUSTOM, READ_ONLY, Field, fields_of
from .imports.values import join_list
from .journal import label_of

BATCH = 2_000
MAX_SHEET_ROWS = 1_048_575  # what a sheet can hold below its headers
MAX_CELL = 32_767  # characters
_ILLEGAL_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Columns that are told but never read: figures and days of the CRM's own.
FIGURES: dict[str, dict[str, Any]] = {
    "contact": {
        "lifetime_value": gettext_lazy("Lifetime value"),
        "orders_count": gettext_lazy("Orders"),
        "first_order_at": gettext_lazy("First order"),
        "last_order_at": gettext_lazy("Last order"),
        "created_at": gettext_lazy("Created"),
    },
    "account": {
        "lifetime_value": gettext_lazy("Lifetime value"),
        "orders_count": gettext_lazy("Orders"),
        "last_order_at": gettext_lazy("Last order"),
        "created_at": gettext_lazy("Created"),
    },
}
_MODELS: dict[str, Any] = {"contact": Contact, "account": Account}
Cell = Callable[[Any], str]


@dataclass(frozen=True)
class Column:
    """A column of an export: its key, its header, and whether it can be imported again."""

    key: str
    label: str
    is_figure: bool = False


def columns_of(area: str) -> list[Column]:
    """All columns an area offers, in order."""
    found = [
        Column(field.key, str(field.label))
        for field in fields_of(area).values()
        if field.key not in READ_ONLY
    ]
    return found + [Column(key, str(label), True) for key, label in FIGURES[area].items()]


def chosen_columns(area: str, keys: Sequence[str]) -> list[Column]:
    """The columns of some keys in their own order; none chosen means all that can be imported.

    Raises ``ValidationError`` for a key that does not exist.
    """
    known = {column.key: column for column in columns_of(area)}
    if unknown := [key for key in keys if key not in known]:
        raise ValidationError(_("There is no column “%s”.") % unknown[0][:60], field="columns")
    if not keys:
        return [column for column in known.values() if not column.is_figure]
    return [column for key, column in known.items() if key in keys]


def write_csv(
    area: str, records: QuerySet[Any], columns: Sequence[Column], *, user: Any
) -> Iterator[str]:
    """The lines of a CSV file, some hundred at a time; the byte-order mark tells Excel UTF-8."""
    lines = Lines()
    writer = csv.writer(lines)
    writer.writerow([column.label for column in columns])
    yield "\ufeff" + lines.take()
    for rows in _batches(area, records, columns, user):
        writer.writerows(rows)
        yield lines.take()


def write_xlsx(
    area: str, records: QuerySet[Any], columns: Sequence[Column], file: IO[bytes], *, user: Any
) -> int:
    """Write a workbook and return its number of rows. All cells are texts: none is a formula.

    Raises ``ValidationError`` when there are more rows than a sheet can hold.
    """
    from xlsxwriter import Workbook

    # Rows go to a file as they come; memory holds one of them.
    with Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(_("Export"))
        for place, column in enumerate(columns):
            sheet.write_string(0, place, str(column.label))
        count = 0
        for rows in _batches(area, records, columns, user):
            for row in rows:
                count += 1
                if count > MAX_SHEET_ROWS:
                    raise ValidationError(
                        _("A sheet holds %s rows at most. Export to CSV instead.")
                        % f"{MAX_SHEET_ROWS:,}"
                    )
                for place, text in enumerate(row):
                    if text:
                        sheet.write_string(count, place, _as_cell(text))
    return count


def _as_cell(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = _ILLEGAL_IN_XML.sub("", text)
    return text[:MAX_CELL]


def _batches(
    area: str, records: QuerySet[Any], columns: Sequence[Column], user: Any
) -> Iterator[list[list[str]]]:
    """Rows of texts, a batch at a time: one query for all records, and two or three a batch."""
    sheet = _Sheet(area, columns, user)
    rows = records.values_list(*sheet.names).iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield sheet.rows(batch)


class _Sheet:
    """How records become rows: which columns are read, and how each becomes a text."""

    def __init__(self, area: str, columns: Sequence[Column], user: Any) -> None:
        self.area, self.user = area, user
        fields = fields_of(area)
        self.names = ["pk"]
        self.cells: list[Cell] = []
        self.related: dict[str, dict[int, str]] = {}
        self.owners = _owner_names() if any(c.key == "owner" for c in columns) else {}
        for column in columns:
            self.cells.append(self._cell(column.key, fields.get(column.key)))

    def rows(self, batch: Sequence[Any]) -> list[list[str]]:
        if self.related:
            ids = [values[0] for values in batch]
            for key in self.related:
                self.related[key] = _RELATED[key](self.area, ids, self.user)
        return [[cell(values) for cell in self.cells] for values in batch]

    def _cell(self, key: str, field: Field | None) -> Cell:
        if key in _RELATED:
            self.related[key] = {}
            return lambda values: self.related[key].get(values[0], "")
        if key.startswith(CUSTOM):
            return self._custom(key.removeprefix(CUSTOM), field)
        index = self._read(key)
        if key == "owner":
            return lambda values: self.owners.get(values[index], "")
        if key in FIGURES[self.area]:
            return lambda values: _figure(values[index])
        write = neutralise_number if field is not None and field.is_number else neutralise
        return lambda values: write(values[index]) if values[index] else ""

    def _custom(self, key: str, field: Field | None) -> Cell:
        index = self._read("custom")
        write = neutralise_number if field is not None and field.is_number else neutralise
        return lambda values: _plain(values[index].get(key), write)

    def _read(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def _plain(value: Any, write: Callable[[str], str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return write(str(value))


def _figure(value: Any) -> str:
    """Numbers with a point, times of the shop's time zone to the minute."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return str(value)


def _owner_names() -> dict[Any, str]:
    """What imports find an owner by: the e-mail address, else the login name."""
    users = get_user_model()._default_manager.filter(is_staff=True)
    return {
        user.pk: neutralise(str(getattr(user, "email", "") or user.get_username()))
        for user in users
    }


def _joined(pairs: Any) -> dict[int, str]:
    found: dict[int, list[str]] = defaultdict(list)
    for pk, text in pairs:
        found[pk].append(text)
    return {
        pk: neutralise(texts[0] if len(texts) == 1 and _is_plain(texts[0]) else join_list(texts))
        for pk, texts in found.items()
    }


def _is_plain(text: str) -> bool:
    return ";" not in text and "," not in text and '"' not in text and "\n" not in text


def _emails(area: str, ids: Sequence[int], user: Any) -> dict[int, str]:
    rows = ContactEmail.objects.filter(IdIn(ids, "contact")).order_by("-is_primary", "id")
    return _joined(rows.values_list("contact_id", "address"))


def _tags(area: str, ids: Sequence[int], user: Any) -> dict[int, str]:
    through: Any = _MODELS[area].tags.through
    rows = through.objects.filter(IdIn(ids, area)).order_by("tag__key")
    return _joined(rows.values_list(f"{area}_id", "tag__name"))


def _memberships(area: str, ids: Sequence[int], user: Any) -> dict[int, str]:
    """The companies a contact belongs to now, the main one first, that the user may see."""
    rows = AccountContact.objects.filter(
        IdIn(ids, "contact"), until_date=None, account__in=accounts.visible_to(user)
    )
    ordered = rows.order_by("-is_primary", "id")
    return _joined(ordered.values_list("contact_id", "account__name"))


def _parents(area: str, ids: Sequence[int], user: Any) -> dict[int, str]:
    rows = Account.objects.filter(IdIn(ids), parent__in=accounts.visible_to(user))
    return {pk: neutralise(name) for pk, name in rows.values_list("pk", "parent__name")}


_RELATED: Mapping[str, Callable[[str, Sequence[int], Any], dict[int, str]]] = {
    "emails": _emails,
    "tags": _tags,
    "accounts": _memberships,
    "parent": _parents,
}


def record_export(area: str, *, by: Any, count: int | None, file_format: str) -> Operation:
    """Note in the journal who took data out of the CRM, and how much; None: not counted."""
    return Operation.objects.create(
        kind=Operation.Kind.EXPORT_LIST,
        actor=by,
        actor_label=label_of(by),
        finished_at=timezone.now(),
        summary=f"{area}, {file_format}" + (f", {count}" if count is not None else ""),
        state={"area": area, "format": file_format, "count": count},
    )
