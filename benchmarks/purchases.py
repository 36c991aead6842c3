"""Segments on shop behaviour and bulk changes: three orders a contact, with lines and entries."""

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from .database import quick_inserts
from .figures import Figure

ON_CACHED_FACTS = 1.0  # seconds
ON_PURCHASES = 3.0
GIVING_UP = 0.3
PRODUCTS, CATEGORIES = 1_000, 100
BULK = 10_000
TABLES = (
    *("oscar_crm_orderlink", "oscar_crm_valueentry", "oscar_crm_contactuser", "order_order"),
    *("order_line", "order_orderdiscount", "basket_basket", "basket_line", "catalogue_product"),
    *("catalogue_category", "catalogue_productcategory", "catalogue_productclass"),
)

CATALOGUE = """
INSERT INTO catalogue_productclass (id, name, slug, requires_shipping, track_stock)
VALUES (1, 'Thing', 'thing', true, false);
INSERT INTO catalogue_product
  (id, structure, is_public, title, slug, description, product_class_id, priority, date_created,
   date_updated, is_discountable)
SELECT n, 'standalone', true, 'Product ' || n, 'product-' || n, '', 1, 0, now(), now(), true
FROM generate_series(1, %(products)s) AS n;
INSERT INTO catalogue_category
  (id, path, depth, numchild, name, description, long_description, slug, exclude_from_menu,
   is_public, ancestors_are_public)
SELECT n, CASE WHEN n <= 10 THEN lpad(n::text, 4, '0')
               ELSE lpad((1 + n %% 10)::text, 4, '0') || lpad(n::text, 4, '0') END,
  CASE WHEN n <= 10 THEN 1 ELSE 2 END, CASE WHEN n <= 10 THEN 9 ELSE 0 END, 'Category ' || n,
  '', '', 'category-' || n, false, true, true
FROM generate_series(1, %(categories)s) AS n;
INSERT INTO catalogue_productcategory (product_id, category_id)
SELECT n, 11 + n %% (%(categories)s - 10) FROM generate_series(1, %(products)s) AS n;
"""
# The ids of orders, links and entries are the same; a fiftieth of the orders is cancelled.
ORDERS = """
INSERT INTO order_order
  (id, number, currency, total_incl_tax, total_excl_tax, shipping_incl_tax, shipping_excl_tax,
   shipping_method, shipping_code, status, guest_email, date_placed, analytics_tracked)
SELECT n, 'P' || n, 'EUR', 50, 50, 0, 0, '', '',
  CASE WHEN n %% 50 = 0 THEN 'Cancelled' ELSE 'Complete' END, '',
  now() - (n * 7907 %% %(orders)s)::float / %(orders)s * interval '5 years', false
FROM generate_series(1::bigint, %(orders)s) AS n;
INSERT INTO order_line
  (order_id, partner_name, partner_sku, partner_line_reference, partner_line_notes, product_id,
   title, quantity, line_price_incl_tax, line_price_excl_tax, line_price_before_discounts_incl_tax,
   line_price_before_discounts_excl_tax, status, num_allocated, allocation_cancelled)
SELECT n, 'Partner', 'sku', '', '', 1 + floor(%(products)s * random() ^ 2), 'Product', 1,
  25, 25, 25, 25, '', 0, false
FROM generate_series(1::bigint, %(orders)s) AS n, generate_series(0, 2) AS part
WHERE part <= n %% 3;
INSERT INTO oscar_crm_orderlink
  (id, order_id, contact_id, number, email, placed_at, status, currency, total, refund_excess,
   foreign_refund, problem, problem_detail, fingerprint, synced_at)
SELECT id, id, 1 + id::bigint * 7919 %% %(size)s, number, '', date_placed, status, 'EUR', 50, 0,
  '', '', '', '', now()
FROM order_order;
INSERT INTO oscar_crm_valueentry
  (id, link_id, contact_id, kind, sequence, gross, amount, currency, base_amount, occurred_at)
SELECT id, id, contact_id, 'placed', 0, paid, paid, 'EUR', paid, placed_at
FROM oscar_crm_orderlink, LATERAL (SELECT id::bigint * 7877 %% 20000 / 100.0 AS paid) AS made
WHERE status <> 'Cancelled';
INSERT INTO order_orderdiscount
  (order_id, category, offer_name, voucher_code, amount, message)
SELECT id, 'Basket', 'Spring', 'SPRING', 5, '' FROM order_order WHERE id %% 100 = 1;
"""
# One contact in ten has a shop account with an open basket.
BASKETS = """
INSERT INTO auth_user
  (id, username, email, password, first_name, last_name, is_staff, is_active, is_superuser,
   date_joined)
SELECT 1000 + n, 'customer' || n, 'person' || n || '@example.com', '', '', '', false, true, false,
  now()
FROM generate_series(10::bigint, %(size)s, 10) AS n
ON CONFLICT DO NOTHING;
INSERT INTO oscar_crm_contactuser (contact_id, user_id, basis, label, created_at)
SELECT n, 1000 + n, 'ordered', '', now() FROM generate_series(10::bigint, %(size)s, 10) AS n;
INSERT INTO basket_basket (id, owner_id, status, date_created)
SELECT n, 1000 + n, 'Open', now() FROM generate_series(10::bigint, %(size)s, 10) AS n;
INSERT INTO basket_line
  (basket_id, line_reference, product_id, stockrecord_id, quantity, price_currency, date_created,
   date_updated)
SELECT id, id::text, 1 + id %% %(products)s, 1, 1, 'EUR', now(),
  now() - id %% 100 * interval '1 day'
FROM basket_basket;
"""


