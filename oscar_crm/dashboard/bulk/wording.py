"""A bulk change in words."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oscar_crm.models import Operation
from oscar_crm.queries.bulk import ARCHIVE, OWNER, RESTORE, TAG, UNTAG
from oscar_crm.services.bulk_changes import progress_of


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


def changed(count: int) -> str:
    """How many contacts were changed."""
    text = ngettext("%s contact changed.", "%s contacts changed.", count)
    return text % number_format(count, force_grouping=True)


class Run:
    """How far a bulk change has got."""

    def __init__(self, opened: Operation) -> None:
        self.operation, self.progress = opened, progress_of(opened)

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
            return changed(self.progress.changed)
        return _("%(done)s of %(total)s contacts looked at, %(changed)s changed.") % {
            "done": number_format(self.progress.done, force_grouping=True),
            "total": number_format(max(self.progress.total, self.progress.done)),
            "changed": number_format(self.progress.changed, force_grouping=True),
        }
