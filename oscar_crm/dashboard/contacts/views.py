"""The contact list, the look-up behind select boxes, and the page of one contact."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from oscar_crm.dashboard.bulk.context import bulk_context
from oscar_crm.dashboard.merged import MergedElsewhere
from oscar_crm.dashboard.privacy.context import privacy_context
from oscar_crm.exceptions import ErasedError, MergedError
from oscar_crm.models import Contact, CustomField
from oscar_crm.queries import accounts, contact_page, contacts, custom_fields
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.queries.changes import names_in
from oscar_crm.queries.duplicates import with_twins
from oscar_crm.queries.keyset import Position
from oscar_crm.queries.memberships import companies_of
from oscar_crm.queries.orders import is_first_use
from oscar_crm.queries.timeline import contact_timeline
from oscar_crm.wording import bounded

from .filters import POSITION, chips, list_form
from .forms import NoteForm
from .tables import ContactTable

LOOKUP_SIZE = 20
LOOKUP_PAGES = 50
SHOWN_ORDERS = 10


class ContactListView(TemplateView):
    """All contacts the user may see, filtered, sorted and paged by the query string."""

    template_name = "oscar_crm/contacts/contact_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = list_form(self.request.GET, user=self.request.user)
        wanted = form.contact_filter()
        page, count = contacts.list_page(
            self.request.user,
            wanted,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        active = form.active()
        return super().get_context_data(
            form=form,
            page=page,
            table=ContactTable(page.rows, sort=wanted.sort, caption=_caption(count)),
            chips=list(chips(form, self.request.GET)),
            tabs=_kind_tabs(self.request, wanted.kind),
            panel_open=any(name not in ("q", "kind") for name in active) or bool(form.errors),
            narrowed=bool(active or form.segment),
            is_empty=not count and not active and not form.errors and not form.segment,
            is_first_use=not count and is_first_use(),
            **bulk_context(self.request, CONTACTS, form, count),
            **kwargs,
        )


def _caption(count: int) -> str:
    if count == 1:
        return _("1 contact")
    return _("%s contacts") % bounded(count)


def _kind_tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    plurals = {
        "": _("All"),
        Contact.Kind.LEAD: _("Prospects"),
        Contact.Kind.CUSTOMER: _("Customers"),
        Contact.Kind.PARTNER: _("Partners"),
        Contact.Kind.VENDOR: _("Vendors"),
    }
    tabs = []
    for kind, label in plurals.items():
        query = request.GET.copy()
        for name in ("kind", *POSITION):
            query.pop(name, None)
        if kind:
            query["kind"] = kind
        tabs.append({"label": label, "query": f"?{query.urlencode()}", "active": kind == current})
    return tabs


class ContactLookupView(View):
    """Contacts for a Select2 box: ``q`` searches, ``page`` goes on, ``initial`` names ids."""

    def get(self, request: HttpRequest) -> JsonResponse:
        initial = request.GET.get("initial", "")
        if initial:
            ids = [int(pk) for pk in initial.split(",")[:LOOKUP_SIZE] if contacts.is_id(pk)]
            rows = contacts.visible_to(request.user).filter(pk__in=ids).prefetch_related("emails")
            return _results(list(rows), more=False)
        page = request.GET.get("page", "1")
        number = min(int(page), LOOKUP_PAGES) if contacts.is_id(page) and int(page) else 1
        query = request.GET.get("q", "")[:200].replace("\x00", "")
        found, more = contacts.lookup(request.user, query, page=number, size=LOOKUP_SIZE)
        return _results(found, more=more and number < LOOKUP_PAGES)


def _results(found: list[Contact], *, more: bool) -> JsonResponse:
    results = [{"id": contact.pk, "text": lookup_text(contact)} for contact in found]
    return JsonResponse({"results": results, "pagination": {"more": more}})


def lookup_text(contact: Contact) -> str:
    """Name, company and main address: enough to tell two contacts apart."""
    parts = dict.fromkeys((str(contact), contact.company_name, contact.primary_email))
    return " · ".join(part for part in parts if part)


class ContactMixin:
    """A view of one contact the user may see; 404 for all others.

    What may not be done to one that is erased, or merged meanwhile, leads to its page, with the
    reason.
    """

    request: HttpRequest
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except (ErasedError, MergedError) as error:
            messages.error(request, str(error))
            return redirect("dashboard:crm-contact-detail", pk=self.kwargs["pk"])
        return answer

    def found(self) -> Any:
        user = self.request.user
        return contact_page.for_page(contacts.visible_to(user), user)

    def get_contact(self) -> Contact:
        contact: Contact = get_object_or_404(self.found(), pk=self.kwargs["pk"])
        return contact


class ContactDetailView(ContactMixin, MergedElsewhere):
    """Everything known about one contact."""

    area = CONTACTS
    template_name = "oscar_crm/contacts/contact_detail.html"

    def found(self) -> Any:
        return with_twins(self.request.user, super().found(), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**page_context(self.request, self.get_contact()), **kwargs)


def page_context(
    request: HttpRequest, contact: Contact, *, note_form: NoteForm | None = None
) -> dict[str, Any]:
    """What the templates of a contact's page need, in a fixed number of queries."""
    context = timeline_context(request, contact, note_form=note_form)
    sees_orders = request.user.has_perm("oscar_crm.view_orderlink")
    orders = contact_page.latest_orders(contact) if sees_orders else []
    country = country_of(contact)
    emails, shop_accounts = contact_page.known_by(contact)
    user_model = get_user_model()._meta
    return {
        **context,
        **tags_context(contact),
        **companies_context(request, contact),
        "emails": emails,
        "accounts": shop_accounts,
        "value": contact_page.value_summary(contact),
        "orders": orders[:SHOWN_ORDERS],
        "country": country,
        "addresses": contact_page.addresses_in(orders, contact, country),
        "may_see_users": request.user.has_perm(f"{user_model.app_label}.view_user"),
        **privacy_context(request, contact),
    }


