"""Looking up exchange rates."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import is_currency
from django.db.models import Count, DateField, Max, Min, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from oscar_crm.conf import crm_settings
from oscar_crm.days import day_of
from oscar_crm.models import ExchangeRate, OrderLink, ValueEntry

from .keyset import Sort

VALUE_LIMIT = Decimal(10) ** 12  # of ``ValueEntry.base_amount``: 14 digits, 2 of them decimals
BY_DATE = Sort("valid_from", descending=True)


def visible_to(user: Any) -> QuerySet[ExchangeRate]:
    """Rates into the present base currency, if the user may see rates at all."""
    if not user.has_perm("oscar_crm.view_exchangerate"):
        return ExchangeRate.objects.none()
    return ExchangeRate.objects.filter(base=crm_settings.CURRENCY)


class Rates:
    """Base currency per unit of the currencies of some orders, on the days they were placed.

    Takes pairs of currency and time; read at once in one query, or none if all are in base
    currency. The day is that of the shop's time zone; the latest rate on or before it holds.
    """

    def __init__(self, orders: Iterable[tuple[str, datetime]]) -> None:
        self._base = crm_settings.CURRENCY
        days: dict[str, list[date]] = defaultdict(list)
        for currency, placed_at in orders:
            if currency != self._base:
                days[currency].append(day_of(placed_at))
        self._known: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        if days:
            for currency, valid_from, rate in _rates_over(self._base, days):
                self._known[currency].append((valid_from, rate))

    def of(self, currency: str, placed_at: datetime) -> Decimal | None:
        """The rate of one of the orders; None when unknown."""
        if currency == self._base:
            return Decimal(1)
        known, day = self._known.get(currency, []), day_of(placed_at)
        position = bisect_right(known, day, key=lambda pair: pair[0])
        return known[position - 1][1] if position else None


def _rates_over(base: str, days: dict[str, list[date]]) -> "QuerySet[ExchangeRate, Any]":
    """The rates that hold on the days of each currency, oldest first, and few others."""
    known = ExchangeRate.objects.filter(base=base)
    wanted = Q()
    for currency, dates in days.items():
        mine = known.filter(currency=currency, valid_from__lte=min(dates))
        holding = Subquery(mine.order_by("-valid_from").values("valid_from")[:1])
        first = Coalesce(holding, Value(min(dates), output_field=DateField()))
        wanted |= Q(currency=currency, valid_from__gte=first, valid_from__lte=max(dates))
    rows = known.filter(wanted).order_by("valid_from")
    return rows.values_list("currency", "valid_from", "rate")


def rate_of_order(currency: str, placed_at: datetime) -> Decimal | None:
    """Base currency per unit of ``currency`` on the day of an order; None when unknown."""
    return Rates([(currency, placed_at)]).of(currency, placed_at)


def unvalued_currencies() -> list[dict[str, Any]]:
    """Currencies of orders that have no rate: ``currency``, ``orders``, ``first`` (a time)."""
    placed = ValueEntry.objects.filter(kind=ValueEntry.Kind.PLACED, base_amount=None)
    rows = placed.values("currency").order_by("currency")
    return [dict(row) for row in rows.annotate(orders=Count("pk"), first=Min("occurred_at"))]


def filtered_rates(user: Any, currency: str) -> QuerySet[ExchangeRate]:
    """Rates of one currency, or of all; without order, for ``keyset_page``."""
    found = visible_to(user).order_by()
    return found.filter(currency=currency) if currency else found


def currencies(user: Any) -> list[str]:
    """The currencies that have a rate, by code."""
    codes = visible_to(user).order_by("currency").values_list("currency", flat=True)
    return list(codes.distinct())


def is_known_currency(code: str) -> bool:
    """Whether a code is one of ISO 4217's, past ones included, or the shop has orders in it."""
    return is_currency(code) or OrderLink.objects.filter(currency=code).exists()


def rate_exists(currency: str, valid_from: date) -> bool:
    """Whether a rate of a currency begins on that very day."""
    known = ExchangeRate.objects.filter(base=crm_settings.CURRENCY, currency=currency)
    return known.filter(valid_from=valid_from).exists()


def fits(currency: str, rate: Decimal) -> bool:
    """Whether the ledger can hold the largest order of a currency at some rate."""
    orders = ValueEntry.objects.filter(kind=ValueEntry.Kind.PLACED, currency=currency)
    largest = orders.aggregate(largest=Max("amount"))["largest"] or Decimal(0)
    return bool(largest * rate < VALUE_LIMIT)
