"""Companies that orders named: made accounts of, joined, or dismissed."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from oscar_crm.exceptions import CRMError
from oscar_crm.match_keys import MAX_KEY
from oscar_crm.queries import companies, contacts, memberships
from oscar_crm.queries.contacts import is_id
from oscar_crm.services.companies import accept_company, dismiss_company

LAST_PAGE = 1_000


class CompanyListView(TemplateView):
    """Company names whose people belong to no account: ``q`` begins one, ``page`` goes on."""

    template_name = "oscar_crm/accounts/company_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page, size = _page_number(self.request), settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE
        query = self.request.GET.get("q", "")[:200].replace("\x00", "")
        user = self.request.user
        found = companies.companies(user, begins=query, start=(page - 1) * size, size=size)
        return super().get_context_data(
            companies=found[:size],
            query=query,
            next_page=page + 1 if len(found) > size else "",
            previous_page=page - 1 if page > 1 else "",
            is_cut_off=companies.is_cut_off(user),
            limit=companies.PEOPLE_LIMIT,
            **kwargs,
        )


def _page_number(request: HttpRequest) -> int:
    given = request.GET.get("page", "")
    return max(1, min(int(given), LAST_PAGE)) if is_id(given) else 1


class CompanyAcceptView(View):
    """POST ``key``: all its people join one account, which is made if there is none."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            account = accept_company(_key(request), by=request.user)
        except CRMError as error:
            messages.error(request, str(error))
            return _back(request)
        number = memberships.people_of(account, request.user).count()
        messages.success(
            request,
            _("“%(account)s” is an account with %(number)s people.")
            % {"account": account, "number": number}
            if number > 1
            else _("“%s” is an account with one person.") % account,
        )
        return _back(request)


class CompanyDismissView(View):
    """POST ``key``: the name is to become no account."""

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            dismiss_company(_key(request), by=request.user)
        except CRMError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("This company name is not proposed any more."))
        return _back(request)


def _key(request: HttpRequest) -> str:
    return request.POST.get("key", "")[:MAX_KEY].replace("\x00", "")


def _back(request: HttpRequest) -> HttpResponse:
    """To the contact whose page the button was on, else to the list."""
    pk = request.POST.get("contact", "")
    if is_id(pk):
        contact = contacts.visible_to(request.user).filter(pk=int(pk)).first()
        if contact is not None:
            return redirect(contact)
    return redirect("dashboard:crm-company-list")
