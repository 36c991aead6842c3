"""Folding: how text is made comparable. Always done in Python, never by the database.

Databases disagree about case: SQLite's ``LOWER`` leaves ``Ü`` alone and PostgreSQL's depends on
the collation. Stored folded values give one answer everywhere.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise

import phonenumbers
from django.conf import settings

MAX_WORD_LENGTH = 100
MAX_WORDS = 100
_SEPARATORS = re.compile(r"[\s,;:/|\\()\[\]{}<>\"“”„«»!?*&+=]+")
_EMAIL_PARTS = re.compile(r"[^\w]+", re.UNICODE)
_PHONE_QUERY = re.compile(r"[\d\s+\-()./]+")
_INTERNATIONAL = re.compile(r"\+[\d ()./-]+", re.ASCII)
_COUNTRY_CODES = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_INVISIBLE = frozenset(("Cc", "Cf", "Zl", "Zp", "Zs"))
# Letters that carry no accent to strip but are commonly typed without their stroke or ligature.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def fold(text: str) -> str:
    """Casefold, strip accents and collapse white space: ``" ÜBER  Straße"`` → ``"uber strasse"``.

    Accents are stripped from Latin, Greek and Cyrillic letters; marks that make another letter
    (Japanese voicing, Indic vowels) stay.
    """
    if text.isascii():  # nothing to strip; most texts are
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", plain)
    kept = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", kept).translate(_PLAIN).split())


def fold_email(address: str) -> str:
    """The key under which two spellings of one e-mail address meet; accents stay distinct.

    ``İ`` (dotted capital I, two code points when folded) meets a plain ``i``: the shop's customer
    typed the same address on a Turkish and on an English keyboard.
    """
    if address.isascii():
        return address.strip().casefold()
    folded = unicodedata.normalize("NFC", address.strip().casefold())
    return unicodedata.normalize("NFC", folded.replace("i\u0307", "i"))


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: it is empty, or all spaces and zero-width marks."""
    return all(unicodedata.category(c) in _INVISIBLE for c in text)


def is_email(address: str) -> bool:
    """Whether an address can be written to: one ``@`` with something around it.

    Another one may stand in quotation marks: ``"a@b"@example.com``.
    """
    local, at, domain = address.strip().rpartition("@")
    is_one = "@" not in local or (local.startswith('"') and local.endswith('"'))
    return bool(at and local and domain) and is_one and len(address.split()) == 1


def folded_names(known_as: Iterable[str]) -> set[str]:
    """Names to look for in free text; one of a single letter would be found everywhere."""
    return {folded for name in known_as if len(folded := fold(name)) > 1}


def tells(text: str, names: Iterable[str]) -> bool:
    """Whether one of some ``folded_names`` stands in a text."""
    folded = fold(text)
    return any(name in folded for name in names)


def digits(phone: str) -> str:
    """Only the digits, in ASCII, without leading zeros: ``"(0171) 23"`` → ``"17123"``."""
    if phone.isascii():
        return "".join(filter(str.isdigit, phone)).lstrip("0")
    found = "".join(str(unicodedata.digit(c)) for c in phone if c.isdecimal())
    return found.lstrip("0")


def parse_phone(phone: str) -> tuple[str, str] | None:
    """Country code and number within the country: ``"+49 (0)221 12"`` → ``("49", "22112")``.

    Without a country code it is that of ``PHONENUMBER_DEFAULT_REGION``; None for what is no number.
    """
    return _parse_phone(phone, getattr(settings, "PHONENUMBER_DEFAULT_REGION", None))


@lru_cache(maxsize=8192)
def _parse_phone(phone: str, region: str | None) -> tuple[str, str] | None:
    if found := _split_international(phone):
        return found
    try:
        parsed = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    return str(parsed.country_code), str(parsed.national_number)


def _split_international(phone: str) -> tuple[str, str] | None:
    """What ``phonenumbers`` would say, in an eighth of its time, of numbers with nothing special.

    None for all others: a prefix that is only dialled within the country has to go, an extension,
    letters, a code that no country has, too few digits or too many.
    """
    if not _INTERNATIONAL.fullmatch(phone):
        return None
    plain = "".join(filter(str.isdigit, phone))
    for end in (1, 2, 3):
        code, number = plain[:end], plain[end:]
        if code in _COUNTRY_CODES:
            is_special = not 5 <= len(number) <= 15 or _domestic_prefix(int(code)).match(number)
            return None if is_special else (code, number.lstrip("0") or "0")
    return None


@cache
def _domestic_prefix(code: int) -> re.Pattern[str]:
    """What may stand before a number of a country for those who dial it from within."""
    region = phonenumbers.region_code_for_country_code(code)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    return re.compile((metadata and metadata.national_prefix_for_parsing) or "0")


def phone_words(phone: str) -> set[str]:
    """The digit strings by which a phone number is found: with and without country code."""
    words = {digits(phone)}
    if parsed := parse_phone(phone):
        code, number = parsed
        words |= {code + number, number}
    return {word[:MAX_WORD_LENGTH] for word in words if len(word) >= 3}


def email_words(address: str) -> set[str]:
    """Words of an address: whole, domain, and the parts of the name before the ``@``."""
    whole = fold(address)
    local, _, domain = whole.rpartition("@")
    words = {whole, domain, *_EMAIL_PARTS.split(local)}
    return {word[:MAX_WORD_LENGTH] for word in words if word}


def words(text: str) -> list[str]:
    """Folded words of free text, each once, in order, bounded in number and length."""
    found = [word.strip(".'’-_")[:MAX_WORD_LENGTH] for word in _SEPARATORS.split(fold(text))]
    return [word for word in dict.fromkeys(found) if word][:MAX_WORDS]


def without_beginnings(words: Iterable[str], *, keep: Iterable[str] = ()) -> set[str]:
    """Words without those that another one begins with: a search for beginnings needs no more."""
    ordered = sorted(words)
    pairs = pairwise([*ordered, ""])
    return {word for word, after in pairs if not after.startswith(word)} | set(keep)


def looks_like_phone(query: str) -> bool:
    """Whether somebody typed a phone number into the search box (five digits or more)."""
    return bool(_PHONE_QUERY.fullmatch(query.strip())) and len(digits(query)) >= 5
