"""The timeline: notes, orders, refunds, cancellations and field changes, newest first.

Each source is read with its own index, a page at a time; the page is merged in Python.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.dateparse import parse_datetime

from oscar_crm.models import (
    Account,
    AccountContact,
    Activity,
    Change,
    Contact,
    Operation,
    OrderLink,
    ValueEntry,
)

from . import accounts as account_queries
from . import contacts as contact_queries
from .activities import seen_by
from .keyset import BROKEN, checked_value

Cursor = tuple[datetime, int, int]

NOTES, ENTRIES, CHANGES = 3, 2, 1
# Making or removing one of these is told by the title of its item, not field by field.
WHOLE_RECORDS = frozenset(model._meta.label for model in (Account, AccountContact, Contact))
CUSTOM = "custom."  # in front of a custom field's key in FieldChange.name


@dataclass(frozen=True)
class FieldChange:
    """One field's stored values before and after; ``name`` is the model's."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class TimelineItem:
    """Something that happened. ``kind`` is ``note``, an entry's kind, or an operation's kind.

    ``amount`` is in ``currency``; ``record`` is the row behind the item.
    """

    at: datetime
    rank: int
    pk: int
    kind: str
    contact: Contact | None
    record: Any
    actor: str = ""
    amount: Decimal | None = None
    currency: str = ""
    changes: Sequence[FieldChange] = field(default_factory=tuple)

    @property
    def key(self) -> Cursor:
        return (self.at, self.rank, self.pk)

    @property
    def subject(self) -> Contact | Account:
        """Whom it is about: the contact, else the account."""
        return self.contact or self.record.account


@dataclass(frozen=True)
class TimelinePage:
    """Items, and the cursor of the next older page, ``""`` at the end."""

    items: list[TimelineItem]
    older: str


def contact_timeline(
    contact: Contact, *, size: int = 20, older: str = "", user: Any = None
) -> TimelinePage:
    """One page of a contact's history, before the cursor ``older``.

    With a ``user``, only what their permissions cover: notes and orders have their own, and the
    companies of a contact may be others'.
    """
    # A note is shown itself; its journal hangs on the contact for the sake of erasure.
    changes = Change.objects.filter(contact=contact).exclude(object_type=Activity._meta.label)
    if user is not None:
        changes = changes.filter(Q(account=None) | seen_by(user, "account", account_queries))
    if not _sees_orders(user):
        changes = changes.exclude(operation__kind=Operation.Kind.ASSIGN_ORDER)
    return _page(
        _seen_notes(user).filter(contact=contact),
        _seen_entries(user).filter(contact=contact),
        changes,
        size=size,
        cursor=_decode(older),
    )


def account_timeline(
    account: Account, *, size: int = 20, older: str = "", user: Any = None
) -> TimelinePage:
    """One page of an account's history: its notes, people, orders and field changes.

    With a ``user``, only what their permissions cover: no orders and changes of contacts that
    others own.
    """
    changes = Change.objects.filter(account=account)
    entries = _seen_entries(user).filter(link__account=account)
    if user is not None:
        changes = changes.filter(Q(contact=None) | seen_by(user, "contact", contact_queries))
        entries = entries.filter(seen_by(user, "contact", contact_queries))
    if not _sees_orders(user):
        changes = changes.exclude(object_type=OrderLink._meta.label)
    return _page(
        _seen_notes(user).filter(account=account),
        entries,
        changes,
        size=size,
        cursor=_decode(older),
    )


def _sees_orders(user: Any) -> bool:
    return user is None or bool(user.has_perm("oscar_crm.view_orderlink"))


def _seen_notes(user: Any) -> QuerySet[Activity]:
    allowed = user is None or user.has_perm("oscar_crm.view_activity")
    return Activity.objects.all() if allowed else Activity.objects.none()


def _seen_entries(user: Any) -> QuerySet[ValueEntry]:
    return ValueEntry.objects.all() if _sees_orders(user) else ValueEntry.objects.none()


