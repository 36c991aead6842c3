"""One change of many records of an area: tag on, tag off, owner, archive, restore.

A bulk change is one ``Operation`` whose ``state`` says what is done to which records and how far it
got, and one ``Change`` per record that really changed, so it is undone like any other. It walks the
records by id in chunks, each in a transaction of its own with its records locked: a change that
somebody else makes at the same time is waited for and kept.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, Change, Contact, Operation, Tag
from oscar_crm.queries.bulk import (
    ARCHIVE,
    KINDS,
    OWNER,
    TAG,
    UNTAG,
    BulkAction,
    Target,
    area_of,
    not_erased,
    tag_links,
)
from oscar_crm.queries.stored_filters import read_filter, to_json
from oscar_crm.signals import account_changed, contact_changed, send_on_commit

from .journal import label_of

AT_ONCE = 10_000  # records that are changed while somebody waits
CHUNK = 2_000

Values = dict[str, Any]


@dataclass
class Progress:
    """Counts of a bulk change, in records. ``total`` was counted at its start."""

    total: int = 0
    done: int = 0
    changed: int = 0


def start(action: BulkAction, target: Target, *, by: Any, summary: str = "") -> Operation:
    """Begin a bulk change; nothing is changed before the first ``step``.

    Raises ``ValidationError`` for a tag or an owner that does not exist, or a filter that cannot
    be read.
    """
    _check(action, target)
    found = target.records(by).aggregate(upto=Max("pk"), total=Count("pk"))
    state = {
        "area": target.area.key,
        "action": asdict(action),
        "ids": list(target.ids),
        "filter": None if target.filter is None else to_json(target.filter),
        "within": _within(target.filter),
        "upto": found["upto"] or 0,
        "after": 0,
        "progress": asdict(Progress(total=found["total"])),
    }
    return Operation.objects.create(
        kind=Operation.Kind.BULK,
        actor=by,
        actor_label=label_of(by),
        summary=summary[:255],
        state=state,
    )


@transaction.atomic
def run_at_once(action: BulkAction, target: Target, *, by: Any, summary: str = "") -> Operation:
    """Begin and finish a bulk change, all or nothing; for up to ``AT_ONCE`` records.

    Where nothing had to be changed no operation is left.
    """
    opened = start(action, target, by=by, summary=summary)
    if not finish(opened).changed:
        Operation.objects.filter(pk=opened.pk).delete()
    return opened


@transaction.atomic
def step(opened: Operation, *, size: int = CHUNK) -> Progress:
    """Change the next chunk of records; the last step sets ``finished_at``.

    Two callers at once do one chunk each, one after the other. What the user who began it may no
    longer see is left alone.
    """
    locked = Operation.objects.select_for_update().get(pk=opened.pk)
    if locked.finished_at is None:
        ids, after = _next_ids(locked, size)
        progress = progress_of(locked)
        progress.done += len(ids)
        progress.changed += _change(locked, ids) if ids else 0
        locked.state = {**locked.state, "after": after, "progress": asdict(progress)}
        if after >= locked.state["upto"]:
            locked.finished_at = timezone.now()
            # Whom it was about has served its turn; a search for a name is personal data.
            locked.state.update(ids=[], filter=None, within=None)
        locked.save(update_fields=["state", "finished_at"])
    opened.state, opened.finished_at = locked.state, locked.finished_at
    return progress_of(locked)


def finish(opened: Operation) -> Progress:
    """Do all steps that are left."""
    while opened.finished_at is None:
        step(opened, size=CHUNK)
    return progress_of(opened)


def progress_of(opened: Operation) -> Progress:
    return Progress(**opened.state["progress"])


def action_of(opened: Operation) -> BulkAction:
    return BulkAction(**opened.state["action"])


def _check(action: BulkAction, target: Target) -> None:
    if action.kind not in KINDS:
        raise ValidationError(_("Choose what is to be done."), field="action")
    if action.kind in (TAG, UNTAG) and not Tag.objects.filter(pk=action.tag).exists():
        raise ValidationError(_("That tag no longer exists. Choose another one."), field="tag")
    if action.kind == OWNER and action.owner and _owner(action.owner) is None:
        raise ValidationError(_("That colleague no longer exists."), field="owner")
    if target.filter is not None:
        within = getattr(target.filter, "within", None)
        if target.filter.unreadable or (within and within.unreadable):
            raise ValidationError(_("A part of this filter cannot be read, so it holds nobody."))


def _within(wanted: Any) -> Values | None:
    """A segment's filter, which only contacts have."""
    within = getattr(wanted, "within", None)
    return None if within is None else to_json(within)


