"""Making the benchmark's database, and filling it set-based with contacts."""

import os

import psycopg
from django.core.management import call_command
from django.db import connection

FIRST_NAMES = "{Ada,Ben,Cleo,Dora,Emil,Finn,Greta,Hugo,Ines,Jan,Klara,Leo,Mia,Nils,Olga,Paul}"
LAST_NAMES = "{Abel,Brandt,Conrad,Dietz,Engel,Falk,Graf,Haas,Ivanov,Jung,Keller,Lorenz,Moser}"

CONTACTS = """
INSERT INTO oscar_crm_contact
  (custom, name_key, company_key, phone_key,
   id, kind, source, first_name, last_name, job_title, company_name, phone, line1, line2, city,
   state, postcode, country, owner_id, created_at, updated_at, version, sort_name,
   lifetime_value, currency_totals, unvalued_orders, orders_count, first_order_at, last_order_at)
SELECT '{}', lower(first || ' ' || last || ' ' || n), '', '4922100' || lpad(n::text, 7, '0'), n,
  (ARRAY['lead','customer','customer','customer','customer','customer','customer','partner',
         'vendor','customer'])[1 + n %% 10],
  'order', first, last || ' ' || n, '', '', '+4922100' || lpad(n::text, 7, '0'), 'Street ' || n,
  '', 'Town', '', '10000', 'DE', CASE WHEN n %% 50 = 0 THEN %(owner)s::int END,
  now() - n * interval '11 seconds', now(), 1, lower(last || ' ' || n || ' ' || first),
  (n * 7919 %% 100000) / 100.0, '{}', 0, 1 + n %% 9,
  now() - n * interval '11 seconds', now() - (n * 7907 %% %(size)s) * interval '7 seconds'
FROM (
  SELECT n, (%(firsts)s::text[])[1 + n %% 16] AS first, (%(lasts)s::text[])[1 + n %% 13] AS last
  FROM generate_series(1::bigint, %(size)s) AS n
) AS people
"""
EMAILS = """
INSERT INTO oscar_crm_contactemail (contact_id, address, match_key, alias_key, is_primary)
SELECT id, address, address, address, true
FROM oscar_crm_contact, LATERAL (SELECT 'person' || id || '@example.com' AS address) AS made
"""
WORDS = """
INSERT INTO oscar_crm_contactword (contact_id, word)
SELECT DISTINCT id, word FROM oscar_crm_contact, LATERAL (VALUES
  (lower(first_name)), (lower(split_part(last_name, ' ', 1))), (id::text),
  ('person' || id || '@example.com'), ('example.com'), ('person' || id),
  (substr(phone, 2)), (substr(phone, 4))
) AS words (word)
"""
TAGGED = """
INSERT INTO oscar_crm_contact_tags (contact_id, tag_id)
SELECT id, %(tag)s FROM oscar_crm_contact WHERE id %% 100 = 0
"""
LINKS = """
INSERT INTO oscar_crm_orderlink
  (contact_id, number, email, placed_at, status, currency, total, refund_excess, foreign_refund,
   problem, problem_detail, fingerprint, synced_at)
SELECT id, 'B' || lpad(id::text, 8, '0'), '', last_order_at, '', 'EUR', 10, 0, '', '', '', '', now()
FROM oscar_crm_contact
"""
# One contact with a long history, and one with a short one.
ORDERS_OF_ONE = """
WITH links AS (
  INSERT INTO oscar_crm_orderlink
    (contact_id, number, email, placed_at, status, currency, total, refund_excess, foreign_refund,
     problem, problem_detail, fingerprint, synced_at)
  SELECT %(contact)s, 'L' || %(contact)s || '-' || n, '', now() - n * interval '1 hour', '', 'EUR',
    10, 0, '', '', '', '', now()
  FROM generate_series(1, %(orders)s) AS n
  RETURNING id, contact_id, placed_at
)
INSERT INTO oscar_crm_valueentry
  (link_id, contact_id, kind, sequence, gross, amount, currency, base_amount, occurred_at)
SELECT id, contact_id, 'placed', 0, 10, 10, 'EUR', 10, placed_at FROM links
"""
TABLES = ("contact", "contactemail", "contactword", "contact_tags", "orderlink", "valueentry")


def create() -> None:
    """A fresh, empty database with the schema of the sandbox."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS crm_bench WITH (FORCE)")
        server.execute("CREATE DATABASE crm_bench")
    call_command("migrate", run_syncdb=True, verbosity=0)


def fill(size: int, *, owner: int, tag: int) -> None:
    """Exactly ``size`` contacts with an address, words and an order each; replaces what was there.

    Contact 1 has 10 orders more, contact 2 has 10,000.
    """
    values = {
        "size": size,
        "owner": owner,
        "tag": tag,
        "firsts": FIRST_NAMES,
        "lasts": LAST_NAMES,
    }
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(f"oscar_crm_{t}" for t in TABLES) + " CASCADE")
        for statement in (CONTACTS, EMAILS, WORDS, TAGGED, LINKS):
            cursor.execute(statement, values)
        for contact, orders in ((1, 10), (2, 10_000)):
            cursor.execute(ORDERS_OF_ONE, {"contact": contact, "orders": orders})
        cursor.execute("VACUUM ANALYZE")
