"""The shop's orders as the CRM knows them, and saying by hand whose they are."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from oscar_crm.exceptions import CRMError
from oscar_crm.models import Account, OrderLink
from oscar_crm.queries import accounts, orders
from oscar_crm.queries.keyset import Page, Position, bounded_count, keyset_page
from oscar_crm.services.orders import assign_order
from oscar_crm.wording import bounded

from .forms import STATES, AssignForm, OrderFilterForm
from .tables import OrderTable


class OrderListView(TemplateView):
    template_name = "oscar_crm/orders/order_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = OrderFilterForm(self.request.GET)
        wanted = form.wanted()
        found = orders.filtered_orders(self.request.user, wanted)
        page = keyset_page(
            orders.for_list(found),
            orders.BY_DATE,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        return {
            **super().get_context_data(**kwargs),
            "form": form,
            "wanted": wanted,
            "states": STATES,
            "page": page,
            "table": OrderTable(page.rows, caption=_caption(found, page)),
            "account": _account(self.request.user, wanted.account),
            "contact": page.rows[0].contact if page.rows and wanted.contact else None,
        }


def _account(user: Any, pk: int | None) -> Account | None:
    """Whose orders are listed, if the user may see that account."""
    return None if pk is None else accounts.visible_to(user).filter(pk=pk).first()


def _caption(found: QuerySet[OrderLink], page: Page[OrderLink]) -> str:
    is_only_page = not (page.before or page.after)
    count = len(page.rows) if is_only_page else bounded_count(found)
    return ngettext("%s order", "%s orders", count) % bounded(count)


class OrderAssignView(FormView):  # type: ignore[type-arg]
    template_name = "oscar_crm/orders/assign.html"
    form_class = AssignForm

    @cached_property
    def link(self) -> OrderLink:
        seen = orders.visible_to(self.request.user).select_related("contact")
        return get_object_or_404(seen, pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user, "link": self.link}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "link": self.link}

    def form_valid(self, form: AssignForm) -> HttpResponse:
        before, contact = self.link.contact, form.cleaned_data["contact"]
        try:
            assign_order(self.link, contact, by=self.request.user)
        except CRMError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        words = {"number": self.link.number, "contact": contact, "before": before}
        if before is None:
            text = _("Order %(number)s now belongs to %(contact)s.") % words
        else:
            text = (
                _("Order %(number)s now belongs to %(contact)s, no longer to %(before)s.") % words
            )
        messages.success(self.request, text)
        state = orders.WITHOUT_CONTACT if before is None else orders.ALL
        return HttpResponseRedirect(f"{reverse('dashboard:crm-order-list')}?state={state}")