def measure(client: Client, size: int, *, by: Any) -> Iterator[Figure]:
    """Give the contacts that are there orders; count, list and change some of them."""
    fill(size)
    yield from _counts(size)
    yield from _list(client, size)
    yield from _bulk(size, by)


def fill(size: int) -> None:
    """Three orders, two lines an order and an entry for each contact; replaces what was there."""
    values = {
        "size": size,
        "orders": 3 * size,
        "products": PRODUCTS,
        "categories": CATEGORIES,
    }
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(TABLES) + " CASCADE")
        cursor.execute("SELECT setseed(0.5)")
        with quick_inserts(cursor, TABLES):
            for statements in (CATALOGUE, ORDERS, BASKETS):
                cursor.execute(statements, values)
        for table in (*TABLES, "auth_user"):  # whatever is made next takes an id of its own
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1 + max(id)) FROM {table}"
            )
        cursor.execute("VACUUM ANALYZE")


def _counts(size: int) -> Iterator[Figure]:
    from oscar_crm.models import Segment
    from oscar_crm.queries.contacts import ContactFilter
    from oscar_crm.queries.segments import members
    from oscar_crm.queries.stored_filters import to_json
    from oscar_crm.services.segments import try_count

    a_year_ago = timezone.localdate() - timedelta(days=365)
    cached = {
        "value and country": ContactFilter(value_min=Decimal(500), country="DE"),
        "average order": ContactFilter(average_min=Decimal(100)),
        "no order for 30 days": ContactFilter(idle_days=30),
    }
    purchases = {
        "best-selling product": ContactFilter(bought=1),
        "rare product": ContactFilter(bought=PRODUCTS - 1),
        "category of a tenth of the products": ContactFilter(bought_category=1),
        "spent since a year ago": ContactFilter(spent_min=Decimal(150), spent_since=a_year_ago),
        "voucher": ContactFilter(voucher="SPRING"),
        "abandoned basket": ContactFilter(abandoned_days=7),
        "untouched for 2 months": ContactFilter(untouched_months=2),
    }
    both = {"product and category": ContactFilter(bought=1, bought_category=3)}
    for filters, limit, what in (
        (cached, ON_CACHED_FACTS, "cached facts"),
        (purchases, ON_PURCHASES, "purchases"),
        (both, None, "two purchases"),
    ):
        for name, wanted in filters.items():
            segment = Segment(filter=to_json(wanted))
            took = min(_seconds(lambda one=segment: members(one).count()) for _ in range(3))
            label = f"segment count on {what}, {name}: at {size:,}"
            if limit is None or took <= limit:
                yield Figure(label, took, "s", limit)
                continue
            # Longer than anybody waits: the page gives up in time and leaves it to the background.
            yield Figure(f"{label}, in the background", took, "s", None)
            waited = _seconds(lambda one=segment: try_count(one))
            yield Figure(f"{label}, somebody waited", waited, "s", limit + GIVING_UP)


def _list(client: Client, size: int) -> Iterator[Figure]:
    url = reverse("dashboard:crm-contact-list")
    for name, query in (
        ("best-selling product", {"bought": 1}),
        ("rare product", {"bought": PRODUCTS - 1}),
        ("category", {"bought_category": 1}),
    ):
        took = min(_seconds(lambda values=query: client.get(url, values)) for _ in range(3))
        yield Figure(f"list of who bought, {name}: at {size:,}", took * 1000, "ms", None)


def _bulk(size: int, by: Any) -> Iterator[Figure]:
    from oscar_crm.queries.bulk import TAG, BulkAction, Target
    from oscar_crm.services import bulk_changes
    from oscar_crm.test.factories import TagFactory

    count = min(BULK, size // 2)
    target = Target(ids=tuple(range(1, count + 1)))
    began = time.perf_counter()
    opened = bulk_changes.run_at_once(BulkAction(TAG, tag=TagFactory().pk), target, by=by)
    took = time.perf_counter() - began
    changed = bulk_changes.progress_of(opened).changed
    yield Figure(f"bulk tag of {count:,}: contacts a second", changed / took, "1/s", None)
    try:
        from oscar_crm.services.undo import undo_operation
    except ImportError:
        return
    undone = _seconds(lambda: undo_operation(opened, by=by))
    yield Figure(
        f"undo of a bulk tag of {count:,}: contacts a second", changed / undone, "1/s", None
    )


def _seconds(act: Any) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
