"""Undoing rows that were made, deleted, or pointed at another record."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError as InvalidValueError
from django.db import IntegrityError, models, transaction

from oscar_crm.models import (
    Account,
    AccountWord,
    Change,
    Contact,
    ContactEmail,
    ContactWord,
    OrderLink,
)
from oscar_crm.queries.erasure import names_of
from oscar_crm.relations import pointing_at

from .forgetting import forget_journal
from .journal_values import column_of, holds, python_value, unfit_targets
from .parents import is_below
from .undo_run import Reason, UndoRun

# Rows that are made from a record and go with it.
_DERIVED = (ContactWord, AccountWord, Change)


def take_back_creations(run: UndoRun, model: type[models.Model], changes: Sequence[Change]) -> None:
    """Delete what was made, unless it was edited or something hangs on it.

    Of a contact that goes the journal keeps no value: no erasure would find it any more.
    """
    records = model._default_manager.in_bulk({change.object_id for change in changes})
    hanging = _with_something_hanging(model, list(records))
    going: dict[int, Change] = {}
    for change in changes:
        record = records.get(change.object_id)
        if record is None:
            run.refuse(change, Reason.GONE)
        elif record.pk in hanging:
            run.refuse(change, Reason.IN_USE)
        elif _is_edited(record, change):
            run.refuse(change, Reason.CHANGED)
        else:
            going[record.pk] = change
            _note_caches(run, record)
    is_person = model is Contact
    if is_person and going:
        forget_journal(list(going), names_of(going))
        run.opened.summary = ""
    for change in going.values():
        run.put_back(change, before={} if is_person else change.after, is_erased=is_person)
    model._default_manager.filter(pk__in=list(going)).delete()


def _is_edited(record: Any, change: Change) -> bool:
    if hasattr(record, "version") and record.version != change.version:
        return True
    for name, stored in change.after.items():
        column = column_of(type(record), name)
        if column is not None and not holds(getattr(record, column.attname), stored):
            return True
    if isinstance(record, Contact) and "emails" in change.after:
        current: list[str] = [email.address for email in record.emails.all()]
        return current != list(change.after["emails"])
    return False


def _with_something_hanging(model: type[models.Model], ids: list[int]) -> set[int]:
    """Which records other rows point at; their own words and addresses do not count."""
    found: set[int] = set()
    for related, name in pointing_at(model):
        if related not in _DERIVED and related is not ContactEmail:
            rows = related._default_manager.filter(**{f"{name}__in": ids})
            found.update(rows.values_list(name, flat=True).distinct())
    return found


def take_back_deletions(run: UndoRun, model: type[models.Model], changes: Sequence[Change]) -> None:
    """Make again what was deleted, under its old id, unless its place is taken."""
    unfit = unfit_targets(model, (change.before for change in changes))
    taken = set(
        model._default_manager.filter(pk__in=[c.object_id for c in changes]).values_list(
            "pk", flat=True
        )
    )
    ready: list[tuple[Change, models.Model]] = []
    for change in changes:
        reasons = [ids.get(str(change.before.get(name))) for name, ids in unfit.items()]
        lacking = next(filter(None, reasons), None)
        record = None if lacking else _rebuilt(model, change)
        if change.object_id in taken:
            run.refuse(change, Reason.TAKEN)
        elif lacking:
            run.refuse(change, lacking)
        elif record is None:
            run.refuse(change, Reason.NOT_KEPT)
        else:
            ready.append((change, record))
    for change, record in _created(run, model, ready):
        run.put_back(change, after=change.before, version=getattr(record, "version", 0))
        _note_caches(run, record)


def _rebuilt(model: type[models.Model], change: Change) -> models.Model | None:
    """The row as it was, None if the journal did not keep all of it."""
    values = {}
    for column in model._meta.concrete_fields:
        if column.primary_key:
            continue
        if column.name not in change.before:
            if column.has_default() or column.null or column.blank:
                continue
            return None
        try:
            values[column.attname] = python_value(column, change.before[column.name])
        except InvalidValueError:
            return None
    return model(pk=change.object_id, **values)


def _created(
    run: UndoRun, model: type[models.Model], ready: list[tuple[Change, models.Model]]
) -> list[tuple[Change, models.Model]]:
    """All at once; if the database objects to one of them, one by one."""
    try:
        with transaction.atomic():
            model._default_manager.bulk_create([record for _, record in ready], batch_size=500)
        return ready
    except IntegrityError:
        pass
    made = []
    for change, record in ready:
        try:
            with transaction.atomic():
                record.save(force_insert=True)
            made.append((change, record))
        except IntegrityError:
            run.refuse(change, Reason.TAKEN)
    return made


def take_back_move(run: UndoRun, model: type[models.Model], change: Change) -> None:
    """Point rows back to where they came from, if they still are where they were moved to."""
    moved = change.moved
    name, source, target = moved["field"], moved["from"], moved["to"]
    column = column_of(model, name)
    if column is None:
        run.refuse(change, Reason.NOT_KEPT)
        return
    if source is not None and (unfit := unfit_targets(model, [{name: source}])[name]):
        run.refuse(change, unfit[str(source)])
        return
    rows = dict(
        model._default_manager.filter(pk__in=moved["ids"]).values_list("pk", column.attname)
    )
    going = []
    for pk in moved["ids"]:
        if pk not in rows:
            run.refuse(change, Reason.GONE, pk=pk)
        elif rows[pk] != target:
            run.refuse(change, Reason.MOVED, pk=pk)
        elif model is Account and name == "parent" and source and is_below(source, pk):
            run.refuse(change, Reason.LOOP, pk=pk)
        else:
            going.append(pk)
    going = _pointed_at(run, model, change, going)
    if going:
        back = {"field": name, "from": target, "to": source, "ids": going}
        run.put_back(change, moved=back)
        _note_moved(run, model, name, going, {source, target} - {None})


def _pointed_at(
    run: UndoRun, model: type[models.Model], change: Change, ids: list[int]
) -> list[int]:
    manager, value = model._default_manager, {change.moved["field"]: change.moved["from"]}
    try:
        with transaction.atomic():
            manager.filter(pk__in=ids).update(**value)
        return ids
    except IntegrityError:
        pass
    done = []
    for pk in ids:
        try:
            with transaction.atomic():
                manager.filter(pk=pk).update(**value)
            done.append(pk)
        except IntegrityError:
            run.refuse(change, Reason.TAKEN, pk=pk)
    return done


def _note_moved(
    run: UndoRun, model: type[models.Model], name: str, ids: list[int], owners: set[int]
) -> None:
    if model is OrderLink:
        run.links.update(ids)
        (run.contacts if name == "contact" else run.accounts).update(owners)
    elif model is ContactEmail:
        run.contact_words.update(owners)


def _note_caches(run: UndoRun, record: models.Model) -> None:
    """Whose figures and words depend on a row that was made or deleted."""
    if isinstance(record, Contact):
        run.contacts.add(record.pk)
        run.contact_words.add(record.pk)
    elif isinstance(record, Account):
        run.accounts.add(record.pk)
        run.account_words.add(record.pk)
    elif isinstance(record, ContactEmail):
        run.contact_words.add(record.contact_id)
