"""Who orders when, what happens to each order, and what is paid back."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from sandbox.demo.seed.people import Person

CANCELLED_SHARE = 0.05
REFUNDED_SHARE = 0.06
SOME_ITEMS = (1, 1, 1, 2, 2, 3, 4)
SOME_QUANTITIES = (1, 1, 1, 1, 2, 2, 3, 6)
DOLLAR_COUNTRIES = ("US",)


@dataclass(slots=True)
class Step:
    """A change of the order's status."""

    status: str
    at: datetime


@dataclass(slots=True)
class Repayment:
    """Money given back: a share of what was paid, 1 for everything."""

    share: Decimal
    at: datetime


@dataclass(slots=True)
class OrderPlan:
    """One order to be placed; `items` are positions in the catalogue with quantities."""

    person: Person
    placed_at: datetime
    items: dict[int, int]
    currency: str = "EUR"
    as_guest: bool = False
    email: str = ""
    steps: list[Step] = field(default_factory=list)
    paid_at: datetime | None = None
    repayments: list[Repayment] = field(default_factory=list)


def plan_orders(
    rng: random.Random, people: Sequence[Person], products: int, count: int, months: int
) -> list[OrderPlan]:
    """`count` orders in time order, the last ones today."""
    now = timezone.now()
    buyers = _buyers(rng, people, count)
    times = sorted(_moment(rng, now, months) for _ in buyers)
    plans = [
        _plan(rng, person, at, products, now) for person, at in zip(buyers, times, strict=True)
    ]
    for plan in plans[len(plans) // 3 :: max(len(plans) // 2, 1)][:2]:
        plan.as_guest, plan.email = True, ""
    return plans


def _buyers(rng: random.Random, people: Sequence[Person], count: int) -> list[Person]:
    """Everybody once, as far as the orders go; the rest falls mostly to a few regulars."""
    once = list(people[:count])
    weights = [1 / (rank + 5) for rank in range(len(people))]
    again = rng.choices(list(people), weights, k=max(count - len(once), 0))
    buyers = once + again
    rng.shuffle(buyers)
    return buyers


def _moment(rng: random.Random, now: datetime, months: int) -> datetime:
    """A time within the last months, recent ones more often, mostly in the evening."""
    today = timezone.localtime(now).date()
    day = today - timedelta(days=int(months * 30.4 * (1 - rng.random() ** 0.6)))
    hour = rng.choices(range(7, 24), (1, 2, 3, 3, 3, 4, 4, 3, 3, 3, 4, 5, 7, 8, 7, 4, 2))[0]
    clock = time(hour, rng.randint(0, 59), rng.randint(0, 59))
    moment = timezone.make_aware(datetime.combine(day, clock))
    # Today's evening has not come yet: that order was placed a day earlier.
    return moment if moment < now else moment - timedelta(days=1)


def _plan(
    rng: random.Random, person: Person, at: datetime, products: int, now: datetime
) -> OrderPlan:
    plan = OrderPlan(person, at, _items(rng, products))
    plan.currency = "USD" if person.country in DOLLAR_COUNTRIES else "EUR"
    # Members forget to log in, and some write their address in capitals.
    plan.as_guest = rng.random() < 0.07  # who has no account is a guest anyway
    plan.email = person.email.upper() if rng.random() < 0.06 else person.email
    fate = rng.random()
    if fate < CANCELLED_SHARE:
        _cancel(rng, plan, now)
    else:
        _fulfil(rng, plan, now)
        if fate < CANCELLED_SHARE + REFUNDED_SHARE:
            _pay_back(rng, plan, now)
    return plan


def _items(rng: random.Random, products: int) -> dict[int, int]:
    """One to four products, the first ones of the catalogue more often."""
    items: dict[int, int] = {}
    for _ in range(rng.choice(SOME_ITEMS)):
        position = int(products * rng.random() ** 1.4)
        items[position] = rng.choice(SOME_QUANTITIES)
    return items


def _hours(rng: random.Random, least: int, most: int) -> timedelta:
    return timedelta(minutes=rng.randint(least * 60, most * 60))


def _fulfil(rng: random.Random, plan: OrderPlan, now: datetime) -> None:
    """Move the order on as far as today allows; money is taken when work on it begins."""
    at = plan.placed_at
    waits = {"Being processed": (1, 20), "Shipped": (10, 70), "Complete": (50, 140)}
    for status, (least, most) in waits.items():
        at += _hours(rng, least, most)
        if at >= now:
            return
        plan.steps.append(Step(status, at))
        plan.paid_at = plan.paid_at or at


def _cancel(rng: random.Random, plan: OrderPlan, now: datetime) -> None:
    """Some are cancelled before anything was paid, the others are paid back in full."""
    at = plan.placed_at
    if rng.random() < 0.5:
        at += _hours(rng, 1, 20)
        if at < now:
            plan.steps.append(Step("Being processed", at))
            plan.paid_at = at
    at += _hours(rng, 2, 48)
    if at < now:
        plan.steps.append(Step("Cancelled", at))
        if plan.paid_at:
            plan.repayments.append(Repayment(Decimal(1), at + timedelta(minutes=3)))


def _pay_back(rng: random.Random, plan: OrderPlan, now: datetime) -> None:
    """After delivery: half of them everything, the others a part, sometimes in two goes."""
    if len(plan.steps) < 2:
        return
    shares = rng.choice((("1",), ("1",), ("0.25",), ("0.4",), ("0.15", "0.3")))
    at = plan.steps[-1].at
    for share in shares:
        at += _hours(rng, 24, 240)
        if at < now:
            plan.repayments.append(Repayment(Decimal(share), at))
