"""The cached figures of accounts: always recomputed from the ledger, never incremented."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, Sum

from oscar_crm.models import Account, ValueEntry
from oscar_crm.queries.rates import VALUE_LIMIT

from .ledger import CENT, ZERO, to_cents
from .search import index_accounts

CHUNK = 200
_NO_ORDERS: dict[str, Any] = {"orders_count": 0, "unvalued_orders": 0, "last_order_at": None}


@transaction.atomic
def refresh_account_figures(account_ids: Iterable[int]) -> None:
    """Recompute value, counts and last order of some accounts. Safe to repeat.

    Counts an account's own orders, those of sub-accounts apart. Locks the accounts, so that of
    two syncs at once the later one sees the other's entries.
    """
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=set(account_ids))
    for account, figures in stale_account_figures(rows.order_by("pk")):
        Account.objects.filter(pk=account.pk).update(**figures)


def stale_account_figures(accounts: Iterable[Account]) -> list[tuple[Account, dict[str, Any]]]:
    """The accounts whose cached figures differ from the ledger, with the right values."""
    known = {account.pk: account for account in accounts}
    if not known:
        return []
    values, counts = _values(known), _counts(known)
    found = []
    for pk, account in known.items():
        figures = {"lifetime_value": values.get(pk, ZERO), **counts.get(pk, _NO_ORDERS)}
        wrong = {name: v for name, v in figures.items() if getattr(account, name) != v}
        if wrong:
            found.append((account, wrong))
    return found


def rebuild_accounts() -> None:
    """Recompute figures and search words of every account, in chunks by primary key."""
    after = 0
    while chunk := list(Account.objects.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        after = chunk[-1].pk
        refresh_account_figures(account.pk for account in chunk)
        index_accounts(chunk)


def _values(account_ids: Iterable[int]) -> dict[int, Decimal]:
    """Per account: lifetime value in base currency."""
    entries = ValueEntry.objects.filter(link__account__in=list(account_ids))
    rows = entries.values_list("link__account_id").annotate(base=Sum("base_amount")).order_by()
    return {
        pk: min(to_cents(Decimal(base)), VALUE_LIMIT - CENT)
        for pk, base in rows
        if base is not None
    }


def _counts(account_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Per account: how many orders count, how many of them have no rate, and the last."""
    cancelled = ValueEntry.objects.filter(link=OuterRef("link"), kind=ValueEntry.Kind.CANCELLED)
    placed = ValueEntry.objects.filter(
        ~Exists(cancelled), link__account__in=list(account_ids), kind=ValueEntry.Kind.PLACED
    )
    rows = placed.values("link__account_id").annotate(
        orders_count=Count("pk"),
        unvalued_orders=Count("pk", filter=Q(base_amount=None)),
        last_order_at=Max("occurred_at"),
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows.order_by():
        figures: dict[str, Any] = dict(row)
        found[figures.pop("link__account_id")] = figures
    return found
