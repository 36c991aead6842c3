"""Reading the journal's operations: what was done lately, by whom, and what can be undone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Count, Min, Q, QuerySet

from oscar_crm.models import Account, Change, Contact, Operation

from .areas import AREAS
from .ids import IdIn
from .keyset import Sort

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
    """What a user may look back at: their own operations; all for whoever sees all contacts."""
    found = Operation.objects.filter(kind__in=[*UNDOABLE, Operation.Kind.UNDO])
    if user.has_perm("oscar_crm.view_all_contacts"):
        return found
    return found.filter(actor=user.pk)


NEWEST_FIRST = Sort("id", descending=True)

_PERMISSIONS = {
    "Contact": "change_contact",
    "ContactEmail": "change_contact",
    "ContactUser": "change_contact",
    "Contact_tags": "change_contact",
    "Account": "change_account",
    "AccountContact": "change_account",
    "Account_tags": "change_account",
    "CompanyDecision": "change_account",
    "Activity": "change_activity",
    "Consent": "add_consent",
    "OrderLink": "change_orderlink",
    "Tag": "change_tag",
    "Segment": "change_segment",
}
# What a user must be allowed to read before a change of such a row is told.
_READ = {
    "Activity": "view_activity",
    "OrderLink": "view_orderlink",
    "ValueEntry": "view_orderlink",
    "Consent": "view_consent",
    "Account": "view_account",
    "AccountContact": "view_account",
}


def permissions_to_undo(operation: Operation) -> set[str]:
    """Codenames that whoever takes the operation back must hold: those of what it changed."""
    types = set(operation.changes.order_by().values_list("object_type", flat=True).distinct())
    if operation.kind == Operation.Kind.MERGE:
        area = "account" if "oscar_crm.Account" in types else "contact"
        return {f"merge_{area}s"}
    names = (label.partition(".")[2] for label in types)
    return {_PERMISSIONS.get(name, f"change_{name.lower()}") for name in names}


def may_undo(user: Any, operation: Operation) -> bool:
    """Whether a user holds the permissions of everything the operation changed."""
    return all(user.has_perm(f"oscar_crm.{name}") for name in permissions_to_undo(operation))


def sees_whole(user: Any, operation: Operation) -> bool:
    """Whether a summary in free words may be shown: it may name any record of the operation."""
    if operation.actor_id is not None and operation.actor_id == user.pk:
        return True
    sees_all = ["oscar_crm.view_all_contacts", "oscar_crm.view_all_accounts"]
    return bool(user.has_perms(sees_all))


@dataclass(frozen=True)
class Subject:
    """The contact or account a change is about; ``record`` is None for whoever may not see it."""

    area: str
    pk: int
    record: Contact | Account | None = None
    is_gone: bool = False


class Subjects:
    """The contacts and accounts of some changes, as far as a user may see them.

    A record that was merged is named to whoever may see the one it was merged into.
    """

    def __init__(self, user: Any, wanted: Mapping[str, Iterable[int]]) -> None:
        self._found: dict[tuple[str, int], Any] = {}
        self._visible: set[tuple[str, int]] = set()
        for key, ids in wanted.items():
            area = AREAS[key]
            rows = area.model._default_manager.in_bulk(list(set(ids)))
            survivors = survivor_ids(area.model, rows.values())
            seen = area.visible_to(user).filter(pk__in=set(survivors.values()))
            visible = set(seen.values_list("pk", flat=True))
            self._found |= {(key, pk): row for pk, row in rows.items()}
            self._visible |= {(key, pk) for pk, into in survivors.items() if into in visible}

    def get(self, area: str, pk: int) -> Subject:
        record = self._found.get((area, pk))
        if record is None:
            return Subject(area, pk, is_gone=True)
        return Subject(area, pk, record if (area, pk) in self._visible else None)


def survivor_id(record: Any) -> int:
    """The id of the record that a merged one, possibly over several merges, went into."""
    rows = type(record)._default_manager
    pk, into = record.pk, record.merged_into_id
    while into is not None:
        pk, into = into, rows.filter(pk=into).values_list("merged_into_id", flat=True).first()
    return int(pk)


def survivor_ids(model: type[Any], records: Iterable[Any]) -> dict[int, int]:
    """For each record the id of the one it lives on in: a query per link of the longest chain."""
    into: dict[int, int | None] = {record.pk: record.merged_into_id for record in records}
    heirs = {pk: pk for pk in into}
    while any(into[heir] is not None for heir in heirs.values()):
        heirs = {pk: into[heir] or heir for pk, heir in heirs.items()}
        if unknown := set(heirs.values()) - into.keys():
            rows = model._default_manager.filter(pk__in=unknown)
            into |= dict.fromkeys(unknown) | dict(rows.values_list("pk", "merged_into_id"))
    return heirs


def subject_key(change: Change) -> tuple[str, int] | None:
    """Which contact or account a change is about."""
    for area, label in (("contact", "oscar_crm.Contact"), ("account", "oscar_crm.Account")):
        if change.object_type == label and not change.moved:
            return area, change.object_id
    if change.contact_id is not None:
        return "contact", change.contact_id
    return None if change.account_id is None else ("account", change.account_id)


def hidden_from(user: Any, operation: Operation) -> dict[str, set[int]]:
    """The contacts and accounts of an operation that a user may not see, by area.

    Whatever has been merged since is seen with what it went into; what is gone hides nothing, nor
    does what the operation itself has given away, as long as whoever got it has it.
    """
    hidden: dict[str, set[int]] = {}
    for key, area in AREAS.items():
        if user.has_perms([f"oscar_crm.view_{key}", f"oscar_crm.view_all_{key}s"]):
            continue
        label = area.model._meta.label
        about = operation.changes.filter(object_type=label, moved={})
        ids = set(about.values_list("object_id", flat=True))
        told = operation.changes.exclude(**{key: None})
        ids.update(told.values_list(f"{key}_id", flat=True))
        given = _given_away(operation, key)
        rows: QuerySet[Any] = area.model._default_manager.filter(IdIn(ids))
        rows = rows.only("owner", "merged_into")
        others = [row for row in rows if str(row.owner_id) != given.get(row.pk)]
        heirs = survivor_ids(area.model, others)
        seen = area.visible_to(user).filter(IdIn(set(heirs.values())))
        visible = set(seen.values_list("pk", flat=True))
        hidden[key] = {pk for pk, heir in heirs.items() if heir not in visible}
    return hidden


def _given_away(operation: Operation, key: str) -> dict[int, str]:
    """To whom an operation has given records of an area: user ids, as texts, by record."""
    label = AREAS[key].model._meta.label
    rows = operation.changes.filter(object_type=label, after__has_key="owner")
    return {pk: str(after["owner"]) for pk, after in rows.values_list("object_id", "after")}


def changes_of(user: Any, operation: Operation, *, limit: int) -> list[Change]:
    """The first changes of an operation that a user's permissions cover, in order."""
    rows = operation.changes.exclude(object_type__in=_hidden_from(user)).order_by("pk")
    return list(rows[:limit])


