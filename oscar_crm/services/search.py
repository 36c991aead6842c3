"""Keeping the search words of contacts up to date."""

from collections.abc import Iterable

from django.db import transaction

from oscar_crm import text
from oscar_crm.models import Contact, ContactWord

SORT_NAME_LENGTH = 255


def sort_name_of(contact: Contact) -> str:
    """Folded "last first", else company, else e-mail address: what the list sorts by."""
    name = f"{contact.last_name} {contact.first_name}".strip()
    return text.fold(name or contact.company_name or contact.primary_email)[:SORT_NAME_LENGTH]


def words_of(contact: Contact) -> set[str]:
    """Everything a contact is found by. Reads ``contact.emails``: prefetch it for many."""
    found = set(text.words(f"{contact.full_name} {contact.company_name}"))
    found |= text.phone_words(contact.phone)
    for email in contact.emails.all():
        found |= text.email_words(email.address)
    return found


@transaction.atomic
def index_contacts(contacts: Iterable[Contact]) -> None:
    """Bring words and sort name in line with the contacts' fields. Safe to repeat."""
    known = list(contacts)
    wanted = {contact.pk: words_of(contact) for contact in known}
    stale = []
    for word in ContactWord.objects.filter(contact__in=wanted):
        if word.word in wanted[word.contact_id]:
            wanted[word.contact_id].remove(word.word)
        else:
            stale.append(word.pk)
    if stale:
        ContactWord.objects.filter(pk__in=stale).delete()
    missing = [ContactWord(contact_id=pk, word=word) for pk in wanted for word in wanted[pk]]
    if missing:
        ContactWord.objects.bulk_create(missing, ignore_conflicts=True, batch_size=1000)
    for contact in known:
        sort_name = sort_name_of(contact)
        if contact.sort_name != sort_name:
            contact.sort_name = sort_name
            Contact.objects.filter(pk=contact.pk).update(sort_name=sort_name)
