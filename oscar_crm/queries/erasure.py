"""What an erasure would do, and the certificates of those that were done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from oscar.core.loading import get_model

from oscar_crm import text
from oscar_crm.models import Contact, ContactEmail, ContactUser, Erasure, Segment

from . import contacts, segments
from .areas import CONTACTS, OnErase, Owned
from .keyset import Sort, bounded_count

NEWEST_FIRST = Sort("done_at", descending=True)


def visible_to(user: Any) -> QuerySet[Erasure]:
    """The certificates of the contacts a user may see."""
    if not user.has_perm("oscar_crm.view_erasure"):
        return Erasure.objects.none()
    found = Erasure.objects.select_related("contact")
    if user.has_perm("oscar_crm.view_all_contacts"):
        return found
    return found.filter(contact__in=contacts.visible_to(user))


def certificate_of(contact: Contact) -> Erasure | None:
    """The certificate of an erased contact."""
    return contact.erasures.order_by("-pk").first()


def with_merged(*contacts: Contact) -> list[int]:
    """The ids of contacts and of all records merged into them, however many merges ago."""
    newest = {contact.pk for contact in contacts}
    found = set(newest)
    while newest:
        merged = Contact.objects.filter(merged_into__in=newest).values_list("pk", flat=True)
        newest = set(merged) - found
        found |= newest
    return sorted(found)


def names_of(ids: Iterable[int]) -> list[str]:
    """What some contacts are called anywhere: their full names and addresses."""
    names = Contact.objects.filter(pk__in=list(ids))
    addresses = ContactEmail.objects.filter(contact__in=list(ids)).values_list("address", flat=True)
    return [*filter(None, (contact.full_name for contact in names)), *addresses]


@dataclass(frozen=True)
class Kind:
    """A kind of row, by name of the model, and how many there are (``bounded_count``)."""

    model: str
    label: Any
    count: int


@dataclass(frozen=True)
class Preview:
    """What an erasure of some contacts would do.

    ``records`` counts the contacts with those merged into them. ``users`` are the shop accounts
    that still exist, ``orders`` counts those that the shop still has, ``segments`` search for a
    full name or an address.
    """

    contacts: Sequence[Contact]
    records: int
    deleted: list[Kind]
    blanked: list[Kind]
    kept: list[Kind]
    users: list[ContactUser]
    orders: int
    segments: list[Segment]

    @property
    def staff_users(self) -> list[ContactUser]:
        """Accounts that an erasure does not delete."""
        users: list[Any] = self.users
        return [joined for joined in users if joined.user.is_staff or joined.user.is_superuser]


def preview_of(found: Sequence[Contact]) -> Preview:
    """What an erasure of these contacts would take and leave; a fixed number of queries."""
    ids = with_merged(*found)
    kinds: dict[OnErase, list[Kind]] = {what: [] for what in OnErase}
    for owned in CONTACTS.owned:
        kinds[owned.on_erase].append(Kind(owned.model, owned.label, _count(owned, ids)))
    joined = ContactUser.objects.filter(contact__in=ids, user__in=_existing_users(ids))
    orders = get_model("order", "Order")._default_manager.filter(crm_link__contact__in=ids)
    return Preview(
        contacts=found,
        records=len(ids),
        deleted=kinds[OnErase.DELETE],
        blanked=kinds[OnErase.BLANK],
        kept=kinds[OnErase.KEEP],
        users=list(joined.select_related("user")),
        orders=bounded_count(orders),
        segments=segments.naming(text.folded_names(names_of(ids))),
    )


def _count(owned: Owned, ids: Iterable[int]) -> int:
    return bounded_count(owned.rows.filter(**{f"{owned.field}__in": ids}))


def _existing_users(ids: Iterable[int]) -> Any:
    known = ContactUser.objects.filter(contact__in=ids).values("user")
    return get_user_model()._default_manager.filter(pk__in=known).values("pk")


def erasable(user: Any, ids: Iterable[int]) -> list[Contact]:
    """Of some contacts, those that a user may see and that hold personal data, by id."""
    found = contacts.visible_to(user).filter(pk__in=list(ids), erased_at=None)
    return list(found.prefetch_related("emails").order_by("pk"))
