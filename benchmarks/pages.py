"""Contact list and contact page at several sizes of the CRM: ratios of medians."""

import re
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from .database import fill
from .figures import Figure

LIST_RATIO = 1.5
LIST_QUERIES = 10
PAGE_QUERIES = 15
REPEATS = 15


def lists(tag: int, owner: int) -> dict[str, dict[str, object]]:
    """The parameters of each list that is measured, by name."""
    return {
        "first page": {},
        "last page": {"at": "end"},
        "search name and number": {"q": "greta 70"},
        "search e-mail": {"q": "person777@example.com"},
        "search phone": {"q": "0221 00 0000777"},
        "search order number": {"q": "B00000777"},
        "filter kind": {"kind": "vendor"},
        "filter tag": {"tag": tag},
        "filter owner": {"owner": owner},
        "filter value": {"value_min": 900, "value_max": 905},
        **{f"sort {name}": {"sort": name} for name in ("name", "-value", "-orders", "-created")},
    }


def measure(client: Client, sizes: list[int], *, tag: int, owner: int) -> Iterator[Figure]:
    """Fill the database at each size in turn; compare the largest with the smallest."""
    medians: dict[str, list[float]] = {}
    queries: dict[str, int] = {}
    for size in sizes:
        fill(size, owner=owner, tag=tag)
        urls = {name: list_url(values) for name, values in lists(tag, owner).items()}
        urls["next page, deep"] = deep_page(client)
        for name, url in urls.items():
            medians.setdefault(name, []).append(median(client, url))
            queries[name] = max(queries.get(name, 0), count_queries(client, url))
    for name, values in medians.items():
        compared = f"{sizes[-1]:,} contacts against {sizes[0]:,}"
        yield Figure(f"list, {name}: {compared}", values[-1] / values[0], "×", LIST_RATIO)
        yield Figure(f"list, {name}: at {sizes[-1]:,}", values[-1] * 1000, "ms", None)
    yield Figure("list: queries at most", max(queries.values()), "queries", LIST_QUERIES)
    yield from contact_pages(client)


def contact_pages(client: Client) -> Iterator[Figure]:
    short, long = (reverse("dashboard:crm-contact-detail", args=[pk]) for pk in (1, 2))
    ratio = median(client, long) / median(client, short)
    yield Figure("contact with 10,000 orders against 10", ratio, "×", LIST_RATIO)
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
    for _ in range(REPEATS + 2):
        began = time.perf_counter()
        response = client.get(url)
        times.append(time.perf_counter() - began)
        assert response.status_code == 200, url
    return statistics.median(times[2:])  # the first ones warm caches


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
