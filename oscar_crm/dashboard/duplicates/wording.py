"""Why two records may be one, in words, and what stands on their cards."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from oscar_crm.models import Contact
from oscar_crm.queries.duplicates import Pair


def reasons_in_words(reasons: Iterable[dict[str, str]], area: str) -> list[str]:
    """One short sentence per piece of evidence."""
    return [_reason(reason["kind"], reason["value"], area) for reason in reasons]


def _reason(kind: str, value: str, area: str) -> str:
    words = {
        "address": _("same e-mail address"),
        "alias": _("same e-mail address, written differently"),
        "profile": _("the shop account of one has the other's e-mail address"),
        "vat": _("same VAT number"),
        "phone": _("same phone number"),
        "name": _("same name") if area == "contact" else _("same name, legal form aside"),
        "web": _("same web address"),
        "shared": _("same shared e-mail address"),
        "similar_name": _("similar names"),
        "postcode": _("same postcode"),
        "company": _("same company"),
        "domain": _("e-mail addresses of the same company (%s)") % value,
    }
    return words.get(kind, kind)


def facts_of(record: Any) -> list[str]:
    """What tells two records apart at a glance."""
    if isinstance(record, Contact):
        emails = [email.address for email in record.emails.all()]
        place = f"{record.postcode} {record.city}".strip()
        found = [record.company_name, *emails[:3], record.phone, place]
    else:
        place = f"{record.billing_postcode} {record.billing_city}".strip()
        found = [record.vat_number, record.website, record.phone, place]
    return [fact for fact in found if fact]


@dataclass(frozen=True)
class Card:
    """A pair as the queue shows it."""

    pair: Pair
    reasons: list[str]
    low_facts: list[str]
    high_facts: list[str]
    merge_url: str


def card_of(pair: Pair) -> Card:
    stored = pair.stored
    return Card(
        pair,
        reasons_in_words(stored.reasons, stored.area),
        facts_of(pair.low),
        facts_of(pair.high),
        merge_url(stored.area, [stored.low_id, stored.high_id]),
    )


def merge_url(area: str, ids: Iterable[int]) -> str:
    """The page on which some records are compared and merged."""
    return f"{reverse(f'dashboard:crm-{area}-merge')}?ids={','.join(map(str, ids))}"
