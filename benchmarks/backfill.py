"""The backfill of past orders: against hand-written SQL, and its memory at two sizes.

Run as a module it is the measured process itself, so that the peak is its own.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from .database import FIRST_NAMES, LAST_NAMES, TABLES, quick_inserts
from .figures import Figure

FLOOR_RATIO = 6.0
MEMORY_RATIO = 1.15
ROWS_RATIO = 1.02  # both sides must write the same amount
CRM_TABLES = (*TABLES, "contactuser", "operation")
SHOP_TABLES = (
    *("payment_transaction", "payment_source", "order_orderstatuschange", "order_order"),
    *("order_shippingaddress", "payment_sourcetype"),
)

# Three orders a person, every twentieth person with an account; a refund in every thirtieth order,
# a cancellation in every twenty-fifth.
SHOP = """
INSERT INTO address_country
  (iso_3166_1_a2, iso_3166_1_a3, iso_3166_1_numeric, printable_name, name, display_order,
   is_shipping_country)
VALUES ('DE', 'DEU', '276', 'Germany', 'Germany', 0, true) ON CONFLICT DO NOTHING;

INSERT INTO payment_sourcetype (id, name, code) VALUES (1, 'Card', 'card');

INSERT INTO auth_user
  (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
   date_joined)
SELECT 1000 + p, '', false, 'account' || p, (%(firsts)s::text[])[1 + p %% 16],
  (%(lasts)s::text[])[1 + p %% 13], 'person' || p || '@example.com', false, true, now()
FROM generate_series(20::bigint, %(people)s, 20) AS p ON CONFLICT DO NOTHING;

CREATE TEMPORARY TABLE plan AS
SELECT n, p, 'person' || p || '@example.com' AS email, 1000 + (n * 37 %% 20000) / 100.0 AS total,
  CASE WHEN p %% 20 = 0 THEN 1000 + p END AS account,
  CASE WHEN n %% 25 = 0 THEN 'Cancelled' ELSE 'Complete' END AS status,
  now() - (%(orders)s - n) * interval '40 seconds' AS placed
FROM generate_series(1::bigint, %(orders)s) AS n,
  LATERAL (SELECT 1 + n * 7919 %% %(people)s AS p) AS person;

INSERT INTO order_shippingaddress
  (id, title, first_name, last_name, line1, line2, line3, line4, state, postcode, country_id,
   search_text, phone_number, notes)
SELECT n, '', (%(firsts)s::text[])[1 + p %% 16], (%(lasts)s::text[])[1 + p %% 13], 'Street ' || p,
  '', '', 'Town', '', '10000', 'DE', '', '+4922100' || lpad(p::text, 7, '0'), '' FROM plan;

INSERT INTO order_order
  (id, number, user_id, currency, total_incl_tax, total_excl_tax, shipping_incl_tax,
   shipping_excl_tax, shipping_address_id, shipping_method, shipping_code, status, guest_email,
   date_placed, analytics_tracked)
SELECT n, 'F' || n, account, 'EUR', total, total, 0, 0, n, 'Free', 'free', status,
  CASE WHEN account IS NULL THEN email ELSE '' END, placed, false FROM plan;

INSERT INTO payment_source
  (id, order_id, source_type_id, currency, amount_allocated, amount_debited, amount_refunded,
   reference, label)
SELECT n, n, 1, 'EUR', total, total, CASE WHEN n %% 30 = 0 THEN 100 ELSE 0 END, '', '' FROM plan;

INSERT INTO payment_transaction (source_id, txn_type, amount, reference, status, date_created)
SELECT n, 'Refund', 100, '', '', placed + interval '1 day' FROM plan WHERE n %% 30 = 0;

INSERT INTO order_orderstatuschange (order_id, old_status, new_status, date_created)
SELECT n, 'Complete', 'Cancelled', placed + interval '2 days' FROM plan WHERE n %% 25 = 0;
"""

# What somebody would write by hand who knows this data: no rule, no folding, no mistake.
FLOOR = """
CREATE TEMPORARY TABLE mine AS
SELECT o.id, o.number, o.status, o.currency, o.total_incl_tax AS total, o.date_placed AS placed,
  o.user_id, COALESCE(u.email, o.guest_email) AS email, s.amount_refunded AS refunded,
  o.status = 'Cancelled' AS cancelled, a.*
FROM order_order o
LEFT JOIN auth_user u ON u.id = o.user_id
LEFT JOIN payment_source s ON s.order_id = o.id
LEFT JOIN (SELECT id AS address_id, first_name, last_name, line1, line4, postcode, country_id,
             phone_number FROM order_shippingaddress) a ON a.address_id = o.shipping_address_id;

CREATE TEMPORARY TABLE buyers AS
SELECT row_number() OVER (ORDER BY min(id)) AS contact_id, lower(email) AS email,
  min(user_id) AS user_id, min(first_name) AS first_name, min(last_name) AS last_name,
  min(line1) AS line1, min(line4) AS city, min(postcode) AS postcode,
  min(country_id) AS country, min(phone_number) AS phone, min(placed) AS created,
  sum(CASE WHEN cancelled THEN 0 ELSE total - refunded END) AS value,
  count(*) FILTER (WHERE NOT cancelled) AS orders,
  min(placed) FILTER (WHERE NOT cancelled) AS first_order,
  max(placed) FILTER (WHERE NOT cancelled) AS last_order
FROM mine GROUP BY lower(email);

