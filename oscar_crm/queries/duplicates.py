"""Reading possible duplicates: the review queue, the pairs of one record, hints while typing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Subquery, When

from oscar_crm.likeness import Facts, Likeness, Reason, likeness
from oscar_crm.models import Contact, DuplicatePair, Operation

from .areas import ACCOUNTS, AREAS, CONTACTS, Area
from .keyset import Sort
from .likeness import look_alikes, typed_account, typed_contact
from .operations import survivor_id

BEST_FIRST = Sort("score", descending=True)
LATEST_FIRST = Sort("dismissed_at", descending=True)
MOST_HINTS = 5


def pairs_of_area(user: Any, area: Area) -> QuerySet[DuplicatePair]:
    """The pairs of an area of which a user may see both sides, dismissed or not."""
    seen = area.visible_to(user).values("pk")
    return DuplicatePair.objects.filter(area=area.key, low_id__in=seen, high_id__in=seen)


def visible_to(user: Any) -> QuerySet[DuplicatePair]:
    """All pairs a user may see and decide about: both sides visible, and merging allowed."""
    allowed = Q(pk__in=[])
    for area in AREAS.values():
        if area.may_be_merged_by(user):
            seen = area.visible_to(user).values("pk")
            allowed |= Q(area=area.key, low_id__in=seen, high_id__in=seen)
    return DuplicatePair.objects.filter(allowed)


def open_pairs(user: Any, area: Area) -> QuerySet[DuplicatePair]:
    """The review queue of an area."""
    return pairs_of_area(user, area).filter(dismissed_at=None)


def dismissed_pairs(user: Any, area: Area) -> QuerySet[DuplicatePair]:
    """What was said to be no duplicate."""
    return pairs_of_area(user, area).filter(dismissed_at__isnull=False)


def of_record(pairs: QuerySet[DuplicatePair], pk: int) -> QuerySet[DuplicatePair]:
    """Those of some pairs that have a record on one side."""
    return pairs.filter(Q(low_id=pk) | Q(high_id=pk))


def with_twins(user: Any, records: QuerySet[Any], *, pk: int) -> Any:
    """Let the record ``pk`` among others carry ``twins``, the number of its possible duplicates.

    No further query. The attribute is missing for whoever may not merge.
    """
    area = CONTACTS if records.model is Contact else ACCOUNTS
    if not area.may_be_merged_by(user):
        return records
    pairs = of_record(open_pairs(user, area), pk).order_by().values("area")
    counted = Subquery(pairs.annotate(n=Count("pk")).values("n"))
    return records.annotate(twins=Case(When(pk=pk, then=counted), output_field=IntegerField()))


@dataclass(frozen=True)
class Pair:
    """A stored pair with its two records."""

    stored: DuplicatePair
    low: Any
    high: Any


def with_records(pairs: Iterable[DuplicatePair]) -> list[Pair]:
    """Load both sides of some pairs of one area: two queries."""
    rows = list(pairs)
    if not rows:
        return []
    ids = {pk for row in rows for pk in (row.low_id, row.high_id)}
    found = _with_related(AREAS[rows[0].area].model._default_manager.filter(pk__in=ids))
    records = {record.pk: record for record in found}
    return [
        Pair(row, records[row.low_id], records[row.high_id])
        for row in rows
        if row.low_id in records and row.high_id in records
    ]


def _with_related(rows: Any) -> Any:
    rows = rows.select_related("owner")
    return rows.prefetch_related("emails") if rows.model is Contact else rows


def records_to_merge(user: Any, area: Area, ids: Sequence[int]) -> list[Any]:
    """The records a user wants to merge, in the order asked for; fewer if some are not theirs."""
    found = _with_related(area.visible_to(user).filter(pk__in=ids)).prefetch_related("tags")
    rows = {record.pk: record for record in found}
    return [rows[pk] for pk in ids if pk in rows]


def survivor(user: Any, area: Area, pk: int) -> Any:
    """What a merged record went into, if the user may see that; None for all others: one query."""
    rows = area.model._default_manager
    merged: Any = rows.filter(pk=pk, **{"merged_into__isnull": False}).first()
    if merged is None:
        return None
    return area.visible_to(user).filter(pk=survivor_id(merged)).first()


def reasons_between(area: Area, ids: Iterable[int]) -> list[DuplicatePair]:
    """The stored pairs among some records."""
    wanted = list(ids)
    rows = DuplicatePair.objects.filter(area=area.key, low_id__in=wanted, high_id__in=wanted)
    return list(rows.order_by("-score", "-pk"))


@dataclass(frozen=True)
class Hint:
    """A stored record that may be what is being typed."""

    record: Any
    likeness: Likeness
    has_address: bool = False  # one that no other contact may have


def hints_for_contact(user: Any, values: Mapping[str, Any], emails: Sequence[str]) -> list[Hint]:
    """Contacts a user may see that a new one may be the same as, best first."""
    return _hints(user, CONTACTS, typed_contact(values, emails))


def hints_for_account(user: Any, values: Mapping[str, Any]) -> list[Hint]:
    """Accounts a user may see that a new one may be the same as, best first."""
    return _hints(user, ACCOUNTS, typed_account(values))


def _hints(user: Any, area: Area, typed: Facts) -> list[Hint]:
    model: Any = area.model
    facts = look_alikes(model, typed)
    found = {pk: _likeness(typed, stored) for pk, stored in facts.items()}
    likely = {pk: alike for pk, alike in found.items() if alike.is_candidate}
    hints = [
        Hint(record, likely[record.pk], has_address=_has_address(typed, facts[record.pk]))
        for record in _with_related(area.visible_to(user).filter(pk__in=likely))
    ]
    return sorted(hints, key=lambda hint: (-hint.likeness.score, hint.record.pk))[:MOST_HINTS]


def _has_address(typed: Facts, stored: Facts) -> bool:
    return bool(typed.keys & stored.keys - stored.shared)


def _likeness(typed: Facts, stored: Facts) -> Likeness:
    """The same address is a duplicate for certain, which two stored contacts never have."""
    found = likeness(typed, stored)
    if _has_address(typed, stored):
        return Likeness(100, (Reason("address", ""), *found.reasons))
    return found


def unfinished_scans() -> QuerySet[Operation]:
    """Scans that were cut off or are under way, newest first."""
    scans = Operation.objects.filter(kind=Operation.Kind.DUPLICATES, finished_at=None)
    return scans.order_by("-started_at")


def last_scan() -> Operation | None:
    """The last scan that came to its end."""
    scans = Operation.objects.filter(kind=Operation.Kind.DUPLICATES, finished_at__isnull=False)
    return scans.order_by("-started_at").first()


def find_scan(pk: int) -> Operation | None:
    """A scan by its id."""
    return Operation.objects.filter(kind=Operation.Kind.DUPLICATES, pk=pk).first()
