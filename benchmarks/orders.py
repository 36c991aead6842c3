"""What the CRM adds to placing an order: interleaved pairs, with and without it."""

import statistics
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from oscar.core.loading import get_model
from oscar.test.factories import create_basket, create_order

from .figures import Figure

ASYNC_LIMIT = 2.0
INLINE_QUERIES = 12


def measure(pairs: int) -> Iterator[Figure]:
    create_order(basket=create_basket(), number="warm-up")
    for name, values in {
        "async": {"OSCAR_CRM_ASYNC": True},
        "inline": {"OSCAR_CRM_ASYNC": False},
    }.items():
        without, with_crm = [], []
        for pair in range(pairs):
            with override_settings(OSCAR_CRM_SYNC_ORDERS=False):
                without.append(place(f"{name}-without-{pair}"))
            with override_settings(OSCAR_CRM_SYNC_ORDERS=True, **values):
                with_crm.append(place(f"{name}-with-{pair}"))
        base = statistics.median(without)
        added = statistics.median(b - a for a, b in zip(without, with_crm, strict=True))
        limit = ASYNC_LIMIT if name == "async" else None
        yield Figure(f"placing an order, {name}: added, median", added * 1000, "ms", limit)
        yield Figure(
            f"placing an order, {name}: with the CRM against without", 1 + added / base, "×", None
        )
    yield Figure(
        "placing an order, inline: queries after commit", inline(), "queries", INLINE_QUERIES
    )


def place(number: str) -> float:
    basket = create_basket()
    began = time.perf_counter()
    create_order(basket=basket, number=number)
    return time.perf_counter() - began


def inline() -> int:
    """Queries of the sync of one new order of a new customer."""
    with override_settings(OSCAR_CRM_SYNC_ORDERS=False):
        order: Any = create_order(basket=create_basket(), number="counted")
    get_model("order", "Order").objects.filter(pk=order.pk).update(guest_email="new@example.com")
    from oscar_crm.services.orders import sync_order

    with CaptureQueriesContext(connection) as captured:
        sync_order(order)
    return len(captured)
