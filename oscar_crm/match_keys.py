"""Match keys: texts under which two spellings of one person, company or number meet.

Coarser than ``text.fold``, which search uses: a key may bring strangers together, and whoever uses
one looks again. Always made in Python, stored beside the record, and compared as they are.
"""

import re
from functools import lru_cache

from . import text

MAX_KEY = 255
SHORTEST_PHONE = 6  # digits; fewer are an extension, not a number
# German umlauts are written both ways ("Müller", "Mueller"); folding makes a u of the ü.
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:\w\.\s?){2,}")
# Written without dots, folded; one set for all countries, as a shop sells across borders.
_FORMS = """
    ab ag and aps as asa bv bvba co cokg company corp corporation cv doo eg ek et eurl ev gbr ges
    gmbh gmbhco inc incorporated kft kg kgaa lda limited llc llp lp ltd ltda mbh nv og ohg oy oyj
    plc pte pty sa sarl sas sasu sca scs se sl slu snc sp spa spol spzoo sprl srl sro ug und vof zoo
"""
LEGAL_FORMS = frozenset(_FORMS.split())
# Providers that ignore dots in the name before the @.
_DOTLESS_DOMAINS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def _words(value: str) -> list[str]:
    """Folded words, umlauts alike in both spellings."""
    folded = text.fold(value)
    for pair, letter in _DIGRAPHS:
        folded = folded.replace(pair, letter)
    return _WORD.findall(folded)


def person_key(name: str) -> str:
    """``"Müller, Jürgen"`` and ``"Juergen Mueller"`` → ``"jurgen muller"``."""
    return " ".join(sorted(_words(name)))[:MAX_KEY]


@lru_cache(maxsize=8192)
def company_key(name: str) -> str:
    """A company's name without legal form: ``"Müller GmbH & Co. KG"`` → ``"muller"``.

    A name that is nothing but a legal form is kept whole. Remembered, as colleagues share one.
    """
    undotted = _DOTTED.sub(lambda found: re.sub(r"[.\s]", "", found[0]) + " ", name)
    words = _words(undotted)
    kept = [word for word in words if word not in LEGAL_FORMS]
    return " ".join(kept or words)[:MAX_KEY]


def phone_key(phone: str) -> str:
    """Country code and number as digits: ``"+49221123456"`` → ``"49221123456"``.

    Without a country code that of ``PHONENUMBER_DEFAULT_REGION`` is taken; what is no number of
    any country is kept as its digits; ``""`` for fewer than six.
    """
    digits = text.digits(phone)
    if len(digits) < SHORTEST_PHONE:
        return ""
    if parsed := text.parse_phone(phone):
        digits = "".join(parsed)
    return digits[:40]


def email_alias(address: str) -> str:
    """The address without what mail providers ignore: ``"A.da+shop@gmail.com"`` → ``"ada@…"``."""
    local, at, domain = text.fold_email(address).rpartition("@")
    if not (at and local and domain):
        return ""
    local = local.partition("+")[0] or local
    if domain in _DOTLESS_DOMAINS:
        local, domain = local.replace(".", "") or local, _DOTLESS_DOMAINS[domain]
    return f"{local}@{domain}"[:254]


def mail_domain(address: str) -> str:
    """What stands behind the ``@``, folded."""
    return text.fold_email(address).rpartition("@")[2][:MAX_KEY]


def web_domain(address: str) -> str:
    """The host of a web address without ``www.``: ``"https://www.Acme.de/x"`` → ``"acme.de"``."""
    host = re.sub(r"^\w+://", "", address.strip().casefold())
    host = re.split(r"[/?#:\s]", host, maxsplit=1)[0].rpartition("@")[2]
    return host.removeprefix("www.").strip(".")[:MAX_KEY]


def vat_key(number: str) -> str:
    """Letters and digits only, in capitals: ``"DE 123.456.789"`` → ``"DE123456789"``."""
    return re.sub(r"[^A-Z0-9]", "", number.upper())[:20]
