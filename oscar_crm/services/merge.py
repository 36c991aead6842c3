"""Merging records that are one person or one company: all that hangs on them goes to one.

The others are kept, out of sight: what their addresses and shop accounts bring later goes to the
record that stays, and the whole merge can be undone (see ``unmerge``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from oscar_crm.exceptions import EditConflictError, MergeError
from oscar_crm.models import Account, Contact, Operation, OrderLink
from oscar_crm.queries.areas import Area
from oscar_crm.signals import account_changed, contact_changed, send_on_commit

from .journal import operation, snapshot
from .merge_rows import Merging, move_rows
from .parents import MAX_DEPTH, is_below, levels_through
from .search import index_accounts, index_contacts
from .segments import let_segments_follow
from .values import follow_orders, refresh_values

MOST_RECORDS = 5
CUSTOM = "custom:"
MAIN_EMAIL = "main_email"
_MOST_FAILED = 5000


def merge_records(
    area: Area,
    into: int,
    others: Sequence[int],
    *,
    by: Any,
    choices: Mapping[str, int] | None = None,
    versions: Mapping[int, int] | None = None,
) -> Operation:
    """Merge 1 to 4 ``others`` into one record, in one transaction.

    ``choices`` says per field of the area (``custom:<key>`` for own fields) from which record,
    by id, the value is taken, and as ``main_email`` which address (by its id) becomes the main
    one; whatever is not chosen follows ``best_choices``. ``versions`` are those the user saw.
    Who may do it and see the records is the caller's business.

    Raises ``MergeError`` for records that cannot be merged, ``EditConflictError`` if one has
    moved on. To be undone with ``undo_operation``.
    """
    ids = [into, *others]
    _check_number(ids)
    with operation(Operation.Kind.MERGE, by=by) as opened:
        records = _locked(area, ids, versions or {})
        kept, gone = records[into], [records[pk] for pk in others]
        opened.summary = _summary(kept, gone)
        opened.state = _state(area, into, others)
        opened.save(update_fields=["state"])
        merging = Merging(opened, area, kept, gone)
        chosen = {**best_choices(area, [kept, *gone]), **(choices or {})}
        _take_values(merging, chosen)
        move_rows(merging, main_email=chosen.get(MAIN_EMAIL))
        _check_levels(merging)
        _put_away(merging)
        if area.model is Account:
            for record in gone:
                let_segments_follow(opened, area.key, record.pk, kept.pk)
        _refresh(merging)
    return opened


def best_choices(area: Area, records: Sequence[Any]) -> dict[str, int]:
    """Per field the record whose value is best: the first one's, else the first that has one."""
    best = {}
    for name in area.fields:
        having = [record for record in records if _has_value(record, name)]
        best[name] = (having or records)[0].pk
    for record in reversed(records):
        best |= {f"{CUSTOM}{key}": record.pk for key in record.custom}
    return best


def _has_value(record: Any, name: str) -> bool:
    value = getattr(record, record._meta.get_field(name).attname)
    # Everybody begins as a prospect: whoever is more, is so for a reason.
    return value not in (None, "") and (name, value) != ("kind", Contact.Kind.LEAD)


def _check_number(ids: Sequence[int]) -> None:
    if len(set(ids)) != len(ids):
        raise MergeError(_("Nothing can be merged with itself."))
    if not 2 <= len(ids) <= MOST_RECORDS:
        raise MergeError(_("Choose 2 to %s to merge.") % MOST_RECORDS)


def _locked(area: Area, ids: Sequence[int], versions: Mapping[int, int]) -> dict[int, Any]:
    """The records as they are now, locked, orders first, as the sync does it."""
    links = OrderLink.objects.filter(**{f"{area.key}__in": ids}).order_by("pk")
    list(links.select_for_update(no_key=True).values_list("pk"))
    rows = area.model._default_manager.select_for_update().filter(pk__in=ids).order_by("pk")
    records: dict[int, Any] = {record.pk: record for record in rows}
    for pk in ids:
        _check_record(records.get(pk), versions.get(pk))
    return records


def _check_record(record: Any, version: int | None) -> None:
    if record is None:
        raise MergeError(_("One of them is not there any more."))
    if record.merged_into_id is not None:
        raise MergeError(_("“%s” has been merged into another one already.") % record)
    if getattr(record, "erased_at", None) is not None:
        raise MergeError(_("The data of “%s” has been erased: it cannot be merged.") % record)
    if version is not None and record.version != version:
        raise EditConflictError(
            _("Somebody changed “%s” meanwhile. Look at the values again, then repeat.") % record
        )


