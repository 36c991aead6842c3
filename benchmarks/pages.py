"""The list, the overview and a contact's page at several sizes of the CRM: ratios of medians."""

import re
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from .database import fill
from .figures import Figure

RATIO = 1.5
LIST_QUERIES = 10
PAGE_QUERIES = 15
NASTY_LIMIT = 500.0  # ms
REPEATS = 9


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
        "prospects with orders": {"kind": "lead", "with_orders": "on", "sort": "-created"},
        "common words, tag, nobody's": {
            **{"q": "example dietz", "tag": tag, "owner": "none"},
            **{"value_min": 500, "with_orders": "on", "sort": "name"},
        },
    }


def measure(client: Client, sizes: list[int], *, tag: int, owner: int) -> Iterator[Figure]:
    """Fill the database at each size in turn; compare the largest with the smallest."""
    medians: dict[str, list[float]] = {}
    queries: dict[str, int] = {}
    nasty = {f"list, nasty: {name}": list_url(v) for name, v in nasty_lists(tag).items()}
    for size in sizes:
        fill(size, owner=owner, tag=tag)
        cache.clear()  # the overview keeps a sum
        urls = {f"list, {name}": list_url(values) for name, values in lists(tag, owner).items()}
        urls["list, next page, deep"] = deep_page(client)
        for name, url in {**urls, **nasty}.items():
            queries[name] = count_queries(client, url)
        urls["overview"] = reverse("dashboard:crm-overview")
        for name, url in urls.items():
            medians.setdefault(name, []).append(median(client, url))
    for name, values in medians.items():
        compared = f"{sizes[-1]:,} contacts against {sizes[0]:,}"
        yield Figure(f"{name}: {compared}", values[-1] / values[0], "×", RATIO)
        yield Figure(f"{name}: at {sizes[-1]:,}", values[-1] * 1000, "ms", None)
    for name, url in nasty.items():
        slow = median(client, url) * 1000
        yield Figure(f"{name}: at {sizes[-1]:,}", slow, "ms", NASTY_LIMIT)
    yield Figure("list: queries at most", max(queries.values()), "queries", LIST_QUERIES)
    yield from contact_pages(client)


def contact_pages(client: Client) -> Iterator[Figure]:
    short, long = (reverse("dashboard:crm-contact-detail", args=[pk]) for pk in (1, 2))
    ratio = median(client, long) / median(client, short)
    yield Figure("contact with 10,000 orders against 10", ratio, "×", RATIO)
    most = max(count_queries(client, url) for url in (short, long))
    yield Figure("contact page: queries", most, "queries", PAGE_QUERIES)


def list_url(values: dict[str, object]) -> str:
    return f"{reverse('dashboard:crm-contact-list')}?{urlencode(values)}"


def deep_page(client: Client) -> str:
    """The page before the last page's predecessor, reached by its cursor as a user would."""
    html = client.get(list_url({"at": "end"})).content.decode()
    found = re.search(r'href="(\?[^"]*before=[^"]*)"', html)
    assert found, "the last page must link to the one before it"
    return reverse("dashboard:crm-contact-list") + found[1].replace("&amp;", "&")


def median(client: Client, url: str) -> float:
    times = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        response = client.get(url)
        times.append(time.perf_counter() - began)
        assert response.status_code == 200, url
    return statistics.median(times[1:])  # the first one warms caches


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
