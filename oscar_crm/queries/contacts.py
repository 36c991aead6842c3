"""Reading contacts: what a user may see, the filtered list, search."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, prefetch_related_objects
from oscar.core.loading import get_model

from oscar_crm import text
from oscar_crm.days import start_of_day
from oscar_crm.models import Contact, ContactEmail, ContactWord, OrderLink, Tag
from oscar_crm.relations import has_field

from . import custom_fields, purchases
from .keyset import COUNT_LIMIT, Page, Position, Sort, count_of, counted, keyset_page
from .ownership import seen_by

NOBODY = "none"
MAX_QUERY_WORDS = 10
# Of what more words or order numbers begin with, nobody means an order number. Together they are
# no more than a list counts: see ``list_page``.
MANY_WORDS, MANY_NUMBERS = COUNT_LIMIT // 2, COUNT_LIMIT // 4
SHORTEST_NUMBER = 3

SORTS = {
    "name": Sort("sort_name"),
    "created": Sort("created_at"),
    "value": Sort("lifetime_value"),
    "orders": Sort("orders_count"),
    "last_order": Sort("last_order_at", nullable=True),
}
DEFAULT_SORT = "-last_order"


def visible_to(user: Any) -> QuerySet[Contact]:
    """The contacts a user may see: the only door to them. The rule is ``ownership.seen_by``."""
    rows = Contact.objects.all()
    return seen_by(user, rows, view="view_contact", view_all="view_all_contacts")


@dataclass(frozen=True)
class ContactFilter:
    """What the list shows. Values are in base currency; dates are days of the shop's time zone.

    ``owner`` is a user's id as text, or ``"none"``; ``sort`` a key of ``SORTS``, ``-`` reverses.
    ``custom`` has conditions on custom fields by key, as ``queries.custom_fields`` writes them.
    """

    q: str = ""
    kind: str = ""
    tag: int | None = None
    owner: str = ""
    value_min: Decimal | None = None
    value_max: Decimal | None = None
    ordered_from: date | None = None
    ordered_to: date | None = None
    created_from: date | None = None
    created_to: date | None = None
    with_orders: bool = False
    unvalued: bool = False
    archived: bool = False
    custom: Mapping[str, Any] = field(default_factory=dict)
    # On shop behaviour and company: see ``queries.purchases``.
    bought: int | None = None
    bought_category: int | None = None
    voucher: str = ""
    spent_min: Decimal | None = None
    spent_since: date | None = None
    average_min: Decimal | None = None
    average_max: Decimal | None = None
    idle_days: int | None = None
    abandoned_days: int | None = None
    untouched_months: int | None = None
    country: str = ""
    account: int | None = None
    # A segment's filter, which must hold as well, and what of a stored one cannot be read.
    within: "ContactFilter | None" = None
    unreadable: tuple[str, ...] = ()
    # Whether the search looks among the numbers of orders as well.
    with_numbers: bool = True
    sort: str = DEFAULT_SORT

    @property
    def is_combined(self) -> bool:
        """Whether contacts have to pass more than one condition, of a search each word.

        A custom field, shop behaviour or a segment counts as several: no index of contacts
        serves it. So does a number, which is looked for among phones and orders.
        """
        if self.custom or self.within or purchases.conditions(self) or _is_order_number(self.q):
            return True
        ranges = (
            (self.value_min, self.value_max),
            (self.ordered_from, self.ordered_to),
            (self.created_from, self.created_to),
        )
        conditions = [
            *(self.kind, self.tag, self.owner, self.with_orders, self.unvalued, self.archived),
            *(low is not None or high is not None for low, high in ranges),
            *text.words(self.q),
        ]
        return sum(map(bool, conditions)) > 1

    def order(self) -> Sort:
        known = SORTS.get(self.sort.lstrip("-"), SORTS[DEFAULT_SORT.lstrip("-")])
        return Sort(known.field, descending=self.sort.startswith("-"), nullable=known.nullable)


def filtered_contacts(user: Any, wanted: ContactFilter) -> QuerySet[Contact]:
    """The contacts a user may see that pass a filter; without order, for ``keyset_page``."""
    return narrowed(visible_to(user), wanted)


def narrowed(contacts: QuerySet[Contact], wanted: ContactFilter) -> QuerySet[Contact]:
    """Those of some contacts that pass a filter; none where a part of it cannot be read."""
    found = _listed(contacts, wanted)
    if wanted.within is not None:
        found = _matching(found, wanted.within)
    return _matching(found, wanted)


def _listed(contacts: QuerySet[Contact], wanted: ContactFilter) -> QuerySet[Contact]:
    segment = wanted.within or ContactFilter()
    return contacts.filter(archived_at__isnull=not (wanted.archived or segment.archived))


def _matching(found: QuerySet[Contact], wanted: ContactFilter) -> QuerySet[Contact]:
    if wanted.unreadable:
        return found.none()
    conditions = {
        "kind": wanted.kind or None,
        "lifetime_value__gte": wanted.value_min,
        "lifetime_value__lte": wanted.value_max,
        "last_order_at__gte": _start(wanted.ordered_from),
        "last_order_at__lt": _end(wanted.ordered_to),
        "created_at__gte": _start(wanted.created_from),
        "created_at__lt": _end(wanted.created_to),
        "orders_count__gt": 0 if wanted.with_orders else None,
        # Says the same, and is in more indexes.
        "last_order_at__isnull": False if wanted.with_orders else None,
        "unvalued_orders__gt": 0 if wanted.unvalued else None,
    }
    found = found.filter(**{k: v for k, v in conditions.items() if v is not None})
    if wanted.custom:
        found = found.filter(custom_fields.matching(wanted.custom))
    if wanted.owner == NOBODY:
        found = found.filter(owner=None)
    elif wanted.owner:
        found = found.filter(**{"owner": wanted.owner})
    found = found.filter(purchases.conditions(wanted))
    if wanted.tag is None:
        return found.filter(pk__in=_ids_searched(wanted)) if wanted.q.strip() else found
    tagged: Any = Contact.tags.through.objects.filter(tag=wanted.tag)
    if wanted.q.strip():
        tagged = tagged.filter(contact__in=_ids_searched(wanted))
    return found.filter(pk__in=tagged.values("contact"))


def _ids_searched(wanted: ContactFilter) -> Any:
    return _ids_matching(wanted.q, with_numbers=wanted.with_numbers)


def search(
    contacts: QuerySet[Contact], query: str, *, most: int | None = None
) -> QuerySet[Contact]:
    """Contacts matching every word of a query as the beginning of a name, company or address.

    A phone number may be written in any way. An order number is found by its beginning of three
    characters or more, unless thousands begin so. Words beyond ``MAX_QUERY_WORDS`` are not looked
    at: each one costs the database another subquery. Only the first ``most`` that match are looked
    for, if that is given.
    """
    return contacts.filter(pk__in=_ids_matching(query)[:most])


def _ids_matching(query: str, *, with_numbers: bool = True) -> Any:
    if text.looks_like_phone(query):
        return _ids_of(text.digits(query), number=query.strip() if with_numbers else "")
    words = text.words(query)[:MAX_QUERY_WORDS]
    if not words:
        return ContactWord.objects.none().values("contact")
    return _ids_of_all([(word, word if with_numbers else "") for word in words])


def _ids_of_all(words: Sequence[tuple[str, str]]) -> Any:
    """Ids of contacts with all these words, or orders with their numbers.

    Each word is looked for among the contacts of the next (and a tag among theirs), not each among
    all contacts: so the database may begin with the words alone, or with the rarest of them.
    """
    (word, number), *others = sorted(words, key=lambda pair: _is_order_number(pair[1]))
    ids = _ids_of(word, number=number)
    if others and _is_order_number(number):
        both = Contact.objects.filter(pk__in=ids).filter(pk__in=_ids_of_all(others))
        return both.values("pk")
    return ids.filter(contact__in=_ids_of_all(others)) if others else ids


def _ids_of(word: str, *, number: str) -> Any:
    """Ids of contacts with such a word, or with an order of such a number.

    The number of orders is bounded, and they are looked at only if the word is not that of very
    many: what "1" or a country code begins would be half of all contacts.
    """
    words = ContactWord.objects.filter(word__startswith=word)
    ids: Any = words.values("contact")
    if not _is_order_number(number):
        return ids
    numbered = []
    for spelling in dict.fromkeys((number, number.upper())):
        links = OrderLink.objects.filter(number__startswith=spelling)
        rare = ~_has_more(links, MANY_NUMBERS) & ~_has_more(words, MANY_WORDS)
        numbered.append(links.filter(rare, contact__isnull=False).values("contact"))
    return ids.union(*numbered, all=True)


def _has_more(rows: QuerySet[Any], most: int) -> Q:
    return Q(Exists(rows.order_by()[most : most + 1]))


def _is_order_number(word: str) -> bool:
    """Whether a word may be the beginning of one; fewer characters are that of too many."""
    return len(word) >= SHORTEST_NUMBER and any(c.isdigit() for c in word)


def is_id(value: str) -> bool:
    """Whether some text can be a contact's id: a whole number that every database can hold."""
    return value.isascii() and value.isdecimal() and len(value) < 19


