"""What hangs on the records of a merge: pointed at the one that stays, each move journalled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from oscar_crm.models import AccountContact, Contact, ContactEmail, Operation
from oscar_crm.queries.areas import Area, Owned

from .journal import record_change, row_of
from .undo_fields import tags_of


@dataclass
class Merging:
    """A merge under way: ``gone`` go into ``kept``; all are locked. ``links``: orders moved."""

    opened: Operation
    area: Area
    kept: Any
    gone: Sequence[Any]
    links: set[int] = field(default_factory=set)

    @property
    def by_id(self) -> dict[int, Any]:
        return {record.pk: record for record in (self.kept, *self.gone)}

    def note_fields(
        self,
        record: models.Model,
        before: dict[str, Any],
        after: dict[str, Any],
        *,
        on_timeline: bool = False,
    ) -> None:
        """Journal a row; the merge stands on the timeline once, not once per row."""
        timeline: Any = {self.area.key: self.kept} if on_timeline else {}
        if before or after:
            record_change(self.opened, record, before=before, after=after, **timeline)

    def note_move(self, rows: Sequence[models.Model], name: str, source: Any) -> None:
        ids = [row.pk for row in rows]
        moved = {"field": name, "from": source.pk, "to": self.kept.pk, "ids": ids}
        record_change(self.opened, rows[0], before={}, after={}, moved=moved)


def move_rows(merging: Merging, *, main_email: int | None) -> None:
    """Point everything that hangs on the others at the record that stays.

    What can exist only once there is kept of the record that stays, and the other is deleted.
    """
    if merging.area.model is Contact:
        _settle_main_email(merging, main_email)
    for owned in merging.area.owned:
        if owned.is_derived:
            continue
        for record in merging.gone:
            if owned.model == "AccountContact":
                _give_up_main_company(merging, record)
            _move(merging, owned, record)
    if merging.area.model is Contact:
        _ensure_main_email(merging)
    _move_tags(merging)


def _move(merging: Merging, owned: Owned, source: Any) -> None:
    rows: Any = owned.rows.filter(**{owned.field: source}).order_by("pk")
    if owned.model == "Account":  # the records of the merge do not stand below each other
        rows = rows.exclude(pk__in=merging.by_id)
    if owned.model == "ContactEmail":
        _copy_shared(merging, source)
        rows = rows.filter(shared_key=None)
    if owned.model == "Change":
        rows = rows.exclude(operation=merging.opened).only("pk")
    found = list(rows)
    if owned.unique:
        found = _without_alike(merging, owned, found)
    if not found:
        return
    owned.rows.filter(pk__in=[row.pk for row in found]).update(**{owned.field: merging.kept})
    merging.note_move(found, owned.field, source)
    if owned.model == "OrderLink":
        merging.links.update(row.pk for row in found)


def _without_alike(merging: Merging, owned: Owned, rows: list[Any]) -> list[Any]:
    """Delete what the record that stays has already; the rest is returned."""
    kept = {_key(row, owned): row for row in owned.rows.filter(**{owned.field: merging.kept})}
    going = []
    for row in rows:
        key = _key(row, owned)
        alike = kept.get(key) if any(value is not None for value in key) else None
        if alike is None:
            going.append(row)
            continue
        merging.note_fields(row, row_of(row), {})
        row.delete()
        if isinstance(row, AccountContact) and row.is_primary and not alike.is_primary:
            _set_flag(merging, alike, is_primary=True)
    return going


def _key(row: Any, owned: Owned) -> tuple[Any, ...]:
    return tuple(getattr(row, row._meta.get_field(name).attname) for name in owned.unique)


def _set_flag(merging: Merging, row: ContactEmail | AccountContact, *, is_primary: bool) -> None:
    merging.note_fields(row, {"is_primary": row.is_primary}, {"is_primary": is_primary})
    row.is_primary = is_primary
    row.save(update_fields=["is_primary"])


def _give_up_main_company(merging: Merging, source: Any) -> None:
    """A contact has one main company: its own, else that of the first of the others."""
    if not isinstance(source, Contact):
        return
    current = AccountContact.objects.filter(is_primary=True, until_date=None)
    if current.filter(contact=merging.kept).exists():
        for row in current.filter(contact=source):
            _set_flag(merging, row, is_primary=False)


def _settle_main_email(merging: Merging, main_email: int | None) -> None:
    """Leave one main address among all records of the merge: the chosen one, else the best."""
    rows = list(ContactEmail.objects.filter(contact__in=merging.by_id).order_by("pk"))
    order = list(merging.by_id)
    rows.sort(key=lambda row: (order.index(row.contact_id), not row.is_primary, row.pk))
    chosen = next((row for row in rows if row.pk == main_email), None)
    chosen = chosen or next((row for row in rows if row.is_primary), None)
    for row in rows:
        if row.is_primary and row is not chosen and _leaves(row, merging):
            _set_flag(merging, row, is_primary=False)
    # Only now, as a contact has one main address at any time.
    if chosen and not chosen.is_primary:
        others = ContactEmail.objects.filter(contact=chosen.contact_id, is_primary=True)
        for row in others:
            _set_flag(merging, row, is_primary=False)
        _set_flag(merging, chosen, is_primary=True)


def _leaves(row: ContactEmail, merging: Merging) -> bool:
    """Whether a main address gives up its rank: shared ones stay where they are, as they are."""
    return row.contact_id == merging.kept.pk or row.shared_key is None


def _copy_shared(merging: Merging, source: Any) -> None:
    """An address of several people stays, and the record that stays knows it as well.

    An order from it belongs to whoever is called like the customer: with the old name that is the
    merged record, and through it the one that stays.
    """
    known = ContactEmail.objects.filter(contact=merging.kept).values_list("shared_key", flat=True)
    for row in ContactEmail.objects.filter(contact=source, shared_key__isnull=False):
        if row.shared_key in set(known):
            continue
        has_main = ContactEmail.objects.filter(contact=merging.kept, is_primary=True).exists()
        copy = ContactEmail.objects.create(
            contact=merging.kept,
            address=row.address,
            shared_key=row.shared_key,
            alias_key=row.alias_key,
            is_primary=row.is_primary and not has_main,
        )
        merging.note_fields(copy, {}, row_of(copy))


def _ensure_main_email(merging: Merging) -> None:
    rows = ContactEmail.objects.filter(contact=merging.kept).order_by("-is_primary", "pk")
    first = rows.first()
    if first is not None and not first.is_primary:
        _set_flag(merging, first, is_primary=True)


def _move_tags(merging: Merging) -> None:
    """The record that stays gets all tags; a tag that it has already stays where it is."""
    through, name = tags_of(merging.area.model), merging.area.key
    for record in merging.gone:
        known = through.objects.filter(**{name: merging.kept}).values("tag")
        rows = list(through.objects.filter(**{name: record}).exclude(tag__in=known).order_by("pk"))
        if rows:
            through.objects.filter(pk__in=[row.pk for row in rows]).update(**{name: merging.kept})
            merging.note_move(rows, name, record)
