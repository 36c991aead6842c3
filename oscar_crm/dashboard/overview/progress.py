"""A run of the reconciliation, in words and links."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oscar_crm.models import Operation
from oscar_crm.queries.orders import ALL, WITHOUT_CONTACT
from oscar_crm.services.reconcile import Summary, summary_of


@dataclass(frozen=True)
class Line:
    """One sentence of the summary and the list behind it, ``""`` if there is none."""

    text: str
    url: str = ""


class Progress:
    """How far a run has got."""

    def __init__(self, run: Operation) -> None:
        self.run = run
        self.summary: Summary = summary_of(run)

    @property
    def is_finished(self) -> bool:
        return self.run.finished_at is not None

    @property
    def currency(self) -> str:
        return str(self.run.state["options"]["currency"])

    @property
    def percent(self) -> int:
        """Whole percent; 100 only when the run is complete."""
        if self.is_finished:
            return 100
        return min(99, 100 * self.summary.checked // max(self.summary.total, 1))

    @property
    def text(self) -> str:
        checked, total = self.summary.checked, max(self.summary.total, self.summary.checked)
        if self.is_finished:
            return ngettext("%(count)s order checked.", "%(count)s orders checked.", checked) % {
                "count": checked
            }
        return ngettext(
            "%(checked)s of %(total)s order checked.",
            "%(checked)s of %(total)s orders checked.",
            total,
        ) % {"checked": checked, "total": total}

    @property
    def lines(self) -> list[Line]:
        """What the run has found so far; nothing is said of what did not occur."""
        return list(_lines(self.summary))


def _lines(found: Summary) -> Iterator[Line]:
    if found.linked:
        text = ngettext("%s order brought in.", "%s orders brought in.", found.linked)
        yield Line(text % found.linked, _orders(ALL))
    if found.updated:
        text = ngettext(
            "%s order brought up to date.", "%s orders brought up to date.", found.updated
        )
        yield Line(text % found.updated)
    if found.unchanged:
        text = ngettext("%s order was up to date.", "%s orders were up to date.", found.unchanged)
        yield Line(text % found.unchanged)
    if found.deleted:
        text = ngettext(
            "%s order was deleted in the shop: its value is taken back.",
            "%s orders were deleted in the shop: their value is taken back.",
            found.deleted,
        )
        yield Line(text % found.deleted)
    if found.without_contact:
        text = ngettext(
            "%s order has no contact.", "%s orders have no contact.", found.without_contact
        )
        yield Line(text % found.without_contact, _orders(WITHOUT_CONTACT))
    if found.failed:
        text = ngettext(
            "%s order could not be brought in.", "%s orders could not be brought in.", found.failed
        )
        yield Line(text % found.failed, _orders(WITHOUT_CONTACT))
    if not found.checked:
        yield Line(_("The shop has no orders to check."))


def _orders(state: str) -> str:
    return f"{reverse('dashboard:crm-order-list')}?state={state}"
