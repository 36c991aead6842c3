"""Whose order is it? Finding the contact of an order or an account, or making a new one.

* An account that is known decides; else the e-mail address does.
* A shared address (``info@…``) decides together with the name.
* Joining an existing contact by e-mail proves nothing about the account: see ``ContactUser``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from oscar_crm import text
from oscar_crm.conf import crm_settings
from oscar_crm.match_keys import email_alias
from oscar_crm.models import Contact, ContactEmail, ContactUser, OrderLink
from oscar_crm.signals import contact_created, send_on_commit

from .search import index_contacts

MAX_ADDRESS_LENGTH = 254


@dataclass
class Person:
    """What an order or an account says about somebody. ``details`` are fields of ``Contact``.

    ``seen_at`` is when the shop first met them; a contact made now dates from then, so that
    bringing in past orders does not make everybody new.
    """

    email: str = ""
    user: Any = None
    seen_at: datetime | None = None
    details: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.details.get('first_name', '')} {self.details.get('last_name', '')}".strip()

    @property
    def has_usable_email(self) -> bool:
        return text.is_email(self.email) and len(self.email.strip()) <= MAX_ADDRESS_LENGTH

    @property
    def problem(self) -> str:
        """Why no contact can be made, an ``OrderLink.Problem``; ``""`` when one can."""
        if self.user is not None or self.has_usable_email:
            return ""
        return OrderLink.Problem.BAD_EMAIL if self.email else OrderLink.Problem.NO_EMAIL


def is_shared(address: str) -> bool:
    """Whether several people use this address (setting ``OSCAR_CRM_SHARED_ADDRESSES``)."""
    key = text.fold_email(address)
    shared = {text.fold_email(entry).rstrip("@") for entry in crm_settings.SHARED_ADDRESSES}
    return key in shared or key.rpartition("@")[0] in shared


def find_contact(person: Person) -> Contact | None:
    """The contact of this person, if the CRM knows them. Changes nothing."""
    if person.user is not None:
        joined = ContactUser.objects.filter(user=person.user).select_related("contact").first()
        if joined:
            return joined.contact
    return _find_by_email(person) if person.has_usable_email else None


def _find_by_email(person: Person) -> Contact | None:
    key = text.fold_email(person.email)
    if not is_shared(person.email):
        email = ContactEmail.objects.filter(match_key=key).select_related("contact").first()
        return email.contact if email else None
    name = text.fold(person.name)
    shared = Contact.objects.filter(emails__shared_key=key) | Contact.objects.filter(
        emails__match_key=key
    )
    matching = (c for c in shared.distinct().order_by("pk") if text.fold(c.full_name) == name)
    return next(matching, None)


def find_or_create_contact(person: Person, *, source: str) -> Contact:
    """The person's contact, made if need be, knowing their address and account. Safe to repeat.

    Two callers with the same new address at once get the same contact. Fields that are empty
    are filled from ``person.details``; what is there is never overwritten.
    """
    contact = find_contact(person)
    created = False
    if contact is None:
        contact, created = _create_contact(person, source=source)
    if created:
        changed = True
        send_on_commit(contact_created, Contact, contact=contact)
    else:
        changed = _fill_blanks(contact, person)
        changed |= _attach_email(contact, person)
        _attach_user(contact, person, source=source)
    if changed:
        index_contacts([contact])
    return contact


def _create_contact(person: Person, *, source: str) -> tuple[Contact, bool]:
    """A new contact with its address; the other transaction's, if that was quicker."""
    try:
        with transaction.atomic():
            created_at = min(person.seen_at or timezone.now(), timezone.now())
            contact = Contact.objects.create(source=source, created_at=created_at, **person.details)
            if person.has_usable_email:
                ContactEmail.objects.create(
                    contact=contact,
                    address=person.email.strip(),
                    alias_key=email_alias(person.email),
                    is_primary=True,
                    **_keys(person),
                )
            if person.user is not None:
                ordered = source == Contact.Source.ORDER
                basis = ContactUser.Basis.ORDERED if ordered else ContactUser.Basis.EMAIL
                ContactUser.objects.create(
                    contact=contact, user=person.user, basis=basis, label=_label(person)
                )
            return contact, True
    except IntegrityError:
        found = find_contact(person)
        if found is None:
            raise
        return found, False


def _fill_blanks(contact: Contact, person: Person) -> bool:
    """Fill the name as a whole and the address as a whole, so that two people never mix."""
    groups = (
        ("first_name", "last_name"),
        ("line1", "line2", "city", "state", "postcode", "country"),
        ("phone",),
        ("company_name",),
    )
    filled = {
        name: person.details[name]
        for group in groups
        if not any(getattr(contact, name) for name in group)
        for name in group
        if person.details.get(name)
    }
    if filled:
        for name, value in filled.items():
            setattr(contact, name, value)
        contact.save(update_fields=[*filled, "updated_at"])
    return bool(filled)


def _keys(person: Person) -> dict[str, str | None]:
    key = text.fold_email(person.email)
    if is_shared(person.email):
        return {"match_key": None, "shared_key": key}
    return {"match_key": key, "shared_key": None}


def _attach_email(contact: Contact, person: Person) -> bool:
    """Remember the address unless it is known; an address of another contact stays there."""
    if not person.has_usable_email:
        return False
    keys = _keys(person)
    mine = ContactEmail.objects.filter(contact=contact)
    if keys["shared_key"] and mine.filter(match_key=keys["shared_key"]).exists():
        return False  # known from before the address was declared shared
    unique = keys if keys["match_key"] else {**keys, "contact": contact}
    _, created = ContactEmail.objects.get_or_create(
        **unique,
        defaults={
            "contact": contact,
            "address": person.email.strip(),
            "alias_key": email_alias(person.email),
            "is_primary": not mine.filter(is_primary=True).exists(),
        },
    )
    return created


def _attach_user(contact: Contact, person: Person, *, source: str) -> None:
    """Join the account to the contact; an order confirms what only a registration had made."""
    if person.user is None:
        return
    joined, _ = ContactUser.objects.get_or_create(
        user=person.user,
        defaults={
            "contact": contact,
            "basis": ContactUser.Basis.EMAIL,
            "label": _label(person),
        },
    )
    if (
        source == Contact.Source.ORDER
        and joined.basis == ContactUser.Basis.EMAIL
        and contact.source == Contact.Source.REGISTRATION
        and not OrderLink.objects.filter(contact=contact).exists()
        and contact.shop_accounts.count() == 1
    ):
        joined.basis = ContactUser.Basis.ORDERED
        joined.save(update_fields=["basis"])


def _label(person: Person) -> str:
    return str(getattr(person.user, "email", "") or person.user.get_username())[:254]
