"""One search over contacts, accounts and orders. Each group passes through its own door.

Of what matches, a bounded number of rows is read in whatever order the index gives and sorted
here: sorting all of them would cost more the larger the shop is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects

from oscar_crm import text
from oscar_crm.models import Contact, ContactEmail, OrderLink

from . import contacts, orders
from .areas import AREAS, CONTACTS, Area

MAX_QUERY = 200
MAX_WORDS = 6
CANDIDATES = 50
FIRST = 3 * CANDIDATES
MAX_QUERIES = 12
ORDERS = "order"


@dataclass(frozen=True)
class Group:
    """The best of what was found in an area; ``area`` is None for orders.

    ``count`` is how many were found, at most ``CANDIDATES + 1``; ``exact`` the one whose address
    or number was typed in full.
    """

    key: str
    area: Area | None
    rows: Sequence[Any] = ()
    count: int = 0
    exact: Any = None

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)

    @property
    def is_beyond_counting(self) -> bool:
        return self.count > CANDIDATES


@dataclass(frozen=True)
class Results:
    """What was looked for, and the groups in which something was found.

    ``only_hit`` is the contact or order whose address or number was typed in full, if nothing
    else matches; its own orders, or its contact, are nothing else.
    """

    query: str
    groups: Sequence[Group] = field(default_factory=tuple)
    only_hit: Any = None


def searchable(query: str) -> str:
    """A query as it may be asked of a database: short, without what cannot be stored."""
    shortened = query[:MAX_QUERY].replace("\x00", "").encode(errors="ignore").decode()
    return " ".join(shortened.split()[:MAX_WORDS])


def search(user: Any, query: str, *, size: int) -> Results:
    """The best ``size`` of each area that a user may see, in at most ``MAX_QUERIES`` queries."""
    query = searchable(query)
    if not query:
        return Results("")
    people, *others = (_of_area(area, user, query, size) for area in AREAS.values())
    numbered = _numbered_orders(user, query, size)
    hit = None if any(group.rows for group in others) else _only_hit(people, numbered)
    groups = [people, *others, _with_orders_of(people.rows, numbered, user, size)]
    return Results(query, [group for group in groups if group.rows], hit)


def _only_hit(people: Group, numbered: Group) -> Any:
    if numbered.exact is not None and numbered.count == 1:
        whose = {numbered.exact.contact_id}
        return numbered.exact if {person.pk for person in people.rows} <= whose else None
    return people.exact if people.count == 1 and not numbered.rows else None


def _of_area(area: Area, user: Any, query: str, size: int) -> Group:
    if not area.may_be_seen_by(user):
        return Group(area.key, area)
    seen = area.visible_to(user).filter(archived_at=None)
    rows: list[Any] = []
    if area is CONTACTS and len(text.words(query)) == 1:
        # Of many the first are enough, unless too few of them may be seen.
        rows = list(contacts.search(seen, query, most=FIRST)[: CANDIDATES + 1])
    if len(rows) <= CANDIDATES:
        rows = list(area.search(seen, query)[: CANDIDATES + 1])
    if area is CONTACTS:
        prefetch_related_objects(rows, "emails")
    exact = _exact_contact(user, query) if area is CONTACTS else None
    if exact is not None:
        rows = [exact, *(row for row in rows if row.pk != exact.pk)]
    rows.sort(key=lambda row: (row is not exact, *_rank(row, query)))
    return Group(area.key, area, rows[:size], min(len(rows), CANDIDATES + 1), exact)


def _rank(row: Any, query: str) -> tuple[bool, bool, str]:
    """Names that are what was typed, then those with a word that begins so, then by name."""
    name, typed = text.fold(str(row)), text.fold(query)
    return name != typed, f" {typed}" not in f" {name}", row.sort_name


def _exact_contact(user: Any, query: str) -> Contact | None:
    """Whose address was typed in full, archived or not. An address of several is nobody's."""
    if not text.is_email(query):
        return None
    key = text.fold_email(query)
    emails = ContactEmail.objects.filter(Q(match_key=key) | Q(shared_key=key)).values("contact")
    seen = CONTACTS.visible_to(user).filter(pk__in=emails)
    found = list(seen.prefetch_related("emails")[:2])
    return found[0] if len(found) == 1 else None


def _numbered_orders(user: Any, query: str, size: int) -> Group:
    """Orders by the beginning of their number, the one of exactly this number on top."""
    seen = _loaded_orders(orders.visible_to(user))
    spellings = {query, query.upper()}
    same = list(seen.filter(number__in=spellings)[:2])
    begins = Q(*(Q(number__startswith=number) for number in spellings), _connector=Q.OR)
    known = {link.pk for link in same}
    more = [link for link in seen.filter(begins)[: CANDIDATES + 1] if link.pk not in known]
    rows = [*same, *sorted(more, key=lambda link: str(link.number))]
    exact = same[0] if len(same) == 1 else None
    return Group(ORDERS, None, rows[:size], min(len(rows), CANDIDATES + 1), exact)


def _with_orders_of(people: Sequence[Contact], numbered: Group, user: Any, size: int) -> Group:
    """The orders found by number, then the newest of the contacts found."""
    known = {link.pk for link in numbered.rows}
    theirs = orders.visible_to(user).filter(contact__in=[person.pk for person in people])
    newest = _loaded_orders(theirs).order_by("-placed_at", "-pk")[: size + len(known) + 1]
    more = [link for link in newest if link.pk not in known]
    count = min(numbered.count + len(more), CANDIDATES + 1)
    rows = [*numbered.rows, *more][:size]
    return Group(ORDERS, None, rows, count, numbered.exact)


def _loaded_orders(links: QuerySet[OrderLink]) -> QuerySet[OrderLink]:
    return links.select_related("contact").prefetch_related("contact__emails")
