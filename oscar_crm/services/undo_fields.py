"""Undoing changed field values: each is set back only where it still holds what was written."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError as InvalidValueError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from oscar_crm import text
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, Change, Contact, ContactEmail, OrderLink, Tag

from .contacts import set_emails
from .journal_values import column_of, holds, python_value, unfit_targets
from .parents import is_below
from .undo_run import Reason, UndoRun

# The journal keeps these of contacts and accounts beside their columns.
BESIDE_COLUMNS = ("emails", "tag", "custom")
# What words and derived columns are made of (services.search).
CONTACT_WORDS = {"first_name", "last_name", "company_name", "phone", "emails"}
ACCOUNT_WORDS = {"name", "industry", "website", "vat_number", "phone"}
_MANY_VALUES = 20
_MISSING = object()


@dataclass
class _Taken:
    """What is taken back of one record: its columns' new values, and what each change gave."""

    record: Any
    values: dict[str, Any] = field(default_factory=dict)
    names: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    changes: dict[int, Change] = field(default_factory=dict)

    def note(self, change: Change, name: str) -> None:
        self.changes[change.pk] = change
        self.names[change.pk].append(name)


class FieldUndo:
    """Takes back a run of field changes of one model, newest first, in a few queries."""

    def __init__(self, run: UndoRun, model: type[models.Model], changes: Sequence[Change]) -> None:
        self.run, self.model, self.changes = run, model, changes
        records = model._default_manager.in_bulk({change.object_id for change in changes})
        self.taken = {pk: _Taken(record) for pk, record in records.items()}
        returning = [c.object_id for c in changes if "merged_into" in c.before]
        self.unfit = unfit_targets(model, (c.before for c in changes), returning=returning)
        self.tags = _Tags(model, changes)

    def take_back(self) -> None:
        for change in self.changes:
            taken = self.taken.get(change.object_id)
            if taken is None:
                self.run.refuse(change, Reason.GONE)
                continue
            for name in change.before.keys() & change.after.keys():
                if change.before[name] != change.after[name]:
                    self._take_back_field(taken, change, name)
        self._write([taken for taken in self.taken.values() if taken.changes])
        self.tags.write()

    def _take_back_field(self, taken: _Taken, change: Change, name: str) -> None:
        special: dict[str, Callable[[_Taken, Change], str]] = {
            "emails": self._emails,
            "tag": self._tag,
            "custom": self._custom,
        }
        column = column_of(self.model, name)
        if name in special and isinstance(taken.record, Contact | Account):
            reason = special[name](taken, change)
        elif column is not None:
            reason = self._column(taken, change, column)
        else:
            return  # told for the reader's sake only
        if reason:
            self.run.refuse(change, reason, name=name)
        else:
            taken.note(change, name)

    def _column(self, taken: _Taken, change: Change, column: "models.Field[Any, Any]") -> str:
        name, attname = column.name, column.attname
        stored = change.before[name]
        if not holds(getattr(taken.record, attname), change.after[name]):
            return Reason.CHANGED
        if reason := self.unfit.get(name, {}).get(str(stored)):
            return reason
        if name == "parent" and stored is not None and is_below(stored, taken.record.pk):
            return Reason.LOOP
        try:
            value = python_value(column, stored)
        except InvalidValueError:
            return Reason.NOT_KEPT
        setattr(taken.record, attname, value)
        taken.values[attname] = value
        return ""

    def _custom(self, taken: _Taken, change: Change) -> str:
        """Custom values are compared and set back key by key; all of them or none."""
        before, after = change.before["custom"], change.after["custom"]
        custom = dict(taken.record.custom)
        for key in before.keys() | after.keys():
            old, new = before.get(key, _MISSING), after.get(key, _MISSING)
            if old == new:
                continue
            if custom.get(key, _MISSING) != new:
                return Reason.CHANGED
            if old is _MISSING:
                del custom[key]
            else:
                custom[key] = old
        taken.record.custom = taken.values["custom"] = custom
        return ""

    def _emails(self, taken: _Taken, change: Change) -> str:
        current = [email.address for email in ContactEmail.objects.filter(contact=taken.record)]
        if current != change.after["emails"]:
            return Reason.CHANGED
        try:
            with transaction.atomic():
                set_emails(taken.record, change.before["emails"])
        except ValidationError:
            return Reason.TAKEN
        self.run.contact_words.add(taken.record.pk)
        return ""

    def _tag(self, taken: _Taken, change: Change) -> str:
        return self.tags.take_back(
            taken.record.pk, before=change.before["tag"], after=change.after["tag"]
        )

    def _write(self, rows: list[_Taken]) -> None:
        """All at once; if the database objects to one of them, one by one."""
        try:
            with transaction.atomic():
                self._update(rows)
        except IntegrityError:
            rows = [taken for taken in rows if self._write_one(taken)]
        for taken in rows:
            self._tell(taken)

    def _write_one(self, taken: _Taken) -> bool:
        try:
            with transaction.atomic():
                self._update([taken])
        except IntegrityError:
            for change in taken.changes.values():
                self.run.refuse(change, Reason.TAKEN)
            return False
        return True

    def _update(self, rows: Iterable[_Taken]) -> None:
        groups: dict[str, list[_Taken]] = defaultdict(list)
        for taken in rows:
            if taken.values:
                groups[repr(sorted(taken.values.items(), key=lambda item: item[0]))].append(taken)
        if len(groups) > _MANY_VALUES:
            self._update_each([taken for group in groups.values() for taken in group])
            return
        for group in groups.values():
            found = self.model._default_manager.filter(pk__in=[taken.record.pk for taken in group])
            found.update(**group[0].values, **self._bookkeeping())

    def _update_each(self, rows: list[_Taken]) -> None:
        names = {name for taken in rows for name in taken.values}
        records = [taken.record for taken in rows]
        manager = self.model._default_manager
        columns = [c.name for c in self.model._meta.concrete_fields if c.attname in names]
        manager.bulk_update(records, columns, batch_size=200)
        if bookkeeping := self._bookkeeping():
            manager.filter(pk__in=[record.pk for record in records]).update(**bookkeeping)

    def _bookkeeping(self) -> dict[str, Any]:
        names = {column.name for column in self.model._meta.concrete_fields}
        kept: dict[str, Any] = {"version": F("version") + 1, "updated_at": timezone.now()}
        return {name: value for name, value in kept.items() if name in names}

    def _tell(self, taken: _Taken) -> None:
        version = getattr(taken.record, "version", 0) + bool(taken.values)
        for pk, change in taken.changes.items():
            names = taken.names[pk]
            self.run.put_back(
                change,
                before={name: change.after[name] for name in names},
                after={name: change.before[name] for name in names},
                version=version,
            )
            self._note_caches(taken.record, change, set(names))

    def _note_caches(self, record: Any, change: Change, names: set[str]) -> None:
        if isinstance(record, Contact):
            self.run.changed_contacts.add(record.pk)
            if names & CONTACT_WORDS:
                self.run.contact_words.add(record.pk)
        elif isinstance(record, Account):
            self.run.changed_accounts.add(record.pk)
            if names & ACCOUNT_WORDS:
                self.run.account_words.add(record.pk)
        elif isinstance(record, OrderLink):
            self.run.links.add(record.pk)
            owners = {"contact": self.run.contacts, "account": self.run.accounts}
            for name in names & owners.keys():
                found = {change.before[name], change.after[name]} - {None}
                owners[name].update(found)
        elif isinstance(record, ContactEmail):
            self.run.contact_words.add(record.contact_id)


