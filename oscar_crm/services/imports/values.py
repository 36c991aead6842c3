"""From the text of a cell to a value: numbers, days, yes or no, countries, lists, phones.

A parser takes text that is stripped and not empty. It raises ``ValidationError`` with words that
name no row and no column: whoever calls it knows those.
"""

import csv
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import phonenumbers
from babel import Locale
from django.utils.translation import gettext as _

from oscar_crm import text
from oscar_crm.exceptions import ValidationError

SHOWN = 40  # characters of a wrong value that a message repeats
YES = frozenset(
    (
        *("yes", "y", "true", "t", "1", "x", "ja", "j", "wahr", "oui", "o", "vrai", "sí", "si"),
        *("s", "sim", "tak", "on", "checked", "✓"),
    )
)
NO = frozenset(
    (
        *("no", "n", "false", "f", "0", "nein", "falsch", "non", "faux", "não", "nao", "nie"),
        *("off", "unchecked", "✗", "-"),
    )
)
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_NUMERIC_DAY = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4}|\d{2})\Z")
_ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z")
# What exports put behind a day; a field of the CRM holds the day only.
_TIME = re.compile(
    r"[T ,]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
    r"\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2}|[A-Z]{3,4})?\Z"
)
_SPLIT = re.compile(r'[;,"\n\r]|:::')
_NAMED_DAYS = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")
_COUNTRY_NAMES_IN = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
_COUNTRY_ALIASES = {
    "usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "america": "US",
    "uk": "GB", "u.k.": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "britain": "GB",
    "great britain": "GB", "northern ireland": "GB", "holland": "NL", "the netherlands": "NL",
    "czech republic": "CZ", "turkey": "TR", "south korea": "KR", "korea": "KR", "russia": "RU",
    "russian federation": "RU", "brasil": "BR", "hong kong": "HK", "uae": "AE", "brd": "DE",
}  # fmt: skip


def shown(value: str) -> str:
    """A wrong value as a message repeats it."""
    return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"


def parse_yes_or_no(value: str) -> bool:
    folded = value.strip(" .").casefold()
    if folded in YES:
        return True
    if folded in NO:
        return False
    raise ValidationError(_("“%s” is neither yes nor no.") % shown(value))


def parse_number(value: str, *, decimal_comma: bool = False) -> Decimal:
    """``"1.234,56"``, ``"1,234.56"`` and ``"1 234,56"``; ``decimal_comma`` decides ``"1,234"``."""
    plain = re.sub(r"[\s'’]", "", value)
    comma, dot = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands = "," if dot > comma else "."
        plain = plain.replace(thousands, "").replace(",", ".")
    elif comma >= 0:
        plain = _with_dot(plain, ",", is_decimal=decimal_comma)
    elif dot >= 0:
        plain = _with_dot(plain, ".", is_decimal=not decimal_comma)
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(plain) > 30 or abs(number.adjusted()) > 20:
        raise ValidationError(_("“%s” is not a number.") % shown(value))
    return number


def _with_dot(plain: str, mark: str, *, is_decimal: bool) -> str:
    """One kind of mark only: several are thousands; one is decimal unless three digits follow."""
    whole, _mark, rest = plain.rpartition(mark)
    if mark in whole or (len(rest) == 3 and whole.lstrip("+-") != "0" and not is_decimal):
        groups = plain.lstrip("+-").split(mark)
        if all(len(group) == 3 for group in groups[1:]):
            return plain.replace(mark, "")
    return plain.replace(mark, ".")


def parse_day(value: str, *, order: str) -> date:
    """A day; ``order`` (``"dmy"``, ``"mdy"`` or ``""``) decides what ``03/04/2026`` means.

    Without an order a day that can be read two ways is refused.
    """
    plain = _TIME.sub("", value.strip())
    try:
        if found := _ISO_DAY.match(plain):
            return date(*(int(part) for part in found.groups()))
        if found := _NUMERIC_DAY.match(plain):
            return _numeric_day(*found.groups(), order=order)
        return _named_day(plain)
    except ValueError:
        raise ValidationError(
            _("“%s” is not a day. Write it like 2026-12-31.") % shown(value)
        ) from None


