"""Checking what should always be true: caches agree with the ledger, the ledger with the orders.

The reconciliation trusts fingerprints and asks "has the order changed?". This asks "are the rows
right?", whatever the fingerprints say, and is therefore slower.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oscar_crm.models import Account, Contact, OrderLink
from oscar_crm.queries.retention import dangling_accounts

from .account_figures import refresh_account_figures, stale_account_figures
from .booking import booking_of, stored_entries
from .figures import refresh_figures, stale_figures
from .order_facts import OrderState, read_facts, read_states
from .orders import deleted_links, settle_deleted_orders, try_sync_order
from .retention import notice_dangling_accounts

CHUNK = 200


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be, in words, and whether it has been put right."""

    what: str
    is_repaired: bool


def check(*, repair: bool = False) -> Iterator[Finding]:
    """Everything that is wrong, found in chunks by primary key. Safe to repeat.

    With ``repair`` each finding is put right as it is found, orders before figures.
    """
    yield from _check_orders(repair=repair)
    yield from _check_deleted(repair=repair)
    yield from _check_figures(repair=repair)
    yield from _check_account_figures(repair=repair)
    yield from _check_shop_accounts(repair=repair)


def _check_orders(*, repair: bool) -> Iterator[Finding]:
    after = 0
    while chunk := list(
        OrderLink.objects.filter(pk__gt=after, order__isnull=False).order_by("pk")[:CHUNK]
    ):
        after = chunk[-1].pk
        states = read_states(link.order_id for link in chunk)
        for state in _wrongly_booked(list(states.values())):
            is_repaired = repair and _repair(state)
            number = state.link.number if state.link else state.order.number
            yield Finding(f"Order {number}: its value is booked wrongly", is_repaired)


def _wrongly_booked(states: Sequence[OrderState]) -> Iterator[OrderState]:
    facts = read_facts(states)
    stored = stored_entries(state.link for state in states if state.link)
    for state in states:
        if link := state.link:
            booking = booking_of(
                link,
                facts[state.pk],
                rate=state.rate,
                stored=stored.get(link.pk, ()),
                now=link.synced_at,
            )
            if not booking.is_right:
                yield state


def _repair(state: OrderState) -> bool:
    synced = try_sync_order(state.order, force=True)
    return synced is not None and synced.problem != OrderLink.Problem.FAILED


def _check_deleted(*, repair: bool) -> Iterator[Finding]:
    numbers = list(deleted_links().order_by("pk").values_list("number", flat=True))
    if repair and numbers:
        settle_deleted_orders(everywhere=True)
    for number in numbers:
        yield Finding(f"Order {number}: deleted in the shop, but it still counts", repair)


def _check_figures(*, repair: bool) -> Iterator[Finding]:
    after = 0
    while chunk := list(Contact.objects.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        after = chunk[-1].pk
        wrong = stale_figures(chunk)
        if repair and wrong:
            refresh_figures(contact.pk for contact, _ in wrong)
        for contact, figures in wrong:
            names = ", ".join(sorted(figures))
            yield Finding(f"Contact {contact.pk}: {names} differ from the ledger", repair)


def _check_account_figures(*, repair: bool) -> Iterator[Finding]:
    after = 0
    while chunk := list(Account.objects.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        after = chunk[-1].pk
        wrong = stale_account_figures(chunk)
        if repair and wrong:
            refresh_account_figures(account.pk for account, _ in wrong)
        for account, figures in wrong:
            names = ", ".join(sorted(figures))
            yield Finding(f"Account {account.pk}: {names} differ from the ledger", repair)


def _check_shop_accounts(*, repair: bool) -> Iterator[Finding]:
    contacts = list(dangling_accounts().order_by("pk").values_list("contact", flat=True))
    if repair and contacts:
        notice_dangling_accounts()
    for pk in contacts:
        yield Finding(f"Contact {pk}: its shop account was deleted behind Django's back", repair)
