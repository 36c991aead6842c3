"""What the shop's staff have done in the CRM so far: owners, tags, companies, notes, rates."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from oscar_crm.models import Activity, Change, Contact
from oscar_crm.services.activities import add_note
from oscar_crm.services.contacts import assign_owner, update_contact
from oscar_crm.services.rates import set_rate
from oscar_crm.services.tags import tag_contact
from sandbox.demo.seed.people import Person

OWNED_SHARE = 0.3
TAGS = {
    "Newsletter": "#1f77b4",
    "Wholesale": "#9467bd",
    "Local": "#2ca02c",
    "Press": "#d62728",
    "Gift buyer": "#ff7f0e",
}
REGULAR_TAG, REGULAR_COLOUR, REGULAR_ORDERS = "Regular", "#17becf", 8
NOTES = (
    "Asked whether we deliver to the office. We do, from 10 to 16 h.",
    "Called about the lamp: the shade had a dent, sent a new one.",
    "Wants the autumn catalogue on paper.",
    "Plans to furnish a guest house next spring, call again in February.",
    "Very happy with the last parcel, would leave a review.",
    "Prefers e-mail to phone calls.",
    "Met at the spring fair, interested in larger quantities.",
    "Invoice must show the cost centre, please remember.",
)


def enter_rates(by: Any, today: date, months: int) -> None:
    """US dollar rates for the whole time, a new one about every quarter."""
    start = today - timedelta(days=int(months * 31) + 31)
    rates = ("0.91", "0.93", "0.92", "0.90", "0.87", "0.86", "0.88", "0.87")
    steps = max(1, -(-months // 3) + 1)
    for index in range(steps):
        day = start + timedelta(days=index * 91)
        if day <= today:
            set_rate("USD", Decimal(rates[index % len(rates)]), valid_from=day, by=by)


def work_contacts(
    rng: random.Random, staff: dict[str, Any], people: Sequence[Person]
) -> dict[str, int]:
    """Give contacts owners, tags, companies and notes; returns how many of each."""
    companies = {person.email.casefold(): person.company for person in people if person.company}
    owners = [staff["sales@example.com"], staff["sales@example.com"], staff["owner@example.com"]]
    done = dict.fromkeys(("owners", "tags", "companies", "notes"), 0)
    for contact in Contact.objects.order_by("pk").prefetch_related("emails"):
        by = rng.choice(owners)
        company = next((companies.get(e.address.casefold(), "") for e in contact.emails.all()), "")
        if company:
            update_contact(contact, {"company_name": company}, by=by)
            done["companies"] += 1
        if rng.random() < OWNED_SHARE:
            assign_owner(contact, by, by=by)
            done["owners"] += 1
        done["tags"] += _tag(rng, contact, company, by)
        if rng.random() < 0.15:
            add_note(contact, rng.choice(NOTES), by=by)
            done["notes"] += 1
        _date_back(rng, contact)
    return done


def _date_back(rng: random.Random, contact: Contact) -> None:
    """Staff did all this some time after the contact appeared, not all in the last minute."""
    known_for = (timezone.now() - contact.created_at).total_seconds()
    at = contact.created_at + timedelta(seconds=known_for * rng.uniform(0.3, 0.95))
    Activity.objects.filter(contact=contact).update(occurred_at=at)
    Change.objects.filter(contact=contact).update(at=at)


def _tag(rng: random.Random, contact: Contact, company: str, by: Any) -> int:
    wanted = dict.fromkeys(tag for tag in TAGS if rng.random() < 0.12)
    if company and rng.random() < 0.6:
        wanted["Wholesale"] = None
    for name in wanted:
        tag_contact(contact, name, by=by, colour=TAGS[name])
    if contact.orders_count >= REGULAR_ORDERS:
        tag_contact(contact, REGULAR_TAG, by=by, colour=REGULAR_COLOUR)
        return len(wanted) + 1
    return len(wanted)
