"""Erasing a person: once, for good, with a certificate."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from oscar_crm.exceptions import ErasedError, ValidationError
from oscar_crm.models import Contact, ContactUser, Erasure, Operation, OrderLink
from oscar_crm.queries.erasure import names_of, with_merged
from oscar_crm.signals import contact_erased, send_on_commit

from .forgetting import forget
from .imports import forget_person
from .journal import label_of, operation, record_change
from .segments import forget_in_segments
from .shop_erasure import blank_orders, delete_users, lock_users

MAX_REASON_LENGTH = 255


def erase_contact(
    contact: Contact,
    *,
    reason: str = "",
    blank_shop_orders: bool = False,
    delete_shop_users: bool = False,
    by: Any,
) -> Erasure:
    """Erase what is held on a person, and on all records merged into them. Cannot be undone.

    The contact stays without a name, linked to its orders, so that a later sync makes nobody of
    them and totals stay. Raises ``ErasedError`` if somebody was quicker; ``ValidationError`` for
    a merged record, for a reason that is too long, or if an account may not be deleted.
    """
    reason = reason.replace("\x00", "").strip()
    if len(reason) > MAX_REASON_LENGTH:
        raise ValidationError(_("Give the reason in at most 255 characters."), field="reason")
    with operation(Operation.Kind.ERASE, by=by) as opened:
        ids = _lock(contact)
        users = lock_users(_user_ids(ids))
        counts = blank_orders(ids) if blank_shop_orders else {}
        if files := sum(forget_person(pk) for pk in ids):
            counts["Import"] = files
        known_as = names_of(ids)
        if searches := forget_in_segments(known_as):
            counts["Segment"] = searches
        counts |= forget(ids, known_as)
        if delete_shop_users:
            counts["users"] = delete_users(users)
        erasure = Erasure.objects.create(
            contact=contact,
            reason=reason,
            choices={"orders": blank_shop_orders, "users": delete_shop_users},
            counts={**counts, "Contact": len(ids)},
            actor=by,
            actor_label=label_of(by),
        )
        contact.refresh_from_db()
        _journal(opened, contact, erasure)
        send_on_commit(contact_erased, Contact, contact=contact, erasure=erasure)
    return erasure


def _journal(opened: Operation, contact: Contact, erasure: Erasure) -> None:
    change = record_change(
        opened, contact, before={}, after={"certificate": str(erasure.reference)}, contact=contact
    )
    change.is_erased = True  # so that undo refuses it
    change.save(update_fields=["is_erased"])


def _lock(contact: Contact) -> list[int]:
    """Lock the person's records, orders first as the sync does; their ids.

    The lock on the contacts is a full one: a sync that is about to give an order to one of them
    waits, and sees afterwards that they are erased.
    """
    ids = with_merged(contact)
    links = OrderLink.objects.filter(contact__in=ids).order_by("pk")
    list(links.select_for_update(no_key=True).values_list("pk", flat=True))
    rows = Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    found = next((row for row in rows if row.pk == contact.pk), None)
    if found is None or found.erased_at is not None:
        raise ErasedError(_("The personal data of this contact was erased already."))
    if found.merged_into_id is not None:
        raise ValidationError(_("This contact was merged into another one: erase that one."))
    return with_merged(contact)


def _user_ids(ids: Iterable[int]) -> Iterable[Any]:
    joined = ContactUser.objects.filter(contact__in=ids, user__isnull=False)
    return joined.values_list("user_id", flat=True)
