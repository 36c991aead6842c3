"""Whose order is it? The rules by which an order or an account finds its contact, or makes one.

* An account that is known decides; else the e-mail address does.
* A shared address (``info@…``) decides together with the name.
* Joining an existing contact by e-mail proves nothing about the account: see ``ContactUser``.

The rules work on what ``people`` has read, for one person or for a chunk of them, and write
nothing: whoever comes later in a chunk finds the contact an earlier one has made.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from oscar_crm import text
from oscar_crm.conf import crm_settings
from oscar_crm.match_keys import email_alias
from oscar_crm.models import AccountContact, Contact, ContactEmail, ContactUser, OrderLink
from oscar_crm.queries.memberships import company_on

from . import bulk

MAX_ADDRESS_LENGTH = 254
# Filled as a whole, so that two people never mix.
FILLED_TOGETHER = (
    ("first_name", "last_name"),
    ("line1", "line2", "city", "state", "postcode", "country"),
    ("phone",),
    ("company_name",),
)


@dataclass
class Person:
    """What an order or an account says about somebody.

    ``details`` gives each field of ``FILLED_TOGETHER``, as ``""`` where nothing is said.

    ``seen_at`` is when the shop first met them; a contact made now dates from then, so that
    bringing in past orders does not make everybody new.
    """

    email: str = ""
    user: Any = None
    seen_at: datetime | None = None
    details: Mapping[str, str] = field(default_factory=lambda: defaultdict(str))

    @property
    def name(self) -> str:
        return f"{self.details['first_name']} {self.details['last_name']}".strip()

    @cached_property
    def has_usable_email(self) -> bool:
        return text.is_email(self.email) and len(self.email.strip()) <= MAX_ADDRESS_LENGTH

    @cached_property
    def key(self) -> str:
        """The folded address; ``""`` when it cannot be used."""
        return text.fold_email(self.email) if self.has_usable_email else ""

    @property
    def problem(self) -> str:
        """Why no contact can be made, an ``OrderLink.Problem``; ``""`` when one can."""
        if self.user is not None or self.has_usable_email:
            return ""
        return OrderLink.Problem.BAD_EMAIL if self.email else OrderLink.Problem.NO_EMAIL


def is_shared(address: str) -> bool:
    """Whether several people use this address (setting ``OSCAR_CRM_SHARED_ADDRESSES``)."""
    return _is_among(_shared_addresses(), text.fold_email(address))


def shared_keys(keys: Iterable[str]) -> set[str]:
    """Those of some folded addresses that several people use."""
    shared = _shared_addresses()
    return {key for key in keys if _is_among(shared, key)}


def _shared_addresses() -> frozenset[str]:
    addresses = crm_settings.SHARED_ADDRESSES
    return frozenset(text.fold_email(address).rstrip("@") for address in addresses)


def _is_among(shared: frozenset[str], key: str) -> bool:
    return key in shared or key.rpartition("@")[0] in shared


@dataclass(eq=False)
class Acquaintance:
    """A contact with its addresses and accounts, as stored or about to be.

    ``changed`` names the contact's fields to be saved; ``has_orders`` and ``accounts`` are known
    only if somebody with an account was looked for.
    """

    contact: Contact
    is_new: bool = False
    has_orders: bool = False
    emails: list[ContactEmail] = field(default_factory=list)
    accounts: list[ContactUser] = field(default_factory=list)
    memberships: list[AccountContact] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    has_new_words: bool = False

    def fill_blanks(self, details: Mapping[str, str]) -> None:
        """Take over what is empty; what is there is never overwritten."""
        for group in FILLED_TOGETHER:
            if any(getattr(self.contact, name) for name in group):
                continue
            for name in group:
                if value := details[name]:
                    setattr(self.contact, name, value)
                    self.changed |= {name, "updated_at"}
                    self.has_new_words = True

    def company_on(self, at: datetime) -> int | None:
        """Id of the company they belonged to on a day: the main one, else the oldest."""
        return company_on(self.memberships, at) if self.memberships else None

    def come_back(self, *, ordered_at: datetime) -> None:
        """A contact that orders again leaves the archive; of a merged one, whoever it went into."""
        if self.contact.merged_into_id is not None:
            return
        if self.contact.archived_at is not None and self.contact.archived_at < ordered_at:
            self.contact.archived_at = None
            self.changed.add("archived_at")


class People:
    """The contacts that some persons may be, found and made by the rules above."""

    def __init__(self, known: Iterable[Acquaintance] = ()) -> None:
        self._shared = _shared_addresses()
        self.all: list[Acquaintance] = []
        self.new_emails: list[ContactEmail] = []
        self.new_accounts: list[ContactUser] = []
        self.confirmed: list[ContactUser] = []
        self._by_id: dict[int, Acquaintance] = {}
        self._by_account: dict[Any, Acquaintance] = {}
        self._by_key: dict[str, Acquaintance] = {}
        self._by_shared_key: dict[str, list[Acquaintance]] = {}
        for one in known:
            self.all.append(one)
            self._by_id[one.contact.pk] = one
            for email in one.emails:
                self._index_email(one, email)
            for account in one.accounts:
                self._index_account(one, account)

    def by_id(self, contact_id: int) -> Acquaintance:
        """A contact that was asked for when the people were read."""
        return self._by_id[contact_id]

    def find(self, person: Person) -> Acquaintance | None:
        """The contact of this person, if the CRM knows them. Changes nothing."""
        if person.user is not None and person.user.pk in self._by_account:
            return self._by_account[person.user.pk]
        key = person.key
        if not self._is_shared(key):
            return self._by_key.get(key)
        name = text.fold(person.name)
        sharing = self._by_shared_key.get(key, ())
        return next((one for one in sharing if text.fold(one.contact.full_name) == name), None)

    def take_in(self, person: Person, *, source: str) -> Acquaintance:
        """The person's contact, made if need be, knowing their address and account.

        Fields that are empty are filled from ``person.details``.
        """
        one = self.find(person)
        if one is None:
            return self._make(person, source=source)
        one.fill_blanks(person.details)
        if person.key:
            self._attach_email(one, person)
        if person.user is not None:
            self._attach_account(one, person, source=source)
        return one

    def _make(self, person: Person, *, source: str) -> Acquaintance:
        created_at = min(person.seen_at or timezone.now(), timezone.now())
        details = {name: person.details[name] for group in FILLED_TOGETHER for name in group}
        contact = bulk.maker(Contact)(source=source, created_at=created_at, **details)
        one = Acquaintance(contact, is_new=True, has_new_words=True)
        self.all.append(one)
        if person.key:
            self._add_email(one, person)
        if person.user is not None:
            ordered = source == Contact.Source.ORDER
            basis = ContactUser.Basis.ORDERED if ordered else ContactUser.Basis.EMAIL
            self._add_account(one, person, basis)
        return one

    def _attach_email(self, one: Acquaintance, person: Person) -> None:
        """Remember the address unless it is known; an address of another contact stays there."""
        holder = self._by_key.get(person.key)
        if not self._is_shared(person.key):
            is_known = holder is not None
        else:  # it may be known from before it was declared shared
            is_known = holder is one or any(e.shared_key == person.key for e in one.emails)
        if not is_known:
            self._add_email(one, person)

    def _add_email(self, one: Acquaintance, person: Person) -> None:
        key, is_one_of_many = person.key, self._is_shared(person.key)
        email = bulk.maker(ContactEmail)(
            address=person.email.strip(),
            alias_key=email_alias(person.email),
            is_primary=not any(email.is_primary for email in one.emails),
            match_key=None if is_one_of_many else key,
            shared_key=key if is_one_of_many else None,
        )
        email.contact = one.contact
        one.emails.append(email)
        one.has_new_words = True
        self.new_emails.append(email)
        self._index_email(one, email)

    def _attach_account(self, one: Acquaintance, person: Person, *, source: str) -> None:
        """Join the account to the contact; an order confirms what only a registration had made."""
        joined = next((a for a in one.accounts if a.user_id == person.user.pk), None)
        if joined is None:
            joined = self._add_account(one, person, ContactUser.Basis.EMAIL)
        if (
            source == Contact.Source.ORDER
            and joined.basis == ContactUser.Basis.EMAIL
            and one.contact.source == Contact.Source.REGISTRATION
            and not one.has_orders
            and len(one.accounts) == 1
        ):
            joined.basis = ContactUser.Basis.ORDERED
            if joined.pk is not None:
                self.confirmed.append(joined)

    def _add_account(self, one: Acquaintance, person: Person, basis: str) -> ContactUser:
        label = str(getattr(person.user, "email", "") or person.user.get_username())[:254]
        account = ContactUser(contact=one.contact, user=person.user, basis=basis, label=label)
        one.accounts.append(account)
        self.new_accounts.append(account)
        self._index_account(one, account)
        return account

    def _is_shared(self, key: str) -> bool:
        return _is_among(self._shared, key)

    def _index_email(self, one: Acquaintance, email: ContactEmail) -> None:
        if email.match_key:
            self._by_key[email.match_key] = one
        sharing = self._by_shared_key.setdefault(email.match_key or email.shared_key or "", [])
        if one not in sharing:
            sharing.append(one)

    def _index_account(self, one: Acquaintance, account: ContactUser) -> None:
        if account.user_id is not None:
            self._by_account[account.user_id] = one
