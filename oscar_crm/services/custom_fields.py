"""Custom fields: making, changing, ordering and deleting their definitions.

What records hold follows: a renamed choice is carried over, a deleted field takes its values along.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oscar_crm import text
from oscar_crm.exceptions import FieldInUseError, ValidationError
from oscar_crm.models import Change, CustomField, Operation, Segment
from oscar_crm.queries.areas import AREAS
from oscar_crm.queries.custom_fields import (
    MAX_FIELDS,
    Kind,
    Uses,
    holds,
    segments_using,
    segments_with_choice,
)
from oscar_crm.queries.json_keys import WithoutKey, WithText, json_text

from .journal import operation, record_change, snapshot

MAX_LABEL = 100
MAX_CHOICES = 100
MAX_CHOICE = 100
RECORDS_AT_ONCE = 5_000
_FIELDS = ("area", "key", "label", "kind", "choices", "position")

# What becomes of the values when a choice is removed: another choice, or one of these.
UNUSED, KEEP, EMPTY = object(), object(), object()
Fate = Any


def create_field(
    area: str, *, label: str, kind: str, choices: Sequence[str] = (), by: Any
) -> CustomField:
    """Add a field to the records of an area. Its key comes from the label and never changes."""
    if area not in CustomField.Area.values or kind not in Kind.values:
        raise ValidationError(_("There is no such type of field."), field="kind")
    label = _checked_label(label)
    choices = _checked_choices(choices) if kind == Kind.CHOICE else []
    with operation(Operation.Kind.SETTING, by=by, summary=_("Field “%s” made") % label) as opened:
        known = _lock(area)
        if len(known) >= MAX_FIELDS:
            raise ValidationError(_("There can be %s fields at most.") % MAX_FIELDS)
        _check_label_free(label, known)
        last = CustomField.objects.filter(area=area).aggregate(last=Max("position"))["last"]
        field = CustomField.objects.create(
            area=area,
            key=_new_key(area, label),
            label=label,
            kind=kind,
            choices=choices,
            position=0 if last is None else last + 1,
        )
        record_change(opened, field, before={}, after=snapshot(field, _FIELDS))
    return field


def change_field(
    field: CustomField,
    *,
    label: str,
    renamed: Mapping[str, str] | None = None,
    removed: Mapping[str, Fate] | None = None,
    added: Sequence[str] = (),
    by: Any,
) -> CustomField:
    """Rename a field; rename, remove and add choices. Values follow a renamed choice.

    ``removed`` says for each choice what becomes of its values: ``UNUSED`` (none may have it),
    ``KEEP`` (they stay as they are), ``EMPTY``, or the choice that takes its place. Raises
    ``FieldInUseError`` where segments filter by a choice that would go.
    """
    label, renamed, removed = _checked_label(label), dict(renamed or {}), dict(removed or {})
    with operation(Operation.Kind.SETTING, by=by, summary=_("Field “%s” changed") % label) as op:
        locked = _find(_lock(field.area), field)
        _check_label_free(label, [f for f in _lock(field.area) if f.pk != field.pk])
        before = snapshot(locked, _FIELDS)
        locked.label = label
        if locked.kind == Kind.CHOICE:
            kept = [choice for choice in locked.choices if choice not in removed]
            renamed = {old: " ".join(renamed[old].split()) for old in kept if old in renamed}
            names = [renamed.get(choice, choice) for choice in kept]
            locked.choices = _checked_choices([*names, *added])
            _remove_choices(locked, removed, kept, by)
            _rename_choices(locked, renamed)
        after = snapshot(locked, _FIELDS)
        if before != after:
            locked.save()
            record_change(op, locked, before=before, after=after)
    return locked


def move_field(field: CustomField, *, up: bool, by: Any) -> None:
    """Put a field before the one above it, or behind the one below it. At the end: nothing."""
    summary = _("Field “%s” moved") % field.label
    with operation(Operation.Kind.SETTING, by=by, summary=summary) as opened:
        order = _lock(field.area)
        place = order.index(_find(order, field))
        target = place - 1 if up else place + 1
        if 0 <= target < len(order):
            order.insert(target, order.pop(place))
        for position, moved in enumerate(order):
            if moved.position != position:
                before = {"position": moved.position}
                moved.position = position
                moved.save(update_fields=["position"])
                record_change(opened, moved, before=before, after={"position": position})


def delete_field(field: CustomField, *, by: Any) -> int:
    """Delete a field and its values in all records, a slice of them at a time: how many had one.

    Raises ``FieldInUseError`` where segments filter by it. Cannot be undone.
    """
    summary = _("Field “%s” deleted") % field.label
    with operation(Operation.Kind.SETTING, by=by, summary=summary) as opened:
        locked = _find(_lock(field.area), field)
        _check_unused(segments_using(locked, user=by))
        record_change(opened, locked, before=snapshot(locked, _FIELDS), after={})
        locked.delete()
        cleared = _in_slices(_with_value(locked), WithoutKey("custom", locked.key))
    return cleared


def records_with_value(field: CustomField, *, limit: int) -> int:
    """How many records have a value, at most ``limit``."""
    return int(_with_value(field)[:limit].count())


def _remove_choices(
    field: CustomField, removed: Mapping[str, Fate], kept: Sequence[str], by: Any
) -> None:
    """Do with the values of removed choices what was asked."""
    for choice, fate in removed.items():
        _check_unused(segments_using(field, user=by, choice=choice))
        having = _with_value(field, choice)
        if fate is UNUSED and having.exists():
            raise ValidationError(
                _("“%s” is in use: say what becomes of its values.") % choice, field="choices"
            )
        if fate is EMPTY:
            _in_slices(having, WithoutKey("custom", field.key))
        elif isinstance(fate, str):
            if fate not in kept:
                raise ValidationError(
                    _("“%s” cannot take its place: it goes as well.") % fate, field="choices"
                )
            _in_slices(having, WithText("custom", field.key, fate))


def _rename_choices(field: CustomField, renamed: Mapping[str, str]) -> None:
    """Carry values and segments over to the new names; two choices may swap theirs."""
    moves = {old: new for old, new in renamed.items() if old != new}
    passing = {old: f"\u0001{number}" for number, old in enumerate(moves)}
    segments = {old: segments_with_choice(field, old) for old in moves}
    for old, through in passing.items():
        _in_slices(_with_value(field, old), WithText("custom", field.key, through))
    for old, new in moves.items():
        _in_slices(_with_value(field, passing[old]), WithText("custom", field.key, new))
        for segment in segments[old]:
            segment.filter["conditions"]["custom"][field.key]["is"] = new
            Segment.objects.filter(pk=segment.pk).update(filter=segment.filter)


def _with_value(field: CustomField, value: Any = None) -> Any:
    """Records of the field's area that have a value, or this value."""
    records = AREAS[field.area].model._default_manager.filter(custom__has_key=field.key)
    if value is None:
        return records
    return records.filter(holds(json_text("custom", field.key), "exact", value))


