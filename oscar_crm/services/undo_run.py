"""What an undo collects while it goes through the changes: what came back and what could not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from oscar_crm.models import Change, Operation


class Reason(models.TextChoices):
    """Why a row of an operation was not put back."""

    CHANGED = "changed", _("has been changed since")
    GONE = "gone", _("is not there any more")
    IN_USE = "in_use", _("is in use by now")
    TAKEN = "taken", _("something else has taken its place")
    MOVED = "moved", _("belongs to somebody else by now")
    ERASED = "erased", _("was personal data and has been erased")
    NOT_KEPT = "not_kept", _("what it was before is not known")
    TARGET_GONE = "target_gone", _("what it belonged to is gone")
    LOOP = "loop", _("a company would become its own parent")


@dataclass(frozen=True)
class Refusal:
    """A row, or one ``field`` of it, that undo left as it is. ``object_type``: a model's label."""

    object_type: str
    object_id: int
    reason: str
    field: str = ""


@dataclass
class UndoRun:
    """One undo under way. ``opened`` is its own operation, whose changes tell what it did.

    The sets name the records whose cached figures (``contacts``, ``accounts``), search words
    (``contact_words``, ``account_words``) or ledger entries (``links``) have to be made anew.
    """

    opened: Operation
    restored: int = 0
    refused: list[Refusal] = field(default_factory=list)
    contacts: set[int] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)
    contact_words: set[int] = field(default_factory=set)
    account_words: set[int] = field(default_factory=set)
    links: set[int] = field(default_factory=set)
    changed_contacts: set[int] = field(default_factory=set)
    changed_accounts: set[int] = field(default_factory=set)
    _changes: list[Change] = field(default_factory=list)

    def refuse(self, change: Change, reason: str, *, name: str = "", pk: int | None = None) -> None:
        object_id = change.object_id if pk is None else pk
        self.refused.append(Refusal(change.object_type, object_id, str(reason), name))

    def put_back(
        self,
        change: Change,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        moved: dict[str, Any] | None = None,
        version: int = 0,
        is_erased: bool = False,
    ) -> None:
        """Count a change that was taken back, and write it down the other way round."""
        self.restored += len(moved["ids"]) if moved else 1
        if change.contact_id is not None:
            self.changed_contacts.add(change.contact_id)
        if change.account_id is not None:
            self.changed_accounts.add(change.account_id)
        self._changes.append(
            Change(
                operation=self.opened,
                contact_id=change.contact_id,
                account_id=change.account_id,
                object_type=change.object_type,
                object_id=change.object_id,
                version=version,
                before=before or {},
                after=after or {},
                moved=moved or {},
                is_erased=is_erased,
            )
        )

    def save_changes(self, *, contacts: set[int], accounts: set[int]) -> None:
        """Write the changes; those on timelines that have just gone stand on none."""
        for change in self._changes:
            if change.contact_id not in contacts:
                change.contact_id = None
            if change.account_id not in accounts:
                change.account_id = None
        Change.objects.bulk_create(self._changes, batch_size=1000)

    def timelines(self, name: str) -> set[int]:
        """Ids of the contacts or accounts (``name``) on whose timelines changes are to stand."""
        return {pk for change in self._changes if (pk := getattr(change, f"{name}_id")) is not None}


def refusals_in(state: dict[str, Any]) -> list[Refusal]:
    """The refusals that the operation of an undo has kept."""
    rows: Iterable[dict[str, Any]] = state.get("refused", ())
    return [Refusal(**row) for row in rows]
