"""The table of the merge page: records beside each other, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oscar_crm import wording
from oscar_crm.models import Contact
from oscar_crm.queries import accounts, custom_fields
from oscar_crm.queries.areas import Area
from oscar_crm.queries.changes import Names, names_of
from oscar_crm.queries.timeline import FieldChange
from oscar_crm.services.merge import CUSTOM, MAIN_EMAIL, best_choices

VALUE = "value-"


@dataclass(frozen=True)
class Cell:
    """One record's value of a field; ``pk`` is what its button sends."""

    record: Any
    text: str
    pk: int
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """A field whose value may have to be chosen: ``name`` is that of the buttons."""

    name: str
    label: str
    cells: list[Cell]

    @property
    def has_choice(self) -> bool:
        return len({cell.text for cell in self.cells}) > 1


class Comparison:
    """Some records side by side; ``posted`` keeps what was chosen before an error."""

    def __init__(
        self, user: Any, area: Area, records: Sequence[Any], posted: Mapping[str, str]
    ) -> None:
        self.user, self.area, self.posted = user, area, posted
        self.records = records
        self.best = best_choices(area, sorted(records, key=_rank))
        self.into = self._chosen("into", min(records, key=_rank).pk)
        self._names = _names(user, area, records)

    @property
    def ids(self) -> str:
        return ",".join(str(record.pk) for record in self.records)

    @property
    def rows(self) -> list[Row]:
        """Fields in which the records differ."""
        return [row for row in self._all if row.has_choice]

    @property
    def same(self) -> list[Row]:
        """Fields in which they are alike; those nobody has left out."""
        return [row for row in self._all if not row.has_choice and row.cells[0].text]

    @property
    def _all(self) -> Iterator[Row]:
        for name in self.area.fields:
            texts = [self._text(record, name) for record in self.records]
            yield self._row(name, wording.label_of(name), texts)
        fields = {field.key: field for field in custom_fields.definitions(self.area.key)}
        for key in sorted({key for record in self.records for key in record.custom}):
            field = fields.get(key)
            stored = [record.custom.get(key) for record in self.records]
            texts = [wording.custom_value(field, value) for value in stored]
            yield self._row(f"{CUSTOM}{key}", field.label if field else key, texts)

    def _row(self, name: str, label: str, texts: list[str]) -> Row:
        chosen = self._chosen(f"{VALUE}{name}", self.best[name])
        cells = [
            Cell(record, text, record.pk, record.pk == chosen)
            for record, text in zip(self.records, texts, strict=True)
        ]
        return Row(f"{VALUE}{name}", label[:1].upper() + label[1:], cells)

    @property
    def emails(self) -> list[Cell]:
        """The addresses of all contacts; one becomes the main one."""
        if self.area.model is not Contact:
            return []
        found = [email for record in self.records for email in record.emails.all()]
        best = [email.pk for email in found if email.is_primary and email.contact_id == self.into]
        best += [email.pk for email in found if email.is_primary] or [0]
        chosen = self._chosen(MAIN_EMAIL, best[0])
        return [
            Cell(email.contact_id, email.address, email.pk, email.pk == chosen) for email in found
        ]

    def _chosen(self, name: str, default: int) -> int:
        given = self.posted.get(name, "")
        return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else default

    def _text(self, record: Any, name: str) -> str:
        value = record._meta.get_field(name).value_from_object(record)
        return wording.value_of(name, value, self._names)


def _rank(record: Any) -> tuple[int, int]:
    """Whoever has most orders stays, else the oldest."""
    return (-record.orders_count, record.pk)


def _names(user: Any, area: Area, records: Sequence[Any]) -> Names:
    changes = [
        FieldChange(name, None, record._meta.get_field(name).value_from_object(record))
        for record in records
        for name in area.fields
    ]
    return names_of(changes, accounts=accounts.visible_to(user))
