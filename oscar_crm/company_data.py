"""VAT numbers, web addresses and currencies of companies: one form, or a reason why not."""

import re
from typing import Any

from babel import Locale
from babel.numbers import is_currency
from django.core.exceptions import ValidationError as InvalidValueError
from django.core.validators import URLValidator
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _
from stdnum import get_cc_module
from stdnum.eu.vat import MEMBER_STATES
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as InvalidNumberError

from .exceptions import ValidationError
from .match_keys import vat_key

MAX_VAT_INPUT = 60
MAX_WEBSITE = 255
# Greece writes EL, Northern Ireland XI; Britain, Switzerland and Norway are not in the EU.
PREFIXES = {
    **{code.upper(): code for code in MEMBER_STATES - {"gr", "xi"}},
    **{"EL": "gr", "XI": "gb", "GB": "gb", "CHE": "ch", "NO": "no"},
}
COUNTRIES = {"EL": "GR", "XI": "GB", "CHE": "CH"}  # where the prefix is not the country's code
_OF_COUNTRY = {"GR": "EL", "CH": "CHE"}
_PLAIN = re.compile(r"[A-Z0-9]{4,20}")
_check_url = URLValidator(schemes=["http", "https"])


def checked_vat_number(number: str, *, country: str = "") -> str:
    """A VAT number without spaces and dots: ``"de 136 695 976"`` → ``"DE136695976"``.

    ``country`` (two letters) is put in front of a number that begins with none. Numbers of the
    EU, Britain, Norway and Switzerland must have their country's form and check digits; of others
    only the length is looked at. Raises ``ValidationError``.
    """
    if not number.strip():
        return ""
    compact = vat_key(number) if len(number) <= MAX_VAT_INPUT else ""
    if not _PLAIN.fullmatch(compact):
        raise _refused(_("A VAT number has 4 to 20 letters and digits, such as DE136695976."))
    prefix = _prefix_of(compact)
    if not prefix and (wanted := _OF_COUNTRY.get(country, country)) in PREFIXES:
        prefix, compact = wanted, f"{wanted}{compact}"[:20]
    if prefix:
        _check(compact, prefix)
    elif compact.isdigit() and not country:
        raise _refused(
            _("Begin the VAT number with the letters of its country, such as DE136695976.")
        )
    return compact


def _prefix_of(compact: str) -> str:
    return next((prefix for prefix in PREFIXES if compact.startswith(prefix)), "")


def _check(compact: str, prefix: str) -> None:
    module: Any = get_cc_module(PREFIXES[prefix], "vat")
    number = compact if prefix == "CHE" else compact.removeprefix(prefix)
    words = {"number": compact, "country": _country(COUNTRIES.get(prefix, prefix))}
    try:
        module.validate(number)
    except InvalidChecksum as error:
        raise _refused(
            _(
                "%(number)s is no VAT number of %(country)s: its check digit is wrong. Probably "
                "a character was mistyped."
            )
            % words
        ) from error
    except InvalidNumberError as error:
        raise _refused(
            _(
                "%(number)s is no VAT number of %(country)s: it has too few or too many characters "
                "or a letter where a digit should be."
            )
            % words
        ) from error


def _country(code: str) -> str:
    """A country's name in the user's language."""
    locale = Locale.parse(to_locale(get_language() or "en"))
    return str(locale.territories.get(code, code))


def _refused(message: str) -> ValidationError:
    return ValidationError(message, field="vat_number")


def checked_website(address: str) -> str:
    """A web address with its scheme: ``"WWW.Acme.de"`` → ``"https://www.acme.de"``.

    Raises ``ValidationError`` for what is no address of the web.
    """
    address = address.strip()
    if not address:
        return ""
    full = address if re.match(r"\w+:", address) and "://" in address else f"https://{address}"
    scheme, _colon, rest = full.partition("://")
    host, slash, path = rest.partition("/")
    full = f"{scheme.lower()}://{host.lower()}{slash}{path}".removesuffix("/")
    try:
        if len(full) > MAX_WEBSITE or "@" in host:
            raise InvalidValueError("")
        _check_url(full)
    except InvalidValueError as error:
        raise ValidationError(
            _("“%s” is no web address. Write it like www.example.com.") % address[:60],
            field="website",
        ) from error
    return full


def checked_currency(code: str) -> str:
    """An ISO 4217 code in capitals, or ``""``. Raises ``ValidationError`` for what is none."""
    typed = code.strip()
    if typed and not (len(typed) == 3 and is_currency(typed.upper())):
        raise ValidationError(
            _("“%s” is no currency. Write its three letters, such as EUR.") % typed[:20],
            field="currency",
        )
    return typed.upper()
