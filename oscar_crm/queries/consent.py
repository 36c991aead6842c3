"""Who agreed to what: purposes, the state of a contact, and the condition segments filter by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, Max, OuterRef, Q, QuerySet

from oscar_crm import text
from oscar_crm.models import Consent, ConsentPurpose, ConsentText, Contact

MAX_ROWS = 500  # of one contact's history on its page


def purposes(user: Any) -> QuerySet[ConsentPurpose]:
    """The purposes a user may see, in their order; ``version`` is that of the newest text."""
    if not user.has_perm("oscar_crm.view_consentpurpose"):
        return ConsentPurpose.objects.none()
    found: Any = ConsentPurpose.objects.annotate(version=Max("texts__version"))
    return found.order_by("position", "id")  # type: ignore[no-any-return]


def uses(found: Sequence[ConsentPurpose]) -> dict[int, int]:
    """How many consents there are per purpose, by its id; one query."""
    rows = Consent.objects.filter(text__purpose__in=[purpose.pk for purpose in found])
    counted = rows.values_list("text__purpose").annotate(n=Count("pk")).order_by()
    return dict(counted)


def is_used(purpose: ConsentPurpose) -> bool:
    return Consent.objects.filter(text__purpose=purpose).exists()


def purpose_exists(name: str, *, besides: ConsentPurpose | None = None) -> bool:
    """Whether there is a purpose of this name, however it is spelt."""
    found = ConsentPurpose.objects.filter(key=text.fold(name))
    return (found if besides is None else found.exclude(pk=besides.pk)).exists()


def texts_of(purpose: ConsentPurpose) -> list[ConsentText]:
    """All versions, newest first."""
    return list(purpose.texts.order_by("-version"))


def text_in_force(purpose: ConsentPurpose, at: datetime) -> ConsentText | None:
    """The version that was valid at a time; before the first one was entered, the first."""
    known = purpose.texts.order_by("-version")
    return known.filter(created_at__lte=at).first() or known.last()


def consents_of(contact: Contact, purpose: ConsentPurpose) -> QuerySet[Consent]:
    """The givings and withdrawings of a contact, newest first: the first one holds."""
    mine = Consent.objects.filter(contact=contact, text__purpose=purpose)
    return mine.select_related("text").order_by("-at", "-pk")


def consenting(purpose: ConsentPurpose | int) -> Q:
    """The condition that a contact's newest consent of a purpose is a giving.

    For ``Contact.objects.filter(…)``; composes with ``&``, ``|`` and ``~``. Whoever was erased
    consents to nothing.
    """
    return Q(pk__in=_newest(purpose).filter(is_given=True).values("contact"), erased_at=None)


def withdrawn(purpose: ConsentPurpose | int) -> Q:
    """The condition that a contact's newest consent of a purpose is a withdrawal."""
    return Q(pk__in=_newest(purpose).filter(is_given=False).values("contact"), erased_at=None)


def _newest(purpose: ConsentPurpose | int) -> QuerySet[Consent]:
    """Consents of a purpose that no later one of the same contact has replaced."""
    later = Consent.objects.filter(contact=OuterRef("contact"), text__purpose=purpose).filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    )
    return Consent.objects.filter(~Exists(later), text__purpose=purpose)


@dataclass(frozen=True)
class Entry:
    """One giving or withdrawing, with the number of the text it refers to."""

    is_given: bool
    at: datetime
    source: str
    note: str
    version: int
    recorded_by: str

    @property
    def source_label(self) -> str:
        return str(dict(Consent.Source.choices).get(self.source, self.source))


@dataclass(frozen=True)
class PurposeState:
    """What holds for one purpose: ``history`` is newest first, empty if nobody ever asked."""

    pk: int
    name: str
    is_active: bool
    history: list[Entry]

    @property
    def current(self) -> Entry | None:
        return self.history[0] if self.history else None

    @property
    def is_given(self) -> bool:
        return self.current is not None and self.current.is_given


def consent_state(contact: Contact) -> list[PurposeState]:
    """What a contact agreed to, per purpose in use or ever used for them: one query."""
    mine = FilteredRelation("consents", condition=Q(consents__contact=contact.pk))
    rows: Any = ConsentText.objects.annotate(mine=mine).filter(
        Q(purpose__is_active=True) | Q(mine__isnull=False)
    )
    rows = rows.order_by("purpose__position", "purpose", "-mine__at", "-mine__id").values_list(
        *("purpose", "purpose__name", "purpose__is_active"),
        *("mine__id", "mine__is_given", "mine__at", "mine__source", "mine__note"),
        *("version", "mine__recorded_by_label"),
    )
    found: dict[int, PurposeState] = {}
    for pk, name, is_active, consent, given, at, source, note, version, by in rows[:MAX_ROWS]:
        state = found.setdefault(pk, PurposeState(pk, name, is_active, []))
        if consent is not None:
            state.history.append(Entry(given, at, source, note, version, by))
    return list(found.values())