def _filter(state: Values, kind: type[Any]) -> Any:
    found = read_filter(state["filter"], kind)
    if state["within"] is None:
        return found
    return replace(found, within=read_filter(state["within"], kind))


def _next_ids(opened: Operation, size: int) -> tuple[list[int], int]:
    """Ids of the next records, and the id up to which all is done with them.

    That is the last one if whoever began it may not change such records any more.
    """
    user, state, area = opened.actor, opened.state, area_of(opened)
    if user is None or not area.may_be_changed_by(user):
        return [], state["upto"]
    if state["filter"] is None:
        ids = sorted(pk for pk in state["ids"] if pk > state["after"])[:size]
        found = Target(ids=tuple(ids), area=area).records(user)
        seen = list(found.order_by("pk").values_list("pk", flat=True))
    else:
        rest = Target(filter=_filter(state, area.filter), area=area).records(user)
        rest = rest.filter(pk__gt=state["after"], pk__lte=state["upto"])
        seen = ids = list(rest.order_by("pk").values_list("pk", flat=True)[:size])
    return seen, ids[-1] if len(ids) == size else state["upto"]


def _change(opened: Operation, ids: Sequence[int]) -> int:
    """Lock some records and change those that differ; how many did."""
    action, area = action_of(opened), area_of(opened)
    visible = not_erased(area.visible_to(opened.actor).filter(pk__in=ids))
    locked = list(visible.select_for_update(no_key=True).order_by("pk"))
    if action.kind in (TAG, UNTAG):
        changed, before, after = _set_tag(action, locked)
    else:
        changed, before, after = _set_field(action, locked)
    Change.objects.bulk_create(
        (
            Change(
                operation=opened,
                object_type=area.model._meta.label,
                object_id=record.pk,
                version=record.version,
                before=old,
                after=after,
                **{area.key: record},
            )
            for record, old in zip(changed, before, strict=True)
        ),
        batch_size=1_000,
    )
    for record in changed:
        _announce(record, opened)
    return len(changed)


def _announce(record: Contact | Account, opened: Operation) -> None:
    if isinstance(record, Contact):
        send_on_commit(contact_changed, Contact, contact=record, operation=opened)
    else:
        send_on_commit(account_changed, Account, account=record, operation=opened)


def _set_tag(action: BulkAction, locked: list[Any]) -> tuple[list[Any], list[Values], Values]:
    """Put a tag on those that lack it, or take it off those that have it."""
    tag = Tag.objects.filter(pk=action.tag).first()
    if tag is None or not locked:  # deleted while the change was under way
        return [], [], {}
    through, owner = tag_links(type(locked[0]))
    links = through.filter(**{f"{owner}__in": [record.pk for record in locked]}, tag_id=tag.pk)
    having = set(links.values_list(owner, flat=True))
    if action.kind == UNTAG:
        links.delete()
        changed = [record for record in locked if record.pk in having]
        return changed, [{"tag": tag.name}] * len(changed), {"tag": None}
    changed = [record for record in locked if record.pk not in having]
    rows = [through.model(**{owner: record.pk}, tag_id=tag.pk) for record in changed]
    through.bulk_create(rows, batch_size=1_000)
    return changed, [{"tag": None}] * len(changed), {"tag": tag.name}


def _set_field(action: BulkAction, locked: list[Any]) -> tuple[list[Any], list[Values], Values]:
    """Set owner or archive date where it differs; each change raises the record's version."""
    now = timezone.now()
    if action.kind == OWNER:
        owner = _owner(action.owner) if action.owner else None
        name, value = "owner_id", owner and owner.pk
        changed = [record for record in locked if record.owner_id != value]
        if action.owner and owner is None:  # deleted while the change was under way
            changed = []
    else:
        name, value = "archived_at", now if action.kind == ARCHIVE else None
        changed = [one for one in locked if (one.archived_at is None) == (value is not None)]
    label = name.removesuffix("_id")
    before = [{label: getattr(record, name)} for record in changed]
    for record in changed:
        setattr(record, name, value)
        record.version, record.updated_at = record.version + 1, now
    _write(changed, name, value, now)
    return changed, before, {label: value}


def _write(changed: list[Any], name: str, value: Any, now: Any) -> None:
    if changed:
        rows = type(changed[0])._default_manager.filter(pk__in=[record.pk for record in changed])
        rows.update(**{name: value, "version": F("version") + 1, "updated_at": now})


def _owner(pk: str) -> Any:
    return get_user_model()._default_manager.filter(pk=pk).first()