def _in_slices(records: Any, changed: Any) -> int:
    """Write an expression to ``custom`` of many records, walking by primary key."""
    done, last = 0, 0
    while True:
        ids = list(
            records.filter(pk__gt=last)
            .order_by("pk")
            .values_list("pk", flat=True)[:RECORDS_AT_ONCE]
        )
        if not ids:
            return done
        records.model._default_manager.filter(pk__in=ids).update(custom=changed)
        done, last = done + len(ids), ids[-1]


def _lock(area: str) -> list[CustomField]:
    """The fields of an area as they are now, in order, locked."""
    return list(CustomField.objects.select_for_update().filter(area=area))


def _find(fields: Sequence[CustomField], wanted: CustomField) -> CustomField:
    for field in fields:
        if field.pk == wanted.pk:
            return field
    raise ValidationError(_("Somebody else has deleted this field meanwhile."))


def _check_unused(uses: Uses) -> None:
    if not uses:
        return
    names = [_("“%s”") % name for name in uses.names]
    if uses.hidden:
        words = ngettext("%s private one of a colleague", "%s private ones", uses.hidden)
        names.append(words % uses.hidden)
    raise FieldInUseError(
        _("Segments filter by it: %s. Change or delete them first.") % ", ".join(names)
    )


def _new_key(area: str, label: str) -> str:
    """A key no field of the area has or ever had: leftovers of an old one must not come back."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.fold(label)).strip("_")[:40].rstrip("_")
    base = plain if plain[:1].isalpha() else f"field_{plain}".rstrip("_")
    past = Change.objects.filter(object_type=CustomField._meta.label, before__key__startswith=base)
    taken = set(past.values_list("before__key", flat=True))
    taken |= set(CustomField.objects.filter(area=area).values_list("key", flat=True))
    number = 1
    while (key := base if number == 1 else f"{base}_{number}") in taken:
        number += 1
    return key


def _checked_label(label: str) -> str:
    label = " ".join(label[: 4 * MAX_LABEL].split())
    if text.is_blank(label) or len(label) > MAX_LABEL or not _can_be_kept(label):
        raise ValidationError(_("A field needs a name of 1 to 100 characters."), field="label")
    return label


def _check_label_free(label: str, others: Sequence[CustomField]) -> None:
    if text.fold(label) in {text.fold(other.label) for other in others}:
        raise ValidationError(_("There is a field “%s” already.") % label, field="label")


def _checked_choices(choices: Sequence[str]) -> list[str]:
    """Choices without spaces around them; each is one, however it is spelt."""
    if not choices:
        raise ValidationError(_("Give at least one choice."), field="choices")
    if len(choices) > MAX_CHOICES:
        raise ValidationError(_("There can be %s choices at most.") % MAX_CHOICES, field="choices")
    found: dict[str, str] = {}
    for raw in choices:
        choice = " ".join(raw[: 4 * MAX_CHOICE].split())
        if text.is_blank(choice) or len(choice) > MAX_CHOICE or not _can_be_kept(choice):
            raise ValidationError(_("A choice needs 1 to 100 characters."), field="choices")
        key = text.fold(choice)
        if key in found:
            raise ValidationError(_("“%s” is there twice.") % choice, field="choices")
        found[key] = choice
    return list(found.values())


def _can_be_kept(words: str) -> bool:
    return "\x00" not in words and words == words.encode(errors="ignore").decode()
