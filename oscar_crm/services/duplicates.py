"""Finding possible duplicates, in chunks that can be resumed, and saying that two are not one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from oscar_crm.likeness import likeness
from oscar_crm.models import Account, Contact, DuplicatePair, Operation
from oscar_crm.queries.duplicates import unfinished_scans
from oscar_crm.queries.likeness import account_pairs, contact_pairs, living

from .journal import label_of

CHUNK = 5000
_MODELS: dict[str, Any] = {"contact": Contact, "account": Account}
_PAIRS: dict[str, Any] = {"contact": contact_pairs, "account": account_pairs}


@dataclass
class Summary:
    """Counts of a scan. ``total`` is of records, counted at its start; ``found`` of pairs."""

    total: int = 0
    checked: int = 0
    found: int = 0


def run(*, by: Any = None, progress: Callable[[Summary], None] | None = None) -> Summary:
    """Look through all contacts and accounts now, resuming a scan that was cut off.

    Safe to repeat. Pairs that do not match any more disappear; what was dismissed stays so.
    """
    scan = start(by=by)
    while True:
        summary = step(scan)
        if progress:
            progress(summary)
        if scan.finished_at is not None:
            return summary


def start(*, by: Any = None) -> Operation:
    """The unfinished scan, else a new one."""
    unfinished = unfinished_scans().first()
    if unfinished is not None:
        return unfinished
    total = sum(living(model).count() for model in _MODELS.values())
    state = {"area": "contact", "after": 0, "summary": asdict(Summary(total=total))}
    return Operation.objects.create(
        kind=Operation.Kind.DUPLICATES, actor=by, actor_label=label_of(by), state=state
    )


def summary_of(scan: Operation) -> Summary:
    return Summary(**scan.state["summary"])


def step(scan: Operation, *, size: int = CHUNK) -> Summary:
    """Do the next chunk of a scan and note how far it got; the last one sets ``finished_at``.

    Two callers stepping one scan at once do some work twice, to the same result.
    """
    scan.refresh_from_db()
    if scan.finished_at is not None:
        return summary_of(scan)
    area, after = scan.state["area"], scan.state["after"]
    rows = living(_MODELS[area]).filter(pk__gt=after).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:size])
    found = _keep_pairs(area, ids) if ids else 0
    return _save_progress(scan, (area, after), ids, found)


@transaction.atomic
def _keep_pairs(area: str, ids: list[int]) -> int:
    pairs, facts = _PAIRS[area](ids)
    now = timezone.now()
    rows = []
    for low, high in sorted(pairs):
        found = likeness(facts[low], facts[high])
        if found.is_candidate:
            reasons = [asdict(reason) for reason in found.reasons]
            rows.append(
                DuplicatePair(
                    area=area,
                    low_id=low,
                    high_id=high,
                    score=found.score,
                    reasons=reasons,
                    found_at=now,
                )
            )
    DuplicatePair.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["area", "low_id", "high_id"],
        update_fields=["score", "reasons", "found_at"],
    )
    return len(rows)


@transaction.atomic
def _save_progress(scan: Operation, at: tuple[str, int], ids: list[int], found: int) -> Summary:
    """Add a chunk's counts, unless another caller has done the same chunk meanwhile."""
    locked = Operation.objects.select_for_update().get(pk=scan.pk)
    summary = summary_of(locked)
    area, after = at
    if (locked.state["area"], locked.state["after"]) == at and locked.finished_at is None:
        summary.checked += len(ids)
        summary.found += found
        if ids:
            after = ids[-1]
        elif area == "contact":
            area, after = "account", 0
        else:
            _forget_the_rest(locked)
            locked.finished_at = timezone.now()
        locked.state = {"area": area, "after": after, "summary": asdict(summary)}
        locked.save(update_fields=["state", "finished_at"])
    scan.refresh_from_db()
    return summary


def _forget_the_rest(scan: Operation) -> None:
    """Pairs that this scan has not found any more; what staff decided is remembered."""
    stale = DuplicatePair.objects.filter(found_at__lt=scan.started_at, dismissed_at=None)
    stale.delete()


def dismiss_pair(pair: DuplicatePair, *, by: Any) -> None:
    """Say that two records are not one. Remembered by all later scans. Safe to repeat."""
    open_ones = DuplicatePair.objects.filter(pk=pair.pk, dismissed_at=None)
    open_ones.update(dismissed_at=timezone.now(), dismissed_by_label=label_of(by))


def restore_pair(pair: DuplicatePair) -> None:
    """Take back that two records are not one. Safe to repeat."""
    DuplicatePair.objects.filter(pk=pair.pk).update(dismissed_at=None, dismissed_by_label="")
