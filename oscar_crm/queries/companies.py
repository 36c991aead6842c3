"""Company names that orders brought, and whose people belong to no account yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from oscar_crm.match_keys import company_key
from oscar_crm.models import Account, AccountContact, CompanyDecision, Contact

from . import accounts, contacts

# So many people without an account are looked at, in the order of their company's name: reading
# the index of a shop with a million of them would take seconds.
PEOPLE_LIMIT = 20_000


@dataclass(frozen=True)
class Company:
    """A name as one of its people wrote it, how many they are, and its account if there is one."""

    key: str
    name: str
    people: int
    account: Account | None = None


def companies(user: Any, *, begins: str = "", start: int = 0, size: int = 20) -> list[Company]:
    """Companies whose people, as far as the user sees them, belong to none: most people first.

    ``begins`` is the beginning of a name; the answer holds one more than ``size`` if there is
    more. Of very many people only the first ``PEOPLE_LIMIT`` are counted.
    """
    waiting = _waiting(user)
    if begins.strip():
        waiting = waiting.filter(company_key__startswith=company_key(begins))
    some = waiting.order_by("company_key", "pk").values("pk")[:PEOPLE_LIMIT]
    rows = (
        Contact.objects.filter(pk__in=some)
        .values_list("company_key")
        .annotate(people=Count("pk"), shown=Max("company_name"))
        .order_by("-people", "company_key")
    )
    found = list(rows[start : start + size + 1])
    known = _accounts_by_key([key for key, _people, _name in found], user)
    return [Company(key, name, people, known.get(key)) for key, people, name in found]


def is_cut_off(user: Any) -> bool:
    """Whether there are more people without an account than ``companies`` counts."""
    return _waiting(user)[: PEOPLE_LIMIT + 1].count() > PEOPLE_LIMIT


def people_of_key(key: str, user: Any) -> QuerySet[Contact]:
    """The people of a company name that belong to no account, as far as the user sees them."""
    return _waiting(user).filter(company_key=key)


def _waiting(user: Any) -> QuerySet[Contact]:
    dismissed = CompanyDecision.objects.filter(
        company_key=OuterRef("company_key"), dismissed_at__isnull=False
    )
    joined = AccountContact.objects.filter(contact=OuterRef("pk"))
    return contacts.visible_to(user).filter(
        ~Q(company_key=""), ~Exists(joined), ~Exists(dismissed), archived_at=None
    )


def _accounts_by_key(keys: Sequence[str], user: Any) -> dict[str, Account]:
    """The oldest account of each key that the user may see."""
    rows = accounts.visible_to(user).filter(name_key__in=keys, archived_at=None)
    return {account.name_key: account for account in rows.order_by("-pk")}


def account_of_key(key: str) -> Account | None:
    """The account that a company name means: as staff decided, else the oldest of that name."""
    decided = CompanyDecision.objects.filter(company_key=key, account__merged_into=None)
    decision = decided.exclude(account=None).select_related("account").first()
    if decision is not None:
        return decision.account
    named = Account.objects.filter(name_key=key, merged_into=None)
    return named.order_by(F("archived_at").asc(nulls_first=True), "pk").first()


def with_proposal(found: QuerySet[Contact], user: Any) -> QuerySet[Contact]:
    """Let contacts carry what their company's name proposes, at no further query.

    ``is_proposed``: the name is no account of theirs and was not dismissed. ``proposed_name`` is
    what the account of that name is called, None if there is none the user may see.
    """
    waiting = _waiting(user).filter(pk=OuterRef("pk"))
    named = accounts.visible_to(user).filter(name_key=OuterRef("company_key"), archived_at=None)
    return found.annotate(
        is_proposed=Exists(waiting),
        proposed_name=Subquery(named.order_by("pk").values("name")[:1]),
    )