def latest_activity(user: Any, *, size: int = 10) -> list[TimelineItem]:
    """The newest notes and ledger entries of all contacts a user may see, and notes on accounts.

    Notes and orders have permissions of their own, as on a contact's page.
    """
    of_contacts = seen_by(user, "contact", contact_queries)
    of_accounts = seen_by(user, "account", account_queries)
    page = _page(
        _seen_notes(user).filter(of_contacts | of_accounts),
        _seen_entries(user).filter(of_contacts),
        Change.objects.none(),
        size=size,
        cursor=None,
    )
    prefetch_related_objects([item.contact for item in page.items if item.contact], "emails")
    return page.items


def _page(
    activities: QuerySet[Activity],
    entries: QuerySet[ValueEntry],
    changes: QuerySet[Change],
    *,
    size: int,
    cursor: Cursor | None,
) -> TimelinePage:
    limit = size + 1
    sources = (
        _notes(_before(activities, "occurred_at", NOTES, cursor)[:limit]),
        _entries(_before(entries, "occurred_at", ENTRIES, cursor)[:limit]),
        _changes(_before(changes, "at", CHANGES, cursor)[:limit]),
    )
    newest = merge(*sources, key=lambda item: item.key, reverse=True)
    items = list(islice(newest, limit))
    older = _encode(items[size - 1].key) if len(items) > size else ""
    return TimelinePage(items[:size], older)


def _before(queryset: Any, name: str, rank: int, cursor: Cursor | None) -> Any:
    """Rows older than the cursor; items of one instant are ordered by source, then id."""
    if cursor is not None:
        at, cursor_rank, pk = cursor
        queryset = queryset.filter(**{f"{name}__lte": at})
        if rank == cursor_rank:
            queryset = queryset.filter(Q(**{f"{name}__lt": at}) | Q(pk__lt=pk))
        elif rank > cursor_rank:
            queryset = queryset.filter(**{f"{name}__lt": at})
    return queryset.order_by(f"-{name}", "-pk")


def _notes(rows: Any) -> Iterator[TimelineItem]:
    for row in rows.select_related("contact", "account"):
        yield TimelineItem(
            row.occurred_at, NOTES, row.pk, row.kind, row.contact, row, actor=row.author_label
        )


def _entries(rows: Any) -> Iterator[TimelineItem]:
    for row in rows.select_related("contact", "link", "link__order"):
        yield TimelineItem(
            row.occurred_at,
            ENTRIES,
            row.pk,
            row.kind,
            row.contact,
            row,
            amount=row.amount,
            currency=row.currency,
        )


def _changes(rows: Any) -> Iterator[TimelineItem]:
    for row in rows.select_related("contact", "account", "operation"):
        yield TimelineItem(
            row.at,
            CHANGES,
            row.pk,
            row.operation.kind,
            row.contact,
            row,
            actor=row.operation.actor_label,
            changes=tuple(_field_changes(row)),
        )


def _field_changes(row: Change) -> Iterator[FieldChange]:
    is_half = not row.before or not row.after  # made or removed: the title says all
    if is_half and row.object_type in WHOLE_RECORDS:
        return
    yield from field_changes(row.before, row.after)


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    """The fields of two snapshots that differ; custom fields apart, named ``custom.<key>``."""
    for name in {**before, **after}:
        if name == "custom":
            yield from _custom_changes(before.get(name) or {}, after.get(name) or {})
        elif before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name), after.get(name))


def _custom_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield FieldChange(f"{CUSTOM}{key}", before.get(key), after.get(key))


def _encode(cursor: Cursor) -> str:
    at, rank, pk = cursor
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), rank, pk]).encode()).decode()


def _decode(cursor: str) -> Cursor | None:
    if not cursor:
        return None
    try:
        at, rank, pk = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        moment = parse_datetime(at)
        return None if moment is None else (checked_value(moment), int(rank), int(pk))
    except BROKEN:
        return None
