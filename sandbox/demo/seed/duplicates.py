"""People and companies that are in the CRM twice, as happens when several people type."""

import random
from typing import Any

from oscar_crm.models import Account, Contact
from oscar_crm.services import duplicates
from oscar_crm.services.accounts import create_account
from oscar_crm.services.contacts import create_contact

EVERY = 25  # of so many contacts one is there twice
MOST = 6


def type_twice(rng: random.Random, by: Any) -> int:
    """Enter some contacts and companies once more, a little differently; returns how many pairs.

    Somebody has looked for duplicates since, so that the review queue is not empty.
    """
    contacts = Contact.objects.exclude(last_name="").exclude(phone="")
    count = min(MOST, contacts.count() // EVERY)
    for contact in rng.sample(list(contacts.order_by("pk")), count):
        _type_again(contact, by)
    for account in Account.objects.exclude(name="").order_by("pk")[: min(count, 2)]:
        create_account({"name": f"{account.name.upper()} Ltd", "phone": account.phone}, by=by)
    return duplicates.run(by=by).found


def _type_again(contact: Contact, by: Any) -> None:
    """The initial only, the phone number as it was said on the phone, another address."""
    number = f"{contact.last_name}.{contact.pk}".casefold()
    address = f"{number}@mail.example" if number.isascii() and " " not in number else ""
    values = {
        "first_name": f"{contact.first_name[:1]}.",
        "last_name": contact.last_name,
        "phone": contact.phone.replace(" ", "-"),
        "city": contact.city,
        "job_title": "Buyer",
    }
    create_contact(values, emails=[address] if address else [], by=by)
