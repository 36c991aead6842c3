"""Keeping the CRM in step with the shop's orders: new, changed, deleted, assigned by hand."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.models import Contact, Operation, OrderLink, ValueEntry
from oscar_crm.queries.memberships import accounts_at
from oscar_crm.queries.rates import rate_of_order
from oscar_crm.signals import order_synced, send_on_commit

from .account_figures import refresh_account_figures
from .booking import as_entry, book, booking_of, stored_entries
from .contacts import lock_contact
from .figures import refresh_figures
from .intake import bring_in
from .journal import operation, record_change
from .ledger import facts_from_entries
from .order_facts import OrderState, read_states

logger = logging.getLogger("oscar_crm")

ATTEMPTS = 3
FEW = 8
DELETED_CHUNK = 200


def sync_order(order: Any, *, force: bool = False) -> OrderLink | None:
    """Bring one order of the shop into the CRM: contact, link, ledger and cached figures.

    ``order`` is an order or its id; it is read afresh from the database. Safe to repeat: a second
    call changes no row. ``force`` recomputes even when nothing seems to have changed. None if the
    order is gone.
    """
    pk = getattr(order, "pk", order)
    for attempt in range(ATTEMPTS):
        state = read_states([pk]).get(pk)
        if state is None:
            return None
        if state.is_current and not force:
            return state.link
        try:
            return bring_in([state]).get(pk)
        except IntegrityError:  # another transaction was quicker: what it has made is there now
            if attempt == ATTEMPTS - 1:
                raise
    return None


def sync_orders(order_ids: Iterable[Any]) -> None:
    """``sync_order`` for some orders together: all or none of those that have changed."""
    stale = [state for state in read_states(order_ids).values() if not state.is_current]
    bring_in(stale)


def try_sync_order(order: Any, *, force: bool = False) -> OrderLink | None:
    """``sync_order`` for callers that must go on whatever happens: the failure is written down.

    A link with ``problem`` ``FAILED`` tells of it; the next sync tries again. Inside a
    transaction the failed attempt is rolled back alone.
    """
    try:
        return sync_order(order, force=force)
    except Exception as error:  # one odd order must not keep the others out, nor break checkout
        pk = getattr(order, "pk", order)
        logger.exception("Order %s could not be synced", pk)
        return _note_failure(pk, type(error).__name__)  # the message may hold secrets


def try_sync_states(
    states: Sequence[OrderState], *, force: bool = False
) -> dict[Any, OrderLink | None]:
    """Bring in orders whose states were just read; links by order id.

    Together if that goes well, else by halves, and the last few one by one with
    ``try_sync_order``: then only the odd one fails, and one that another transaction has brought
    in is left alone.
    """
    try:
        return dict(bring_in(states))
    except Exception as error:  # noqa: BLE001 - whatever it is, the single order will show it
        logger.info("%d orders are synced apart: %s", len(states), type(error).__name__)
    if len(states) <= FEW:
        return {state.pk: try_sync_order(state.pk, force=force) for state in states}
    half = len(states) // 2
    first, second = states[:half], states[half:]
    return try_sync_states(first, force=force) | try_sync_states(second, force=force)


def _note_failure(order_id: Any, detail: str) -> OrderLink | None:
    values = {"problem": OrderLink.Problem.FAILED, "problem_detail": detail, "fingerprint": ""}
    try:
        with transaction.atomic():
            order = get_model("order", "Order")._default_manager.filter(pk=order_id).first()
            if order is None:
                return None
            first = {"number": str(order.number)[:128], "placed_at": order.date_placed}
            link, _ = OrderLink.objects.update_or_create(
                order_id=order_id, defaults=values, create_defaults={**first, **values}
            )
    except DatabaseError:
        logger.exception("The failure of order %s could not be noted", order_id)
        return None
    return link


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
    rows = stored_entries([link])[link.pk]
    if any(row.kind == ValueEntry.Kind.CANCELLED for row in rows):
        return
    facts = facts_from_entries(link, [as_entry(row) for row in rows], cancelled_at=now)
    if facts is not None:
        rate = rate_of_order(link.currency, facts.placed_at)
        book([booking_of(link, facts, rate=rate, stored=rows, now=now)])
    if link.contact_id is not None:
        refresh_figures([link.contact_id])
    if link.account_id is not None:
        refresh_account_figures([link.account_id])
    send_on_commit(order_synced, OrderLink, link=link)


def assign_order(link: OrderLink, contact: Contact, *, by: Any) -> OrderLink:
    """Say by hand whose order it is. The sync trusts this from then on.

    An order that could not be brought in is tried again with the contact it now has. Raises
    ``ErasedError`` or ``MergedError`` for a contact that is nobody any more.
    """
    with operation(Operation.Kind.ASSIGN_ORDER, by=by, summary=f"{link.number}") as opened:
        locked = OrderLink.objects.select_for_update(no_key=True).get(pk=link.pk)
        contact = lock_contact(contact)
        before, company = locked.contact_id, locked.account_id
        locked.contact = contact
        pair = (contact.pk, locked.placed_at)
        locked.account_id = accounts_at([pair]).get(pair)
        locked.problem = locked.problem_detail = ""
        locked.save(update_fields=["contact", "account", "problem", "problem_detail"])
        ValueEntry.objects.filter(link=locked).update(contact=contact)
        record_change(
            opened,
            locked,
            before={"contact": before, "account": company},
            after={
                "contact": contact.pk,
                "account": locked.account_id,
                "number": locked.number,
            },
            contact=contact,
        )
        refresh_figures([pk for pk in (before, contact.pk) if pk is not None])
        refresh_account_figures(pk for pk in (company, locked.account_id) if pk is not None)
        send_on_commit(order_synced, OrderLink, link=locked)
    if not locked.fingerprint and locked.order is not None:
        return try_sync_order(locked.order) or locked
    return locked
