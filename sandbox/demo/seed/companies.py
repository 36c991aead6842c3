"""The demo's companies: most made of the names that orders brought, some above others."""

import random
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from oscar_crm.models import Account, AccountContact, Activity, Change, Contact
from oscar_crm.queries.companies import companies, people_of_key
from oscar_crm.services.accounts import create_account, set_parent, tag_account, update_account
from oscar_crm.services.activities import add_note
from oscar_crm.services.companies import accept_company
from oscar_crm.services.memberships import add_membership, change_membership, end_membership

LEFT_TO_DECIDE = 2
ROLES = ("Buyer", "Managing director", "Assistant", "Accounts", "Head of purchasing", "")
DETAILS: dict[str, dict[str, str]] = {
    "Hotel Seeblick": {"industry": "Hotels", "website": "seeblick.example", "phone": "+49 8151 90"},
    "Hôtel du Lac": {"industry": "Hotels", "website": "hotel-du-lac.example"},
    "Juniper Inn": {"industry": "Hotels", "website": "juniper-inn.example", "currency": "USD"},
    "Kontor & Söhne GmbH": {"industry": "Trade", "vat_number": "DE 123 456 788"},
    "The Paper Mill Ltd": {"industry": "Trade", "website": "papermill.example", "currency": "GBP"},
    "Café Zimtstern": {"industry": "Restaurants and cafés"},
    "Harbour & Hill Cafés": {"industry": "Restaurants and cafés"},
    "Praxis Dr. Böhm": {"industry": "Health"},
}
GROUPS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "Lakeside Hotels Group": (
        {
            "industry": "Hotels",
            "website": "lakeside.example",
            "description": "Buys for all houses.",
        },
        ("Hotel Seeblick", "Hôtel du Lac", "Juniper Inn"),
    ),
    "Morgenrot Gastronomie AG": (
        {"industry": "Restaurants and cafés", "website": "morgenrot.example"},
        ("Café Zimtstern", "Harbour & Hill Cafés"),
    ),
}
NOTES = (
    "Orders in spring and autumn, wants an offer in February.",
    "Invoices go to the head office, parcels to each house.",
    "Asked for a yearly bonus from 5,000 on.",
)


def work_companies(rng: random.Random, staff: dict[str, Any]) -> int:
    """Make accounts of most company names, put some below others; returns how many there are."""
    owner, sales = staff["owner@example.com"], staff["sales@example.com"]
    found = companies(owner, size=100)
    for company in found[:-LEFT_TO_DECIDE]:
        by = rng.choice((owner, sales))
        if not people_of_key(company.key, by).exists():  # they are all somebody else's contacts
            by = owner
        account = accept_company(company.key, by=by)
        update_account(account, DETAILS.get(account.name, {}), by=sales)
        _work(rng, account, sales)
    for name, (values, below) in GROUPS.items():
        _make_group(name, values, below, owner)
    _change_jobs(sales)
    _date_back(rng)
    return Account.objects.count()


def _work(rng: random.Random, account: Account, by: Any) -> None:
    for membership in account.memberships.order_by("pk"):
        change_membership(membership, role=rng.choice(ROLES), by=by)
    if rng.random() < 0.4:
        add_note(account, rng.choice(NOTES), by=by)
    if rng.random() < 0.5:
        tag_account(account, "Wholesale", by=by)


def _make_group(name: str, values: dict[str, str], below: tuple[str, ...], by: Any) -> None:
    members = list(Account.objects.filter(name__in=below).order_by("pk"))
    if not members:
        return
    parent = create_account({"name": name, "owner": by, **values}, by=by)
    for account in members:
        set_parent(account, parent, by=by)
    buyer = Contact.objects.filter(memberships__account=members[0]).order_by("pk").first()
    if buyer is not None:
        add_membership(parent, buyer, role="Head of purchasing", by=by)


def _change_jobs(by: Any) -> None:
    """One person has left a company for another one a year ago."""
    left = AccountContact.objects.filter(is_primary=True).order_by("-account__orders_count").first()
    other = Account.objects.exclude(pk=left.account_id).order_by("pk").first() if left else None
    if left is None or other is None:
        return
    last_day: date = timezone.localdate() - timedelta(days=365)
    end_membership(left, until=last_day, by=by)
    add_membership(
        other, left.contact, from_date=last_day + timedelta(days=1), is_primary=True, by=by
    )


def _date_back(rng: random.Random) -> None:
    """Staff did all this some time ago, not all in the last minute."""
    for account in Account.objects.order_by("pk"):
        at = timezone.now() - timedelta(days=rng.uniform(10, 200))
        Account.objects.filter(pk=account.pk).update(created_at=at)
        Activity.objects.filter(account=account).update(occurred_at=at + timedelta(days=3))
        Change.objects.filter(account=account).update(at=at)