def _hidden_from(user: Any) -> list[str]:
    """The kinds of rows whose changes a user's permissions do not cover."""
    return [
        f"oscar_crm.{name}"
        for name, permission in _READ.items()
        if not user.has_perm(f"oscar_crm.{permission}")
    ]


@dataclass(frozen=True)
class Extent:
    """How much an operation changed: rows, contacts, accounts, and the first row one may read."""

    changes: int = 0
    contacts: int = 0
    accounts: int = 0
    first: Change | None = None


def extents_of(user: Any, rows: Iterable[Operation]) -> dict[int, Extent]:
    """How much each of some operations changed, by their ids: two queries.

    ``first`` is the first row that is about a contact or an account.
    """
    about = Q(contact__isnull=False) | Q(account__isnull=False)
    about |= Q(object_type__in=("oscar_crm.Contact", "oscar_crm.Account"))
    readable = about & ~Q(object_type__in=_hidden_from(user))
    counted = (
        Change.objects.filter(operation__in=[row.pk for row in rows])
        .order_by()
        .values_list("operation")
        .annotate(
            changed=Count("pk"),
            people=Count("contact", distinct=True),
            companies=Count("account", distinct=True),
            first=Min("pk", filter=readable),
        )
    )
    found = list(counted)
    firsts = Change.objects.in_bulk([row[4] for row in found if row[4] is not None])
    return {
        pk: Extent(changed, people, companies, firsts.get(first))
        for pk, changed, people, companies, first in found
    }


def records_of(rows: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """The records behind some (model label, id), as far as they are still there."""
    wanted: dict[str, set[int]] = {}
    for label, pk in rows:
        wanted.setdefault(label, set()).add(pk)
    found = {}
    for label, ids in wanted.items():
        model: Any = apps.get_model(label)
        for pk, record in model._default_manager.in_bulk(list(ids)).items():
            found[label, pk] = record
    return found