def _summary(kept: Any, gone: Sequence[Any]) -> str:
    words = {"gone": ", ".join(map(str, gone)), "kept": kept}
    text = ngettext("%(gone)s into %(kept)s", "%(gone)s into %(kept)s", len(gone)) % words
    return str(text)[:255]


def _state(area: Area, into: int, others: Sequence[int]) -> dict[str, Any]:
    """What undo needs to tell the orders that come later from those that were there."""
    failed = OrderLink.objects.filter(contact=None, problem=OrderLink.Problem.FAILED)
    return {
        "area": area.key,
        "into": into,
        "others": list(others),
        "last_link": OrderLink.objects.aggregate(last=Max("pk"))["last"] or 0,
        "failed": list(failed.order_by("pk").values_list("pk", flat=True)[:_MOST_FAILED]),
    }


def _take_values(merging: Merging, choices: Mapping[str, int]) -> None:
    kept, records = merging.kept, merging.by_id
    names = [*merging.area.fields, "custom"]
    before = snapshot(kept, names)
    before["custom"] = dict(kept.custom)
    for name in merging.area.fields:
        source = records.get(choices[name])
        if source is None:
            raise MergeError(_("A value can be taken only from those to be merged."))
        column = kept._meta.get_field(name).attname
        setattr(kept, column, getattr(source, column))
    kept.custom = _custom_values(merging, choices)
    if isinstance(kept, Contact) and kept.kind != Contact.Kind.VENDOR:
        kept.partner = None  # only a vendor is a partner of the shop
    if isinstance(kept, Account):
        kept.parent_id = _parent(merging, kept.parent_id)
    kept.version += 1
    kept.save(update_fields=[*names, "version", "updated_at"])
    after = snapshot(kept, names)
    changed = [name for name in names if before[name] != after[name]]
    merging.note_fields(
        kept, {name: before[name] for name in changed}, {name: after[name] for name in changed}
    )


def _custom_values(merging: Merging, choices: Mapping[str, int]) -> dict[str, Any]:
    values = {}
    for name, pk in choices.items():
        source = merging.by_id.get(pk)
        if name.startswith(CUSTOM) and source is not None:
            key = name.removeprefix(CUSTOM)
            if key in source.custom:
                values[key] = source.custom[key]
    return values


def _parent(merging: Merging, parent_id: int | None) -> int | None:
    """The parent of the account that stays, so that none stands above itself."""
    while parent_id in merging.by_id:
        parent_id = merging.by_id[parent_id].parent_id
        if parent_id == merging.kept.pk:
            return None
    if parent_id is None or not any(is_below(parent_id, pk) for pk in merging.by_id):
        return parent_id
    return None


def _check_levels(merging: Merging) -> None:
    if merging.area.model is Account and levels_through(merging.kept.pk) > MAX_DEPTH:
        raise MergeError(
            _("Merged, these companies would stand in more than %s levels.") % MAX_DEPTH
        )


def _put_away(merging: Merging) -> None:
    now = timezone.now()
    for record in merging.gone:
        before = snapshot(record, ["merged_into", "archived_at"])
        if record.archived_at is not None:
            before["archived_at"] = record.archived_at.isoformat()
        record.merged_into = merging.kept
        record.archived_at = now
        record.version += 1
        record.save(update_fields=["merged_into", "archived_at", "version", "updated_at"])
        after = {"merged_into": merging.kept.pk, "archived_at": now.isoformat()}
        first = record is merging.gone[0]
        merging.note_fields(record, before, after, on_timeline=first)


def _refresh(merging: Merging) -> None:
    """Figures, ledger, words and signals of all records of the merge."""
    ids = set(merging.by_id)
    if merging.area.model is Contact:
        follow_orders(merging.links)
        refresh_values(contacts=ids)
        index_contacts(Contact.objects.filter(pk__in=ids).prefetch_related("emails"))
        kept = Contact.objects.get(pk=merging.kept.pk)
        send_on_commit(contact_changed, Contact, contact=kept, operation=merging.opened)
    else:
        refresh_values(accounts=ids)
        index_accounts(Account.objects.filter(pk__in=ids))
        account = Account.objects.get(pk=merging.kept.pk)
        send_on_commit(account_changed, Account, account=account, operation=merging.opened)
