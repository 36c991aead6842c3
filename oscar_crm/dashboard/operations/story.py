"""An operation in words: what it was, to how many records, and what changed in each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from oscar_crm import wording
from oscar_crm.models import Account, Change, Contact, Operation
from oscar_crm.queries import operations
from oscar_crm.queries.changes import Names, names_of
from oscar_crm.queries.operations import Extent, Subject, Subjects, subject_key
from oscar_crm.queries.timeline import FieldChange
from oscar_crm.services.undo_run import Reason, Refusal, refusals_in

TITLES = {
    Operation.Kind.CREATE: gettext_lazy("Created"),
    Operation.Kind.UPDATE: gettext_lazy("Details changed"),
    Operation.Kind.ARCHIVE: gettext_lazy("Archived"),
    Operation.Kind.RESTORE: gettext_lazy("Brought back from the archive"),
    Operation.Kind.TAG: gettext_lazy("Tags changed"),
    Operation.Kind.NOTE: gettext_lazy("Note written, changed or deleted"),
    Operation.Kind.ASSIGN_ORDER: gettext_lazy("Order assigned"),
    Operation.Kind.MERGE: gettext_lazy("Merged"),
    Operation.Kind.BULK: gettext_lazy("Many changed at once"),
    Operation.Kind.JOIN: gettext_lazy("Company joined or left"),
    Operation.Kind.UNDO: gettext_lazy("Undo"),
}
_SHOWN_LENGTH = 120


@dataclass(frozen=True)
class Line:
    """A record and what happened to it; ``url`` is empty where there is nothing to open."""

    who: str
    texts: list[str] = field(default_factory=list)
    url: str = ""


@dataclass(frozen=True)
class About:
    """Whom an operation was about: the first record, and how many others of its kind."""

    who: str
    url: str = ""
    others: int = 0


class Story:
    """What the pages tell of one operation to one user."""

    def __init__(
        self,
        user: Any,
        operation: Operation,
        *,
        limit: int,
        count: int = -1,
        about: "About | None" = None,
    ) -> None:
        self.user, self.operation, self.limit, self.about = user, operation, limit, about
        self.count = operation.changes.count() if count < 0 else count

    @classmethod
    def of_all(cls, user: Any, rows: Sequence[Operation]) -> list["Story"]:
        """Many operations, each with whom it was about but without its changes.

        The queries do not depend on how many there are.
        """
        extents = operations.extents_of(user, rows)
        firsts = [extent.first for extent in extents.values() if extent.first is not None]
        subjects = _subjects(user, firsts)
        stories = []
        for row in rows:
            extent = extents.get(row.pk, Extent())
            about = _about(extent, subjects)
            stories.append(cls(user, row, limit=0, count=extent.changes, about=about))
        return stories

    @property
    def title(self) -> str:
        return str(TITLES.get(Operation.Kind(self.operation.kind), self.operation.kind))

    @property
    def summary(self) -> str:
        """Free words; only for whoever may see all that they may name."""
        seen = operations.sees_whole(self.user, self.operation)
        return self.operation.summary if seen else ""

    @property
    def is_undoable(self) -> bool:
        return operations.is_undoable(self.operation)

    @property
    def size(self) -> str:
        text = ngettext("%s change", "%s changes", self.count)
        return str(text % number_format(self.count, force_grouping=True))

    @cached_property
    def lines(self) -> list[Line]:
        """The first changes, a line each, without what the user may not see."""
        changes = operations.changes_of(self.user, self.operation, limit=self.limit)
        words = _Words(self.user, changes)
        return [words.line(change) for change in changes]

    @property
    def more(self) -> int:
        return max(self.count - len(self.lines), 0)


class _Words:
    """Names and labels for some changes, read together."""

    def __init__(self, user: Any, changes: Sequence[Change]) -> None:
        self.subjects = _subjects(user, changes)
        fields = (field for change in changes for field in _fields(change))
        self.names: Names = names_of(fields)

    def line(self, change: Change) -> Line:
        key = subject_key(change)
        subject = self.subjects.get(*key) if key else None
        if subject is not None and subject.record is None:
            return Line(name_of(subject))
        texts = self._texts(change)
        if subject is not None:
            return Line(name_of(subject), texts, url_of(subject.record))
        if change.moved or not (change.before and change.after):
            return Line("; ".join(texts))  # they name the kind of row themselves
        return Line(_label(change.object_type), texts)

    def _texts(self, change: Change) -> list[str]:
        own = change.object_type in ("oscar_crm.Contact", "oscar_crm.Account")
        what = "" if own else _label(change.object_type)
        if change.is_erased:
            return [_("personal data, erased since")]
        if change.moved:
            return [self._moved(change)]
        if not change.before:
            return [_("%s made") % what if what else _("made")]
        if not change.after:
            return [_("%s deleted") % what if what else _("deleted")]
        return [self._sentence(change, row) for row in _fields(change)]

    def _moved(self, change: Change) -> str:
        model = apps.get_model(change.object_type)
        count = len(change.moved["ids"])
        names = (str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
        if model is Change:
            what = ngettext("%s entry of the timeline", "%s entries of the timeline", count) % count
        elif not model._meta.auto_created:
            what = f"{number_format(count, force_grouping=True)} {names[count != 1]}"
        else:
            what = ngettext("%s tag", "%s tags", count) % count
        area = _area_of(change)
        if area is None:
            return _("%s moved") % what
        source, target = (
            _("nobody") if pk is None else name_of(self.subjects.get(area, pk))
            for pk in (change.moved["from"], change.moved["to"])
        )
        words = {"what": what, "source": source, "target": target}
        return _("%(what)s moved from %(source)s to %(target)s") % words

    def _sentence(self, change: Change, row: FieldChange) -> str:
        if row.name == "tag":
            if row.after:
                return str(_("Tag “%s” added") % row.after)
            return str(_("Tag “%s” removed") % row.before)
        if row.name == "archived_at":
            return _("archived") if row.after else _("brought back from the archive")
        label = _field_label(change.object_type, row.name)
        before, after = (self._value(change, row.name, v) for v in (row.before, row.after))
        words = {"field": label[:1].upper() + label[1:], "before": before, "after": after}
        if not before:
            return _("%(field)s set to “%(after)s”") % words
        if not after:
            return _("%(field)s “%(before)s” removed") % words
        return _("%(field)s changed from “%(before)s” to “%(after)s”") % words

    def _value(self, change: Change, name: str, value: Any) -> str:
        area = _target_area(change.object_type, name)
        if area and value is not None:
            return name_of(self.subjects.get(area, int(value)))
        if isinstance(value, dict):
            return ", ".join(f"{key}: {v}" for key, v in value.items())[:_SHOWN_LENGTH]
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, str) and _is_moment(change.object_type, name):
            moment = parse_datetime(value)
            return date_format(localtime(moment), "DATETIME_FORMAT") if moment else value
        return wording.value_of(name, value, self.names)[:_SHOWN_LENGTH]


def _subjects(user: Any, changes: Iterable[Change]) -> Subjects:
    """The contacts and accounts that some changes name."""
    wanted: dict[str, set[int]] = {"contact": set(), "account": set()}
    for change in changes:
        for area, pk in _mentioned(change):
            wanted[area].add(pk)
    return Subjects(user, wanted)


def _about(extent: Extent, subjects: Subjects) -> About | None:
    key = subject_key(extent.first) if extent.first is not None else None
    if key is None:
        return None
    subject = subjects.get(*key)
    count = extent.contacts if subject.area == "contact" else extent.accounts
    return About(name_of(subject), url_of(subject.record), max(count - 1, 0))


def _fields(change: Change) -> Iterator[FieldChange]:
    if change.before and change.after:
        for name in sorted(change.before.keys() & change.after.keys()):
            if change.before[name] != change.after[name]:
                yield FieldChange(name, change.before[name], change.after[name])


def _mentioned(change: Change) -> Iterator[tuple[str, int]]:
    key = subject_key(change)
    if key:
        yield key
    if change.moved and (area := _area_of(change)):
        for pk in (change.moved["from"], change.moved["to"]):
            if pk is not None:
                yield area, pk
    for row in _fields(change):
        if area := _target_area(change.object_type, row.name):
            yield from ((area, int(pk)) for pk in (row.before, row.after) if pk is not None)


def _area_of(change: Change) -> str | None:
    return _target_area(change.object_type, change.moved["field"])


def _target_area(object_type: str, name: str) -> str | None:
    """Whether a column points at a contact or an account."""
    try:
        target = apps.get_model(object_type)._meta.get_field(name).related_model
    except (LookupError, FieldDoesNotExist):
        return None
    return {Contact: "contact", Account: "account"}.get(target)


def url_of(record: Contact | Account | None) -> str:
    """The page of a record, ``""`` if it has none: what was merged is found elsewhere."""
    return "" if record is None or record.merged_into_id else record.get_absolute_url()


def _is_moment(object_type: str, name: str) -> bool:
    try:
        column = apps.get_model(object_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return False
    return isinstance(column, DateTimeField)


def name_of(subject: Subject) -> str:
    """A record's name, as far as the user may know it."""
    if subject.record is not None:
        return str(subject.record)
    words = {
        ("contact", True): _("a contact that is gone"),
        ("contact", False): _("a contact you may not see"),
        ("account", True): _("an account that is gone"),
        ("account", False): _("an account you may not see"),
    }
    return words[subject.area, subject.is_gone]


