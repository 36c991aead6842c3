"""Making the benchmark's database, and filling it set-based with contacts."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection, connections, transaction

# Each is borne by one in fifty, twice as many as the commonest names of a country.
FIRST_NAMES = (
    "{Ada,Ben,Cleo,Dora,Emil,Finn,Greta,Hugo,Ines,Jan,Klara,Leo,Mia,Nils,Olga,Paul,Rosa,"
    "Samuel,Tilda,Ulrich,Vera,Walter,Xenia,Yusuf,Zoe,Anton,Berta,Carl,Dana,Erik,Frida,"
    "Gustav,Hanna,Igor,Julia,Konrad,Lena,Moritz,Nora,Otto,Petra,Quentin,Ruth,Simon,Thea,"
    "Uwe,Viola,Wanda}"
)
LAST_NAMES = (
    "{Abel,Brandt,Conrad,Dietz,Engel,Falk,Graf,Haas,Ivanov,Jung,Keller,Lorenz,Moser,"
    "Neumann,Otte,Peters,Quandt,Richter,Sommer,Thiel,Urban,Vogel,Wagner,Xander,Yilmaz,"
    "Zander,Arndt,Becker,Claus,Dorn,Ebert,Fink,Gross,Heller,Ihle,Jost,Kraus,Lang,Maurer,"
    "Nagel,Opitz,Pohl,Reuter,Seidel,Tietz,Ulmer,Voss,Winter,Ziegler}"
)

CONTACTS = """
INSERT INTO oscar_crm_contact
  (custom, name_key, company_key, phone_key,
   id, kind, source, first_name, last_name, job_title, company_name, phone, line1, line2, city,
   state, postcode, country, owner_id, created_at, updated_at, archived_at, version, sort_name,
   lifetime_value, currency_totals, unvalued_orders, orders_count, first_order_at, last_order_at)
SELECT '{}', lower(first || ' ' || last || ' ' || n), '', '4922100' || lpad(n::text, 7, '0'), n,
  (ARRAY['lead','customer','customer','customer','customer','customer','customer','partner',
         'vendor','customer'])[1 + n %% 10],
  'order', first, last || ' ' || n, '', '', '+4922100' || lpad(n::text, 7, '0'), 'Street ' || n,
  '', 'Town', '', '10000', 'DE', CASE WHEN n %% 47 = 0 THEN %(owner)s::int END,
  now() - n * interval '11 seconds', now(), CASE WHEN n %% 89 = 0 THEN now() END, 1,
  lower(last || ' ' || n || ' ' || first),
  CASE WHEN ordered THEN (n * 7919 %% 100000) / 100.0 ELSE 0 END, '{}', (n %% 101 = 0)::int,
  CASE WHEN ordered THEN 1 + n %% 9 ELSE 0 END,
  CASE WHEN ordered THEN now() - n * interval '11 seconds' END,
  CASE WHEN ordered THEN now() - (n * 7907 %% %(size)s) * interval '7 seconds' END
FROM (
  SELECT n, n %% 10 > 0 AS ordered,  -- who never did is a lead
    CASE WHEN n < 1600 AND n %% 50 = 6 THEN 'Greta' ELSE (%(firsts)s::text[])[1 + n %% 48] END
      AS first,
    CASE WHEN n < 1600 AND n %% 50 = 6 THEN 'Brandt'
      WHEN n %% 48 = 6 AND n %% 49 = 1 THEN 'Abel' ELSE (%(lasts)s::text[])[1 + n %% 49] END
      AS last  -- thirty-two are called Greta Brandt, at whatever size
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
  ('person' || id || '@example.com'), ('example.com'),
  (substr(phone, 2)), (substr(phone, 4))
) AS words (word)
ORDER BY id, word
"""
TAGGED = """
INSERT INTO oscar_crm_contact_tags (contact_id, tag_id)
SELECT id, %(tag)s FROM oscar_crm_contact WHERE id %% 97 = 5
"""
LINKS = """
INSERT INTO oscar_crm_orderlink
  (contact_id, number, email, placed_at, status, currency, total, refund_excess, foreign_refund,
   problem, problem_detail, fingerprint, synced_at)
SELECT id, 'B' || lpad(id::text, 8, '0'), '', last_order_at, '', 'EUR', 10, 0, '', '', '', '', now()
FROM oscar_crm_contact WHERE last_order_at IS NOT NULL
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
# Vacuuming in the middle of a measurement would make it another one; each filling ends with one.
NO_AUTOVACUUM = """
DO $$ DECLARE name regclass; BEGIN
  FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', name); END LOOP;
END $$
"""
TABLES = ("contact", "contactemail", "contactword", "contact_tags", "orderlink", "valueentry")


def create() -> None:
    """A fresh, empty database with the schema of the sandbox."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS crm_bench WITH (FORCE)")
        server.execute("CREATE DATABASE crm_bench")
    call_command("migrate", run_syncdb=True, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(NO_AUTOVACUUM)


def kept_as(name: str) -> Any:
    """A connection to a copy of the database as it is now."""
    connection.close()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        how = "STRATEGY file_copy" if server.info.server_version >= 150_000 else ""
        server.execute(f"CREATE DATABASE {name} TEMPLATE crm_bench {how}")
    copy = connections["default"].copy()
    copy.settings_dict["NAME"] = name
    return copy


@contextmanager
def using(other: Any) -> Iterator[None]:
    """Everything inside reads ``other``, a connection of ``kept_as``."""
    usual = connections["default"]
    connections["default"] = other
    try:
        yield
    finally:
        connections["default"] = usual


def fill_copies(sizes: Sequence[int], *, owner: int, tag: int) -> dict[int, Any]:
    """A copy of the database at each size; the database itself keeps the last one's contacts."""
    copies = {}
    for size in sizes:
        fill(size, owner=owner, tag=tag)
        copies[size] = kept_as(f"crm_bench_{size}")
    return copies


def fill(size: int, *, owner: int, tag: int) -> None:
    """Exactly ``size`` contacts with an address and words; replaces what was there.

    Nine in ten have an order; contact 1 has 10 more, contact 2 has 10,000.
    """
    values = {
        "size": size,
        "owner": owner,
        "tag": tag,
        "firsts": FIRST_NAMES,
        "lasts": LAST_NAMES,
    }
    tables = [f"oscar_crm_{table}" for table in TABLES]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(tables) + " CASCADE")
        with quick_inserts(cursor, tables):
            for statement in (CONTACTS, EMAILS, WORDS, TAGGED, LINKS):
                cursor.execute(statement, values)
        for contact, orders in ((1, 10), (2, 10_000)):
            cursor.execute(ORDERS_OF_ONE, {"contact": contact, "orders": orders})
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def quick_inserts(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Inside, rows of these tables may be inserted without their indexes, which are built after.

    Nor are foreign keys checked: the statements keep them.
    """
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    with transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
