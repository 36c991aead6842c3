"""The first page of the CRM, and bringing the shop's orders in from the browser."""

import logging
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from oscar_crm.models import Operation
from oscar_crm.queries.overview import overview
from oscar_crm.queries.reconcile import find_run, run_to_resume
from oscar_crm.services import reconcile

from .forms import SyncForm
from .progress import Progress

SEES_ALL = ("view_all_contacts", "sync_orders")
STEP_SIZE = 50  # orders: about a second of work

logger = logging.getLogger("oscar_crm")


class OverviewView(TemplateView):
    template_name = "oscar_crm/overview/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        found = overview(user)
        return {
            **super().get_context_data(**kwargs),
            # The figures of a run count the orders of everybody's contacts.
            "sees_all": any(user.has_perm(f"oscar_crm.{name}") for name in SEES_ALL),
            "overview": found,
            "last": found.last_reconcile and Progress(found.last_reconcile),
            "running": found.running_reconcile and Progress(found.running_reconcile),
        }


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class SyncView(View):
    """Reconciles one chunk of orders per POST; the page's script repeats it until done.

    Each order is a transaction of its own, whatever ATOMIC_REQUESTS says: what has been done
    stays done when a step fails.
    """

    template_name = "oscar_crm/overview/sync.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = _asked(request.GET)
        run = _run_of(asked) or run_to_resume(asked["currency"])
        context = {
            "progress": run and Progress(run),
            "currency": asked["currency"],
            "starts_itself": "auto" in request.GET and run is not None and not run.finished_at,
        }
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = _asked(request.POST)
        run = _run_of(asked) or reconcile.start(currency=asked["currency"], by=request.user)
        wants_json = request.get_preferred_type(["text/html", "application/json"])
        if wants_json == "application/json":
            reconcile.step(run, size=STEP_SIZE)
            return JsonResponse(_as_json(Progress(run)))
        _step_and_tell(request, run, is_new=asked["run"] is None)
        return HttpResponseRedirect(_page_of(run, goes_on=run.finished_at is None))


def _asked(data: Any) -> dict[str, Any]:
    form = SyncForm(data)
    if not form.is_valid():
        raise Http404("There is no such run.")
    return dict(form.cleaned_data)


def _run_of(asked: dict[str, Any]) -> Operation | None:
    if asked["run"] is None:
        return None
    run = find_run(asked["run"])
    if run is None:
        raise Http404("There is no such run.")
    return run


def _step_and_tell(request: HttpRequest, run: Operation, *, is_new: bool) -> None:
    try:
        reconcile.step(run, size=STEP_SIZE)
    except DatabaseError:
        logger.exception("A step of run %s failed", run.pk)
        messages.error(
            request,
            _("The database was too busy for this step. Nothing is lost: press Continue."),
        )
        return
    if run.finished_at is not None:
        messages.success(request, _("All orders have been checked."))
    elif is_new:
        messages.info(request, _("The check of the orders has begun."))
    else:
        messages.info(request, _("The next orders have been checked. Press Continue to go on."))


def _as_json(progress: Progress) -> dict[str, Any]:
    return {
        "run": progress.run.pk,
        "percent": progress.percent,
        "text": progress.text,
        "finished": progress.is_finished,
        "page": _page_of(progress.run),
    }


def _page_of(run: Operation, *, goes_on: bool = False) -> str:
    query = {"run": run.pk, **({"auto": 1} if goes_on else {})}
    return f"{reverse('dashboard:crm-sync')}?{urlencode(query)}"