def _label(object_type: str) -> str:
    try:
        model = apps.get_model(object_type)
    except LookupError:
        return object_type.rpartition(".")[2]
    return _("tag") if model._meta.auto_created else str(model._meta.verbose_name)


def _field_label(object_type: str, name: str) -> str:
    if name in ("emails", "custom"):
        return {"emails": _("E-mail addresses"), "custom": _("further details")}[name]
    try:
        column: Any = apps.get_model(object_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return name
    return str(getattr(column, "verbose_name", name)).replace("_", " ")


def refusal_lines(user: Any, state: dict[str, Any], *, limit: int) -> list[Line]:
    """Every row that an undo left alone, and why; the first ``limit`` of them."""
    rows = refusals_in(state)[:limit]
    records = operations.records_of((row.object_type, row.object_id) for row in rows)
    wanted: dict[str, set[int]] = {"contact": set(), "account": set()}
    keys = {row: _owner_of(row, records.get((row.object_type, row.object_id))) for row in rows}
    for key in filter(None, keys.values()):
        wanted[key[0]].add(key[1])
    subjects = Subjects(user, wanted)
    return [_refusal_line(row, keys[row], records, subjects) for row in rows]


def _owner_of(row: Refusal, record: Any) -> tuple[str, int] | None:
    if isinstance(record, Contact):
        return "contact", record.pk
    if isinstance(record, Account):
        return "account", record.pk
    for area in ("contact", "account"):
        if (pk := getattr(record, f"{area}_id", None)) is not None:
            return area, pk
    return None


def _refusal_line(
    row: Refusal, key: tuple[str, int] | None, records: dict[Any, Any], subjects: Subjects
) -> Line:
    record = records.get((row.object_type, row.object_id))
    subject = subjects.get(*key) if key else None
    hidden = subject is not None and subject.record is None
    what = _label(row.object_type)
    if record is None or hidden or subject is None:
        who = name_of(subject) if hidden and subject else f"{what} #{row.object_id}"
    elif subject.record == record:
        who = str(record)
    else:
        who = f"{what} “{str(record)[:_SHOWN_LENGTH]}”, {subject.record}"
    reason = str(Reason(row.reason).label)
    name = _field_label(row.object_type, row.field) if row.field and not hidden else ""
    url = url_of(subject.record if subject else None)
    return Line(who, [f"{name}: {reason}" if name else reason], url)
