"""Exchange rates: entering, correcting and removing them, and valuing orders anew."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from oscar_crm.conf import crm_settings
from oscar_crm.days import FIRST_DAY, LAST_DAY, start_of_day
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import ExchangeRate, Operation, ValueEntry
from oscar_crm.queries.rates import rate_exists

from .journal import operation, record_change, snapshot
from .orders import sync_orders
from .reconcile import restart

INLINE_LIMIT = 200
MAX_RATE = Decimal("9999999999")
RATE_FIELDS = ("currency", "base", "rate", "valid_from")


@transaction.atomic
def set_rate(
    currency: str, rate: Decimal, *, valid_from: date, by: Any = None
) -> tuple[ExchangeRate, bool]:
    """Enter or correct the rate of a currency from a day on: 1 ``currency`` = ``rate`` base.

    Returns the rate and whether all orders it touches are valued anew already; when they are
    too many for that, a reconciliation of that currency does the rest. Safe to repeat.
    Raises ``ValidationError`` for a rate that is not positive or the base currency itself.
    """
    record = store_rate(currency, rate, valid_from=valid_from, by=by)
    return record, revalue(record)


def store_rate(currency: str, rate: Decimal, *, valid_from: date, by: Any = None) -> ExchangeRate:
    """Like ``set_rate``, but leaves the orders to a reconciliation."""
    currency = currency.strip().upper()
    _check(currency, rate, valid_from)
    with operation(Operation.Kind.RATE, by=by, summary=f"{currency} {valid_from}") as opened:
        key: dict[str, Any] = {
            "currency": currency,
            "base": crm_settings.CURRENCY,
            "valid_from": valid_from,
        }
        before = ExchangeRate.objects.select_for_update().filter(**key).first()
        record, _created = ExchangeRate.objects.update_or_create(**key, defaults={"rate": rate})
        record_change(
            opened,
            record,
            before=snapshot(before, RATE_FIELDS) if before else {},
            after=snapshot(record, RATE_FIELDS),
        )
    return record


@transaction.atomic
def change_rate(
    record: ExchangeRate, rate: Decimal, *, currency: str, valid_from: date, by: Any = None
) -> tuple[ExchangeRate, set[str]]:
    """Correct a rate, its day or its currency; the orders of the old and the new are valued anew.

    Returns the rate and the currencies that a reconciliation has still to value, as they have
    too many orders. Raises ``ValidationError`` as ``set_rate`` does, and where it would displace
    another rate.
    """
    currency = currency.strip().upper()
    if (currency, valid_from) == (record.currency, record.valid_from):
        record, is_done = set_rate(currency, rate, valid_from=valid_from, by=by)
        return record, set() if is_done else {currency}
    if rate_exists(currency, valid_from):
        raise ValidationError(
            _("There is a rate for %s from that day already: edit that one.") % currency,
            field="valid_from",
        )
    moved = store_rate(currency, rate, valid_from=valid_from, by=by)
    pending = set() if delete_rate(record, by=by) else {record.currency}
    return moved, pending if revalue(moved) else pending | {moved.currency}


@transaction.atomic
def delete_rate(record: ExchangeRate, *, by: Any = None) -> bool:
    """Remove a rate; the orders it valued fall back to the rate before it, or to none.

    Returns whether all of them are valued anew already, as ``set_rate`` does.
    """
    with operation(Operation.Kind.RATE, by=by, summary=f"{record}") as opened:
        record_change(opened, record, before=snapshot(record, RATE_FIELDS), after={})
        ExchangeRate.objects.filter(pk=record.pk).delete()
    return revalue(record)


def _check(currency: str, rate: Decimal, valid_from: date) -> None:
    if not FIRST_DAY <= valid_from <= LAST_DAY:
        raise ValidationError(
            _("Give a day between %(first)s and %(last)s.")
            % {"first": FIRST_DAY.year, "last": LAST_DAY.year},
            field="valid_from",
        )
    if currency == crm_settings.CURRENCY:
        raise ValidationError(
            _("%s is the base currency: its rate is always 1.") % currency, field="currency"
        )
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise ValidationError(
            _("“%s” is not a currency code. Use three letters, such as USD.") % currency,
            field="currency",
        )
    if not (rate.is_finite() and 0 < rate <= MAX_RATE and round(rate, 8) > 0):
        raise ValidationError(_("A rate must be greater than zero."), field="rate")


def revalue(record: ExchangeRate) -> bool:
    """Value the orders of a rate's currency and days anew. False if too many to do now.

    Orders that are not done here keep a stale fingerprint: the reconciliation finds them.
    """
    ids = list(_touched_orders(record)[: INLINE_LIMIT + 1])
    if len(ids) > INLINE_LIMIT:
        restart(record.currency)
        return False
    sync_orders(ids)
    return True


def _touched_orders(record: ExchangeRate) -> "QuerySet[ValueEntry, int]":
    """Ids of the orders placed while this rate holds."""
    placed = ValueEntry.objects.filter(
        kind=ValueEntry.Kind.PLACED,
        currency=record.currency,
        occurred_at__gte=start_of_day(record.valid_from),
    ).exclude(link__order=None)
    later = ExchangeRate.objects.filter(
        base=record.base, currency=record.currency, valid_from__gt=record.valid_from
    )
    next_day = later.order_by("valid_from").values_list("valid_from", flat=True).first()
    if next_day is not None:
        placed = placed.filter(occurred_at__lt=start_of_day(next_day))
    return placed.order_by("link__order").values_list("link__order", flat=True)
