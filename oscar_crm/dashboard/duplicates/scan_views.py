"""Looking for duplicates from the browser, a chunk per POST."""

import logging
from typing import Any

from django import forms
from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from oscar_crm.models import Operation
from oscar_crm.queries.duplicates import find_scan, unfinished_scans
from oscar_crm.services import duplicates

STEP_SIZE = 2000  # records: about a second of work

logger = logging.getLogger("oscar_crm")


class ScanForm(forms.Form):
    """Which scan to continue."""

    run = forms.IntegerField(required=False, min_value=1)


class ScanProgress:
    """How far a scan has got."""

    def __init__(self, run: Operation) -> None:
        self.run = run
        self.summary = duplicates.summary_of(run)

    @property
    def is_finished(self) -> bool:
        return self.run.finished_at is not None

    @property
    def percent(self) -> int:
        """Whole percent; 100 only when the scan is complete."""
        if self.is_finished:
            return 100
        return min(99, 100 * self.summary.checked // max(self.summary.total, 1))

    @property
    def text(self) -> str:
        checked = self.summary.checked
        text = ngettext("%s record compared.", "%s records compared.", checked)
        return str(text % number_format(checked, force_grouping=True))


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ScanView(View):
    """Compares one chunk of records per POST; the page's script repeats it until done."""

    template_name = "oscar_crm/duplicates/scan.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        run = _run_of(request.GET) or unfinished_scans().first()
        context = {
            "progress": run and ScanProgress(run),
            "starts_itself": "auto" in request.GET and run is not None and not run.finished_at,
        }
        return render(request, self.template_name, context)

    def post(self, request: HttpRequest) -> HttpResponse:
        run = _run_of(request.POST) or duplicates.start(by=request.user)
        wants_json = request.get_preferred_type(["text/html", "application/json"])
        if wants_json == "application/json":
            duplicates.step(run, size=STEP_SIZE)
            return JsonResponse(_as_json(ScanProgress(run)))
        _step_and_tell(request, run)
        return HttpResponseRedirect(_page_of(run, goes_on=run.finished_at is None))


def _run_of(data: Any) -> Operation | None:
    form = ScanForm(data)
    run = find_scan(form.cleaned_data["run"]) if form.is_valid() and "run" in data else None
    if run is None and "run" in data:
        raise Http404("There is no such scan.")
    return run


def _step_and_tell(request: HttpRequest, run: Operation) -> None:
    try:
        duplicates.step(run, size=STEP_SIZE)
    except DatabaseError:
        logger.exception("A step of scan %s failed", run.pk)
        messages.error(
            request,
            _("The database was too busy for this step. Nothing is lost: press Continue."),
        )
        return
    if run.finished_at is not None:
        messages.success(request, _("All contacts and accounts have been compared."))
    else:
        messages.info(request, _("The next records have been compared. Press Continue to go on."))


def _as_json(progress: ScanProgress) -> dict[str, Any]:
    return {
        "run": progress.run.pk,
        "percent": progress.percent,
        "text": progress.text,
        "finished": progress.is_finished,
        "page": _page_of(progress.run),
    }


def _page_of(run: Operation, *, goes_on: bool = False) -> str:
    query = {"run": run.pk, **({"auto": 1} if goes_on else {})}
    return f"{reverse('dashboard:crm-duplicate-scan')}?{urlencode(query)}"
