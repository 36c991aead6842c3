"""While a record is typed: who is in the CRM already and may be the same."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from oscar_crm.queries.duplicates import Hint, hints_for_account, hints_for_contact

from .wording import facts_of, reasons_in_words

CREATE_ANYWAY = "create_anyway"
MAX_TYPED = 255
MAX_EMAILS = 10
_CONTACT = ("first_name", "last_name", "company_name", "phone", "postcode")
_ACCOUNT = ("name", "phone", "vat_number", "website")


def contact_hints(request: HttpRequest) -> list[dict[str, Any]]:
    """Contacts that the one in a posted form may be the same as, as the template wants them."""
    emails = _typed(request, ["emails"], limit=MAX_TYPED * MAX_EMAILS)["emails"].splitlines()
    typed = [email.strip() for email in emails if email.strip()][:MAX_EMAILS]
    return _shown(hints_for_contact(request.user, _typed(request, _CONTACT), typed), "contact")


def account_hints(request: HttpRequest) -> list[dict[str, Any]]:
    """Accounts that the one in a posted form may be the same as, as the template wants them."""
    return _shown(hints_for_account(request.user, _typed(request, _ACCOUNT)), "account")


def to_be_confirmed(request: HttpRequest, hints: list[dict[str, Any]]) -> bool:
    """Whether to ask before a record is made that may be there already.

    Not where the form will be refused anyway, because an address belongs to somebody else.
    """
    is_refused = any(hint["has_address"] for hint in hints)
    return bool(hints) and not is_refused and CREATE_ANYWAY not in request.POST


def _typed(request: HttpRequest, names: Sequence[str], *, limit: int = MAX_TYPED) -> dict[str, str]:
    """Longer texts are cut: folding one of megabytes takes minutes."""
    return {name: request.POST.get(name, "")[:limit].replace("\x00", "") for name in names}


def _shown(hints: list[Hint], area: str) -> list[dict[str, Any]]:
    return [
        {
            "record": hint.record,
            "has_address": hint.has_address,
            "facts": facts_of(hint.record),
            "reasons": reasons_in_words(map(asdict, hint.likeness.reasons), area),
        }
        for hint in hints
    ]


class ContactHintView(View):
    """The hints for a form, as a part of its page."""

    def post(self, request: HttpRequest) -> HttpResponse:
        context = {"hints": contact_hints(request)}
        return render(request, "oscar_crm/duplicates/_hints.html", context)


class AccountHintView(View):
    """As ``ContactHintView``, for accounts."""

    def post(self, request: HttpRequest) -> HttpResponse:
        context = {"hints": account_hints(request)}
        return render(request, "oscar_crm/duplicates/_hints.html", context)
