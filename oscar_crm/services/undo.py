"""Taking an operation back: whatever nobody has touched since is put back as it was.

Works on the journal alone, newest change first, in chunks. What has been edited since stays as it
is and is told by name; the rest comes back all the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm.exceptions import UndoError
from oscar_crm.models import Account, Change, Contact, Operation
from oscar_crm.queries.operations import is_undoable, subject_key
from oscar_crm.signals import account_changed, contact_changed, send_on_commit

from .journal import label_of
from .search import index_accounts, index_contacts
from .undo_fields import FieldUndo
from .undo_rows import take_back_creations, take_back_deletions, take_back_move
from .undo_run import Reason, Refusal, UndoRun
from .unmerge import check_unmerge, ensure_main_emails, give_back_later_orders
from .values import follow_orders, in_chunks, refresh_values

__all__ = ["Outcome", "Reason", "Refusal", "undo_operation"]

CHUNK = 1000
# Rows are locked model by model in this order, which is that of the order sync.
_LOCKED_FIRST = ("oscar_crm.OrderLink", "oscar_crm.Contact", "oscar_crm.Account")


@dataclass(frozen=True)
class Outcome:
    """How many rows came back, which were refused, and the undo's own operation.

    Nothing came back: nothing was changed, there is no operation, and it may be tried again.
    """

    restored: int
    refused: list[Refusal]
    operation: Operation | None

    def as_state(self) -> dict[str, Any]:
        """As the undo's own operation keeps it."""
        return {"restored": self.restored, "refused": [asdict(row) for row in self.refused]}


@transaction.atomic
def undo_operation(
    operation: Operation, *, by: Any, hidden: Mapping[str, Collection[int]] | None = None
) -> Outcome:
    """Take an operation back as far as nobody has changed the same things since.

    ``hidden`` has the ids of contacts and accounts, by area, that belong to somebody else by now:
    what is about them is refused.

    Raises ``UndoError`` if it was taken back before or is of a kind that cannot be, or if one of
    two merged records is hidden.
    """
    locked = Operation.objects.select_for_update().get(pk=operation.pk)
    _check(locked)
    _lock_rows(locked)
    is_merge = locked.kind == Operation.Kind.MERGE
    if is_merge:
        check_unmerge(locked)
    opened = Operation.objects.create(
        kind=Operation.Kind.UNDO, actor=by, actor_label=label_of(by), summary=locked.summary
    )
    run = UndoRun(opened)
    others = {key: set(ids) for key, ids in (hidden or {}).items()}
    if is_merge and any(others.values()):
        raise UndoError(_("It belongs to somebody else by now. Ask a manager to undo this merge."))
    for model, shape, changes in _runs(locked):
        _TAKE_BACK[shape](run, model, _without_hidden(run, changes, others))
    if not run.restored:
        transaction.set_rollback(True)
        return Outcome(0, run.refused, None)
    if is_merge:
        give_back_later_orders(run, locked)
        ensure_main_emails(locked)
    _refresh(run)
    _finish(run, locked)
    return Outcome(run.restored, run.refused, opened)


def _without_hidden(
    run: UndoRun, changes: list[Change], hidden: Mapping[str, set[int]]
) -> list[Change]:
    allowed = []
    for change in changes:
        subject = subject_key(change)
        if subject is not None and subject[1] in hidden.get(subject[0], ()):
            run.refuse(change, Reason.MOVED)
        else:
            allowed.append(change)
    return allowed


def _check(operation: Operation) -> None:
    if operation.undone_by_id is not None:
        raise UndoError(_("This has been undone already."))
    if not is_undoable(operation):
        raise UndoError(_("This cannot be undone."))
    if not operation.changes.exists():
        raise UndoError(_("Nothing is left of what it was before, so this cannot be undone."))


def _lock_rows(operation: Operation) -> None:
    """Lock all rows that may be written: nobody edits them while they are looked at."""
    wanted: dict[str, set[int]] = defaultdict(set)
    rows = operation.changes.values_list("object_type", "object_id", "moved")
    for object_type, object_id, moved in rows.iterator(chunk_size=2000):
        if moved:
            wanted[object_type].update(moved["ids"])
        else:
            wanted[object_type].add(object_id)
    for name in ("contact", "account"):
        found = operation.changes.exclude(**{name: None}).values_list(f"{name}_id", flat=True)
        wanted[f"oscar_crm.{name.title()}"].update(found)
    others = sorted(wanted.keys() - set(_LOCKED_FIRST))
    for label in (*_LOCKED_FIRST, *others):
        model = _model(label)
        if model is not None:
            _lock(model, sorted(wanted[label]))


