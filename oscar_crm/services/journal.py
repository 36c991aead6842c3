"""Writing the journal: every service that changes data does so inside an operation."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from oscar_crm.models import Account, Change, Contact, Operation
from oscar_crm.queries.changes import display_name


def label_of(user: Any) -> str:
    """How a user is remembered after the account is gone: name, else e-mail, else login name."""
    return "" if user is None else display_name(user)[:254]


@contextmanager
def operation(kind: str, *, by: Any = None, summary: str = "") -> Iterator[Operation]:
    """Open a transaction and the operation that all changes inside it belong to.

    An operation that recorded no change leaves no row.
    """
    with transaction.atomic():
        opened = Operation.objects.create(
            kind=kind, actor=by, actor_label=label_of(by), summary=summary[:255]
        )
        yield opened
        if opened.changes.exists():
            opened.finished_at = timezone.now()
            opened.save(update_fields=["finished_at", "summary"])
        else:
            opened.delete()


def snapshot(record: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """The values of some fields as the database holds them (foreign keys as ids)."""
    return {
        name: record._meta.get_field(name).value_from_object(record)  # type: ignore[union-attr]
        for name in fields
    }


def row_of(record: models.Model) -> dict[str, Any]:
    """All columns of a row that is about to be deleted, so that undo can make it again."""
    values = {}
    for column in record._meta.concrete_fields:
        if not column.primary_key:
            value = column.value_from_object(record)
            # The journal's encoder would drop the microseconds.
            values[column.name] = value.isoformat() if isinstance(value, datetime) else value
    return values


def record_change(
    opened: Operation,
    record: models.Model,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    contact: Contact | None = None,
    account: Account | None = None,
    moved: dict[str, Any] | None = None,
) -> Change:
    """Write down one record's change; ``contact``, ``account``: whose timelines it belongs on.

    ``moved`` tells of rows that were pointed at another record, see ``Change``.
    """
    return Change.objects.create(
        operation=opened,
        contact=contact,
        account=account,
        object_type=record._meta.label,
        object_id=record.pk,
        version=getattr(record, "version", 0),
        before=before,
        after=after,
        moved=moved or {},
    )
