"""Tags: putting them on contacts, and managing the tags themselves."""

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.exceptions import TagNameTakenError, ValidationError
from oscar_crm.models import Change, Contact, Operation, Tag
from oscar_crm.models.tags import is_colour
from oscar_crm.queries.tags import joins
from oscar_crm.signals import contact_changed, send_on_commit

from .contacts import lock_contact
from .journal import operation, record_change, snapshot
from .segments import let_segments_follow

MAX_NAME = 50
MAX_INPUT = 200
# Rows that one row of the journal names: a merge of a million tagged contacts stays readable.
MOVED_AT_ONCE = 10_000
# Readable on white and on each other's neighbours; a new tag takes the least used one.
TAG_COLOURS = (
    "#1f77b4", "#2ca02c", "#d62728", "#9467bd", "#8c564b",
    "#e377c2", "#ff7f0e", "#17becf", "#bcbd22", "#525252",
)  # fmt: skip
_FIELDS = ("name", "key", "colour")


def tag_contact(contact: Contact, name: str, *, by: Any = None, colour: str = "") -> Tag:
    """Put a tag on a contact; an unknown tag is made, with a colour few others have."""
    with operation(Operation.Kind.TAG, by=by) as opened:
        locked = lock_contact(contact)
        tag = tag_named(name, colour=colour)
        if not locked.tags.filter(pk=tag.pk).exists():
            locked.tags.add(tag)
            _record(opened, locked, {"tag": None}, {"tag": tag.name})
    return tag


def tag_named(name: str, *, colour: str = "") -> Tag:
    """The tag of this name, made if there is none. Raises ``ValidationError``."""
    name, key = _checked_name(name)
    _check_colour(colour or TAG_COLOURS[0])
    defaults = {"name": name, "colour": colour or next_colour()}
    tag, _created = Tag.objects.get_or_create(key=key, defaults=defaults)
    return tag


def untag_contact(contact: Contact, tag: Tag, *, by: Any = None) -> None:
    """Take a tag off a contact; the tag itself stays."""
    with operation(Operation.Kind.TAG, by=by) as opened:
        locked = lock_contact(contact)
        if locked.tags.filter(pk=tag.pk).exists():
            locked.tags.remove(tag)
            _record(opened, locked, {"tag": tag.name}, {"tag": None})


def create_tag(name: str, colour: str = "", *, by: Any) -> Tag:
    """Make a tag that is on nothing yet. Raises ``TagNameTakenError`` if there is one like it."""
    name, key = _checked_name(name)
    _check_colour(colour or TAG_COLOURS[0])
    with operation(Operation.Kind.SETTING, by=by, summary=_("Tag “%s” made") % name) as opened:
        tag = _saved(Tag(name=name, key=key, colour=colour or next_colour()))
        record_change(opened, tag, before={}, after=snapshot(tag, _FIELDS))
    return tag


def change_tag(tag: Tag, *, name: str, colour: str, by: Any) -> Tag:
    """Give a tag another name, colour or both, wherever it is.

    Raises ``TagNameTakenError`` if another tag is called so; ``merge_tags`` makes one of the two.
    """
    name, key = _checked_name(name)
    _check_colour(colour)
    with operation(Operation.Kind.SETTING, by=by, summary=_("Tag “%s” changed") % name) as opened:
        locked = _lock(tag.pk)[tag.pk]
        before = snapshot(locked, _FIELDS)
        locked.name, locked.key, locked.colour = name, key, colour
        after = snapshot(locked, _FIELDS)
        if before != after:
            _saved(locked)
            record_change(opened, locked, before=before, after=after)
    return locked


def merge_tags(tag: Tag, *, into: Tag, by: Any) -> Operation:
    """Put ``into`` on everything that has ``tag``, which is then gone. Can be undone.

    The journal names the rows that were pointed at the other tag, and those that were dropped
    because their record had both.
    """
    if tag.pk == into.pk:
        raise ValidationError(_("Choose another tag: these two are the same one."), field="into")
    summary = _("Tag “%(tag)s” merged into “%(into)s”") % {"tag": tag, "into": into}
    with operation(Operation.Kind.BULK, by=by, summary=summary) as opened:
        locked = _lock(tag.pk, into.pk)
        source, target = locked[tag.pk], locked[into.pk]
        for join in joins():
            _drop_doubles(opened, join, source, target)
            _move(opened, join, source, target)
        let_segments_follow(opened, "tag", source.pk, target.pk)
        record_change(opened, source, before=snapshot(source, _FIELDS), after={})
        source.delete()
    return opened


