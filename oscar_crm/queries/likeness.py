"""Reading what is compared of records, and which records have something in common.

Never all pairs: only records that share a key are compared, and a key that more records share
than ``MOST_ALIKE`` says nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet

from oscar_crm import match_keys, text
from oscar_crm.conf import crm_settings
from oscar_crm.likeness import SIMILAR_NAME, Facts, names_alike
from oscar_crm.models import (
    Account,
    AccountWord,
    Contact,
    ContactEmail,
    ContactUser,
    ContactWord,
)
from oscar_crm.relations import has_field

from .ids import IdIn, TextIn

MOST_ALIKE = 50  # records with one key; more are a switchboard or a mail provider
MOST_NAMESAKES = 500  # records with one name, of which only those are compared that share more
SHORTEST_WORD = 4

Blocks = Mapping[str, Sequence[int]]


def public_domains() -> frozenset[str]:
    """Domains of public mail providers, folded."""
    return frozenset(text.fold_email(domain) for domain in crm_settings.PUBLIC_MAIL_DOMAINS)


def living(model: type[Contact] | type[Account]) -> QuerySet[Any]:
    """Records that can be duplicates: neither merged nor archived nor erased."""
    alive: dict[str, Any] = {"merged_into": None, "archived_at": None}
    if model is Contact:
        alive["erased_at"] = None
    rows: QuerySet[Any] = model._default_manager.filter(**alive)
    return rows


def contact_facts(ids: Iterable[int]) -> dict[int, Facts]:
    """What is compared of some contacts: four queries."""
    wanted = list(ids)
    emails: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    rows: Any = ContactEmail.objects.filter(IdIn(wanted, "contact"))
    for pk, key, shared, alias in rows.values_list(
        "contact_id", "match_key", "shared_key", "alias_key"
    ):
        emails[pk].append((key or "", shared or "", alias))
    profiles = _profiles(ContactUser.objects.filter(IdIn(wanted, "contact")))
    public = public_domains()
    contacts = Contact.objects.filter(IdIn(wanted)).values_list(
        "pk", "name_key", "company_key", "phone_key", "postcode"
    )
    return {
        pk: person_facts(
            name, company, phone, postcode, emails[pk], profiles.get(pk, ()), public=public
        )
        for pk, name, company, phone, postcode in contacts
    }


def person_facts(
    name: str,
    company: str,
    phone: str,
    postcode: str,
    emails: Iterable[tuple[str, str, str]],
    profiles: Iterable[str] = (),
    *,
    public: frozenset[str],
) -> Facts:
    """Facts from keys; ``emails`` are (match key, shared key, alias), of which one key is set."""
    rows = list(emails)
    keys = frozenset(key or shared for key, shared, _ in rows)
    return Facts(
        name=name,
        company=company,
        phone=phone,
        postcode=postcode.casefold().replace(" ", ""),
        aliases=frozenset(alias for _, _, alias in rows if alias),
        shared=frozenset(shared for _, shared, _ in rows if shared),
        keys=keys,
        profiles=frozenset(profiles),
        domains=frozenset(key.rpartition("@")[2] for key in keys) - public - {""},
    )


def _profiles(accounts: QuerySet[ContactUser]) -> dict[int, set[str]]:
    """The folded profile addresses of some shop accounts, by contact."""
    if not has_field(get_user_model(), "email"):
        return {}
    found: dict[int, set[str]] = defaultdict(set)
    for pk, email in accounts.values_list("contact_id", "user__email"):
        if email:
            found[pk].add(text.fold_email(email))
    return found


def account_facts(ids: Iterable[int]) -> dict[int, Facts]:
    """What is compared of some accounts: one query."""
    public = public_domains()
    rows = Account.objects.filter(IdIn(ids))
    return {
        pk: company_facts(name, phone, vat, domain, public=public)
        for pk, name, phone, vat, domain in rows.values_list(
            "pk", "name_key", "phone_key", "vat_key", "domain"
        )
    }


def company_facts(name: str, phone: str, vat: str, domain: str, *, public: frozenset[str]) -> Facts:
    """Facts from the match keys of an account."""
    web = "" if domain in public else domain
    return Facts(name=name, phone=phone, vat=vat, web=web, is_company=True)


@dataclass(frozen=True)
class Column:
    """Where records are found by a key: the rows, the key's column, the record's column."""

    rows: Callable[[], QuerySet[Any]]
    key: str
    record: str = "pk"
    most: int = MOST_ALIKE

    def blocks(self, keys: Iterable[str], *, alone: bool = False) -> dict[str, list[int]]:
        """Records by key, for keys that 2 to ``most`` have; with ``alone`` also for one."""
        wanted = {key for key in keys if key}
        if not wanted:
            return {}
        rows = self._with(wanted)
        counted = rows.order_by().values_list(self.key).annotate(n=Count(self.record))
        least = 1 if alone else 2
        some = [key for key, n in counted.filter(n__gte=least, n__lte=self.most)]
        found: dict[str, list[int]] = defaultdict(list)
        if some:
            for key, pk in self._with(some).order_by().values_list(self.key, self.record):
                found[key].append(pk)
        return found

    def _with(self, keys: Iterable[str]) -> QuerySet[Any]:
        """That no key is empty has to be said: most indexes leave out the empty ones."""
        return self.rows().filter(TextIn(keys, self.key)).exclude(**{self.key: ""})


_ALIVE = Q(contact__merged_into=None, contact__archived_at=None, contact__erased_at=None)


def _contacts() -> QuerySet[Any]:
    return living(Contact)


def _emails() -> QuerySet[Any]:
    return ContactEmail.objects.filter(_ALIVE)


def _contact_words() -> QuerySet[Any]:
    return ContactWord.objects.filter(_ALIVE)


def _accounts() -> QuerySet[Any]:
    return living(Account)


def _account_words() -> QuerySet[Any]:
    return AccountWord.objects.filter(account__merged_into=None, account__archived_at=None)


ALIAS = Column(_emails, "alias_key", "contact_id")
MATCH = Column(_emails, "match_key", "contact_id")
SHARED = Column(_emails, "shared_key", "contact_id")
PHONE = Column(_contacts, "phone_key")
NAME = Column(_contacts, "name_key", most=MOST_NAMESAKES)
COMPANY = Column(_contacts, "company_key")
POSTCODE = Column(_contacts, "postcode")
DOMAIN = Column(_contact_words, "word", "contact_id")

ACCOUNT_NAME = Column(_accounts, "name_key")
ACCOUNT_PHONE = Column(_accounts, "phone_key")
ACCOUNT_DOMAIN = Column(_accounts, "domain")
ACCOUNT_VAT = Column(_accounts, "vat_key")
ACCOUNT_WORD = Column(_account_words, "word", "account_id")


def contact_pairs(ids: Sequence[int]) -> tuple[set[tuple[int, int]], dict[int, Facts]]:
    """Pairs of contacts worth comparing whose lower id is one of ``ids``; and facts of all."""
    chunk = set(ids)
    known = contact_facts(ids)
    postcodes = dict(Contact.objects.filter(IdIn(ids)).values_list("pk", "postcode"))
    mine = known.values()
    exact = [
        ALIAS.blocks(key for facts in mine for key in facts.aliases),
        PHONE.blocks(facts.phone for facts in mine),
    ]
    by_name = [
        SHARED.blocks(key for facts in mine for key in facts.shared),
        COMPANY.blocks(facts.company for facts in mine),
        DOMAIN.blocks(key for facts in mine for key in facts.domains),
        POSTCODE.blocks(postcodes.values()),
    ]
    same_name = NAME.blocks(facts.name for facts in mine)
    profiles = _profile_pairs(known)
    everybody = _everybody(exact, by_name, [same_name]) | {pk for pair in profiles for pk in pair}
    facts = {**known, **contact_facts(everybody - known.keys())}
    found = set(profiles)
    for block in _lists(exact):
        found |= _of_chunk(block, chunk)
    for block in _lists(by_name):
        found |= _alike(block, chunk, facts)
    for namesakes in same_name.values():
        for part in _namesakes(namesakes, facts):
            found |= _of_chunk(part, chunk)
    return found, facts


def _profile_pairs(known: Mapping[int, Facts]) -> set[tuple[int, int]]:
    """A shop account's address that stands at another contact, seen from either side."""
    by_key = MATCH.blocks((key for f in known.values() for key in f.profiles), alone=True)
    pairs = {
        (pk, other)
        for pk, facts in known.items()
        for key in facts.profiles
        for other in by_key.get(key, ())
        if other != pk
    }
    return {(min(pair), max(pair)) for pair in pairs}


