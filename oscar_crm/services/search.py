"""Keeping what contacts and accounts are found by in line with their fields: words and keys."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from oscar_crm import match_keys, text
from oscar_crm.models import Account, AccountWord, Contact, ContactWord
from oscar_crm.queries.ids import IdIn

from . import bulk

SORT_NAME_LENGTH = 255
INDUSTRY_LENGTH = 100


def derive_contact(contact: Contact, addresses: Sequence[str]) -> dict[str, str]:
    """The derived columns of a contact: its sort name and match keys. ``addresses``: main first.

    The sort name is the folded "last first", else the company, else the main address.
    """
    name = f"{contact.last_name} {contact.first_name}".strip()
    shown = name or contact.company_name or next(iter(addresses), "")
    return {
        "sort_name": text.fold(shown)[:SORT_NAME_LENGTH],
        "name_key": match_keys.person_key(name),
        "company_key": match_keys.company_key(contact.company_name),
        "phone_key": match_keys.phone_key(contact.phone),
    }


def derive_account(account: Account) -> dict[str, str]:
    """The derived columns of an account."""
    return {
        "sort_name": text.fold(account.name)[:SORT_NAME_LENGTH],
        "name_key": match_keys.company_key(account.name),
        "industry_key": text.fold(account.industry)[:INDUSTRY_LENGTH],
        "phone_key": match_keys.phone_key(account.phone),
        "domain": match_keys.web_domain(account.website),
        "vat_key": match_keys.vat_key(account.vat_number),
    }


def words_of_contact(contact: Contact, addresses: Iterable[str]) -> set[str]:
    """Everything a contact is found by, as every search is for beginnings of words.

    Domains are there in any case: others of the same company are looked for by them.
    """
    found = set(text.words(f"{contact.full_name} {contact.company_name}"))
    found |= text.phone_words(contact.phone)
    domains = set()
    for address in addresses:
        found |= text.email_words(address)
        domains.add(match_keys.mail_domain(address)[: text.MAX_WORD_LENGTH])
    return text.without_beginnings(found, keep=domains - {""})


def words_of_account(account: Account) -> set[str]:
    """Everything an account is found by."""
    found = set(text.words(account.name)) | text.phone_words(account.phone)
    found |= {match_keys.web_domain(account.website), text.fold(account.vat_number)}
    found.add(text.fold(match_keys.vat_key(account.vat_number)))
    return {word[: text.MAX_WORD_LENGTH] for word in found if word}


def addresses_of(contact: Contact) -> list[str]:
    """A contact's addresses, the main one first. Prefetch ``emails`` for many contacts."""
    emails = sorted(contact.emails.all(), key=lambda email: not email.is_primary)
    return [email.address for email in emails]


@transaction.atomic
def index_contacts(contacts: Iterable[Contact]) -> None:
    """Bring words and derived columns of contacts in line with their fields. Safe to repeat."""
    known = {contact.pk: (contact, addresses_of(contact)) for contact in contacts}
    sync_words(
        ContactWord,
        "contact",
        {pk: words_of_contact(contact, addresses) for pk, (contact, addresses) in known.items()},
    )
    _write_derived(
        Contact, [(contact, derive_contact(contact, found)) for contact, found in known.values()]
    )


@transaction.atomic
def index_accounts(accounts: Iterable[Account]) -> None:
    """Bring words and derived columns of accounts in line with their fields. Safe to repeat."""
    known = list(accounts)
    sync_words(AccountWord, "account", {a.pk: words_of_account(a) for a in known})
    _write_derived(Account, [(account, derive_account(account)) for account in known])


def sync_words(model: Any, owner: str, wanted: Mapping[int, set[str]]) -> None:
    """Make the stored words of some records exactly those that are wanted."""
    missing = {pk: set(words) for pk, words in wanted.items()}
    stale = []
    known = model.objects.filter(IdIn(missing, owner))
    for pk, owner_id, word in known.values_list("pk", f"{owner}_id", "word"):
        if word in missing[owner_id]:
            missing[owner_id].remove(word)
        else:
            stale.append(pk)
    if stale:
        model.objects.filter(IdIn(stale)).delete()
    rows = [(pk, word) for pk in missing for word in missing[pk]]
    bulk.add_missing(model, (f"{owner}_id", "word"), rows)


def _write_derived(model: Any, found: Sequence[tuple[Any, Mapping[str, str]]]) -> None:
    """Write derived columns that differ, past ``save()``: nobody has edited anything."""
    changed: list[Any] = []
    names: set[str] = set()
    for record, derived in found:
        different = {name: v for name, v in derived.items() if getattr(record, name) != v}
        if different:
            for name, value in different.items():
                setattr(record, name, value)
            changed.append(record)
            names |= different.keys()
    if changed:
        bulk.update(model, changed, sorted(names))