def tags_of(model: Any) -> Any:
    """The table that joins contacts or accounts to their tags, None for what has none."""
    return model.tags.through if hasattr(model, "tags") else None


class _Tags:
    """The tags of some contacts or accounts, changed in memory and written in two queries."""

    def __init__(self, model: type[models.Model], changes: Sequence[Change]) -> None:
        names = {
            row["tag"] for change in changes for row in (change.before, change.after)
            if row.get("tag")
        }  # fmt: skip
        self.through = tags_of(model)
        self.owner = model._meta.model_name or ""
        self.by_key = {tag.key: tag.pk for tag in Tag.objects.filter(key__in=map(_key, names))}
        self.on: set[tuple[int, int]] = set()
        if names:
            rows = self.through.objects.filter(
                **{f"{self.owner}__in": {change.object_id for change in changes}},
                tag__in=self.by_key.values(),
            )
            self.on = set(rows.values_list(f"{self.owner}_id", "tag_id"))
        self.stored = set(self.on)

    def take_back(self, record_id: int, *, before: str | None, after: str | None) -> str:
        put_on = (record_id, self.by_key.get(_key(after), 0)) if after else None
        taken_off = (record_id, self.by_key.get(_key(before), 0)) if before else None
        if put_on and put_on not in self.on:
            return Reason.CHANGED
        if taken_off and not taken_off[1]:
            return Reason.TARGET_GONE
        if taken_off and taken_off in self.on:
            return Reason.CHANGED
        self.on -= {put_on} if put_on else set()
        self.on |= {taken_off} if taken_off else set()
        return ""

    def write(self) -> None:
        if self.through is None:
            return
        for tag_id in {tag for _record, tag in self.stored - self.on}:
            off = [record for record, tag in self.stored - self.on if tag == tag_id]
            self.through.objects.filter(**{f"{self.owner}__in": off}, tag=tag_id).delete()
        rows = [
            self.through(**{f"{self.owner}_id": record_id, "tag_id": tag_id})
            for record_id, tag_id in sorted(self.on - self.stored)
        ]
        if rows:
            self.through.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _key(name: str) -> str:
    return text.fold(name)[:200]
