"""One change of many contacts: the preview, doing it, and the page of a long one."""

import logging
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm import broker
from oscar_crm.conf import crm_settings
from oscar_crm.dashboard.contacts.filters import list_form
from oscar_crm.exceptions import CRMError
from oscar_crm.models import Operation
from oscar_crm.queries import bulk, contacts
from oscar_crm.queries.bulk import Target
from oscar_crm.queries.keyset import bounded_count
from oscar_crm.services import bulk_changes

from .forms import MERGE_URL, BulkForm
from .sessions import remember
from .wording import Run, changed, sentence

SHOWN = 10
STEP_SIZE = 2_000  # contacts: about a second of work

logger = logging.getLogger("oscar_crm")


class ContactBulkView(View):
    """POST shows what would be done; POST with ``confirm`` does it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        sees_all = request.user.has_perm("oscar_crm.view_all_contacts")
        owners = contacts.possible_owners() if sees_all else [request.user]
        form = BulkForm(request.POST, user=request.user, tags=contacts.tags_in_use(), owners=owners)
        if not form.is_valid():
            return _refused(request, [e for errors in form.errors.values() for e in errors])
        if form.is_merge():
            ids = ",".join(map(str, form.ids()))
            return redirect(f"{reverse(f'dashboard:{MERGE_URL}')}?ids={ids}")
        query = QueryDict(form.cleaned_data["query"])
        filters = list_form(query, user=request.user)
        wanted = filters.contact_filter()
        if form.cleaned_data["all"] and filters.errors:
            # A filter with an error does not filter: "all" would be more than was meant.
            return _refused(request, [_("Correct the filters of the list first.")])
        target = Target(filter=wanted) if form.cleaned_data["all"] else Target(ids=form.ids())
        if "confirm" in request.POST:
            return self.do(form, target)
        return self.preview(form, target)

    def preview(self, form: BulkForm, target: Target) -> HttpResponse:
        action = form.action()
        found = target.contacts(self.request.user)
        differing = action.changes(found)
        count, total = bounded_count(differing), bounded_count(found)
        context = {
            "form": form,
            "ids": form.ids(),
            "sentence": sentence(action.kind, form.argument()),
            "count": count,
            "same": total - count if total <= bulk_changes.AT_ONCE else 0,
            "is_long": total > bulk_changes.AT_ONCE,
            "some": contacts.for_list(differing).order_by("pk")[:SHOWN],
            "gives_away": self.gives_away(action),
            "back": _list_url(form.cleaned_data["query"]),
        }
        return render(self.request, "oscar_crm/bulk/preview.html", context)

    def gives_away(self, action: bulk.BulkAction) -> bool:
        """Whether the contacts leave the list of whoever does this."""
        sees_them = self.request.user.has_perm("oscar_crm.view_all_contacts")
        is_nobodys = action.kind == bulk.OWNER and not action.owner
        return is_nobodys and not sees_them and not crm_settings.SHOW_UNASSIGNED

    def do(self, form: BulkForm, target: Target) -> HttpResponse:
        request, action = self.request, form.action()
        summary = sentence(action.kind, form.argument())
        is_long = bounded_count(target.contacts(request.user)) > bulk_changes.AT_ONCE
        begin = bulk_changes.start if is_long else bulk_changes.run_at_once
        try:
            opened = begin(action, target, by=request.user, summary=summary)
        except CRMError as error:
            return _refused(request, [str(error)])
        if is_long:
            remember(request, opened)
            if crm_settings.ASYNC:
                broker.publish("oscar_crm.bulk_change", opened.pk)
            return HttpResponseRedirect(_page_of(opened, goes_on=True))
        _tell(request, opened)
        return redirect(_list_url(form.cleaned_data["query"]))


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class BulkRunView(View):
    """A long change: one chunk per POST, which the page's script repeats until all are done.

    Each chunk is a transaction of its own, whatever ATOMIC_REQUESTS says: what has been done stays
    done when a step fails, and the page says how far it got.
    """

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        opened = get_object_or_404(bulk.visible_to(request.user), pk=pk)
        run = Run(opened)
        context = {
            "run": run,
            "starts_itself": "auto" in request.GET and not run.is_finished,
            "undo_url": operation_url(opened) if run.is_finished else "",
        }
        return render(request, "oscar_crm/bulk/run.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        opened = get_object_or_404(bulk.visible_to(request.user), pk=pk)
        wants_json = request.get_preferred_type(["text/html", "application/json"])
        if wants_json == "application/json":
            bulk_changes.step(opened, size=STEP_SIZE)
            return JsonResponse(_as_json(opened))
        try:
            bulk_changes.step(opened, size=STEP_SIZE)
        except DatabaseError:
            logger.exception("A step of bulk change %s failed", opened.pk)
            messages.error(
                request,
                _("The database was too busy for this step. Nothing is lost: press Continue."),
            )
        return HttpResponseRedirect(_page_of(opened, goes_on=opened.finished_at is None))


def operation_url(opened: Operation) -> str:
    """The page of an operation, where it can be undone."""
    try:
        return reverse("dashboard:crm-operation-detail", args=[opened.pk])
    except NoReverseMatch:
        return ""


def _tell(request: HttpRequest, opened: Operation) -> None:
    """What was changed, with the way to undo it."""
    count = bulk_changes.progress_of(opened).changed
    if not count:
        messages.info(request, _("Nothing had to be changed: they all are like that already."))
        return
    text: str | SafeString = changed(count)
    if url := operation_url(opened):
        text = format_html('{} <a href="{}">{}</a>', text, url, _("Look at it, or undo it"))
    messages.success(request, text, extra_tags="safe noicon")


def _refused(request: HttpRequest, errors: list[Any]) -> HttpResponse:
    for error in errors:
        messages.error(request, str(error))
    return redirect(_list_url(request.POST.get("query", "")))


def _list_url(query: str) -> str:
    """The list with a query string; whatever else was sent for one is left out."""
    clean = urlsplit("?" + query[:8_000].replace("\x00", "")).query
    url = reverse("dashboard:crm-contact-list")
    return f"{url}?{QueryDict(clean).urlencode()}" if clean else url


def _as_json(opened: Operation) -> dict[str, Any]:
    run = Run(opened)
    return {
        "run": opened.pk,
        "percent": run.percent,
        "text": run.text,
        "finished": run.is_finished,
        "page": _page_of(opened),
    }


def _page_of(opened: Operation, *, goes_on: bool = False) -> str:
    return reverse("dashboard:crm-bulk-run", args=[opened.pk]) + ("?auto=1" if goes_on else "")
