"""Looking for duplicates, merging, and undoing: seconds, on contacts of its own."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from oscar_crm.models import Change, Contact, DuplicatePair, Operation
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.services import duplicates
from oscar_crm.services.merge import merge_records
from oscar_crm.services.undo import undo_operation

from .database import FIRST_NAMES, LAST_NAMES, ORDERS_OF_ONE, TABLES
from .figures import Figure

MOST_CONTACTS = 100_000
SCAN_SECONDS = 20 / MOST_CONTACTS  # per contact
MERGE_SECONDS = 2
BULK = 10_000

# Twenty people to a company, to a domain and to a postcode; every fiftieth is there twice, with
# the same phone number; a tenth uses a public mail provider.
CONTACTS_SQL = """
INSERT INTO oscar_crm_contact
  (custom, name_key, company_key, phone_key, id, kind, source, first_name, last_name, job_title,
   company_name, phone, line1, line2, city, state, postcode, country, created_at, updated_at,
   version, sort_name, lifetime_value, currency_totals, unvalued_orders, orders_count)
SELECT '{}', lower(last || ' ' || first), 'company ' || n / 20,
  CASE WHEN n %% 50 < 2 THEN '492210' || lpad((n / 50)::text, 6, '0') ELSE '' END, n, 'customer',
  'order', first, last, '', 'Company ' || n / 20, '', '', '', '', '', (10000 + n / 20)::text, 'DE',
  now(), now(), 1, lower(last || ' ' || first), 0, '{}', 0, 0
FROM (
  SELECT n,
    (%(firsts)s::text[])[1 + (n - (n %% 50 = 1)::int) * 7 %% 16] AS first,
    (%(lasts)s::text[])[1 + (n - (n %% 50 = 1)::int) * 11 %% 13]
      || substr(md5(((n - (n %% 50 = 1)::int) / 3)::text), 1, 3) AS last
  FROM generate_series(1::bigint, %(size)s) AS n
) AS people
"""
EMAILS_SQL = """
INSERT INTO oscar_crm_contactemail (contact_id, address, match_key, alias_key, is_primary)
SELECT id, address, address, address, true
FROM oscar_crm_contact, LATERAL (
  SELECT 'p' || id || '@' || CASE WHEN id %% 10 = 0 THEN 'gmail.com'
    ELSE 'company' || id / 20 || '.example' END AS address
) AS made
"""
WORDS_SQL = """
INSERT INTO oscar_crm_contactword (contact_id, word)
SELECT DISTINCT contact_id, split_part(address, '@', 2) FROM oscar_crm_contactemail
"""


def measure(size: int) -> Iterator[Figure]:
    """Fill the database with ``size`` contacts of its own and measure on these."""
    _fill(size)
    seconds = _seconds(duplicates.run)
    yield Figure(f"duplicates of {size:,} contacts", seconds, "s", SCAN_SECONDS * size)
    yield Figure("duplicates found", DuplicatePair.objects.count(), "pairs", None)
    with connection.cursor() as cursor:
        for contact in (1, 2):
            cursor.execute(ORDERS_OF_ONE, {"contact": contact, "orders": 5_000})
    operation: list[Operation] = []
    merge = lambda: operation.append(merge_records(CONTACTS, 1, [2], by=None))  # noqa: E731
    yield Figure("merge of two contacts, 10,000 orders", _seconds(merge), "s", MERGE_SECONDS)
    undo = lambda: undo_operation(operation[0], by=None)  # noqa: E731
    yield Figure("undo of that merge", _seconds(undo), "s", None)
    bulk = _bulk_change(min(BULK, size))
    seconds = _seconds(lambda: undo_operation(bulk, by=None))
    yield Figure(f"undo of {min(BULK, size):,} changes", seconds, "s", None)


def _fill(size: int) -> None:
    values = {"size": size, "firsts": FIRST_NAMES, "lasts": LAST_NAMES}
    tables = (*TABLES, "duplicatepair", "operation")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(f"oscar_crm_{t}" for t in tables) + " CASCADE")
        for statement in (CONTACTS_SQL, EMAILS_SQL, WORDS_SQL):
            cursor.execute(statement, values)
        cursor.execute("VACUUM ANALYZE")


def _bulk_change(size: int) -> Operation:
    """What a bulk change of a field leaves in the journal."""
    opened = Operation.objects.create(kind=Operation.Kind.BULK, finished_at=timezone.now())
    contacts = Contact.objects.order_by("pk")[:size]
    Change.objects.bulk_create(
        Change(
            operation=opened,
            contact=contact,
            object_type=Contact._meta.label,
            object_id=contact.pk,
            before={"city": ""},
            after={"city": "Town"},
        )
        for contact in contacts
    )
    Contact.objects.filter(pk__in=contacts.values("pk")).update(city="Town")
    return opened


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
