"""What an import and its undo write into the journal: a block's changes in one statement."""

from typing import Any

from django.utils import timezone

from oscar_crm.models import Change, Operation
from oscar_crm.services import bulk

from .decisions import Decision

_CHANGE = (
    *("operation_id", "contact_id", "account_id", "object_type", "object_id"),
    *("version", "before", "after", "moved", "is_erased", "at"),
)


class Journal:
    """The changes of a block. Creations keep key and version only, updates what they changed."""

    def __init__(self, operation: Operation) -> None:
        self.operation, self.now = operation, timezone.now()
        self.rows: list[tuple[Any, ...]] = []

    def note(self, decision: Decision, **owner: int) -> None:
        record = decision.record
        self.add(record, version=record.version, before=decision.before, after=decision.after,
                 **owner)  # fmt: skip

    def add(
        self,
        record: Any,
        *,
        version: int = 0,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        contact_id: int | None = None,
        account_id: int | None = None,
    ) -> None:
        self.rows.append(
            (
                *(self.operation.pk, contact_id, account_id, record._meta.label, record.pk),
                *(version, before or {}, after or {}, {}, False, self.now),
            )
        )

    def write(self) -> None:
        bulk.insert_values(Change, _CHANGE, self.rows)
