"""What staff do with segments: save a list's filter under a name, share, copy, delete, count."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.exceptions import SegmentInUseError, TookTooLongError, ValidationError
from oscar_crm.models import Change, Operation, Segment
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.segments import members, naming, search_in, uses_of
from oscar_crm.queries.stored_filters import set_conditions, to_json
from oscar_crm.queries.time_limit import time_limit

from .journal import label_of, operation, record_change, snapshot

NAME_LENGTH = 100
COUNT_SECONDS = 3
# Finds nobody: a filter without its search would hold more contacts than it was made for.
ERASED_SEARCH = "[erased]"
JOURNALLED = ("name", "filter", "owner", "is_shared")


def create_segment(
    name: str, wanted: ContactFilter, *, by: Any, is_shared: bool = False
) -> Segment:
    """Save a filter under a name, owned by ``by``.

    Raises ``ValidationError``: a name that is empty, too long or taken, a filter of nothing.
    """
    segment = Segment(owner=by, owner_label=label_of(by))
    with operation(Operation.Kind.SETTING, by=by) as opened:
        _assign(segment, name, wanted, is_shared=is_shared)
        record_change(opened, segment, before={}, after=snapshot(segment, JOURNALLED))
    return segment


def update_segment(
    segment: Segment, name: str, wanted: ContactFilter, *, by: Any, is_shared: bool
) -> Segment:
    """Rename, share or narrow a segment anew. A new filter has no count until it is counted."""
    with operation(Operation.Kind.SETTING, by=by) as opened:
        locked = Segment.objects.select_for_update().get(pk=segment.pk)
        before = snapshot(locked, JOURNALLED)
        _assign(locked, name, wanted, is_shared=is_shared)
        after = snapshot(locked, JOURNALLED)
        changed = [field for field in JOURNALLED if before[field] != after[field]]
        if changed:
            old, new = ({field: values[field] for field in changed} for values in (before, after))
            record_change(opened, locked, before=old, after=new)
    return locked


def duplicate_segment(segment: Segment, *, by: Any) -> Segment:
    """A private copy of a segment, under the first free name: “VIP (copy)”, “VIP (copy 2)”."""
    with operation(Operation.Kind.SETTING, by=by) as opened:
        copy = Segment(owner=by, owner_label=label_of(by), filter=segment.filter)
        copy.name = _free_name(segment.name, by)
        copy.key = _key(copy.name)
        copy.count, copy.counted_at = segment.count, segment.counted_at
        copy.save()
        record_change(opened, copy, before={}, after=snapshot(copy, JOURNALLED))
    return copy


def delete_segment(segment: Segment, *, by: Any) -> None:
    """Delete a segment; its contacts stay. Raises ``SegmentInUseError`` while something needs it.

    Deleting twice does nothing.
    """
    with operation(Operation.Kind.SETTING, by=by) as opened:
        locked = Segment.objects.select_for_update().filter(pk=segment.pk).first()
        if locked is None:
            return
        if uses := uses_of(locked):
            raise SegmentInUseError(
                _("“%(name)s” is still needed by: %(uses)s. Change that first.")
                % {"name": locked.name, "uses": ", ".join(uses)}
            )
        record_change(opened, locked, before=snapshot(locked, JOURNALLED), after={})
        locked.delete()


def let_segments_follow(opened: Operation, condition: str, gone: int, into: int) -> None:
    """Segments of the contacts with a record that was merged hold those with the other one now.

    ``condition`` is the filter's: ``tag`` or ``account``. To be undone with the operation.
    """
    using = Segment.objects.select_for_update().filter(**{f"filter__conditions__{condition}": gone})
    for segment in using.order_by("pk"):
        before = snapshot(segment, ["filter"])
        conditions = {**segment.filter["conditions"], condition: into}
        segment.filter = {**segment.filter, "conditions": conditions}
        segment.save(update_fields=["filter", "updated_at"])
        record_change(opened, segment, before=before, after=snapshot(segment, ["filter"]))


def forget_in_segments(known_as: Iterable[str]) -> int:
    """Take a person's full names and addresses out of saved filters; how many had one.

    A segment or a bulk change under way that searched for them finds nobody from now on.
    """
    names = text.folded_names(known_as)
    found = naming(names)
    for segment in Segment.objects.select_for_update().filter(pk__in=[one.pk for one in found]):
        if text.tells(segment.name, names):
            segment.name = _("Segment %s") % segment.pk
            segment.key = _key(segment.name)
        segment.filter = _without_search(segment.filter, names)
        segment.count = segment.counted_at = None
        segment.save()
        _forget_history(segment)
    for opened in Operation.objects.filter(kind=Operation.Kind.BULK, finished_at=None):
        kept = {
            name: _without_search(opened.state.get(name), names) for name in ("filter", "within")
        }
        if any(kept[name] != opened.state.get(name) for name in kept):
            Operation.objects.filter(pk=opened.pk).update(state={**opened.state, **kept})
    return len(found)


def _without_search(stored: Any, names: Iterable[str]) -> Any:
    if not text.tells(search_in(stored), names):
        return stored
    return {**stored, "conditions": {**stored["conditions"], "q": ERASED_SEARCH}}


def _forget_history(segment: Segment) -> None:
    changes = Change.objects.filter(object_type=Segment._meta.label, object_id=segment.pk)
    Operation.objects.filter(
        pk__in=changes.values("operation"), kind=Operation.Kind.SETTING
    ).update(summary="")
    changes.update(before={}, after={}, is_erased=True)


def count_segment(segment: Segment, *, seconds: float | None = None) -> int:
    """Count all contacts of a segment and store the count with its time. Safe to repeat.

    With ``seconds`` PostgreSQL gives up when it takes longer: ``TookTooLongError``, and the last
    count stays.
    """
    if seconds is None:
        count = members(segment).count()
    else:
        with time_limit(seconds):
            count = members(segment).count()
    now = timezone.now()
    # Only if the filter is still the one that was counted.
    rows = Segment.objects.filter(pk=segment.pk, updated_at=segment.updated_at)
    rows.update(count=count, counted_at=now)
    segment.count, segment.counted_at = count, now
    return count


def try_count(segment: Segment) -> bool:
    """Count a segment if that is a matter of seconds; whether it was."""
    try:
        count_segment(segment, seconds=COUNT_SECONDS)
    except TookTooLongError:
        return False
    return True


def count_segments(ids: Iterable[int] | None = None) -> int:
    """Count some segments, else all, each for as long as it takes; how many. Safe to repeat."""
    segments = Segment.objects.order_by("pk")
    if ids is not None:
        segments = segments.filter(pk__in=list(ids))
    done = 0
    for segment in segments:
        count_segment(segment)
        done += 1
    return done


def _assign(segment: Segment, name: str, wanted: ContactFilter, *, is_shared: bool) -> None:
    """Set, check and save; every way in ends here."""
    name = " ".join(name[: NAME_LENGTH * 2].replace("\x00", "").split())
    if len(name) > NAME_LENGTH or text.is_blank(name) or not (key := _key(name)):
        raise ValidationError(_("A segment needs a name of 1 to 100 characters."), field="name")
    if not set_conditions(wanted):
        raise ValidationError(_("Set at least one filter: without one a segment is everybody."))
    stored = to_json(wanted)
    if segment.filter != stored:
        segment.filter, segment.count, segment.counted_at = stored, None, None
    segment.name, segment.key, segment.is_shared = name, key, is_shared
    _refuse_taken(segment)
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError as error:  # somebody else was quicker
        raise _taken() from error


def _refuse_taken(segment: Segment) -> None:
    others = Segment.objects.filter(key=segment.key).exclude(pk=segment.pk)
    is_taken = others.filter(owner=segment.owner_id).exists() if segment.owner_id else False
    if is_taken or (segment.is_shared and others.filter(is_shared=True).exists()):
        raise _taken()


def _taken() -> ValidationError:
    return ValidationError(_("There is a segment of this name already."), field="name")


def _key(name: str) -> str:
    return text.fold(name)[:400]


def _free_name(name: str, owner: Any) -> str:
    taken = set(Segment.objects.filter(owner=owner).values_list("key", flat=True))
    number = 1
    while True:
        suffix = _(" (copy)") if number == 1 else _(" (copy %s)") % number
        copy = name[: NAME_LENGTH - len(suffix)] + suffix
        if _key(copy) not in taken:
            return copy
        number += 1