def account_pairs(ids: Sequence[int]) -> tuple[set[tuple[int, int]], dict[int, Facts]]:
    """As ``contact_pairs``, of accounts."""
    chunk = set(ids)
    known = account_facts(ids)
    mine = known.values()
    exact = [
        ACCOUNT_VAT.blocks(facts.vat for facts in mine),
        ACCOUNT_PHONE.blocks(facts.phone for facts in mine),
        ACCOUNT_DOMAIN.blocks(facts.web for facts in mine),
        ACCOUNT_NAME.blocks(facts.name for facts in mine),
    ]
    by_name = [ACCOUNT_WORD.blocks(word for facts in mine for word in telling_words(facts.name))]
    facts = {**known, **account_facts(_everybody(exact, by_name) - known.keys())}
    found: set[tuple[int, int]] = set()
    for block in _lists(exact):
        found |= _of_chunk(block, chunk)
    for block in _lists(by_name):
        found |= _alike(block, chunk, facts)
    return found, facts


def telling_words(name: str) -> list[str]:
    """The words of a company's name that are long enough to look for others by."""
    return [word for word in name.split() if len(word) >= SHORTEST_WORD]


def _lists(blocks: Iterable[Blocks]) -> set[tuple[int, ...]]:
    """All blocks, each once: colleagues share a company, a domain and a postcode."""
    return {tuple(sorted(set(block))) for found in blocks for block in found.values()}