INSERT INTO oscar_crm_contact
  (id, kind, source, first_name, last_name, job_title, company_name, phone, line1, line2, city,
   state, postcode, country, custom, created_at, updated_at, version, sort_name, name_key,
   company_key, phone_key, lifetime_value, currency_totals, unvalued_orders, orders_count,
   first_order_at, last_order_at)
SELECT contact_id, 'customer', 'order', first_name, last_name, '', '', phone, line1, '', city, '',
  postcode, country, '{}', created, now(), 1, lower(last_name || ' ' || first_name),
  lower(first_name || ' ' || last_name), '', substr(phone, 2), value,
  jsonb_build_object('EUR', jsonb_build_object('amount', value::text, 'base', value::text)), 0,
  orders, first_order, last_order
FROM buyers;

INSERT INTO oscar_crm_contactemail (contact_id, address, match_key, alias_key, is_primary)
SELECT contact_id, email, email, email, true FROM buyers;

INSERT INTO oscar_crm_contactuser (contact_id, user_id, basis, label, created_at)
SELECT contact_id, user_id, 'ordered', email, now() FROM buyers WHERE user_id IS NOT NULL;

INSERT INTO oscar_crm_contactword (contact_id, word)
SELECT contact_id, word FROM buyers, LATERAL (VALUES
  (lower(first_name)), (lower(last_name)), (email), ('example.com'),
  (substr(phone, 2)), (substr(phone, 4))
) AS words (word);

INSERT INTO oscar_crm_orderlink
  (id, order_id, contact_id, number, email, placed_at, status, currency, total, refund_excess,
   foreign_refund, problem, problem_detail, fingerprint, synced_at)
SELECT m.id, m.id, contact_id, number, m.email, placed, status, currency, total, 0, '', '', '',
  md5(number || status || total || refunded), now()
FROM mine m JOIN buyers b ON b.email = lower(m.email);

INSERT INTO oscar_crm_valueentry
  (link_id, contact_id, kind, sequence, gross, amount, currency, base_amount, occurred_at)
SELECT m.id, contact_id, kind, sequence, amount, amount, currency, amount, occurred
FROM mine m JOIN buyers b ON b.email = lower(m.email), LATERAL (VALUES
  ('placed', 0, total, placed, true),
  ('refunded', 1, -refunded, placed + interval '1 day', refunded > 0),
  ('cancelled', 0, refunded - total, placed + interval '2 days', cancelled)
) AS line (kind, sequence, amount, occurred, happened) WHERE happened;
"""


def measure(sizes: list[int]) -> Iterator[Figure]:
    """Bring in that many orders, at each size in turn, in a process of its own.

    The hand-written SQL takes its turn before and after it, as a machine's speed drifts.
    """
    peaks, ratio, speed = [], 0.0, 0.0
    for orders in sizes:
        make_shop(orders)
        floor, expected = run_floor()
        seconds, peak = run_backfill()
        written = count_rows()
        assert expected <= written <= expected * ROWS_RATIO, (expected, written)
        empty_crm()
        floor_after, _expected = run_floor()
        peaks.append(peak)
        ratio, speed = seconds / ((floor + floor_after) / 2), orders / seconds
    empty_shop()
    yield Figure(f"backfill of {sizes[-1]:,} orders against SQL", ratio, "×", FLOOR_RATIO)
    yield Figure(f"backfill of {sizes[-1]:,} orders", speed, "orders/s", None)
    compared = f"{sizes[-1]:,} orders against {sizes[0]:,}"
    yield Figure(f"backfill, peak memory: {compared}", peaks[-1] / peaks[0], "×", MEMORY_RATIO)
    yield Figure(f"backfill, peak memory: at {sizes[-1]:,}", peaks[-1] / 1024, "MB", None)


def make_shop(orders: int) -> None:
    """A shop with exactly so many orders, and an empty CRM."""
    values = {
        "orders": orders,
        "people": orders // 3,
        "firsts": FIRST_NAMES,
        "lasts": LAST_NAMES,
    }
    empty_shop()
    with connection.cursor() as cursor, quick_inserts(cursor, SHOP_TABLES):
        for statement in SHOP.split(";\n"):
            cursor.execute(statement, values)
        cursor.execute("DROP TABLE plan")
    empty_crm()


def empty_shop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(SHOP_TABLES) + " CASCADE")


def empty_crm() -> None:
    with connection.cursor() as cursor:
        names = ", ".join(f"oscar_crm_{table}" for table in CRM_TABLES)
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        cursor.execute("VACUUM ANALYZE")


def run_floor() -> tuple[float, int]:
    """Seconds of the hand-written SQL, and how many rows it wrote; the CRM is empty again after."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(FLOOR)
        cursor.execute("COMMIT")
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE mine, buyers")
    written = count_rows()
    empty_crm()
    return seconds, written


def count_rows() -> int:
    tables = ("contact", "contactemail", "contactuser", "contactword", "orderlink", "valueentry")
    counts = " + ".join(f"(SELECT count(*) FROM oscar_crm_{table})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return int(cursor.fetchone()[0])


def run_backfill() -> tuple[float, int]:
    """Seconds and peak memory in KiB of a process that brings in all orders."""
    command = [sys.executable, "-m", "benchmarks.backfill"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak = json.loads(told.splitlines()[-1])
    return float(seconds), int(peak)


def peak_memory() -> int:
    """In KiB. Linux counts a parent's memory into ``ru_maxrss`` of its child, so not that there."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    began = time.perf_counter()
    call_command("crm_sync_orders", verbosity=0)
    print(json.dumps([time.perf_counter() - began, peak_memory()]))


if __name__ == "__main__":
    main()