def delete_tag(tag: Tag, *, by: Any) -> None:
    """Take a tag off everything and forget it. Cannot be undone: the rows are not kept."""
    with operation(Operation.Kind.SETTING, by=by, summary=_("Tag “%s” deleted") % tag) as opened:
        locked = _lock(tag.pk)[tag.pk]
        record_change(opened, locked, before=snapshot(locked, _FIELDS), after={})
        locked.delete()


def next_colour() -> str:
    """The colour of ``TAG_COLOURS`` that the fewest tags have."""
    used = dict.fromkeys(TAG_COLOURS, 0)
    for colour in Tag.objects.values_list("colour", flat=True):
        if colour in used:
            used[colour] += 1
    return min(used, key=lambda colour: used[colour])


def _drop_doubles(opened: Operation, join: Any, tag: Tag, into: Tag) -> None:
    """Where a record has both tags, the row of the one that goes is dropped."""
    owner = join.owner
    both = join.rows.filter(tag=into, **{owner: OuterRef(owner)})
    doubles = join.rows.filter(Exists(both), tag=tag)
    for chunk in _chunks(doubles.order_by("pk").values_list("pk", f"{owner}_id")):
        Change.objects.bulk_create(
            Change(
                operation=opened,
                object_type=join.label,
                object_id=pk,
                before={owner: record, "tag": tag.pk},
            )
            for pk, record in chunk
        )
        join.rows.filter(pk__in=[pk for pk, _record in chunk]).delete()


def _move(opened: Operation, join: Any, tag: Tag, into: Tag) -> None:
    for ids in _chunks(join.rows.filter(tag=tag).order_by("pk").values_list("pk", flat=True)):
        join.rows.filter(pk__in=ids).update(tag=into)
        Change.objects.create(
            operation=opened,
            object_type=join.label,
            object_id=into.pk,
            moved={"field": "tag", "from": tag.pk, "to": into.pk, "ids": ids},
        )


def _chunks(rows: Any) -> Iterator[list[Any]]:
    """Slices of a query whose rows leave it as they are worked on."""
    while chunk := list(rows[:MOVED_AT_ONCE]):
        yield chunk


def _lock(*pks: int) -> dict[int, Tag]:
    """Tags as they are now, locked in the order of their ids so that two merges cannot wait."""
    rows = Tag.objects.select_for_update().filter(pk__in=pks).order_by("pk")
    found = {tag.pk: tag for tag in rows}
    if len(found) < len(set(pks)):
        raise ValidationError(_("Somebody else has deleted or merged this tag meanwhile."))
    return found


def _saved(tag: Tag) -> Tag:
    """Save a tag, unless another one has its name."""
    other = Tag.objects.filter(key=tag.key).exclude(pk=tag.pk).first()
    if other is not None:
        raise TagNameTakenError(other.name, other.pk)
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError as error:  # somebody else was quicker
        other = Tag.objects.get(key=tag.key)
        raise TagNameTakenError(other.name, other.pk) from error
    return tag


def _checked_name(name: str) -> tuple[str, str]:
    """A tag's name and the key under which two spellings of it meet."""
    name = " ".join(name[:MAX_INPUT].replace("\x00", "").split())
    name = name.encode(errors="ignore").decode()  # a lone surrogate cannot be stored
    key = "" if text.is_blank(name) else text.fold(name)[:200]
    if len(name) > MAX_NAME or not key:
        raise ValidationError(_("A tag needs a name of 1 to 50 characters."), field="name")
    return name, key


def _check_colour(colour: str) -> None:
    if not is_colour(colour):
        raise ValidationError(_("Give the colour as # and six digits."), field="colour")


def _record(
    opened: Operation, contact: Contact, before: dict[str, Any], after: dict[str, Any]
) -> None:
    record_change(opened, contact, before=before, after=after, contact=contact)
    send_on_commit(contact_changed, Contact, contact=contact, operation=opened)