def country_of(contact: Contact) -> str:
    """The name of their country, which ``ContactMixin`` loads; its code if the shop has none."""
    return str(getattr(contact, "country_name", None) or contact.country)


def companies_context(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """The companies of a contact, for those who may see accounts: one query."""
    may_see = request.user.has_perm("oscar_crm.view_account")
    return {"companies": companies_of(contact, request.user) if may_see else []}


def timeline_context(
    request: HttpRequest, contact: Contact, *, note_form: NoteForm | None = None
) -> dict[str, Any]:
    """One page of the timeline, the words its changes need, and what the user may do to notes."""
    older = request.GET.get("older", "")
    page = contact_timeline(contact, older=older, user=request.user)
    fields = custom_fields.definitions_from(contact, CustomField.Area.CONTACT)
    return {
        "contact": contact,
        "timeline": page,
        "is_older": bool(older),
        "names": names_in(
            page.items,
            known_countries={contact.country: country_of(contact)},
            accounts=accounts.visible_to(request.user),
            custom=fields,
        ),
        "custom_values": custom_fields.values_of(contact, fields),
        "note_form": note_form or NoteForm(),
        "may_edit_notes": request.user.has_perm("oscar_crm.change_activity"),
        "may_delete_notes": request.user.has_perm("oscar_crm.delete_activity"),
    }


def tags_context(contact: Contact, *, error: str = "") -> dict[str, Any]:
    """The tags on a contact and those that could be added."""
    tags = contact_page.tags_for(contact)
    return {
        "contact": contact,
        "tags": [tag for tag in tags if tag.is_on],  # type: ignore[attr-defined]
        "other_tags": [tag for tag in tags if not tag.is_on],  # type: ignore[attr-defined]
        "tag_error": error,
    }


def is_htmx(request: HttpRequest) -> bool:
    """Whether only a part of the page is wanted."""
    return request.headers.get("HX-Request") == "true"


class ContactTimelineView(ContactMixin, TemplateView):
    """Older items of a contact's timeline: a page, or with htmx only the items."""

    def get_template_names(self) -> list[str]:
        part = "_timeline_items" if is_htmx(self.request) else "timeline"
        return [f"oscar_crm/contacts/{part}.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **timeline_context(self.request, self.get_contact()), **kwargs
        )
