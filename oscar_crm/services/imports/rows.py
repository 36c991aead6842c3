"""From the cells of a row to the values of a record, and what is wrong with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oscar_crm import text
from oscar_crm.company_data import checked_currency, checked_vat_number, checked_website
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Import
from oscar_crm.queries.contacts import staff
from oscar_crm.services.formulas import restore

from .fields import Field, Reading, UnknownValueError, checked_text
from .options import Options
from .values import order_of


@dataclass(slots=True)
class Draft:
    """A row on its way to a record. ``values`` are by field; ``lists`` those of several items."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[dict[str, Any]] = field(default_factory=list)
    is_refused: bool = False
    columns: dict[str, int] = field(default_factory=dict)

    def refuse(self, message: str, key: str = "") -> None:
        """Say why the row cannot be taken; ``key``: the field it is about."""
        self.is_refused = True
        self.remark(message, key)

    def remark(self, message: str, key: str = "") -> None:
        """Say what is left out of a row that is taken all the same."""
        self.remarks.append({"column": self.columns.get(key), "text": str(message)})

    @property
    def is_blank(self) -> bool:
        return not self.values and not self.lists

    @property
    def label(self) -> str:
        """Who or what the row is about, in the file's own words."""
        values = self.values
        name = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
        emails = self.lists.get("emails") or [""]
        label = name or values.get("name") or values.get("company_name") or emails[0]
        return str(label)[:255]


@dataclass(slots=True)
class _Column:
    """A column of the file, and the values of the cells read so far: most come again."""

    index: int
    into: Field
    reading: Reading
    known: dict[str, Any] = field(default_factory=dict)


class RowReader:
    """Reads the rows of one import: made once, used for each row."""

    def __init__(self, of_import: Import, options: Options, fields: Mapping[str, Field]) -> None:
        self.width = len(of_import.headers)
        self.plan: list[_Column] = []
        owners = _owners() if "owner" in of_import.columns else {}
        days = of_import.facts.get("days", {})
        for index, key in enumerate(of_import.columns):
            if not key or key not in fields:
                continue
            first, second = days.get(str(index), (0, 0))
            reading = Reading(
                region=options.region,
                day_order=order_of(first, second, fallback=options.day_order),
                decimal_comma=options.decimal_comma,
                owners=owners,
            )
            self.plan.append(_Column(index, fields[key], reading))
        self.columns = {column.into.key: column.index for column in reversed(self.plan)}
        self.finish: Callable[[Draft], None] = _FINISH[of_import.area]

    def read(self, row: int, cells: Sequence[str]) -> Draft:
        draft = Draft(row, columns=self.columns)
        extra = [cell for cell in cells[self.width :] if cell.strip()]
        if extra:
            draft.refuse(
                ngettext(
                    "There is a cell more than there are headers. Does a text with a separator in"
                    " it lack its quotation marks?",
                    "There are %(count)s cells more than there are headers. Does a text with a"
                    " separator in it lack its quotation marks?",
                    len(extra),
                )
                % {"count": len(extra)}
            )
            return draft
        for column in self.plan:
            cell = cells[column.index].strip() if column.index < len(cells) else ""
            if cell:
                self._take(draft, column, cell)
        self._finish(draft)
        return draft

    def _finish(self, draft: Draft) -> None:
        try:
            if not draft.is_refused:
                self.finish(draft)
        except ValidationError as error:
            draft.refuse(str(error), error.field)

    def _take(self, draft: Draft, column: _Column, cell: str) -> None:
        one = column.into
        if not one.many and one.key in draft.values:
            return
        value = column.known.get(cell)
        if value is None:
            try:
                value = column.known[cell] = one.parse(restore(cell), column.reading)
            except ValidationError as error:
                draft.remarks.append({"column": column.index, "text": str(error)})
                draft.is_refused |= not isinstance(error, UnknownValueError)
                return
        if not one.many:
            draft.values[one.key] = value
        elif value:
            known = draft.lists.setdefault(one.key, [])
            known += [item for item in value if item not in known]


def _owners() -> dict[str, Any]:
    """Staff by folded e-mail, login name and full name; a name that two share is nobody's."""
    found: dict[str, Any] = {}
    for user in staff().filter(is_active=True):
        names = {
            str(getattr(user, "email", "") or ""),
            str(user.get_username()),
            f"{getattr(user, 'first_name', '')} {getattr(user, 'last_name', '')}",
        }
        for name in {text.fold(name) for name in names} - {""}:
            found[name] = None if found.get(name, user.pk) != user.pk else user.pk
    return found


def _finish_contact(draft: Draft) -> None:
    _split_street(draft, "")
    _split_name(draft)


def _split_name(draft: Draft) -> None:
    """A full name fills what has no column of its own: "Byron, Ada" or "Ada Byron"."""
    full = draft.values.pop("full_name", "")
    if not full or "first_name" in draft.values or "last_name" in draft.values:
        return
    if "," in full:
        last, _comma, first = full.partition(",")
    else:
        first, _space, last = full.rpartition(" ")
    for key, value in (("first_name", first.strip()), ("last_name", last.strip())):
        if value:
            draft.values[key] = checked_text(value, 255)


def _finish_account(draft: Draft) -> None:
    _split_street(draft, "billing_")
    _split_street(draft, "shipping_")
    name = draft.values.get("name", "")
    if not draft.is_blank and text.is_blank(name) and "external_id" not in draft.values:
        raise ValidationError(_("has no name of a company."), field="name")
    values = draft.values
    if "website" in values:
        values["website"] = checked_website(values["website"])
    if "currency" in values:
        values["currency"] = checked_currency(values["currency"])
    if "vat_number" in values:
        country = values.get("billing_country", "")
        values["vat_number"] = checked_vat_number(values["vat_number"], country=country)


def _split_street(draft: Draft, prefix: str) -> None:
    """Further lines of a street go into the second line of the address, if that is free."""
    street = draft.values.get(f"{prefix}line1", "")
    if "\n" not in street:
        if len(street) > 255:
            checked_text(street, 255)
        return
    first, _break, rest = street.partition("\n")
    rest = rest.replace("\n", ", ")
    if f"{prefix}line2" in draft.values:
        first, rest = f"{first}, {rest}", draft.values[f"{prefix}line2"]
    draft.values[f"{prefix}line1"] = checked_text(first, 255)
    draft.values[f"{prefix}line2"] = checked_text(rest, 255)


_FINISH: dict[str, Callable[[Draft], None]] = {
    "contact": _finish_contact,
    "account": _finish_account,
}
