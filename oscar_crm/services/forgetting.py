"""Taking personal data out of the CRM's tables, as the descriptions of the areas tell.

``erase_contact`` forgets a person once; the sync then sees to it that nothing comes back.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.exceptions import ErasedError
from oscar_crm.models import AccountContact, Change, Contact, DuplicatePair, Operation
from oscar_crm.queries.areas import CONTACTS, Area, OnErase, Owned

from .search import index_contacts

# Acts on many records at once: their summaries tell of no single person.
SHARED_KINDS = (
    Operation.Kind.BULK,
    Operation.Kind.SETTING,
    Operation.Kind.RECONCILE,
    Operation.Kind.RATE,
)
MERGING = Q(kind=Operation.Kind.MERGE) | Q(undoes__kind=Operation.Kind.MERGE)


def refuse_erased(contact: Contact) -> None:
    """Raise ``ErasedError`` if the contact's data was erased: it is nobody any more."""
    if contact.erased_at is not None:
        raise ErasedError(
            _(
                "The personal data of this contact was erased. It only stands for its orders "
                "now and cannot be changed; make a new contact instead."
            )
        )


def forget(ids: Sequence[int], known_as: Iterable[str]) -> dict[str, int]:
    """Take everything personal off contacts, in the caller's transaction.

    ``known_as`` are the names and addresses to look for where many records share one text.
    Returns how many rows of each kind went or were blanked, by name of the model.
    """
    journal = forget_journal(ids, known_as)
    counts = {**_forget_rows(CONTACTS, ids), "Change": journal}
    Contact.objects.filter(pk__in=ids).update(
        **blanks(Contact, CONTACTS.personal),
        erased_at=timezone.now(),
        updated_at=timezone.now(),
        version=F("version") + 1,
    )
    index_contacts(Contact.objects.filter(pk__in=ids))
    return {model: count for model, count in counts.items() if count}


def keep_erased(contact_ids: Iterable[int]) -> None:
    """What a sync calls, after saving, for the contacts whose orders it has touched.

    The shop's order may still hold an address, and a sync that began before an erasure may have
    written it again. No query without contacts, one where none of them was erased. Safe to repeat.
    """
    wanted = set(contact_ids)
    erased = Contact.objects.filter(pk__in=wanted, erased_at__isnull=False).order_by("pk")
    ids = list(erased.values_list("pk", flat=True)) if wanted else []
    if not ids:
        return
    _forget_rows(CONTACTS, ids)
    Contact.objects.filter(pk__in=ids).update(**blanks(Contact, CONTACTS.personal))
    index_contacts(Contact.objects.filter(pk__in=ids))


def blanks(model: type[models.Model], names: Iterable[str]) -> dict[str, Any]:
    """What the fields of a model hold when they hold nothing."""
    found: dict[str, Any] = {}
    for name in names:
        field: Any = model._meta.get_field(name)
        found[name] = field.get_default() if field.has_default() else None if field.null else ""
    return found


def _forget_rows(area: Area, ids: Sequence[int]) -> dict[str, int]:
    """Delete or blank what hangs on the records, their tags and their possible duplicates."""
    counts = {owned.model: _forget_owned(owned, ids) for owned in area.owned}
    on = {f"{area.key}__in": ids}
    tags: Any = area.model._meta.get_field("tags").remote_field.through  # type: ignore[union-attr]
    counts["Tag"] = tags._default_manager.filter(**on).delete()[0]
    pairs = DuplicatePair.objects.filter(Q(low_id__in=ids) | Q(high_id__in=ids), area=area.key)
    counts["DuplicatePair"] = pairs.delete()[0]
    return counts


def _forget_owned(owned: Owned, ids: Sequence[int]) -> int:
    rows = owned.rows.filter(**{f"{owned.field}__in": ids})
    if owned.on_erase is OnErase.DELETE:
        return int(rows.delete()[1].get(rows.model._meta.label, 0))
    if owned.on_erase is OnErase.KEEP or owned.model == "Change":
        return 0
    empty = blanks(rows.model, owned.personal)
    filled = Q()
    for name, value in empty.items():
        filled |= ~Q(**{name: value})
    return int(rows.filter(filled).update(**empty))


def forget_journal(ids: Sequence[int], known_as: Iterable[str]) -> int:
    """Clear the values of every change that is about the contacts or what hangs on them.

    One statement per index: of the contact, of the record itself, of each kind of row, and of
    merges, undone or not, whose changes tell of several records that were one person.
    """
    conditions: list[dict[str, Any]] = [
        {"contact__in": ids},
        {"object_type": Contact._meta.label, "object_id__in": ids},
    ]
    merges: set[int] = set()
    names = text.folded_names(known_as)
    for condition in conditions:
        touched = Operation.objects.filter(pk__in=_changes(**condition).values("operation"))
        _forget_summaries(touched, names)
        merges.update(touched.filter(MERGING).values_list("pk", flat=True))
    conditions += [{"operation__in": sorted(merges)}, _dropped_memberships(ids)]
    for owned in CONTACTS.owned:
        if owned.on_erase is not OnErase.KEEP and owned.model != "Change":
            rows = owned.rows.filter(**{f"{owned.field}__in": ids})
            label = rows.model._meta.label
            conditions.append({"object_type": label, "object_id__in": rows.values("pk")})
    return sum(
        _changes(**condition).update(before={}, after={}, is_erased=True)
        for condition in conditions
    )


def _dropped_memberships(ids: Sequence[int]) -> dict[str, Any]:
    """Which changes tell of memberships that a merge of their companies has dropped.

    They are on nobody's timeline; the merges are found by the companies of the contacts.
    """
    known = AccountContact.objects.filter(contact__in=ids).values_list("account_id", flat=True)
    told = _changes(contact__in=ids, account__isnull=False).values_list("account_id", flat=True)
    of_companies = _changes(
        account__in={*known, *told},
        operation__kind__in=(Operation.Kind.MERGE, Operation.Kind.UNDO),
    )
    rows = _changes(
        operation__in=set(of_companies.values_list("operation_id", flat=True)),
        object_type=AccountContact._meta.label,
        contact=None,
    )
    dropped = rows.filter(Q(before__contact__in=ids) | Q(after__contact__in=ids))
    return {"pk__in": list(dropped.values_list("pk", flat=True))}


def _changes(**condition: Any) -> models.QuerySet[Change]:
    return Change.objects.filter(is_erased=False, **condition)


def _forget_summaries(touched: models.QuerySet[Operation], names: set[str]) -> None:
    touched.exclude(kind__in=SHARED_KINDS).exclude(summary="").update(summary="")
    for opened in touched.filter(kind__in=SHARED_KINDS).exclude(summary="").iterator():
        if text.tells(opened.summary, names):
            Operation.objects.filter(pk=opened.pk).update(summary="")
