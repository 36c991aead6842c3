"""The account list, the look-up behind select boxes, and the page of one account."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from oscar_crm.conf import crm_settings
from oscar_crm.dashboard.bulk.context import bulk_context
from oscar_crm.dashboard.contacts.filters import chips
from oscar_crm.dashboard.contacts.forms import NoteForm
from oscar_crm.dashboard.contacts.views import LOOKUP_PAGES, LOOKUP_SIZE, is_htmx
from oscar_crm.dashboard.merged import MergedElsewhere
from oscar_crm.exceptions import MergedError
from oscar_crm.models import Account, CustomField
from oscar_crm.queries import account_page, accounts, custom_fields, memberships
from oscar_crm.queries.areas import ACCOUNTS
from oscar_crm.queries.changes import names_in
from oscar_crm.queries.contact_page import tags_for
from oscar_crm.queries.contacts import is_id
from oscar_crm.queries.keyset import Position, keyset_page
from oscar_crm.queries.timeline import account_timeline
from oscar_crm.wording import bounded

from .filters import AccountFilterForm
from .tables import AccountTable


class AccountListView(TemplateView):
    """All accounts the user may see, filtered, sorted and paged by the query string."""

    template_name = "oscar_crm/accounts/account_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = AccountFilterForm(self.request.GET, user=self.request.user)
        wanted = form.account_filter()
        page, count = accounts.list_page(
            self.request.user,
            wanted,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        active = form.active()
        return super().get_context_data(
            form=form,
            page=page,
            table=AccountTable(page.rows, sort=wanted.sort, caption=_caption(count)),
            chips=list(chips(form, self.request.GET)),
            panel_open=any(name not in ("q", "parent") for name in active) or bool(form.errors),
            is_empty=not count and not active and not form.errors,
            **bulk_context(self.request, ACCOUNTS, form, count),
            **kwargs,
        )


def _caption(count: int) -> str:
    return ngettext("%s account", "%s accounts", count) % bounded(count)


class AccountLookupView(View):
    """Accounts for a Select2 box: ``q`` searches, ``page`` goes on, ``initial`` names ids."""

    def get(self, request: HttpRequest) -> JsonResponse:
        initial = request.GET.get("initial", "")
        if initial:
            ids = [int(pk) for pk in initial.split(",")[:LOOKUP_SIZE] if is_id(pk)]
            return _results(list(accounts.visible_to(request.user).filter(pk__in=ids)), more=False)
        page = request.GET.get("page", "1")
        number = min(int(page), LOOKUP_PAGES) if is_id(page) and int(page) else 1
        query = request.GET.get("q", "")[:200].replace("\x00", "")
        found, more = accounts.lookup(request.user, query, page=number, size=LOOKUP_SIZE)
        return _results(found, more=more and number < LOOKUP_PAGES)


def _results(found: list[Account], *, more: bool) -> JsonResponse:
    results = [{"id": account.pk, "text": lookup_text(account)} for account in found]
    return JsonResponse({"results": results, "pagination": {"more": more}})


def lookup_text(account: Account) -> str:
    """Name, city and VAT number: enough to tell two companies apart."""
    parts = (account.name, account.billing_city, account.vat_number)
    return " · ".join(part for part in parts if part)


class AccountMixin:
    """A view of one account the user may see; 404 for all others.

    What may not be done to one that was merged meanwhile leads to its page, with the reason.
    """

    request: HttpRequest
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except MergedError as error:
            messages.error(request, str(error))
            return redirect("dashboard:crm-account-detail", pk=self.kwargs["pk"])
        return answer

    def get_account(self) -> Account:
        seen = accounts.visible_to(self.request.user).select_related("owner", "parent")
        found = custom_fields.with_definitions(seen, CustomField.Area.ACCOUNT)
        return get_object_or_404(found, pk=self.kwargs["pk"])


class AccountDetailView(MergedElsewhere):
    """Everything known about one account."""

    area = ACCOUNTS
    template_name = "oscar_crm/accounts/account_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = page_context(self.request, self.kwargs["pk"])
        return super().get_context_data(**context, **kwargs)


def page_context(
    request: HttpRequest, pk: int, *, note_form: NoteForm | None = None
) -> dict[str, Any]:
    """What the templates of an account's page need, in a fixed number of queries."""
    family = account_page.family(request.user, pk)
    if family is None:
        raise Http404
    account = family.account
    sees_people = request.user.has_perm("oscar_crm.view_contact")
    people = account_page.first_people(account, request.user) if sees_people else []
    sees_orders = request.user.has_perm("oscar_crm.view_orderlink")
    orders = account_page.latest_orders(family, request.user) if sees_orders else []
    context = timeline_context(request, account, note_form=note_form)
    account_page.load_addresses(
        [
            *(row.contact for row in people),
            *(link.contact for link in orders),
            *(item.contact for item in context["timeline"].items),
        ]
    )
    return {
        **context,
        **tags_context(account),
        "family": family,
        "children": family.children[: account_page.SHOWN_CHILDREN],
        "more_children": len(family.children) > account_page.SHOWN_CHILDREN,
        "people": people[: account_page.SHOWN_PEOPLE],
        "more_people": len(people) > account_page.SHOWN_PEOPLE,
        "orders": orders,
        "addresses": account_page.addresses_of(account, context["names"].countries),
        "base_currency": crm_settings.CURRENCY,
    }


def timeline_context(
    request: HttpRequest, account: Account, *, note_form: NoteForm | None = None
) -> dict[str, Any]:
    """One page of the timeline, the words its changes need, and what the user may do to notes."""
    older = request.GET.get("older", "")
    page = account_timeline(account, older=older, user=request.user)
    fields = custom_fields.definitions_from(account, CustomField.Area.ACCOUNT)
    return {
        "account": account,
        "timeline": page,
        "show_contact": True,
        "is_older": bool(older),
        "names": names_in(
            page.items,
            countries=[account.billing_country, account.shipping_country],
            accounts=accounts.visible_to(request.user),
            custom=fields,
        ),
        "custom_values": custom_fields.values_of(account, fields),
        "note_form": note_form or NoteForm(),
        "may_edit_notes": request.user.has_perm("oscar_crm.change_activity"),
        "may_delete_notes": request.user.has_perm("oscar_crm.delete_activity"),
    }


def tags_context(account: Account, *, error: str = "") -> dict[str, Any]:
    """The tags on an account and those that could be added."""
    tags = tags_for(account)
    return {
        "account": account,
        "tags": [tag for tag in tags if tag.is_on],  # type: ignore[attr-defined]
        "other_tags": [tag for tag in tags if not tag.is_on],  # type: ignore[attr-defined]
        "tag_error": error,
    }


class AccountTimelineView(AccountMixin, TemplateView):
    """Older items of an account's timeline: a page, or with htmx only the items."""

    def get_template_names(self) -> list[str]:
        part = "_timeline_items" if is_htmx(self.request) else "timeline"
        return [f"oscar_crm/accounts/{part}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = timeline_context(self.request, self.get_account())
        account_page.load_addresses(item.contact for item in context["timeline"].items)
        return super().get_context_data(**context, **kwargs)


class AccountPeopleView(AccountMixin, TemplateView):
    """Everybody who belongs, or belonged, to an account, a page at a time."""

    template_name = "oscar_crm/accounts/people.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = self.get_account()
        page = keyset_page(
            memberships.people_of(account, self.request.user),
            memberships.BY_AGE,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        return super().get_context_data(
            account=account, page=page, people=page.rows, title=_("People"), **kwargs
        )
