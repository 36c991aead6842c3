"""One box for contacts, accounts and orders: the page of results, and suggestions while typing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.generic import View

from oscar_crm.models import OrderLink
from oscar_crm.queries.search import Results, search

PAGE_SIZE = 10
SUGGESTIONS = 4


class SearchView(View):
    """``q``: what to look for. What was typed in full and is the only hit is opened at once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        results = search(request.user, request.GET.get("q", ""), size=PAGE_SIZE)
        address = address_of(results.only_hit, request.user)
        if address:
            return redirect(address)
        return render(request, "oscar_crm/search/results.html", _context(results))


class SuggestionsView(View):
    """The best hits for ``q`` as a list to choose from, without a page around it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        results = search(request.user, request.GET.get("q", ""), size=SUGGESTIONS)
        return render(request, "oscar_crm/search/_suggestions.html", _context(results))


def _context(results: Results) -> dict[str, Any]:
    return {"results": results, "hits": sum(len(group.rows) for group in results.groups)}


def address_of(hit: Any, user: Any) -> str:
    """Where a hit is looked at; ``""`` if there is no page of it for this user."""
    if not isinstance(hit, OrderLink):
        return "" if hit is None else str(hit.get_absolute_url())
    if hit.order_id is None or not user.has_perm("order.view_order"):
        return ""
    try:
        return reverse("dashboard:order-detail", kwargs={"number": hit.number})
    except NoReverseMatch:  # a number that no address can hold
        return ""
