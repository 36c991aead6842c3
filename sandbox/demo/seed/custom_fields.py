"""Custom fields of the demo shop, and what staff know of some contacts and accounts."""

import random
from datetime import date, timedelta
from typing import Any

from oscar_crm.models import Account, Contact
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.custom_fields import create_field

PRICE_GROUPS = ("Retail", "Trade", "Key account")
STYLES = ("Scandinavian", "Industrial", "Country house", "Art déco")


def add_fields(by: Any) -> None:
    """Three fields of contacts and one of accounts."""
    create_field("contact", label="Price group", kind="choice", choices=list(PRICE_GROUPS), by=by)
    create_field("contact", label="Favourite style", kind="choice", choices=list(STYLES), by=by)
    create_field("contact", label="Birthday", kind="date", by=by)
    create_field("contact", label="Wants the catalogue on paper", kind="boolean", by=by)
    create_field("account", label="Credit limit", kind="number", by=by)


def fill_fields(rng: random.Random, by: Any, today: date) -> int:
    """Values for every third contact or so; returns how many contacts have some."""
    filled = 0
    for contact in Contact.objects.order_by("pk"):
        if rng.random() < 0.35:
            update_contact(contact, {}, custom=_values(rng, contact, today), by=by)
            filled += 1
    for account in Account.objects.order_by("pk"):
        Account.objects.filter(pk=account.pk).update(
            custom={**account.custom, "credit_limit": str(rng.randrange(1, 20) * 500)}
        )
    return filled


def _values(rng: random.Random, contact: Contact, today: date) -> dict[str, Any]:
    found: dict[str, Any] = {
        "price_group": PRICE_GROUPS[1 if contact.company_name else 0],
        "favourite_style": rng.choice(STYLES),
    }
    if contact.orders_count >= 8:
        found["price_group"] = PRICE_GROUPS[2]
    if rng.random() < 0.5:
        found["birthday"] = today - timedelta(days=rng.randrange(20 * 365, 75 * 365))
    if rng.random() < 0.5:
        found["wants_the_catalogue_on_paper"] = rng.random() < 0.4
    return found
