"""Folding: how text is made comparable. Always done in Python, never by the database.

Databases disagree about case: SQLite's ``LOWER`` leaves ``Ü`` alone and PostgreSQL's depends on
the collation. Stored folded values give one answer everywhere.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from django.conf import settings

MAX_WORD_LENGTH = 100
MAX_WORDS = 100
_SEPARATORS = re.compile(r"[\s,;:/|\\()\[\]{}<>\"“”„«»!?*&+=]+")
_EMAIL_PARTS = re.compile(r"[^\w]+", re.UNICODE)
_PHONE_QUERY = re.compile(r"[\d\s+\-()./]+")
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
    """Whether an address from an order can be written to: one ``@`` with something around it."""
    local, at, domain = address.strip().rpartition("@")
    return bool(at and local and domain) and len(address.split()) == 1


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


@lru_cache(maxsize=8192)
def parse_phone(phone: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """A number with its country code; None for what is none. Remembered: it is slow."""
    try:
        return phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None


def phone_words(phone: str) -> set[str]:
    """The digit strings by which a phone number is found: with and without country code."""
    words = {digits(phone)}
    if parsed := parse_phone(phone, getattr(settings, "PHONENUMBER_DEFAULT_REGION", None)):
        national = str(parsed.national_number)
        words |= {f"{parsed.country_code}{national}", national}
    return {word[:MAX_WORD_LENGTH] for word in words if len(word) >= 3}


def email_words(address: str) -> set[str]:
    """Words of an address: whole, domain, and the parts of the name before the ``@``."""
    whole = fold(address)
    local, _, domain = whole.rpartition("@")
    words = {whole, domain, *_EMAIL_PARTS.split(local)}
    return {word[:MAX_WORD_LENGTH] for word in words if word}


def words(text: str) -> list[str]:
    """Folded words of free text, each once, in order, bounded in number and length."""
    found = (word.strip(".'’-_")[:MAX_WORD_LENGTH] for word in _SEPARATORS.split(fold(text)))
    return list(dict.fromkeys(word for word in found if word))[:MAX_WORDS]


def looks_like_phone(query: str) -> bool:
    """Whether somebody typed a phone number into the search box (five digits or more)."""
    return bool(_PHONE_QUERY.fullmatch(query.strip())) and len(digits(query)) >= 5
