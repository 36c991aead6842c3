"""The search box at several sizes of the CRM: contacts, accounts and orders at once."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.urls import reverse

from oscar_crm.queries.search import MAX_QUERIES

from .database import quick_inserts, using
from .figures import Figure
from .pages import compare, count_queries

ORDERS_EACH = 3
# Session, user, two of permissions, and Oscar's count of notifications.
OF_THE_DASHBOARD = 5

MORE_ORDERS = """
INSERT INTO oscar_crm_orderlink
  (contact_id, number, email, placed_at, status, currency, total, refund_excess, foreign_refund,
   problem, problem_detail, fingerprint, synced_at)
SELECT id, 'S' || n || '-' || lpad(id::text, 8, '0'), '',
  coalesce(last_order_at, created_at) - n * interval '1 day', '', 'EUR', 10, 0, '', '', '', '',
  now()
FROM oscar_crm_contact, generate_series(2, %(orders)s) AS n
"""
ACCOUNTS = """
INSERT INTO oscar_crm_account
  (name, industry, industry_key, website, vat_number, phone, currency, description,
   billing_line1, billing_line2, billing_city, billing_state, billing_postcode, billing_country,
   shipping_line1, shipping_line2, shipping_city, shipping_state, shipping_postcode,
   shipping_country, custom, created_at, updated_at, version, sort_name, name_key, phone_key,
   domain, vat_key, lifetime_value, unvalued_orders, orders_count)
SELECT last_name || ' GmbH', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '',
  '',
  '{}', now(), now(), 1, lower(last_name), lower(last_name), '', '', '', 0, 0, 0
FROM oscar_crm_contact WHERE id %% 10 = 0
"""
ACCOUNT_WORDS = """
INSERT INTO oscar_crm_accountword (account_id, word)
SELECT id, word FROM oscar_crm_account,
  LATERAL (SELECT DISTINCT unnest(string_to_array(lower(name), ' ')) AS word) AS words
"""
QUERIES = {
    "a frequent first name": "greta",
    "one letter": "g",
    "two frequent words": "greta brandt",
    "a name and a number": "greta 70",
    "an e-mail address": "person777@exampl",
    "a phone number": "0221 00 0000777",
    "an order number": "B00000777",
    "the beginning of all order numbers": "B0",
    "nothing": "nobodyiscalledthis",
}


def measure(client: Client, copies: dict[int, Any]) -> Iterator[Figure]:
    """Compare each larger size with the smallest; they take turns, request by request.

    ``copies`` are those of ``database.fill_copies``, which get more orders, and accounts.
    """
    for copy in copies.values():
        with using(copy):
            _fill_more()
    for name, query in QUERIES.items():
        yield from compare(
            client, copies, f"search box, {name}", dict.fromkeys(copies, url_of(query))
        )
    with using(copies[max(copies)]):
        most = max(count_queries(client, url_of(query)) for query in QUERIES.values())
    yield Figure("search box: queries", most, "queries", MAX_QUERIES + OF_THE_DASHBOARD)


def _fill_more() -> None:
    """Beside the contacts: three orders each, and an account for every tenth."""
    tables = ("oscar_crm_orderlink", "oscar_crm_account", "oscar_crm_accountword")
    with connection.cursor() as cursor:
        with quick_inserts(cursor, tables):
            cursor.execute(MORE_ORDERS, {"orders": ORDERS_EACH})
            cursor.execute(ACCOUNTS, {})
            cursor.execute(ACCOUNT_WORDS)
        cursor.execute("VACUUM ANALYZE")


def url_of(query: str) -> str:
    return f"{reverse('dashboard:crm-search-suggestions')}?{urlencode({'q': query})}"
