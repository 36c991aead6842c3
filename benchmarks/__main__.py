"""``python -m benchmarks --size small``; needs ``DATABASE_URL`` of a PostgreSQL server."""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Contacts, pairs of orders placed, past orders brought in, rows of an imported file.
SIZES = {
    "small": ([2_000, 20_000], 40, [6_000, 30_000], 2_000),
    "medium": ([10_000, 100_000], 300, [20_000, 200_000], 20_000),
    "large": ([10_000, 100_000, 1_000_000], 500, [100_000, 1_000_000], 100_000),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the CRM, as ratios.")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"))
    chosen = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    from .figures import show, write

    figures = []
    for figure in _measure(*SIZES[chosen.size]):
        show(figure)
        figures.append(figure)
    write(figures, chosen.json, size=chosen.size)
    return 0 if all(figure.holds for figure in figures) else 1


def _measure(sizes: list[int], pairs: int, past: list[int], imported: int) -> Iterator[Any]:
    from django.test import Client
    from django.test.utils import setup_test_environment

    from oscar_crm.test.factories import TagFactory, make_staff

    from . import (
        accounts,
        backfill,
        database,
        duplicates,
        imports,
        orders,
        pages,
        purchases,
        search,
    )

    setup_test_environment()
    database.create()
    manager = make_staff(
        *("view_contact", "view_all_contacts", "view_account", "view_all_accounts"),
        *("view_orderlink", "view_activity", "change_contact"),
    )
    client = Client()
    client.force_login(manager)
    tag = TagFactory()
    yield machine()
    yield from orders.measure(pairs)
    yield from backfill.measure(past)
    yield from duplicates.measure(min(sizes[-1], duplicates.MOST_CONTACTS))
    copies = database.fill_copies(sizes, tag=tag.pk, owner=manager.pk)
    yield from pages.measure(client, copies, tag=tag.pk, owner=manager.pk)
    yield from search.measure(client, copies)
    for copy in copies.values():
        copy.close()
    # On the largest of them, which is the database itself.
    yield from accounts.measure(client)
    yield from purchases.measure(client, sizes[-1], by=manager)
    yield from imports.measure(sizes[-1], imported)


def machine() -> Any:
    """How quick this machine is: some targets are in seconds, and say little without it."""
    from .figures import Figure

    began = time.perf_counter()
    for _ in range(10_000_000):
        pass
    return Figure(
        "this machine: an empty loop of ten million", time.perf_counter() - began, "s", None
    )


if __name__ == "__main__":
    raise SystemExit(main())
