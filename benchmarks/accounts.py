"""Account pages and the account list: 10,000 orders below an account against 10."""

from collections.abc import Iterator

from django.db import connection
from django.test import Client
from django.urls import reverse

from oscar_crm.services.account_figures import rebuild_accounts

from .figures import Figure
from .pages import LIST_QUERIES, PAGE_QUERIES, count_queries, median

SHORT, LONG = 1, 2
# Accounts 1 and 2 are the tops of two trees: 5 and 100 companies on three levels.
ACCOUNTS = """
INSERT INTO oscar_crm_account
  (id, name, industry, website, vat_number, phone, currency, description,
   billing_line1, billing_line2, billing_city, billing_state, billing_postcode, billing_country,
   shipping_line1, shipping_line2, shipping_city, shipping_state, shipping_postcode,
   shipping_country, parent_id, custom, created_at, updated_at, version, sort_name, name_key,
   industry_key, phone_key, domain, vat_key, lifetime_value, unvalued_orders, orders_count)
SELECT n, 'Company ' || n, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '',
  CASE WHEN n <= 2 THEN NULL WHEN n <= 12 THEN 2 WHEN n <= 100 THEN 3 + n %% 10
       WHEN n <= 104 THEN 1 END,
  '{}', now() - n * interval '1 minute', now(), 1, 'company ' || n, n::text, '', '', '', '', 0, 0, 0
FROM generate_series(1::bigint, %(accounts)s) AS n
"""
LINKS = """
WITH links AS (
  INSERT INTO oscar_crm_orderlink
    (contact_id, account_id, number, email, placed_at, status, currency, total, refund_excess,
     foreign_refund, problem, problem_detail, fingerprint, synced_at)
  SELECT 1 + n %% 100, %(first)s + n %% %(companies)s, 'A' || %(first)s || '-' || n, '',
    now() - n * interval '1 hour', '', 'EUR', 10, 0, '', '', '', '', now()
  FROM generate_series(1, %(orders)s) AS n
  RETURNING id, contact_id, placed_at
)
INSERT INTO oscar_crm_valueentry
  (link_id, contact_id, kind, sequence, gross, amount, currency, base_amount, occurred_at)
SELECT id, contact_id, 'placed', 0, 10, 10, 'EUR', 10, placed_at FROM links
"""
PEOPLE = """
INSERT INTO oscar_crm_accountcontact (account_id, contact_id, role, is_primary)
SELECT CASE WHEN n > 1000 THEN 1 ELSE 2 END, n, 'Buyer', true FROM generate_series(1, 1030) AS n
"""


def measure(client: Client, *, accounts: int = 10_000) -> Iterator[Figure]:
    """Uses the contacts that the database holds; there must be 1,030."""
    _fill(accounts)
    short, long = (reverse("dashboard:crm-account-detail", args=[pk]) for pk in (SHORT, LONG))
    ratio = median(client, long) / median(client, short)
    yield Figure("account with 10,000 orders below it against 10", ratio, "×", None)
    yield Figure("account with 10,000 orders below it", median(client, long) * 1000, "ms", None)
    most = max(count_queries(client, url) for url in (short, long))
    yield Figure("account page: queries", most, "queries", PAGE_QUERIES)
    listed = reverse("dashboard:crm-account-list")
    yield Figure("account list: queries", count_queries(client, listed), "queries", LIST_QUERIES)
    companies = reverse("dashboard:crm-company-list")
    yield Figure("companies from orders", median(client, companies) * 1000, "ms", None)


def _fill(accounts: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE oscar_crm_account, oscar_crm_accountcontact CASCADE")
        cursor.execute(ACCOUNTS, {"accounts": accounts})
        cursor.execute(LINKS, {"first": 101, "companies": 4, "orders": 10})
        cursor.execute(LINKS, {"first": 2, "companies": 99, "orders": 10_000})
        cursor.execute(PEOPLE)
        # Names of companies as orders bring them: one of 3,000 for every third contact.
        cursor.execute(
            "UPDATE oscar_crm_contact SET company_name = 'Shop ' || id %% 3000 || ' Ltd', "
            "company_key = 'shop ' || id %% 3000 WHERE id %% 3 = 0",
            {},
        )
    rebuild_accounts()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
