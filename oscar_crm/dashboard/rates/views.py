"""Exchange rates: the list, what is missing from it, and entering, correcting, removing."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from oscar_crm.conf import crm_settings
from oscar_crm.dashboard.tables import without_actions
from oscar_crm.exceptions import ValidationError
from oscar_crm.models import ExchangeRate
from oscar_crm.queries import rates
from oscar_crm.queries.keyset import Position, bounded_count, keyset_page
from oscar_crm.services.rates import change_rate, delete_rate, set_rate
from oscar_crm.wording import bounded

from .forms import RateFilterForm, RateForm
from .tables import RateTable
from .wording import example


class RateListView(TemplateView):
    template_name = "oscar_crm/rates/rate_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, query = self.request.user, self.request.GET
        form = RateFilterForm(query, currencies=rates.currencies(user))
        found = rates.filtered_rates(user, form.wanted())
        page = keyset_page(
            found,
            rates.BY_DATE,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(query),
        )
        is_only_page = not (page.before or page.after)
        count = len(page.rows) if is_only_page else bounded_count(found)
        caption = ngettext("%s rate", "%s rates", count) % bounded(count)
        may = ("change_exchangerate", "delete_exchangerate")
        hidden = without_actions(self.request.user, *may)
        return {
            **super().get_context_data(**kwargs),
            "form": form,
            "page": page,
            "table": RateTable(page.rows, caption=caption, exclude=hidden),
            "missing": rates.unvalued_currencies(),
            "base": crm_settings.CURRENCY,
            "example": example(),
        }


class RateFormView(FormView):  # type: ignore[type-arg]
    """What entering and editing share: the service's refusal becomes the field's error."""

    template_name = "oscar_crm/rates/rate_form.html"
    form_class = RateForm

    def form_valid(self, form: RateForm) -> HttpResponse:
        try:
            record, pending = self.save(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(error.field or None, str(error))
            return self.form_invalid(form)
        text = _("%(rate)s from %(day)s on: saved.") % {
            "rate": record,
            "day": date_format(record.valid_from, "DATE_FORMAT"),
        }
        return _tell(self.request, text, pending)

    def save(self, **values: Any) -> tuple[ExchangeRate, Collection[str]]:
        raise NotImplementedError


class RateCreateView(RateFormView):
    def get_initial(self) -> dict[str, Any]:
        query = self.request.GET
        return {
            "currency": query.get("currency", "")[:12],
            "valid_from": query.get("valid_from") or timezone.localdate(),
        }

    def save(self, **values: Any) -> tuple[ExchangeRate, Collection[str]]:
        record, is_done = set_rate(**values, by=self.request.user)
        return record, () if is_done else (record.currency,)


class RateMixin:
    """The rate that the address names."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def record(self) -> ExchangeRate:
        return get_object_or_404(rates.visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "record": self.record}


class RateUpdateView(RateMixin, RateFormView):
    def get_initial(self) -> dict[str, Any]:
        fields = ("currency", "rate", "valid_from")
        initial = {name: getattr(self.record, name) for name in fields}
        return {**initial, "rate": f"{self.record.rate.normalize():f}"}

    def get_form_kwargs(self) -> dict[str, Any]:
        key = (self.record.currency, self.record.valid_from)
        return {**super().get_form_kwargs(), "key": key}

    def save(self, **values: Any) -> tuple[ExchangeRate, Collection[str]]:
        return change_rate(self.record, **values, by=self.request.user)


class RateDeleteView(RateMixin, TemplateView):
    template_name = "oscar_crm/rates/rate_delete.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        record = self.record
        text = _("The rate “%(rate)s” from %(day)s on is removed.") % {
            "rate": record,
            "day": date_format(record.valid_from, "DATE_FORMAT"),
        }
        is_done = delete_rate(record, by=request.user)
        return _tell(request, text, () if is_done else (record.currency,))


def _tell(request: HttpRequest, text: str, pending: Collection[str]) -> HttpResponseRedirect:
    """Say whether all orders are valued anew; if not, lead to where the rest is done."""
    rates_url = reverse("dashboard:crm-rate-list")
    if not pending:
        messages.success(request, _("%s All orders it touches are valued anew.") % text)
        return HttpResponseRedirect(rates_url)
    codes = ", ".join(sorted(pending))
    if not request.user.has_perm("oscar_crm.sync_orders"):
        rest = _("The many orders in %s are valued anew by the next check of all orders.")
        messages.warning(request, f"{text} {rest % codes}")
        return HttpResponseRedirect(rates_url)
    rest = _("There are many orders in %s: press the button to value them anew.")
    messages.warning(request, f"{text} {rest % codes}")
    query = {"currency": codes} if len(pending) == 1 else {}
    return HttpResponseRedirect(f"{reverse('dashboard:crm-sync')}?{urlencode(query)}")
