"""Rows of an import as its pages show them: where, who, and what is said or changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from oscar_crm.models import Import, ImportRow
from oscar_crm.queries import accounts, contacts
from oscar_crm.queries import imports as queries
from oscar_crm.queries.keyset import Page, Position, keyset_page
from oscar_crm.services.imports.fields import fields_of
from oscar_crm.services.imports.rejected import remark_text

OUTCOMES = {
    "refused": _("Cannot be imported"),
    "kept": _("Not taken back"),
    "remarks": _("Taken with a remark"),
    "update": _("Changes"),
}
_VISIBLE: dict[str, Any] = {"contact": contacts.visible_to, "account": accounts.visible_to}


@dataclass(frozen=True)
class ShownRow:
    """``remarks`` are sentences; ``changes`` are field, before, after."""

    row: int
    label: str
    url: str
    remarks: Sequence[str]
    changes: Sequence[tuple[str, str, str]]


@dataclass
class ShownRows:
    outcome: str
    title: Any
    rows: list[ShownRow]
    page: Page[ImportRow] = field(default_factory=Page)

    @property
    def has_rows(self) -> bool:
        """Whether rows of the file are told, not records."""
        return self.outcome != "kept"


def shown_rows(
    of_import: Import, outcome: str, user: Any, *, size: int, position: Position | None = None
) -> ShownRows:
    """A page of rows of one outcome; records are linked that the user may see."""
    found = queries.told_rows(of_import, outcome)
    page = keyset_page(found, queries.BY_ROW, size=size, position=position or Position())
    ids = [row.object_id for row in page.rows if row.object_id is not None]
    records = _VISIBLE[of_import.area](user).in_bulk(ids) if ids else {}
    labels = {key: str(one.label) for key, one in fields_of(of_import.area).items()}
    rows = [_shown(row, of_import, records.get(row.object_id), labels) for row in page.rows]
    return ShownRows(outcome, OUTCOMES[outcome], rows, page)


def _shown(row: ImportRow, of_import: Import, record: Any, labels: dict[str, str]) -> ShownRow:
    return ShownRow(
        row=row.row,
        label=row.label or (str(record) if record else ""),
        url=record.get_absolute_url() if record else "",
        remarks=[remark_text(remark, of_import.headers) for remark in row.remarks],
        changes=[
            (
                labels.get(change["field"], change["field"]),
                _words(change["before"]),
                _words(change["after"]),
            )
            for change in row.changes
        ],
    )


def _words(value: Any) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(_("yes")) if value else str(_("no"))
    return str(value)
