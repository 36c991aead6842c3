"""Reading segments: who sees which, whom they hold, how many, and what is built on them."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery

from oscar_crm import text
from oscar_crm.exceptions import TookTooLongError
from oscar_crm.models import Contact, CustomField, Segment, Tag

from . import accounts, catalogue, contacts
from .changes import user_names
from .contacts import ContactFilter, country_names, narrowed
from .custom_fields import definitions
from .keyset import COUNT_LIMIT, Sort
from .stored_filters import from_json, set_conditions
from .time_limit import time_limit

BY_NAME = Sort("key")
LIVE_SECONDS = 3

Use = Callable[[Segment], Iterable[str]]
_USES: list[Use] = []


def visible_to(user: Any) -> QuerySet[Segment]:
    """The segments a user may see: one's own, and those that are shared."""
    if not user.has_perm("oscar_crm.view_segment"):
        return Segment.objects.none()
    return Segment.objects.filter(Q(owner=user.pk) | Q(is_shared=True))


def find(user: Any, pk: str) -> Segment | None:
    """The segment with an id, given as text, if the user may see it."""
    return visible_to(user).filter(pk=int(pk)).first() if contacts.is_id(pk) else None


def changeable_by(user: Any) -> QuerySet[Segment]:
    """The segments a user may change: one's own; who sees all contacts, the shared ones as well.

    Otherwise nobody could mend what a colleague who has left had shared.
    """
    found = visible_to(user)
    if user.has_perm("oscar_crm.view_all_contacts"):
        return found
    return found.filter(owner=user.pk)


def members(segment: Segment) -> QuerySet[Contact]:
    """All contacts of a segment, whoever asks: what its stored count counts.

    For a user's eyes use ``contacts.filtered_contacts(user, ContactFilter(within=…))``.
    """
    return narrowed(Contact.objects.filter(merged_into=None), from_json(segment.filter))


class _Count(Subquery):
    """Counts the rows of a query that depends on no other."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0  # what is known to be empty is not asked for


def live_counts(user: Any, segments: Sequence[Segment]) -> dict[int, int]:
    """How many contacts of each segment a user may see, bounded as in ``bounded_count``.

    One query for all. Empty when the database needs longer than ``LIVE_SECONDS``.
    """
    if not segments:
        return {}
    counts = {}
    for segment in segments:
        within = ContactFilter(within=from_json(segment.filter))
        found = contacts.filtered_contacts(user, within).order_by().values("pk")
        counts[f"count_{segment.pk}"] = _Count(found[: COUNT_LIMIT + 1])
    try:
        with time_limit(LIVE_SECONDS):
            one = Segment.objects.filter(pk=segments[0].pk).annotate(**counts)
            row = one.values(*counts).get()
    except TookTooLongError:
        return {}
    return {segment.pk: row[f"count_{segment.pk}"] for segment in segments}


def choices(user: Any) -> list[tuple[int, str]]:
    """Id and name of the segments a user may see, by name."""
    return list(visible_to(user).order_by("key").values_list("pk", "name"))


def naming(names: Set[str]) -> list[Segment]:
    """The segments whose name or search tells one of some ``text.folded_names``.

    All segments are read: a shop has dozens.
    """
    return [
        segment
        for segment in Segment.objects.order_by("pk")
        if text.tells(segment.name, names) or text.tells(search_in(segment.filter), names)
    ]


def search_in(stored: Any) -> str:
    """The search text of a stored filter, which may be anything."""
    conditions = stored.get("conditions") if isinstance(stored, dict) else None
    words = conditions.get("q") if isinstance(conditions, dict) else ""
    return words if isinstance(words, str) else ""


def register_use(use: Use) -> Use:
    """Let something be built on segments: ``use(segment)`` tells, in words, what needs it.

    A segment that is needed cannot be deleted. May be used as a decorator; registering the same
    function again changes nothing.
    """
    if use not in _USES:
        _USES.append(use)
    return use


def uses_of(segment: Segment) -> list[str]:
    """What is built on a segment, in words."""
    return [text for use in _USES for text in use(segment)]


@dataclass(frozen=True)
class FilterNames:
    """What the records in some filters are called; who is missing no longer exists."""

    tags: dict[int, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    products: dict[int, str] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)
    accounts: dict[int, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    custom: dict[str, CustomField] = field(default_factory=dict)


def names_in(filters: Iterable[ContactFilter], *, user: Any) -> FilterNames:
    """The names for some filters: a query or two per kind of record that occurs in them.

    Accounts that the user may not see have no name.
    """
    wanted: dict[str, set[Any]] = {}
    for one in filters:
        for name, value in set_conditions(one).items():
            values = value if name == "custom" else {value}  # of custom fields, the keys
            wanted.setdefault(name, set()).update(values)
    get: Callable[[str], set[Any]] = lambda name: wanted.get(name, set())  # noqa: E731
    return FilterNames(
        tags=_named(Tag.objects.all(), get("tag")),
        users=user_names(get("owner") - {contacts.NOBODY}),
        products=catalogue.product_names(get("bought")),
        categories=catalogue.category_names(get("bought_category")),
        accounts=accounts.names(user, get("account")),
        countries=country_names(get("country")),
        custom=_definitions(get("custom")),
    )


def _definitions(keys: set[str]) -> dict[str, CustomField]:
    known = definitions(CustomField.Area.CONTACT) if keys else []
    return {field.key: field for field in known if field.key in keys}


def _named(rows: QuerySet[Any], ids: set[int]) -> dict[int, str]:
    return dict(rows.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
