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
_NO_ORDERS: dict[str, Any] = {
    "lifetime_value": ZERO,
    "orders_count": 0,
    "unvalued_orders": 0,
    "last_order_at": None,
}


@transaction.atomic(savepoint=False)
def refresh_account_figures(account_ids: Iterable[int]) -> list[Account]:
    """Recompute value, counts and last order of some accounts. Safe to repeat.

    Counts an account's own orders, those of sub-accounts apart. Locks the accounts, so that of
    two syncs at once the later one sees the other's entries. Returns those that were merged.
    """
    locked = Account.objects.select_for_update(no_key=True).filter(pk__in=set(account_ids))
    rows = list(locked.order_by("pk"))
    for account, figures in stale_account_figures(rows):
        Account.objects.filter(pk=account.pk).update(**figures)
    return [account for account in rows if account.merged_into_id is not None]


def stale_account_figures(accounts: Iterable[Account]) -> list[tuple[Account, dict[str, Any]]]:
    """The accounts whose cached figures differ from the ledger, with the right values."""
    known = {account.pk: account for account in accounts}
    if not known:
        return []
    stored = _figures(known)
    found = []
    for pk, account in known.items():
        figures = stored.get(pk, _NO_ORDERS)
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


def _figures(account_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Per account: value in base currency, orders that count, those without a rate, the last."""
    cancelled = ValueEntry.objects.filter(link=OuterRef("link"), kind=ValueEntry.Kind.CANCELLED)
    counts = Q(kind=ValueEntry.Kind.PLACED) & Q(~Exists(cancelled))
    entries = ValueEntry.objects.filter(link__account__in=list(account_ids))
    rows = entries.values("link__account_id").annotate(
        base=Sum("base_amount"),
        orders_count=Count("pk", filter=counts),
        unvalued_orders=Count("pk", filter=counts & Q(base_amount=None)),
        last_order_at=Max("occurred_at", filter=counts),
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows.order_by():
        figures: dict[str, Any] = dict(row)
        value = to_cents(Decimal(figures.pop("base") or ZERO))
        figures["lifetime_value"] = min(value, VALUE_LIMIT - CENT)
        found[figures.pop("link__account_id")] = figures
    return found