def _lock(model: type[models.Model], ids: list[int]) -> None:
    for some in in_chunks(ids):
        chunk = model._default_manager.filter(pk__in=some)
        list(chunk.order_by("pk").select_for_update().values_list("pk"))


def _model(label: str) -> type[models.Model] | None:
    app_label, _dot, name = label.partition(".")
    try:
        return apps.get_model(app_label, name) if app_label == "oscar_crm" else None
    except LookupError:
        return None


def _runs(operation: Operation) -> Iterator[tuple[type[models.Model], str, list[Change]]]:
    """The changes, newest first, in runs of one model and one shape."""
    run: list[Change] = []
    key: tuple[str, str] = ("", "")
    for change in _newest_first(operation):
        its_key = (change.object_type, _shape(change))
        if run and (its_key != key or len(run) >= CHUNK):
            yield _as_run(key, run)
            run = []
        key = its_key
        run.append(change)
    if run:
        yield _as_run(key, run)


def _newest_first(operation: Operation) -> Iterator[Change]:
    rows = operation.changes.order_by("-pk")
    chunk = list(rows[:CHUNK])
    while chunk:
        yield from chunk
        chunk = list(rows.filter(pk__lt=chunk[-1].pk)[:CHUNK])


def _as_run(
    key: tuple[str, str], changes: list[Change]
) -> tuple[type[models.Model], str, list[Change]]:
    model = _model(key[0])
    return (model or Change, key[1] if model else "unknown", changes)


def _shape(change: Change) -> str:
    if change.is_erased:
        return "erased"
    if change.moved:
        return "moved"
    if not change.before:
        return "created"
    return "fields" if change.after else "deleted"


def _take_back_fields(run: UndoRun, model: type[models.Model], changes: list[Change]) -> None:
    FieldUndo(run, model, changes).take_back()


def _take_back_moves(run: UndoRun, model: type[models.Model], changes: list[Change]) -> None:
    for change in changes:
        take_back_move(run, model, change)


def _refuse_erased(run: UndoRun, model: type[models.Model], changes: list[Change]) -> None:
    for change in changes:
        run.refuse(change, Reason.ERASED)


def _refuse_unknown(run: UndoRun, model: type[models.Model], changes: list[Change]) -> None:
    for change in changes:
        run.refuse(change, Reason.GONE)


_TAKE_BACK: dict[str, Any] = {
    "created": take_back_creations,
    "deleted": take_back_deletions,
    "fields": _take_back_fields,
    "moved": _take_back_moves,
    "erased": _refuse_erased,
    "unknown": _refuse_unknown,
}


def _refresh(run: UndoRun) -> None:
    """Make anew what is computed from the rows that came back."""
    follow_orders(run.links)
    refresh_values(contacts=run.contacts, accounts=run.accounts)
    for ids in in_chunks(run.contact_words):
        index_contacts(Contact.objects.filter(pk__in=ids).prefetch_related("emails"))
    for ids in in_chunks(run.account_words):
        index_accounts(Account.objects.filter(pk__in=ids))


def _finish(run: UndoRun, operation: Operation) -> None:
    """Journal the undo, remember its outcome, and tell whoever listens."""
    contacts = Contact.objects.in_bulk(run.timelines("contact") | run.changed_contacts)
    accounts = Account.objects.in_bulk(run.timelines("account") | run.changed_accounts)
    run.save_changes(contacts=set(contacts), accounts=set(accounts))
    opened = run.opened
    opened.finished_at = timezone.now()
    opened.state = Outcome(run.restored, run.refused, opened).as_state()
    opened.save(update_fields=["finished_at", "state", "summary"])
    operation.undone_by = opened
    operation.save(update_fields=["undone_by"])
    for pk in sorted(run.changed_contacts & contacts.keys()):
        send_on_commit(contact_changed, Contact, contact=contacts[pk], operation=opened)
    for pk in sorted(run.changed_accounts & accounts.keys()):
        send_on_commit(account_changed, Account, account=accounts[pk], operation=opened)
