"""Bringing the shop's orders into the CRM: whose they are, and what they are worth."""

import logging
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm import text
from oscar_crm.conf import crm_settings
from oscar_crm.models import Contact, Operation, OrderLink, ValueEntry
from oscar_crm.queries.rates import rate_of_order
from oscar_crm.signals import order_synced, send_on_commit

from .figures import refresh_figures
from .forgetting import keep_erased
from .identity import Person, find_or_create_contact
from .journal import operation, record_change
from .ledger import as_entry, book, facts_from_entries, refund_excess, stored_entries
from .order_facts import OrderState, read_facts, read_states

logger = logging.getLogger("oscar_crm")

DELETED_CHUNK = 200


def sync_order(order: Any, *, force: bool = False) -> OrderLink | None:
    """Bring one order of the shop into the CRM: contact, link, ledger and cached figures.

    Reads the order afresh from the database. Safe to repeat: a second call changes no row.
    ``force`` recomputes even when nothing seems to have changed. None if the order is gone.
    """
    state = read_states([order.pk]).get(order.pk)
    if state is None:
        return None
    link = OrderLink.objects.filter(order=order.pk).first()
    if link and not force and link.fingerprint == fingerprint_of(state, link):
        return link
    with transaction.atomic():
        link = _locked_link(state)
        fresh = read_states([order.pk]).get(order.pk)
        return None if fresh is None else _sync(link, fresh)


def try_sync_order(order: Any, *, force: bool = False) -> OrderLink | None:
    """``sync_order`` for callers that must go on whatever happens: the failure is written down.

    A link with ``problem`` ``FAILED`` tells of it; the next sync tries again. Inside a
    transaction the failed attempt is rolled back alone.
    """
    try:
        return sync_order(order, force=force)
    except Exception as error:  # one odd order must not keep the others out, nor break checkout
        logger.exception("Order %s could not be synced", order.pk)
        return _note_failure(order, type(error).__name__)  # the message may hold secrets


def _note_failure(order: Any, detail: str) -> OrderLink | None:
    values = {"problem": OrderLink.Problem.FAILED, "problem_detail": detail, "fingerprint": ""}
    first = {"number": str(order.number)[:128], "placed_at": order.date_placed}
    try:
        with transaction.atomic():
            link, _ = OrderLink.objects.update_or_create(
                order_id=order.pk, defaults=values, create_defaults={**first, **values}
            )
    except DatabaseError:
        logger.exception("The failure of order %s could not be noted", order.pk)
        return None
    return link


def fingerprint_of(state: OrderState, link: OrderLink | None) -> str:
    """What ``OrderLink.fingerprint`` must be for the link to be up to date."""
    placed_at = link.placed_at if link else state.order.date_placed
    return state.fingerprint(rate_of_order(state.order.currency, placed_at))


def _locked_link(state: OrderState) -> OrderLink:
    """The order's link, made if missing, locked: syncs of one order run one after another."""
    order = state.order
    defaults = {"number": str(order.number), "placed_at": order.date_placed}
    OrderLink.objects.get_or_create(order_id=order.pk, defaults=defaults)
    return OrderLink.objects.select_for_update(no_key=True).get(order_id=order.pk)


def _sync(link: OrderLink, state: OrderState) -> OrderLink:
    is_new = link.contact_id is None
    link.problem = link.problem_detail = ""
    if is_new:
        _resolve(link, state)
    _take_snapshot(link, state)
    facts = read_facts(state)
    rate = rate_of_order(facts.currency, link.placed_at)
    link.refund_excess = refund_excess(facts)
    link.foreign_refund = state.foreign_refund
    link.fingerprint = state.fingerprint(rate)
    link.synced_at = timezone.now()
    link.save()
    book(link, facts, rate=rate, now=link.synced_at)
    if link.contact_id is not None:
        if is_new:
            _unarchive(link.contact_id, ordered_at=link.placed_at)
        refresh_figures([link.contact_id])
        keep_erased([link.contact_id])
    send_on_commit(order_synced, OrderLink, link=link)
    return link


def _resolve(link: OrderLink, state: OrderState) -> None:
    """Find or make the order's contact; or say on the link why there is none."""
    person = person_of_order(state.order)
    link.problem = person.problem
    if not person.problem:
        link.contact = find_or_create_contact(person, source=Contact.Source.ORDER)


def _take_snapshot(link: OrderLink, state: OrderState) -> None:
    """Copy what must outlive the order. E-mail stays when a deleted account takes it away."""
    order = state.order
    link.number = str(order.number)
    link.site_id = order.site_id
    link.email = (order.email or link.email or "")[:254]
    link.status = order.status
    link.currency = order.currency
    link.total = order.total_incl_tax


def _unarchive(contact_id: int, *, ordered_at: datetime) -> None:
    """A contact that orders again comes back from the archive."""
    archived = Contact.objects.filter(pk=contact_id, archived_at__lt=ordered_at)
    archived.update(archived_at=None)