def _everybody(*blocks: Iterable[Blocks]) -> set[int]:
    return {pk for some in blocks for block in _lists(some) for pk in block}


def _of_chunk(block: Iterable[int], chunk: set[int]) -> set[tuple[int, int]]:
    return {pair for pair in combinations(sorted(block), 2) if pair[0] in chunk}


def _alike(
    block: Iterable[int], chunk: set[int], facts: Mapping[int, Facts]
) -> set[tuple[int, int]]:
    """Pairs within a block whose names are one name, spelt in two ways at most."""
    named = [(pk, facts[pk].name) for pk in block if pk in facts and facts[pk].name]
    return {
        (low, high)
        for n, (low, name) in enumerate(named)
        if low in chunk
        for high, other in named[n + 1 :]
        if names_alike(name, other) >= SIMILAR_NAME
    }


def _namesakes(block: Iterable[int], facts: Mapping[int, Facts]) -> Iterator[list[int]]:
    """Of people with one name those that share a company, a postcode or a domain."""
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk in block:
        own = facts.get(pk, Facts())
        parts["company", own.company].append(pk)
        parts["postcode", own.postcode].append(pk)
        for domain in own.domains:
            parts["domain", domain].append(pk)
    for (_, value), part in parts.items():
        if value and 2 <= len(part) <= MOST_ALIKE:
            yield part


def look_alikes(model: type[Contact] | type[Account], facts: Facts) -> dict[int, Facts]:
    """Stored records that share a key with one that is being typed; facts by id."""
    if model is Account:
        columns = [
            (ACCOUNT_VAT, [facts.vat]),
            (ACCOUNT_PHONE, [facts.phone]),
            (ACCOUNT_DOMAIN, [facts.web]),
            (ACCOUNT_NAME, [facts.name]),
            (ACCOUNT_WORD, telling_words(facts.name)),
        ]
        return account_facts(_found(columns))
    columns = [
        (MATCH, [*facts.keys]),
        (ALIAS, [*facts.aliases]),
        (SHARED, [*facts.shared]),
        (PHONE, [facts.phone]),
        (NAME, [facts.name]),
        (COMPANY, [facts.company]),
        (DOMAIN, [*facts.domains]),
    ]
    return contact_facts(_found(columns))


def _found(columns: Iterable[tuple[Column, list[str]]]) -> set[int]:
    return {pk for column, keys in columns for block in _lists([column.blocks(keys, alone=True)])
            for pk in block}  # fmt: skip


def typed_contact(values: Mapping[str, Any], emails: Sequence[str]) -> Facts:
    """Facts of a contact that is being typed."""
    name = f"{values.get('last_name', '')} {values.get('first_name', '')}"
    keys = [(text.fold_email(address), match_keys.email_alias(address)) for address in emails]
    return person_facts(
        match_keys.person_key(name),
        match_keys.company_key(str(values.get("company_name") or "")),
        match_keys.phone_key(str(values.get("phone") or "")),
        str(values.get("postcode") or ""),
        [(key, "", alias) for key, alias in keys if "@" in key],
        public=public_domains(),
    )


def typed_account(values: Mapping[str, Any]) -> Facts:
    """Facts of an account that is being typed."""
    return company_facts(
        match_keys.company_key(str(values.get("name") or "")),
        match_keys.phone_key(str(values.get("phone") or "")),
        match_keys.vat_key(str(values.get("vat_number") or "")),
        match_keys.web_domain(str(values.get("website") or "")),
        public=public_domains(),
    )
