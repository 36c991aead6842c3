"""Writing the decisions of a block: a fixed number of statements, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from oscar_crm import text
from oscar_crm.match_keys import email_alias
from oscar_crm.models import (
    Account,
    AccountContact,
    AccountWord,
    CompanyDecision,
    Contact,
    ContactEmail,
    ContactWord,
    ImportKey,
    ImportRow,
    Operation,
    OrderLink,
)
from oscar_crm.services import bulk
from oscar_crm.services.identity import shared_keys
from oscar_crm.services.memberships import give_company
from oscar_crm.services.search import (
    derive_account,
    derive_contact,
    sync_words,
    words_of_account,
    words_of_contact,
)
from oscar_crm.signals import (
    account_changed,
    account_created,
    contact_changed,
    contact_created,
    send_on_commit,
)

from .decisions import Decision, Outcome
from .journal import Journal
from .tags import find_or_make_tags, tag_key

_EMAIL = ("contact_id", "address", "match_key", "shared_key", "is_primary", "alias_key")
_ROW = ("of_import_id", "row", "outcome", "label", "object_id", "remarks", "changes")
# Changes of these do not change what a record is found by.
_BESIDE_WORDS = frozenset(
    (
        *("owner", "custom", "tags", "accounts", "external_id", "kind", "parent"),
        *("line1", "line2", "city", "state", "postcode", "country", "job_title"),
    )
)
_NO_COLUMNS = frozenset(("emails", "tags", "accounts"))


def write_contacts(decisions: Sequence[Decision], operation: Operation) -> None:
    """Contacts with addresses, words, tags, companies and the journal."""
    new = [d for d in decisions if d.outcome == Outcome.CREATE]
    known = [d for d in decisions if d.outcome == Outcome.UPDATE]
    _write_new_contacts(new)
    _add_emails([*new, *known])
    _write_updates(Contact, known)
    _update_words(
        ContactWord, {d.record.pk: words_of_contact(d.record, d.addresses) for d in _renamed(known)}
    )
    _add_tags(Contact, [*new, *known])
    journal = Journal(operation)
    made = _make_accounts([*new, *known], journal)
    for decision in new:
        journal.note(decision, contact_id=decision.record.pk)
    for decision in known:
        journal.note(decision, contact_id=decision.record.pk)
    _join([*new, *known], journal)
    journal.write()
    _let_orders_follow(known, operation)
    _tell(new, known, operation, made)


def write_accounts(decisions: Sequence[Decision], operation: Operation) -> None:
    """Accounts with words, tags and the journal."""
    new = [d for d in decisions if d.outcome == Outcome.CREATE]
    known = [d for d in decisions if d.outcome == Outcome.UPDATE]
    for decision in new:
        _set(decision.record, derive_account(decision.record))
    bulk.insert(Account, [decision.record for decision in new])
    _write_words(AccountWord, ((d.record.pk, words_of_account(d.record)) for d in new))
    _write_updates(Account, known)
    _update_words(AccountWord, {d.record.pk: words_of_account(d.record) for d in _renamed(known)})
    _add_tags(Account, [*new, *known])
    journal = Journal(operation)
    for decision in [*new, *known]:
        journal.note(decision, account_id=decision.record.pk)
    journal.write()
    _tell_of_accounts([d.record for d in new], [d.record for d in known], operation)


def _write_new_contacts(new: Sequence[Decision]) -> None:
    """Contacts and their words. Nothing takes the database as long as to index the words, so that
    where it can have those first, their contacts are made ready meanwhile.
    """
    records = [decision.record for decision in new]
    words = ((d.record.pk, words_of_contact(d.record, d.addresses)) for d in map(_derive, new))
    if bulk.give_keys(Contact, records):
        _write_words(ContactWord, words)
        bulk.insert(Contact, records)
    else:
        found = [word for _pk, word in words]
        bulk.insert(Contact, records)
        _write_words(ContactWord, zip((record.pk for record in records), found, strict=True))


def _derive(decision: Decision) -> Decision:
    _set(decision.record, derive_contact(decision.record, decision.addresses))
    return decision


def _set(record: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(record, name, value)


def _write_words(model: Any, found: Iterable[tuple[int, set[str]]]) -> None:
    owner = "contact_id" if model is ContactWord else "account_id"
    rows = ((pk, word) for pk, words in found for word in words)
    bulk.insert_values(model, (owner, "word"), rows)


def _add_emails(decisions: Sequence[Decision]) -> None:
    """New addresses; the first one of a contact that has none is its main one."""
    rows = []
    shared = shared_keys(
        text.fold_email(address) for d in decisions for address in d.added.get("emails", ())
    )
    for decision in decisions:
        is_first = not decision.before.get("emails")
        for address in decision.added.get("emails", ()):
            key = text.fold_email(address)
            keys = (None, key) if key in shared else (key, None)
            rows.append((decision.record.pk, address, *keys, is_first, email_alias(address)))
            is_first = False
    if rows:
        bulk.insert_values(ContactEmail, _EMAIL, rows)


def _write_updates(model: Any, known: Sequence[Decision]) -> None:
    """The changed columns of all records in one statement; each counts as an edit."""
    now = timezone.now()
    names = {"version", "updated_at"}
    for decision in known:
        decision.record.version += 1
        decision.record.updated_at = now
        names |= decision.after.keys() - _NO_COLUMNS
    for decision in _renamed(known):
        record = decision.record
        derived = (
            derive_contact(record, decision.addresses)
            if model is Contact
            else derive_account(record)
        )
        _set(record, derived)
        names |= derived.keys()
    bulk.update(model, [decision.record for decision in known], sorted(names))


def _renamed(known: Sequence[Decision]) -> list[Decision]:
    """Those whose words and derived columns may have changed."""
    return [decision for decision in known if decision.after.keys() - _BESIDE_WORDS]


def _update_words(model: Any, wanted: dict[int, set[str]]) -> None:
    if wanted:
        sync_words(model, "contact" if model is ContactWord else "account", wanted)


def _add_tags(model: Any, decisions: Sequence[Decision]) -> None:
    tagged = [d for d in decisions if d.added.get("tags")]
    ids = find_or_make_tags(name for d in tagged for name in d.added["tags"])
    through = model.tags.through
    rows = [(d.record.pk, ids[tag_key(name)]) for d in tagged for name in d.added["tags"]]
    if rows:
        bulk.insert_values(through, (f"{model._meta.model_name}_id", "tag_id"), rows)


def _make_accounts(decisions: Sequence[Decision], journal: Journal) -> list[Account]:
    """Accounts that rows of contacts name and that are not there yet."""
    made = {id(a): a for d in decisions for a in d.added.get("accounts", ()) if a.pk is None}
    rows = list(made.values())
    bulk.insert(Account, rows)
    _write_words(AccountWord, ((account.pk, words_of_account(account)) for account in rows))
    for account in rows:
        journal.add(account, account_id=account.pk, version=account.version)
    _decide(rows, journal.operation)
    return rows


def _decide(made: Sequence[Account], operation: Operation) -> None:
    """Say that these names have their account now: whoever makes one at once waits here.

    The unique key of ``CompanyDecision`` is the lock; the slower one plans its block anew.
    """
    keys = [account.name_key for account in made]
    known = set(
        CompanyDecision.objects.filter(company_key__in=keys).values_list("company_key", flat=True)
    )
    CompanyDecision.objects.bulk_create(
        CompanyDecision(
            company_key=account.name_key,
            account=account,
            decided_by_label=operation.actor_label,
        )
        for account in made
        if account.name_key not in known
    )


def _join(decisions: Sequence[Decision], journal: Journal) -> None:
    """Memberships; the first company of somebody who has no main one becomes that."""
    rows = []
    for decision in decisions:
        is_primary = not decision.has_main_company
        for account in decision.added.get("accounts", ()):
            rows.append(
                AccountContact(
                    account_id=account.pk, contact_id=decision.record.pk, is_primary=is_primary
                )
            )
            is_primary = False
    bulk.insert(AccountContact, rows)
    for row in rows:
        journal.add(row, contact_id=row.contact_id, account_id=row.account_id)


def _let_orders_follow(known: Sequence[Decision], operation: Operation) -> None:
    """Orders without a company go with the one their contact was joined to; new ones have none."""
    joined = [d.record.pk for d in known if d.added.get("accounts")]
    if not joined:
        return
    waiting = OrderLink.objects.filter(account=None, contact__in=joined).values("contact")
    rows = AccountContact.objects.filter(
        contact__in=waiting,
        account__in={a.pk for d in known for a in d.added.get("accounts", ())},
        until_date=None,
    )
    by_account: dict[int, list[AccountContact]] = defaultdict(list)
    for row in rows.select_related("account", "contact").order_by("pk"):
        by_account[row.account_id].append(row)
    for memberships in by_account.values():
        give_company(operation, memberships)


def _tell(
    new: Sequence[Decision],
    known: Sequence[Decision],
    operation: Operation,
    accounts: Sequence[Account],
) -> None:
    """Signals, where anybody listens: a hundred thousand of them cost seconds."""
    if contact_created.has_listeners(Contact):
        for decision in new:
            send_on_commit(contact_created, Contact, contact=decision.record)
    if contact_changed.has_listeners(Contact):
        for decision in known:
            send_on_commit(contact_changed, Contact, contact=decision.record, operation=operation)
    _tell_of_accounts(accounts, (), operation)


def _tell_of_accounts(
    made: Sequence[Account], changed: Sequence[Account], operation: Operation
) -> None:
    if account_created.has_listeners(Account):
        for account in made:
            send_on_commit(account_created, Account, account=account)
    if account_changed.has_listeners(Account):
        for account in changed:
            send_on_commit(account_changed, Account, account=account, operation=operation)


def write_report(of_import: Any, decisions: Sequence[Decision], keys: dict[int, int]) -> None:
    """Rows worth telling of, and the keys that later rows must not repeat."""
    told = [
        (
            *(of_import.pk, d.draft.row, d.outcome, d.draft.label),
            *(d.record.pk if d.record is not None else None, d.draft.remarks, _shown(d)),
        )
        for d in decisions
        if d.is_told
    ]
    bulk.insert_values(ImportRow, _ROW, told)
    rows = [(of_import.pk, key, row) for key, row in keys.items()]
    bulk.insert_values(ImportKey, ("of_import_id", "key", "row"), rows)


def _shown(decision: Decision) -> list[dict[str, Any]]:
    return decision.cells() if decision.outcome == Outcome.UPDATE else []