def person_of_order(order: Any) -> Person:
    """Who placed the order, by its account, its e-mail address and its addresses.

    The buyer is the account's holder, else whoever is billed, else the recipient; phone and
    address are taken only where the address names the same person (it may be a present).
    """
    addresses = [a for a in (order.billing_address, order.shipping_address) if a is not None]
    names = [_name_of(order.user), *map(_name_of, addresses)]
    first_name, last_name = next((name for name in names if any(name)), ("", ""))
    buyer = f"{first_name} {last_name}"
    own = [a for a in addresses if _is_same_person(buyer, " ".join(_name_of(a)))]
    details = {"first_name": first_name, "last_name": last_name}
    details |= _postal_details(own[0]) if own else {}
    details["phone"] = _first(str(getattr(a, "phone_number", "") or "") for a in own)[:64]
    details["company_name"] = _first(map(_company_of, addresses))[:255]
    return Person(
        email=order.email or order.guest_email or "",
        user=order.user,
        seen_at=order.date_placed,
        details=details,
    )


def _first(values: Any) -> str:
    return next((value for value in values if value), "")


def _name_of(holder: Any) -> tuple[str, str]:
    first = str(getattr(holder, "first_name", "") or "").strip()[:255]
    last = str(getattr(holder, "last_name", "") or "").strip()[:255]
    return ("", "") if text.is_blank(f"{first}{last}") else (first, last)


def _is_same_person(one: str, other: str) -> bool:
    words, others = set(text.words(one)), set(text.words(other))
    return words <= others or others <= words


def _postal_details(address: Any) -> dict[str, str]:
    return {
        "line1": address.line1,
        "line2": _first([", ".join(filter(None, (address.line2, address.line3)))])[:255],
        "city": address.line4,
        "state": address.state,
        "postcode": address.postcode,
        "country": address.country_id or "",
    }


def _company_of(address: Any) -> str:
    values = (getattr(address, name, "") for name in crm_settings.COMPANY_FIELDS)
    return _first(str(value or "").strip() for value in values)


def deleted_links() -> QuerySet[OrderLink]:
    """Links whose order is gone from the shop and whose value has not been taken back yet."""
    order = get_model("order", "Order")._default_manager.filter(pk=OuterRef("order_id"))
    return OrderLink.objects.filter(~Exists(order), deleted_at=None)


def settle_deleted_orders(*, everywhere: bool = False) -> int:
    """Take back the value of orders that were deleted in the shop. Returns how many.

    The history stays: the order appears as cancelled on the day of its deletion. ``everywhere``
    also looks for orders deleted behind Django's back, which reads the whole table of links.
    """
    noticed = OrderLink.objects.filter(order=None, deleted_at=None)
    settled = 0
    while ids := list(
        (deleted_links() if everywhere else noticed)
        .order_by("pk")
        .values_list("pk", flat=True)[:DELETED_CHUNK]
    ):
        for pk in ids:
            _settle(pk)
        settled += len(ids)
    return settled


@transaction.atomic
def _settle(link_pk: int) -> None:
    link = OrderLink.objects.select_for_update(no_key=True).get(pk=link_pk)
    if link.deleted_at is not None:
        return
    link.deleted_at = now = timezone.now()
    link.order = None
    link.save(update_fields=["deleted_at", "order"])
    rows = stored_entries(link)
    if any(row.kind == ValueEntry.Kind.CANCELLED for row in rows):
        return
    facts = facts_from_entries(link, [as_entry(row) for row in rows], cancelled_at=now)
    if facts is not None:
        book(link, facts, rate=rate_of_order(link.currency, facts.placed_at), now=now)
    if link.contact_id is not None:
        refresh_figures([link.contact_id])
    send_on_commit(order_synced, OrderLink, link=link)


def assign_order(link: OrderLink, contact: Contact, *, by: Any) -> OrderLink:
    """Say by hand whose order it is. The sync trusts this from then on.

    An order that could not be brought in is tried again with the contact it now has.
    """
    with operation(Operation.Kind.ASSIGN_ORDER, by=by, summary=f"{link.number}") as opened:
        locked = OrderLink.objects.select_for_update(no_key=True).get(pk=link.pk)
        before = locked.contact_id
        locked.contact = contact
        locked.problem = locked.problem_detail = ""
        locked.save(update_fields=["contact", "problem", "problem_detail"])
        ValueEntry.objects.filter(link=locked).update(contact=contact)
        record_change(
            opened,
            locked,
            before={"contact": before},
            after={"contact": contact.pk, "number": locked.number},
            contact=contact,
        )
        refresh_figures([pk for pk in (before, contact.pk) if pk is not None])
        send_on_commit(order_synced, OrderLink, link=locked)
    if not locked.fingerprint and locked.order is not None:
        return try_sync_order(locked.order) or locked
    return locked
