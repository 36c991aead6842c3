"""Contacts whose data need not be kept: their shop account is closed, or nothing happens."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from oscar_crm.conf import crm_settings
from oscar_crm.models import Contact
from oscar_crm.queries import retention
from oscar_crm.queries.keyset import Page, Position, bounded_count, keyset_page
from oscar_crm.services.retention import keep_closed_account
from oscar_crm.wording import bounded

from .erase import MAX_TOGETHER
from .forms import MonthsForm
from .tables import ClosedAccountTable, UntouchedTable
from .tabs import tabs_for


class ClosedAccountListView(TemplateView):
    """Whoever closed their shop account probably wants to be forgotten: staff decide."""

    template_name = "oscar_crm/privacy/closed_account_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = retention.closed_accounts(self.request.user).prefetch_related("contact__emails")
        page = keyset_page(
            found,
            retention.NEWEST_FIRST,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        count = _count(page, found)
        caption = ngettext("%s closed account", "%s closed accounts", count) % bounded(count)
        return super().get_context_data(
            page=page,
            table=ClosedAccountTable(page.rows, caption=caption),
            tabs=tabs_for(self.request.user, "crm-closed-account-list"),
            **kwargs,
        )


class ClosedAccountKeepView(View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        seen = retention.closed_accounts(request.user)
        joined = keep_closed_account(get_object_or_404(seen, pk=kwargs["pk"]), by=request.user)
        messages.success(
            request, _("%s stays, although the shop account is closed.") % joined.contact
        )
        return redirect("dashboard:crm-closed-account-list")


class UntouchedListView(TemplateView):
    """Contacts that nothing happened to for some months, to be chosen and erased together."""

    template_name = "oscar_crm/privacy/untouched_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposed = crm_settings.RETENTION_MONTHS
        form = MonthsForm(self.request.GET if "months" in self.request.GET else None)
        form.initial = {"months": proposed}
        if form.is_bound:
            months = form.cleaned_data["months"] if form.is_valid() else None
        else:
            months = proposed
        context = super().get_context_data(
            form=form,
            months=months,
            most=MAX_TOGETHER,
            tabs=tabs_for(self.request.user, "crm-untouched-list"),
            **kwargs,
        )
        return context if months is None else {**context, **self._list(months)}

    def _list(self, months: int) -> dict[str, Any]:
        found: QuerySet[Contact] = retention.untouched(self.request.user, months)
        page = keyset_page(
            found.prefetch_related("emails"),
            retention.LONGEST_FIRST,
            size=min(settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE, MAX_TOGETHER),
            position=Position.from_query(self.request.GET),
        )
        count = _count(page, found)
        caption = ngettext("%s untouched contact", "%s untouched contacts", count) % bounded(count)
        return {"page": page, "table": UntouchedTable(page.rows, caption=caption)}


def _count(page: Page[Any], found: QuerySet[Any]) -> int:
    is_only_page = not (page.before or page.after)
    return len(page.rows) if is_only_page else bounded_count(found)
