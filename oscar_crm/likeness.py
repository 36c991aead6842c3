"""How likely two records are one person or one company: evidence, weighed and in words to be.

Pure functions over ``Facts``; whoever has records makes these from them (``queries.likeness``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

SIMILAR_NAME = 85  # of 100; two spellings of one name, not two names of one family
CANDIDATE = 50  # score from which a pair is shown
_OTHER_NAME = 55  # below this two names are different ones

# How much each piece of evidence convinces by itself, 0 to 1; they are taken together as
# independent: 1 - (1 - a)(1 - b)….
WEIGHTS = {
    "alias": 0.75,
    "profile": 0.75,
    "vat": 0.85,
    "phone": 0.6,
    "name": 0.6,
    "web": 0.6,
    "shared": 0.5,
    "similar_name": 0.4,
    "postcode": 0.45,
    "company": 0.4,
    "domain": 0.35,
}
# Two people share a phone or an address at work; with different names it proves little.
_WEAKENED_BY_OTHER_NAME = 0.5


@dataclass(frozen=True)
class Facts:
    """What is compared of a record; all texts are match keys, ``""`` where there is nothing.

    ``aliases`` are its e-mail addresses without what providers ignore, ``shared`` those that
    several people use, ``keys`` all its addresses, ``profiles`` those of its shop accounts;
    ``domains`` leave out public mail providers. ``is_company`` says that the name is a company's.
    """

    name: str = ""
    company: str = ""
    phone: str = ""
    postcode: str = ""
    vat: str = ""
    web: str = ""
    aliases: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    is_company: bool = False


@dataclass(frozen=True)
class Reason:
    """A piece of evidence: its ``kind``, a key of ``WEIGHTS``, and what both have in common."""

    kind: str
    value: str


@dataclass(frozen=True)
class Likeness:
    """``score`` is 0 to 100."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def is_candidate(self) -> bool:
        return self.score >= CANDIDATE


def likeness(one: Facts, other: Facts) -> Likeness:
    """How alike two records are, and why."""
    alike = names_alike(one.name, other.name)
    reasons = tuple(_reasons(one, other, alike))
    doubt = 1.0
    for reason in reasons:
        doubt *= 1 - WEIGHTS[reason.kind]
    score = 1 - doubt
    if one.name and other.name and alike < _OTHER_NAME:
        score *= _WEAKENED_BY_OTHER_NAME
    names = any(reason.kind in ("name", "similar_name") for reason in reasons)
    if names and len(reasons) == 1 and not one.is_company:
        score = 0  # namesakes: a person's name proves nothing by itself
    return Likeness(round(100 * score), reasons)


def _reasons(one: Facts, other: Facts, alike: int) -> Iterator[Reason]:
    shared = one.shared | other.shared
    profiles = (one.profiles & other.keys) | (other.profiles & one.keys)
    yield from _common("alias", (one.aliases & other.aliases) - shared)
    yield from _common("profile", profiles)
    yield from _equal(one, other, "vat", "phone", "web")
    if alike == 100:
        yield Reason("name", one.name)
    elif alike >= SIMILAR_NAME:
        yield Reason("similar_name", str(alike))
    if alike >= SIMILAR_NAME:
        yield from _common("shared", one.shared & other.shared)
    yield from _equal(one, other, "company", "postcode")
    yield from _common("domain", one.domains & other.domains)


def _common(kind: str, values: frozenset[str]) -> Iterator[Reason]:
    if values:
        yield Reason(kind, min(values))


def _equal(one: Facts, other: Facts, *kinds: str) -> Iterator[Reason]:
    for kind in kinds:
        value = getattr(one, kind)
        if value and value == getattr(other, kind):
            yield Reason(kind, value)


def names_alike(one: str, other: str) -> int:
    """How alike two name keys are, 0 to 100; an initial stands for the whole word."""
    if not one or not other:
        return 0
    if one == other:
        return 100
    ratio = round(fuzz.ratio(one, other))
    if ratio < SIMILAR_NAME and one[0] == other[0] and _is_abbreviated(one.split(), other.split()):
        return SIMILAR_NAME
    return min(ratio, 99)


def _is_abbreviated(one: list[str], other: list[str]) -> bool:
    """Whether one name is the other with initials: ``a byron`` and ``ada byron``."""
    initials = {word for word in (*one, *other) if len(word) == 1}
    if not initials or len(one) != len(other):
        return False
    rest, others = sorted(set(one) - set(other)), sorted(set(other) - set(one))
    whole = [word for word in set(one) & set(other) if len(word) > 2]
    pairs = zip(rest, others, strict=False)
    return (
        bool(whole)
        and len(rest) == len(others)
        and all(a[0] == b[0] and 1 in (len(a), len(b)) for a, b in pairs)
    )
