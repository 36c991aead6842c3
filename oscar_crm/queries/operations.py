"""Reading the journal's operations: what was done lately, and what of it can be undone."""

from typing import Any

from django.db.models import QuerySet

from oscar_crm.models import Operation

# Orders and rates are computed again, consents are a history of their own, an erasure is final.
UNDOABLE = frozenset(
    {
        Operation.Kind.CREATE,
        Operation.Kind.UPDATE,
        Operation.Kind.ARCHIVE,
        Operation.Kind.RESTORE,
        Operation.Kind.TAG,
        Operation.Kind.NOTE,
        Operation.Kind.ASSIGN_ORDER,
        Operation.Kind.MERGE,
        Operation.Kind.BULK,
        Operation.Kind.JOIN,
    }
)


def is_undoable(operation: Operation) -> bool:
    """Whether an operation is of a kind that can be undone, is done, and was not undone yet."""
    return (
        operation.kind in UNDOABLE
        and operation.finished_at is not None
        and operation.undone_by_id is None
    )


def visible_to(user: Any) -> QuerySet[Operation]:
    """The operations a user may see: their own; those of all for whoever may see all records."""
    sees_all = user.has_perms(["oscar_crm.view_all_contacts", "oscar_crm.view_all_accounts"])
    return Operation.objects.all() if sees_all else Operation.objects.filter(actor=user.pk)