def contact_of_address(user: Any, match_key: str) -> Contact | None:
    """Whose address this is, if the user may see that contact."""
    owners = ContactEmail.objects.filter(match_key=match_key).values("contact")
    return visible_to(user).filter(pk__in=owners).first()


def for_list(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Load what stands beside a contact's name, in a fixed number of queries."""
    return contacts.select_related("owner").prefetch_related("emails", "tags")


def list_page(
    user: Any, wanted: ContactFilter, *, size: int, position: Position
) -> tuple[Page[Contact], int]:
    """A page with all that a list row shows, and the ``bounded_count`` of the list: 3 queries."""
    found, count = filtered_contacts(user, wanted), None
    if wanted.is_combined:
        found, count = counted(found, among=_listed(visible_to(user), wanted))
        if count > COUNT_LIMIT:
            # Each word then is that of so many that no order number was looked at (see
            # ``_ids_of``): the database need not know, and may walk in the order of the page.
            found = filtered_contacts(user, _without_numbers(wanted))
    primary = ContactEmail.objects.filter(contact=OuterRef("pk"), is_primary=True)
    rows: Any = found.annotate(main_email=Subquery(primary.values("address")[:1]))
    page: Page[Contact] = keyset_page(
        rows.select_related("owner"), wanted.order(), size=size, position=position
    )
    prefetch_related_objects(page.rows, "tags")
    return page, count_of(page, found) if count is None else count


def _without_numbers(wanted: ContactFilter) -> ContactFilter:
    within = wanted.within and replace(wanted.within, with_numbers=False)
    return replace(wanted, within=within, with_numbers=False)


def possible_owners() -> QuerySet[Any]:
    """Active staff, by name: who a contact can be given to."""
    return staff().filter(is_active=True)


def staff() -> QuerySet[Any]:
    """Staff by name, with those whose account is closed: their contacts have to be found."""
    model = get_user_model()
    names = [n for n in ("first_name", "last_name", "email") if has_field(model, n)]
    return model._default_manager.filter(is_staff=True).order_by(*names, "pk")


def tags_in_use() -> QuerySet[Tag]:
    """All tags, by name."""
    return Tag.objects.order_by("key")


def _start(day: date | None) -> datetime | None:
    return None if day is None else start_of_day(day)


def _end(day: date | None) -> datetime | None:
    return None if day is None else _start(day + timedelta(days=1))


def countries() -> list[tuple[str, str]]:
    """The shop's countries, code and printable name, by name."""
    rows = get_model("address", "Country")._default_manager.order_by("printable_name")
    return list(rows.values_list("pk", "printable_name"))


def country_names(codes: Iterable[str]) -> dict[str, str]:
    """Countries' printable names by two-letter code, as far as the shop knows them."""
    wanted = set(codes)
    if not wanted:
        return {}
    rows = get_model("address", "Country")._default_manager.filter(pk__in=wanted)
    return dict(rows.values_list("pk", "printable_name"))


def find_countries(query: str) -> list[tuple[str, str]]:
    """The shop's countries whose name has each word of a query, or whose code it is."""
    words = [text.fold(word) for word in query.split()]
    code = query.strip().upper()
    rows = [(key, name, text.fold(name)) for key, name in countries()]
    return [(k, n) for k, n, folded in rows if k == code or all(w in folded for w in words)]


def country_of(typed: str) -> str | None:
    """The code of the one country with this name or code, else None."""
    wanted = text.fold(typed)
    found = [k for k, name in countries() if wanted in (text.fold(name), k.lower())]
    return found[0] if len(found) == 1 else None


def lookup(user: Any, query: str, *, page: int, size: int) -> tuple[list[Contact], bool]:
    """A page of contacts by name for a select box, and whether there are more."""
    found = visible_to(user).filter(archived_at=None, erased_at=None)
    if query.strip():
        found = search(found, query)
    start = (page - 1) * size
    rows = found.order_by("sort_name", "pk").prefetch_related("emails")
    chosen = list(rows[start : start + size + 1])
    return chosen[:size], len(chosen) > size
