"""Reading the contacts that some persons may be, and writing what ``identity`` has decided."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from oscar_crm.models import (
    AccountContact,
    Contact,
    ContactEmail,
    ContactUser,
    ContactWord,
    OrderLink,
)
from oscar_crm.queries.ids import IdIn, TextIn
from oscar_crm.signals import contact_created, send_on_commit

from . import bulk
from .identity import Acquaintance, People, Person, shared_keys
from .search import derive_contact, words_of_contact

# What does not say who somebody is, and the figures, which are worked out anew with each order:
# reading it takes time.
BESIDE_THE_POINT = (
    *("job_title", "owner", "partner", "custom", "external_id"),
    *("created_at", "updated_at", "version"),
    *("lifetime_value", "currency_totals", "unvalued_orders", "first_order_at", "last_order_at"),
)


def find_contact(person: Person) -> Contact | None:
    """The contact of this person, if the CRM knows them. Changes nothing."""
    found = read_people([person], lock=False).find(person)
    return found.contact if found else None


def find_or_create_contact(person: Person, *, source: str) -> Contact:
    """The person's contact, made if need be, knowing their address and account. Safe to repeat.

    Two callers with the same new address at once get the same contact.
    """
    try:
        return _take_in(person, source=source)
    except IntegrityError:  # another transaction was quicker: its contact is there now
        return _take_in(person, source=source)


@transaction.atomic
def _take_in(person: Person, *, source: str) -> Contact:
    people = read_people([person])
    one = people.take_in(person, source=source)
    save_people(people)
    save_changes(people)
    return one.contact


def read_people(
    persons: Sequence[Person], *, contact_ids: Iterable[int] = (), lock: bool = True
) -> People:
    """Everybody who may be one of the persons, and some contacts, in two queries at most.

    Locks the contacts in the order of their keys, so that two chunks at once do not deadlock.
    """
    users = {person.user.pk for person in persons if person.user is not None}
    wanted = _wanted(users, {key for person in persons if (key := person.key)}, set(contact_ids))
    if wanted is None:
        return People()
    contacts = Contact.objects.filter(pk__in=wanted).order_by("pk")
    if lock:
        contacts = contacts.select_for_update(of=("self",), no_key=True)
    if not persons:
        return People(Acquaintance(contact) for contact in contacts)
    found = _read_contacts(contacts, with_accounts=bool(users))
    for email in ContactEmail.objects.filter(IdIn(found, "contact")) if found else ():
        found[email.contact_id].emails.append(email)
    return People(found.values())


def _wanted(users: set[Any], keys: set[str], contact_ids: set[int]) -> Any:
    """Ids of contacts, or a query for them: a union, as PostgreSQL scans a table for an OR."""
    queries: list[QuerySet[Any, Any]] = []
    emails = ContactEmail.objects.order_by()
    if keys:
        queries.append(
            emails.filter(TextIn(keys, "match_key")).values_list("contact_id", flat=True)
        )
    if shared := shared_keys(keys):
        queries.append(emails.filter(shared_key__in=shared).values_list("contact_id", flat=True))
    if users:
        accounts = ContactUser.objects.order_by().filter(user__in=users)
        queries.append(accounts.values_list("contact_id", flat=True))
    if not queries:
        return contact_ids or None
    if contact_ids:
        known = Contact.objects.filter(IdIn(contact_ids)).order_by()
        queries.append(known.values_list("pk", flat=True))
    first, *others = queries
    return first.union(*others) if others else first


def _read_contacts(
    contacts: "QuerySet[Contact]", *, with_accounts: bool
) -> dict[int, Acquaintance]:
    """Contacts with all their accounts in the same query: it yields a row for each account."""
    rows: QuerySet[Any] = contacts.defer(*BESIDE_THE_POINT).annotate(
        has_company=Exists(AccountContact.objects.filter(contact=OuterRef("pk")))
    )
    if with_accounts:
        rows = rows.annotate(
            has_orders=Exists(OrderLink.objects.filter(contact=OuterRef("pk"))),
            account_id=F("shop_accounts__pk"),
            account_user=F("shop_accounts__user_id"),
            account_basis=F("shop_accounts__basis"),
        )
    found: dict[int, Acquaintance] = {}
    employed = set()
    for row in rows:
        one = found.setdefault(row.pk, Acquaintance(row))
        if row.has_company:
            employed.add(row.pk)
        if with_accounts:
            one.has_orders = row.has_orders
            _note_account(one, row)
    for membership in AccountContact.objects.filter(contact__in=employed) if employed else ():
        found[membership.contact_id].memberships.append(membership)
    return found


def _note_account(one: Acquaintance, row: Any) -> None:
    if row.account_id is not None:
        account = ContactUser(pk=row.account_id, user_id=row.account_user, basis=row.account_basis)
        account.contact = one.contact
        one.accounts.append(account)


def save_people(people: People) -> None:
    """Insert new contacts, and the new addresses, accounts and words of all of them."""
    now = timezone.now()
    new = [one for one in people.all if one.is_new]
    for one in people.all:
        one.contact.updated_at = now
        if one.has_new_words:
            _derive(one)
    bulk.insert(Contact, [one.contact for one in new])
    for email in people.new_emails:
        email.contact_id = email.contact.pk
    for account in people.new_accounts:
        account.contact_id = account.contact.pk
    bulk.insert(ContactEmail, people.new_emails)
    bulk.insert(ContactUser, people.new_accounts)
    if people.confirmed:
        ids = [account.pk for account in people.confirmed]
        ContactUser.objects.filter(pk__in=ids).update(basis=ContactUser.Basis.ORDERED)
    bulk.insert_values(ContactWord, ("contact_id", "word"), _words(new))
    # Nothing that was filled is overwritten: no word has to go, if another may now begin with it.
    more = _words(one for one in people.all if one.has_new_words and not one.is_new)
    bulk.add_missing(ContactWord, ("contact_id", "word"), more)
    for one in new:
        send_on_commit(contact_created, Contact, contact=one.contact)


def save_changes(people: People) -> None:
    """Write the changed fields of the contacts that were there before."""
    changed = [one for one in people.all if one.changed and not one.is_new]
    if changed:
        fields = sorted(set().union(*(one.changed for one in changed)))
        bulk.update(Contact, [one.contact for one in changed], fields)


def _derive(one: Acquaintance) -> None:
    for name, value in derive_contact(one.contact, _addresses(one)).items():
        if getattr(one.contact, name) != value:
            setattr(one.contact, name, value)
            one.changed.add(name)


def _addresses(one: Acquaintance) -> list[str]:
    """The addresses, the main one first."""
    return [email.address for email in sorted(one.emails, key=lambda email: not email.is_primary)]


def _words(known: Iterable[Acquaintance]) -> list[tuple[int, str]]:
    return [
        (one.contact.pk, word)
        for one in known
        for word in words_of_contact(one.contact, _addresses(one))
    ]
