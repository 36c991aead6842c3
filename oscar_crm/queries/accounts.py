"""Reading accounts: what a user may see, the filtered list, search."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects

from oscar_crm import match_keys, text
from oscar_crm.days import start_of_day
from oscar_crm.models import Account, AccountContact, AccountWord

from . import custom_fields
from .contacts import MAX_QUERY_WORDS, NOBODY
from .keyset import Page, Position, Sort, counted, keyset_page
from .ownership import seen_by

WITH_PEOPLE, WITHOUT_PEOPLE = "with", "without"
SORTS = {
    "name": Sort("sort_name"),
    "created": Sort("created_at"),
    "value": Sort("lifetime_value"),
    "last_order": Sort("last_order_at", nullable=True),
}
DEFAULT_SORT = "name"


def visible_to(user: Any) -> QuerySet[Account]:
    """The accounts a user may see: the only door to them. The rule is ``ownership.seen_by``."""
    rows = Account.objects.all()
    return seen_by(user, rows, view="view_account", view_all="view_all_accounts")


@dataclass(frozen=True)
class AccountFilter:
    """What the list shows. Values are in base currency; dates are days of the shop's time zone.

    ``owner`` is a user's id as text, or ``"none"``; ``industry`` the beginning of one; ``people``
    ``"with"`` or ``"without"``; ``sort`` a key of ``SORTS``, ``-`` reverses.
    ``custom`` has conditions on custom fields by key, as ``queries.custom_fields`` writes them.
    """

    q: str = ""
    tag: int | None = None
    owner: str = ""
    industry: str = ""
    country: str = ""
    parent: int | None = None
    value_min: Decimal | None = None
    value_max: Decimal | None = None
    ordered_from: date | None = None
    ordered_to: date | None = None
    people: str = ""
    archived: bool = False
    # What of a stored filter cannot be read.
    unreadable: tuple[str, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    sort: str = DEFAULT_SORT

    def order(self) -> Sort:
        known = SORTS.get(self.sort.lstrip("-"), SORTS[DEFAULT_SORT.lstrip("-")])
        return Sort(known.field, descending=self.sort.startswith("-"), nullable=known.nullable)


def filtered_accounts(user: Any, wanted: AccountFilter) -> QuerySet[Account]:
    """The accounts a user may see that pass a filter; without order, for ``keyset_page``.

    None where a part of the filter cannot be read.
    """
    if wanted.unreadable:
        return Account.objects.none()
    found = visible_to(user).filter(archived_at__isnull=not wanted.archived)
    until = None if wanted.ordered_to is None else wanted.ordered_to + timedelta(days=1)
    conditions = {
        "tags": wanted.tag,
        "industry_key__startswith": text.fold(wanted.industry) or None,
        "parent": wanted.parent,
        "lifetime_value__gte": wanted.value_min,
        "lifetime_value__lte": wanted.value_max,
        "last_order_at__gte": wanted.ordered_from and start_of_day(wanted.ordered_from),
        "last_order_at__lt": until and start_of_day(until),
    }
    found = found.filter(**{k: v for k, v in conditions.items() if v is not None})
    if wanted.parent is not None:
        found = found.filter(parent__in=visible_to(user))
    if wanted.country:
        of_country = Q(billing_country=wanted.country) | Q(shipping_country=wanted.country)
        found = found.filter(of_country)
    if wanted.people:
        found = found.filter(_has_people(is_with=wanted.people == WITH_PEOPLE))
    if wanted.custom:
        found = found.filter(custom_fields.matching(wanted.custom))
    if wanted.owner:
        found = found.filter(**{"owner": None if wanted.owner == NOBODY else wanted.owner})
    return search(found, wanted.q) if wanted.q.strip() else found


def _has_people(*, is_with: bool) -> Any:
    people = Exists(AccountContact.objects.filter(account=OuterRef("pk")))
    return people if is_with else ~people


def search(accounts: QuerySet[Account], query: str) -> QuerySet[Account]:
    """Accounts matching every word of a query as the beginning of a name, domain or VAT number.

    A phone number may be written in any way.
    """
    if text.looks_like_phone(query):
        return accounts.filter(pk__in=_ids_of(text.digits(query)))
    words = text.words(query)[:MAX_QUERY_WORDS] or [text.fold(match_keys.vat_key(query))]
    if not any(words):
        return accounts.none()
    for word in words:
        accounts = accounts.filter(pk__in=_ids_of(word))
    return accounts


def _ids_of(word: str) -> Any:
    return AccountWord.objects.filter(word__startswith=word).values("account")


def names(user: Any, ids: Iterable[int]) -> dict[int, str]:
    """Names by id, of those that a user may see."""
    wanted = set(ids)
    return dict(visible_to(user).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def for_list(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Load what stands beside an account's name, in a fixed number of queries."""
    return accounts.select_related("owner").prefetch_related("tags")


def list_page(
    user: Any, wanted: AccountFilter, *, size: int, position: Position
) -> tuple[Page[Account], int]:
    """A page with all that a list row shows, and the ``bounded_count`` of the list: 3 queries."""
    rows, count = counted(filtered_accounts(user, wanted), among=visible_to(user))
    page: Page[Account] = keyset_page(
        rows.select_related("owner"), wanted.order(), size=size, position=position
    )
    prefetch_related_objects(page.rows, "tags")
    return page, count


def lookup(user: Any, query: str, *, page: int, size: int) -> tuple[list[Account], bool]:
    """A page of accounts by name for a select box, and whether there are more."""
    found = visible_to(user).filter(archived_at=None)
    if query.strip():
        found = search(found, query)
    start = (page - 1) * size
    chosen = list(found.order_by("sort_name", "pk")[start : start + size + 1])
    return chosen[:size], len(chosen) > size
