"""The table all lists of the CRM share: Oscar's look, our keyset order and pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from oscar.core.loading import get_class

DashboardTable: Any = get_class("dashboard.tables", "DashboardTable")


@dataclass(frozen=True)
class Header:
    """A column's head; ``next_sort`` is the sort its link asks for, ``""`` if it has none."""

    column: Any
    next_sort: str = ""
    aria_sort: str = ""


class KeysetTable(DashboardTable):
    """Rows that come sorted and cut to a page, so django-tables2 does neither.

    ``sorts`` maps columns to sort keys, ``-`` first where the first click sorts downwards.
    """

    sorts: ClassVar[Mapping[str, str]] = {}

    class Meta(DashboardTable.Meta):
        orderable = False

    def __init__(self, rows: Any, *, sort: str = "", caption: str = "", **kwargs: Any) -> None:
        # Not in Meta, which django-tables2 does not hand down to a subclass without one.
        kwargs.setdefault("template_name", "oscar_crm/partials/table.html")
        kwargs.setdefault("attrs", {"class": "table table-striped table-bordered crm-stack"})
        super().__init__(rows, orderable=False, **kwargs)
        self.sort = sort
        self.caption = caption

    def get_caption_display(self) -> str:
        return self.caption

    def headers(self) -> Iterator[Header]:
        for column in self.columns:
            first = self.sorts.get(column.name, "")
            if first and first.lstrip("-") == self.sort.lstrip("-"):
                yield Header(column, _reversed(self.sort), _aria(self.sort))
            else:
                yield Header(column, first)


def without_actions(user: Any, *permissions: str) -> tuple[str, ...]:
    """The columns to leave out: that of the buttons, for whoever holds none of the permissions."""
    may_any = any(user.has_perm(f"oscar_crm.{permission}") for permission in permissions)
    return () if may_any else ("actions",)


def _reversed(sort: str) -> str:
    return sort[1:] if sort.startswith("-") else f"-{sort}"


def _aria(sort: str) -> str:
    return "descending" if sort.startswith("-") else "ascending"
