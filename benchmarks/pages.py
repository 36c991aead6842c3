"""The list, the overview and a contact's page at several sizes of the CRM: ratios of medians."""

import re
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from .database import using
from .figures import Figure

RATIO = 1.5
LIST_QUERIES = 10
PAGE_QUERIES = 15
NASTY_LIMIT = 500.0  # ms
FEW, MANY = 5, 9  # requests of each kind; few where the whole shall end within two minutes
MANY_CONTACTS = 100_000
LONGEST = 3  # times as many requests, if the figure would miss its target: disturbances even out


def lists(tag: int, owner: int) -> dict[str, dict[str, object]]:
    """The parameters of each list whose time must not grow with the number of contacts."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    week = {"from": today - timedelta(days=7), "to": today}
    sorts = ("name", "-value", "-orders", "-created", "last_order")
    return {
        "first page": {},
        "last page": {"at": "end"},
        "search one word": {"q": "greta"},
        "search first and last name": {"q": "greta brandt"},
        "search name and e-mail": {"q": "jan person777@example.com"},
        "search e-mail": {"q": "person777@example.com"},
        "search phone": {"q": "0221 00 0000777"},
        "search order number": {"q": "B00000777"},
        "filter kind": {"kind": "vendor"},
        "filter tag": {"tag": tag},
        "filter owner": {"owner": owner},
        "filter owner nobody": {"owner": "none"},
        "filter value": {"value_min": 900, "value_max": 905},
        "filter last order": {f"ordered_{end}": day for end, day in week.items()},
        "filter created": {f"created_{end}": day for end, day in week.items()},
        "filter with orders": {"with_orders": "on"},
        "filter without a rate": {"unvalued": "on"},
        "filter archived": {"archived": "on"},
        **{f"sort {name}": {"sort": name} for name in sorts},
    }


def nasty_lists(tag: int) -> dict[str, dict[str, object]]:
    """Filters that many contacts pass one by one, and few or none together."""
    return {
        "two first names nobody has both": {"q": "greta hugo", "sort": "name"},
        "a name no partner has, and a sum": {"q": "greta", "kind": "partner", "value_min": 1},
        "the beginning of all order numbers": {"q": "B0"},
        "the beginning of all phone numbers": {"q": "492"},
        "prospects with orders": {"kind": "lead", "with_orders": "on", "sort": "-created"},
        "common words, tag, nobody's": {
            **{"q": "example dietz", "tag": tag, "owner": "none"},
            **{"value_min": 500, "with_orders": "on", "sort": "name"},
        },
    }


def measure(client: Client, copies: dict[int, Any], *, tag: int, owner: int) -> Iterator[Figure]:
    """Compare each larger size with the smallest; they take turns, request by request.

    ``copies`` are those of ``database.fill_copies``; nasty lists and single pages are read from the
    database itself, which is as large as the last of them.
    """
    sizes = list(copies)
    cache.clear()  # the overview keeps a sum
    pages = {f"list, {name}": values for name, values in lists(tag, owner).items()}
    urls = {name: dict.fromkeys(sizes, list_url(values)) for name, values in pages.items()}
    urls["list, next page, deep"] = {size: deep_page(client, copies[size]) for size in sizes}
    urls["overview"] = dict.fromkeys(sizes, reverse("dashboard:crm-overview"))
    for name, by_size in urls.items():
        yield from compare(client, copies, name, by_size)
    nasty = {name: list_url(values) for name, values in nasty_lists(tag).items()}
    for name, url in nasty.items():
        slow = median(client, url) * 1000
        yield Figure(f"list, nasty: {name}: at {sizes[-1]:,}", slow, "ms", NASTY_LIMIT)
    wanted = [url for name, by_size in urls.items() for url in by_size.values() if name in pages]
    most = max(count_queries(client, url) for url in {*wanted, *nasty.values()})
    yield Figure("list: queries at most", most, "queries", LIST_QUERIES)
    yield from contact_pages(client)


def compare(
    client: Client, copies: dict[int, Any], name: str, urls: dict[int, str]
) -> Iterator[Figure]:
    """The medians of requests that take turns; what is above its target is asked for longer."""
    times: dict[int, list[float]] = {size: [] for size in urls}
    first, *sizes = urls
    few = MANY if max(urls) >= MANY_CONTACTS else FEW
    for _ in range(LONGEST * few + 1):
        for size, url in urls.items():
            with using(copies[size]):
                times[size].append(seconds(client, url))
        middle = {size: statistics.median(taken[1:] or taken) for size, taken in times.items()}
        ratios = {size: middle[size] / middle[first] for size in sizes}
        if len(times[first]) > few and max(ratios.values()) <= RATIO:
            break
    for size, ratio in ratios.items():
        yield Figure(f"{name}: {size:,} contacts against {first:,}", ratio, "×", RATIO)
    yield Figure(f"{name}: at {sizes[-1]:,}", middle[sizes[-1]] * 1000, "ms", None)


def contact_pages(client: Client) -> Iterator[Figure]:
    short, long = (reverse("dashboard:crm-contact-detail", args=[pk]) for pk in (1, 2))
    pairs = [(seconds(client, short), seconds(client, long)) for _ in range(FEW + 1)]
    base, value = (statistics.median(taken) for taken in zip(*pairs[1:], strict=True))
    ratio = value / base
    yield Figure("contact with 10,000 orders against 10", ratio, "×", RATIO)
    most = max(count_queries(client, url) for url in (short, long))
    yield Figure("contact page: queries", most, "queries", PAGE_QUERIES)


def list_url(values: dict[str, object]) -> str:
    return f"{reverse('dashboard:crm-contact-list')}?{urlencode(values)}"


def deep_page(client: Client, copy: Any) -> str:
    """The page before the last page's predecessor, reached by its cursor as a user would."""
    with using(copy):
        html = client.get(list_url({"at": "end"})).content.decode()
    found = re.search(r'href="(\?[^"]*before=[^"]*)"', html)
    assert found, "the last page must link to the one before it"
    return reverse("dashboard:crm-contact-list") + found[1].replace("&amp;", "&")


def median(client: Client, url: str) -> float:
    times = [seconds(client, url) for _ in range(FEW + 1)]
    return statistics.median(times[1:])  # the first one warms caches


def seconds(client: Client, url: str) -> float:
    began = time.perf_counter()
    response = client.get(url)
    taken = time.perf_counter() - began
    assert response.status_code == 200, url
    return taken


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