def _numeric_day(first: str, second: str, year: str, *, order: str) -> date:
    one, two = int(first), int(second)
    if not order and one <= 12 and two <= 12 and one != two:
        raise ValidationError(
            _("“%s” can be read two ways in this column. Write it like 2026-12-31.")
            % f"{first}/{second}/{year}"
        )
    is_month_first = order == MONTH_FIRST if order else two > 12
    day, month = (two, one) if is_month_first else (one, two)
    return date(_whole_year(year), month, day)


def _whole_year(year: str) -> int:
    """Two digits are of the hundred years that end ten years from now."""
    if len(year) == 4:
        return int(year)
    latest = date.today().year + 10  # noqa: DTZ011 - a year is a year in every time zone
    return latest - (latest - int(year)) % 100


def _named_day(plain: str) -> date:
    words = re.sub(r"[.,\s]+", " ", plain)
    for layout in _NAMED_DAYS:
        try:
            return datetime.strptime(words, layout).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(plain)


def looks_like_day(value: str) -> bool:
    """Whether a column's sample may be a day written in digits."""
    return bool(_NUMERIC_DAY.match(_TIME.sub("", value)))


class DayOrder:
    """What the days of a column written in digits tell about their order: the largest numbers."""

    def __init__(self) -> None:
        self.first = self.second = 0

    def look_at(self, value: str) -> None:
        if found := _NUMERIC_DAY.match(_TIME.sub("", value.strip())):
            self.first = max(self.first, int(found[1]))
            self.second = max(self.second, int(found[2]))


def order_of(first: int, second: int, *, fallback: str) -> str:
    """The order that the largest numbers of a column prove; ``""`` where they contradict."""
    if first > 12 and second > 12:
        return ""
    if first > 12:
        return DAY_FIRST
    return MONTH_FIRST if second > 12 else fallback


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Folded names, in several languages, of what ISO 3166 calls a country; and their codes."""
    known: dict[str, str] = {}
    for language in _COUNTRY_NAMES_IN:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "UN", "EZ", "QO"):
                known.setdefault(text.fold(name), code)
    known.update(_COUNTRY_ALIASES)
    return known | {code.casefold(): code for code in set(known.values())}


def parse_country(value: str) -> str:
    """A code or a name, in one of several languages; the two-letter code."""
    code = _countries().get(text.fold(value))
    if code is None:
        raise ValidationError(_("“%s” is not a country.") % shown(value))
    return code


def parse_phone(value: str, *, region: str) -> str:
    """As written; without a country code and with a ``region``, as a number of that country."""
    if not region or value.lstrip().startswith(("+", "00")):
        return value
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return value
    if not phonenumbers.is_possible_number(number):
        return value
    shape = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, shape))


def has_country_code(phone: str) -> bool:
    return phone.lstrip(" (").startswith(("+", "00"))


def split_list(value: str, separators: Iterable[str] = (";", ",")) -> list[str]:
    """The items of a cell that holds several, in quotes where an item has a separator in it.

    The first separator that occurs is the one that counts; Google's ``:::`` always does.
    """
    if not _SPLIT.search(value):  # most cells hold one
        return [value.strip()] if value.strip() else []
    if ":::" in value:
        items = value.split(":::")
    elif "\n" in value:
        items = value.splitlines()
    else:
        bare = re.sub(r'"(?:[^"]|"")*"', "", value)
        mark = next((s for s in separators if s in bare), ";")
        items = next(csv.reader([value], delimiter=mark, skipinitialspace=True), [])
    return list(dict.fromkeys(item.strip() for item in items if item.strip()))


def join_list(items: Iterable[str]) -> str:
    """The cell from which ``split_list`` reads the same items."""
    return "; ".join(
        '"' + item.replace('"', '""') + '"' if any(c in item for c in ';,"\n') else item
        for item in items
    )


def as_text(value: Any) -> str:
    """A spreadsheet's typed cell as text: days in ISO, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        is_day = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if is_day else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
