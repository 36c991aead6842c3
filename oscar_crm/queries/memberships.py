"""Who belongs to which company, and which company an order is counted for."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from oscar_crm.days import day_of
from oscar_crm.models import Account, AccountContact, Contact

from . import accounts, contacts
from .keyset import Sort

BY_AGE = Sort("id")


def accounts_at(pairs: Iterable[tuple[int, datetime]]) -> dict[tuple[int, datetime], int]:
    """Which company each contact (by id) belonged to at a time: one query for any number.

    Of several companies the main one, else the one joined first. Pairs without one are left out.
    """
    wanted = set(pairs)
    found: dict[int, list[AccountContact]] = defaultdict(list)
    for row in AccountContact.objects.filter(contact__in={pk for pk, _ in wanted}).order_by("pk"):
        found[row.contact_id].append(row)
    companies = {(pk, at): company_on(found[pk], at) for pk, at in wanted}
    return {pair: company for pair, company in companies.items() if company is not None}


def company_on(memberships: Iterable[AccountContact], at: datetime) -> int | None:
    """Id of the company of somebody with these memberships; the day is the shop's."""
    day = day_of(at)
    valid = [row for row in memberships if row.covers(day)]
    best = min(valid, key=lambda row: (not row.is_primary, row.pk), default=None)
    return None if best is None else best.account_id


def visible_to(user: Any) -> QuerySet[AccountContact]:
    """Memberships whose contact and account the user may both see."""
    return AccountContact.objects.filter(
        contact__in=contacts.visible_to(user), account__in=accounts.visible_to(user)
    )


def current(memberships: QuerySet[AccountContact]) -> QuerySet[AccountContact]:
    """Those that have not ended; the day is the shop's."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return memberships.filter(Q(until_date=None) | Q(until_date__gte=today))


def companies_of(contact: Contact, user: Any) -> list[AccountContact]:
    """A contact's companies that the user may see, the main one first: one query."""
    rows = AccountContact.objects.filter(contact=contact, account__in=accounts.visible_to(user))
    return list(rows.select_related("account").order_by("-is_primary", "id"))


def people_of(account: Account, user: Any) -> QuerySet[AccountContact]:
    """An account's people that the user may see, without order."""
    rows = AccountContact.objects.filter(account=account, contact__in=contacts.visible_to(user))
    return rows.select_related("contact").prefetch_related("contact__emails")
