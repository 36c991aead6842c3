"""A bulk change in words."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from oscar_crm import wording
from oscar_crm.models import Operation
from oscar_crm.queries.areas import ACCOUNTS, CONTACTS, Area
from oscar_crm.queries.bulk import ARCHIVE, OWNER, RESTORE, TAG, UNTAG, area_of
from oscar_crm.services.bulk_changes import progress_of


@dataclass(frozen=True)
class Words:
    """What an area's records are called where many are changed.

    The counted ones take ``number``, a whole number, and ``shown``, the same in words.
    """

    title: Any
    with_ticked: Any
    tick_first: Any
    tick_some: Any
    to_change: Any
    changed: Any
    looked_at: Any
    progress: Any
    unfinished: Any
    see_list: Any


WORDS = {
    CONTACTS.key: Words(
        title=gettext_lazy("Change many contacts"),
        with_ticked=gettext_lazy("With the ticked contacts"),
        tick_first=gettext_lazy("Tick the contacts first, or “All”."),
        tick_some=gettext_lazy("Tick two to five contacts to merge them into one."),
        to_change=ngettext_lazy(
            "%(shown)s contact will be changed.", "%(shown)s contacts will be changed.", "number"
        ),
        changed=ngettext_lazy(
            "%(shown)s contact changed.", "%(shown)s contacts changed.", "number"
        ),
        looked_at=gettext_lazy("Contacts looked at"),
        progress=gettext_lazy("%(done)s of %(total)s contacts looked at, %(changed)s changed."),
        unfinished=gettext_lazy("A change of many contacts is not finished: %s."),
        see_list=gettext_lazy("See the contacts"),
    ),
    ACCOUNTS.key: Words(
        title=gettext_lazy("Change many accounts"),
        with_ticked=gettext_lazy("With the ticked accounts"),
        tick_first=gettext_lazy("Tick the accounts first, or “All”."),
        tick_some=gettext_lazy("Tick two to five accounts to merge them into one."),
        to_change=ngettext_lazy(
            "%(shown)s account will be changed.", "%(shown)s accounts will be changed.", "number"
        ),
        changed=ngettext_lazy(
            "%(shown)s account changed.", "%(shown)s accounts changed.", "number"
        ),
        looked_at=gettext_lazy("Accounts looked at"),
        progress=gettext_lazy("%(done)s of %(total)s accounts looked at, %(changed)s changed."),
        unfinished=gettext_lazy("A change of many accounts is not finished: %s."),
        see_list=gettext_lazy("See the accounts"),
    ),
}


def sentence(kind: str, argument: str) -> str:
    """What a bulk change does: “Put the tag “VIP” on”."""
    words = {
        TAG: _("Put the tag “%s” on"),
        UNTAG: _("Take the tag “%s” off"),
        OWNER: _("Give to: %s"),
        ARCHIVE: _("Archive"),
        RESTORE: _("Restore from the archive"),
    }[kind]
    return words % argument if "%s" in words else words


def to_change(area: Area, count: int) -> str:
    """How many records would be changed, a ``bounded_count``."""
    shown = wording.bounded(count)
    return str(WORDS[area.key].to_change % {"number": count, "shown": shown})


def changed(area: Area, count: int) -> str:
    """How many records were changed."""
    shown = number_format(count, force_grouping=True)
    return str(WORDS[area.key].changed % {"number": count, "shown": shown})


class Run:
    """How far a bulk change has got."""

    def __init__(self, opened: Operation) -> None:
        self.operation, self.progress = opened, progress_of(opened)
        self.area = area_of(opened)
        self.words = WORDS[self.area.key]

    @property
    def url(self) -> str:
        return reverse(f"dashboard:crm-{self.area.key}-bulk-run", args=[self.operation.pk])

    @property
    def is_finished(self) -> bool:
        return self.operation.finished_at is not None

    @property
    def percent(self) -> int:
        """Whole percent; 100 only when the change is complete."""
        if self.is_finished:
            return 100
        return min(99, 100 * self.progress.done // max(self.progress.total, 1))

    @property
    def text(self) -> str:
        if self.is_finished:
            return changed(self.area, self.progress.changed)
        words = {
            "done": number_format(self.progress.done, force_grouping=True),
            "total": number_format(max(self.progress.total, self.progress.done)),
            "changed": number_format(self.progress.changed, force_grouping=True),
        }
        return str(self.words.progress % words)

    @property
    def reminder(self) -> str:
        """That it is not finished, for the pages that lead back to it."""
        return str(self.words.unfinished % self.operation.summary)
