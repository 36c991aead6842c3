"""Bringing orders in: the one path for a single order and for a chunk of a backfill.

Everything is read, decided and written for all orders of a chunk together, so that the number of
queries does not depend on how many they are. The rules are those of ``identity`` and ``ledger``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from oscar_crm.models import Contact, OrderLink
from oscar_crm.signals import order_synced, send_on_commit

from . import bulk
from .account_figures import refresh_account_figures
from .booking import Booking, book, booking_of, stored_entries
from .buyers import person_of_order
from .figures import CurrencySum, figures_in_ledger, figures_of, set_figures
from .forgetting import keep_erased
from .identity import Acquaintance, People, Person
from .ledger import refund_excess
from .order_facts import OrderState, read_facts, read_states
from .people import read_people, save_changes, save_people
from .survivors import hand_to_surviving_companies, hand_to_survivors

SYNCED_FIELDS = (
    *("contact", "account", "site", "number", "email", "status", "currency", "total"),
    *("refund_excess", "foreign_refund", "problem", "problem_detail", "fingerprint", "synced_at"),
)


@dataclass
class _Case:
    """One order on its way in, with its link, which may be a new one."""

    state: OrderState
    link: OrderLink
    buyer: Acquaintance | None = None
    booking: Booking | None = None


@transaction.atomic
def bring_in(states: Sequence[OrderState]) -> dict[Any, OrderLink]:
    """Contacts, links, ledger and figures of some orders, as they are now; links by order id.

    All or nothing. Raises ``IntegrityError`` when another transaction was quicker with one of
    the orders, accounts or new addresses: read the states again and repeat.
    """
    cases = _open_cases(states)
    people = _find_buyers(cases)
    _settle_amounts(cases)
    _give_figures_to_new(cases)
    save_people(people)
    _save_links(cases)
    book(case.booking for case in cases if case.booking)
    _refresh_others(cases)
    save_changes(people)
    _settle_what_is_no_more(cases)
    companies = {case.link.account_id for case in cases if case.link.account_id is not None}
    if companies:
        hand_to_surviving_companies(refresh_account_figures(companies))
    if order_synced.has_listeners(OrderLink):
        for case in cases:
            send_on_commit(order_synced, OrderLink, link=case.link)
    return {case.state.pk: case.link for case in cases}


def _settle_what_is_no_more(cases: Sequence[_Case]) -> None:
    """Keep erased contacts erased; what came to a merged one goes to the one that stays.

    Their rows are locked: what they say of an erasure or a merge is so.
    """
    buyers = {case.buyer.contact for case in cases if case.buyer}
    if erased := [contact.pk for contact in buyers if contact.erased_at is not None]:
        keep_erased(erased)
    if merged := [contact.pk for contact in buyers if contact.merged_into_id is not None]:
        heirs = hand_to_survivors(merged)
        for case in cases:
            if case.link.contact_id in heirs:
                case.link.refresh_from_db(fields=["contact", "account"])


def _open_cases(states: Sequence[OrderState]) -> list[_Case]:
    """The orders with their links, locked: syncs of one order run one after another.

    Orders are read again if another sync has brought one of them in since.
    """
    known = {state.pk: state.link for state in states if state.link}
    locked: dict[Any, OrderLink] = {}
    if known:
        rows = OrderLink.objects.select_for_update(no_key=True).filter(order__in=list(known))
        locked = {link.order_id: link for link in rows.order_by("pk")}
        if any(_version(link) != _version(locked.get(pk)) for pk, link in known.items()):
            states = list(read_states(state.pk for state in states).values())
    return [_Case(state, locked.get(state.pk) or _new_link(state)) for state in states]


def _version(link: OrderLink | None) -> tuple[Any, ...]:
    return (link.pk, link.synced_at, link.fingerprint) if link else ()


def _new_link(state: OrderState) -> OrderLink:
    link: OrderLink = bulk.maker(OrderLink)(order_id=state.pk, placed_at=state.order.date_placed)
    return link


def _find_buyers(cases: Sequence[_Case]) -> People:
    """Find or make the contacts of orders that have none; locks all contacts of the chunk."""
    persons = {
        case.state.pk: person_of_order(case.state.order)
        for case in cases
        if case.link.contact_id is None
    }
    people = read_people(
        [person for person in persons.values() if not person.problem],
        contact_ids=[case.link.contact_id for case in cases if case.link.contact_id],
    )
    for case in cases:
        case.link.problem = case.link.problem_detail = ""
        if case.link.contact_id is not None:
            case.buyer = people.by_id(case.link.contact_id)
        else:
            _resolve(case, persons[case.state.pk], people)
    return people


def _resolve(case: _Case, person: Person, people: People) -> None:
    """Whose order it is, and for which company; or why it is nobody's."""
    if person.problem:
        case.link.problem = person.problem
        return
    case.buyer = people.take_in(person, source=Contact.Source.ORDER)
    case.buyer.has_orders = True
    case.buyer.come_back(ordered_at=case.link.placed_at)
    case.link.account_id = case.buyer.company_on(case.link.placed_at)


def _settle_amounts(cases: Sequence[_Case]) -> None:
    now = timezone.now()
    facts = read_facts([case.state for case in cases])
    stored = stored_entries(case.link for case in cases if case.link.pk)
    for case in cases:
        link, mine = case.link, facts[case.state.pk]
        _take_snapshot(link, case.state)
        link.refund_excess = refund_excess(mine)
        link.synced_at = now
        rows = stored.get(link.pk, ())
        case.booking = booking_of(link, mine, rate=case.state.rate, stored=rows, now=now)


def _take_snapshot(link: OrderLink, state: OrderState) -> None:
    """Copy what must outlive the order. E-mail stays when a deleted account takes it away."""
    order = state.order
    link.number = str(order.number)
    link.site_id = order.site_id
    link.email = (order.email or link.email or "")[:254]
    link.status = order.status
    link.currency = order.currency
    link.total = order.total_incl_tax
    link.foreign_refund = state.foreign_refund
    link.fingerprint = state.fingerprint()


def _give_figures_to_new(cases: Sequence[_Case]) -> None:
    """All orders of a new contact are in the chunk: nothing has to be read back."""
    sums: dict[Acquaintance, dict[str, CurrencySum]] = {}
    for case in cases:
        if case.buyer and case.buyer.is_new and case.booking and case.booking.wanted:
            mine = sums.setdefault(case.buyer, {})
            currency = case.booking.currency
            mine.setdefault(currency, CurrencySum(currency)).add(case.booking.wanted)
    for buyer, by_currency in sums.items():
        set_figures(buyer.contact, figures_of(by_currency.values()))


def _save_links(cases: Sequence[_Case]) -> None:
    for case in cases:
        if case.buyer:
            case.link.contact = case.buyer.contact
    new = [case.link for case in cases if case.link._state.adding]
    known = [case.link for case in cases if not case.link._state.adding]
    bulk.insert(OrderLink, new)
    bulk.update(OrderLink, known, SYNCED_FIELDS)


def _refresh_others(cases: Sequence[_Case]) -> None:
    """Recompute the figures of contacts that were there before, from the ledger as it is now."""
    buyers = {case.buyer for case in cases if case.buyer and not case.buyer.is_new}
    if not buyers:
        return
    figures = figures_in_ledger(buyer.contact.pk for buyer in buyers)
    for buyer in buyers:
        buyer.changed |= set_figures(buyer.contact, figures[buyer.contact.pk])
