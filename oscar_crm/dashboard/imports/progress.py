"""An import in words and figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oscar_crm.models import Import, ImportRow
from oscar_crm.services.imports.store import BLOCK_ROWS

State = Import.State
Outcome = ImportRow.Outcome


@dataclass(frozen=True)
class Tile:
    """A count, what it counts, and the page of these rows, ``""`` if there is none."""

    count: int
    label: str
    url: str = ""


class Progress:
    """How far an import has got, and what it has found so far."""

    def __init__(self, of_import: Import) -> None:
        self.of_import = of_import
        self.undo: dict[str, Any] = of_import.facts.get("undo", {})

    @property
    def percent(self) -> int:
        """Whole percent; 100 only when the work is done."""
        if not self.of_import.is_at_work:
            return 100
        done, total = self._done_of_total()
        return min(99, 100 * done // max(total, 1))

    def _done_of_total(self) -> tuple[int, int]:
        one = self.of_import
        if one.state == State.UNDOING:
            return self.undo["done"], self.undo["total"]
        return min(one.place * BLOCK_ROWS, one.rows_total), one.rows_total

    @property
    def text(self) -> str:
        done, total = (number_format(n, force_grouping=True) for n in self._done_of_total())
        words = {
            State.CHECKING: _("%(done)s of %(total)s rows checked. Nothing is written yet."),
            State.RUNNING: _("%(done)s of %(total)s rows imported."),
            State.UNDOING: _("%(done)s of %(total)s changes taken back."),
        }
        return str(words[State(self.of_import.state)] % {"done": done, "total": total})

    @property
    def is_before_the_run(self) -> bool:
        return self.of_import.started_at is None

    @cached_property
    def tiles(self) -> list[Tile]:
        return list(self._tiles())

    def _tiles(self) -> Iterator[Tile]:
        is_before = self.is_before_the_run
        labels = {
            Outcome.CREATE: _("will be added") if is_before else _("added"),
            Outcome.UPDATE: _("will be changed") if is_before else _("changed"),
            Outcome.UNCHANGED: _("are so already"),
            Outcome.SKIP: _("left out"),
            Outcome.REFUSED: _("cannot be imported"),
        }
        counts = self.of_import.counts
        for outcome, label in labels.items():
            if counts.get(outcome) or outcome in (Outcome.CREATE, Outcome.UPDATE):
                has_page = outcome in (Outcome.UPDATE, Outcome.REFUSED) and counts.get(outcome)
                yield Tile(counts.get(outcome, 0), label, self._page(outcome) if has_page else "")
        if counts.get("remarks"):
            yield Tile(counts["remarks"], _("taken with a remark"), self._page("remarks"))
        if counts.get("accounts"):
            made = _("accounts will be made") if is_before else _("accounts made")
            yield Tile(counts["accounts"], made)

    def _page(self, outcome: str) -> str:
        url = reverse("dashboard:crm-import-rows", args=[self.of_import.pk])
        return f"{url}?outcome={outcome}" if self.of_import.erased_at is None else ""

    @property
    def will_write(self) -> int:
        """Rows that the run would write."""
        counts = self.of_import.counts
        return int(counts.get(Outcome.CREATE, 0) + counts.get(Outcome.UPDATE, 0))

    @property
    def refused(self) -> int:
        return int(self.of_import.counts.get(Outcome.REFUSED, 0))

    @property
    def can_be_undone(self) -> bool:
        one = self.of_import
        return one.state in (State.DONE, State.CANCELLED) and one.operation_id is not None

    @property
    def undone_text(self) -> str:
        restored = self.undo.get("restored", 0)
        return ngettext(
            "%s change was taken back.", "%s changes were taken back.", restored
        ) % number_format(restored, force_grouping=True)
