"""One change of many records: the preview, doing it, and the page of a long one."""

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
from oscar_crm.dashboard.accounts.filters import AccountFilterForm
from oscar_crm.dashboard.contacts.filters import list_form
from oscar_crm.exceptions import CRMError
from oscar_crm.models import Operation
from oscar_crm.queries import bulk, contacts
from oscar_crm.queries.areas import ACCOUNTS, CONTACTS, Area
from oscar_crm.queries.bulk import Target
from oscar_crm.queries.keyset import bounded_count
from oscar_crm.services import bulk_changes

from .forms import BulkForm
from .sessions import remember
from .wording import WORDS, Run, changed, sentence, to_change

SHOWN = 10
STEP_SIZE = 2_000  # records: about a second of work

logger = logging.getLogger("oscar_crm")


class BulkView(View):
    """POST shows what would be done; POST with ``confirm`` does it."""

    area: Area

    def filters(self, query: QueryDict) -> tuple[Any, Any]:
        """The form of the list's filters, and the filter it asks for."""
        raise NotImplementedError

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form()
        if not form.is_valid():
            return self.refused([e for errors in form.errors.values() for e in errors])
        if form.is_merge():
            ids = ",".join(map(str, form.ids()))
            return redirect(f"{reverse(f'dashboard:crm-{self.area.key}-merge')}?ids={ids}")
        filters, wanted = self.filters(QueryDict(form.cleaned_data["query"]))
        if form.cleaned_data["all"] and filters.errors:
            # A filter with an error does not filter: "all" would be more than was meant.
            return self.refused([_("Correct the filters of the list first.")])
        if form.cleaned_data["all"]:
            target = Target(filter=wanted, area=self.area)
        else:
            target = Target(ids=form.ids(), area=self.area)
        if "confirm" in request.POST:
            return self.do(form, target)
        return self.preview(form, target)

    def form(self) -> BulkForm:
        user = self.request.user
        sees_all = self.area.may_all_be_seen_by(user)
        owners = contacts.possible_owners() if sees_all else [user]
        tags = contacts.tags_in_use()
        return BulkForm(self.request.POST, area=self.area, user=user, tags=tags, owners=owners)

    def preview(self, form: BulkForm, target: Target) -> HttpResponse:
        action = form.action()
        found = target.records(self.request.user)
        differing = action.changes(found)
        count, total = bounded_count(differing), bounded_count(found)
        context = {
            "form": form,
            "words": WORDS[self.area.key],
            "area": self.area,
            "ids": form.ids(),
            "sentence": sentence(action.kind, form.argument()),
            "count": count,
            "to_change": to_change(self.area, count),
            "same": total - count if total <= bulk_changes.AT_ONCE else 0,
            "is_long": total > bulk_changes.AT_ONCE,
            "some": self.area.for_list(differing).order_by("pk")[:SHOWN],
            "gives_away": self.gives_away(action),
            "back": _list_url(self.area, form.cleaned_data["query"]),
        }
        return render(self.request, "oscar_crm/bulk/preview.html", context)

    def gives_away(self, action: bulk.BulkAction) -> bool:
        """Whether the records leave the list of whoever does this."""
        sees_them = self.area.may_all_be_seen_by(self.request.user)
        is_nobodys = action.kind == bulk.OWNER and not action.owner
        return is_nobodys and not sees_them and not crm_settings.SHOW_UNASSIGNED

    def do(self, form: BulkForm, target: Target) -> HttpResponse:
        request, action = self.request, form.action()
        summary = sentence(action.kind, form.argument())
        is_long = bounded_count(target.records(request.user)) > bulk_changes.AT_ONCE
        begin = bulk_changes.start if is_long else bulk_changes.run_at_once
        try:
            opened = begin(action, target, by=request.user, summary=summary)
        except CRMError as error:
            return self.refused([str(error)])
        if is_long:
            remember(request, opened, self.area)
            if crm_settings.ASYNC:
                broker.publish("oscar_crm.bulk_change", opened.pk)
            return HttpResponseRedirect(_page_of(opened, goes_on=True))
        _tell(request, opened)
        return redirect(_list_url(self.area, form.cleaned_data["query"]))

    def refused(self, errors: list[Any]) -> HttpResponse:
        for error in errors:
            messages.error(self.request, str(error))
        return redirect(_list_url(self.area, self.request.POST.get("query", "")))


class ContactBulkView(BulkView):
    area = CONTACTS

    def filters(self, query: QueryDict) -> tuple[Any, Any]:
        form = list_form(query, user=self.request.user)
        return form, form.contact_filter()


class AccountBulkView(BulkView):
    area = ACCOUNTS

    def filters(self, query: QueryDict) -> tuple[Any, Any]:
        form = AccountFilterForm(query, user=self.request.user)
        return form, form.account_filter()


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class BulkRunView(View):
    """A long change: one chunk per POST, which the page's script repeats until all are done.

    Each chunk is a transaction of its own, whatever ATOMIC_REQUESTS says: what has been done stays
    done when a step fails, and the page says how far it got.
    """

    area: Area = CONTACTS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        opened = get_object_or_404(bulk.visible_to(request.user, self.area), pk=pk)
        run = Run(opened)
        context = {
            "run": run,
            "starts_itself": "auto" in request.GET and not run.is_finished,
            "undo_url": operation_url(opened) if run.is_finished else "",
        }
        return render(request, "oscar_crm/bulk/run.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        opened = get_object_or_404(bulk.visible_to(request.user, self.area), pk=pk)
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
    text: str | SafeString = changed(bulk.area_of(opened), count)
    if url := operation_url(opened):
        text = format_html('{} <a href="{}">{}</a>', text, url, _("Look at it, or undo it"))
    messages.success(request, text, extra_tags="safe noicon")


def _list_url(area: Area, query: str) -> str:
    """The list with a query string; whatever else was sent for one is left out."""
    clean = urlsplit("?" + query[:8_000].replace("\x00", "")).query
    url = reverse(area.list_url)
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
    return Run(opened).url + ("?auto=1" if goes_on else "")
