"""Buttons on an account's page: archive, restore, tags, notes. All take POST only."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm.dashboard.contacts.actions import MAX_INPUT
from oscar_crm.dashboard.contacts.forms import NoteForm
from oscar_crm.dashboard.contacts.views import is_htmx
from oscar_crm.exceptions import CRMError
from oscar_crm.models import Account, Tag
from oscar_crm.queries.contact_page import tag_exists
from oscar_crm.services import accounts as services
from oscar_crm.services.activities import add_note

from .views import AccountMixin, page_context, tags_context, timeline_context


class AccountArchiveView(AccountMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = services.archive_account(self.get_account(), by=request.user)
        messages.success(
            request, _("“%s” is archived: off the lists, but nothing is lost.") % account
        )
        return redirect(account)


class AccountRestoreView(AccountMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = services.restore_account(self.get_account(), by=request.user)
        messages.success(request, _("“%s” is back on the lists.") % account)
        return redirect(account)


class AccountTagAddView(AccountMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = self.get_account()
        # Longer ones are refused in any case, and folding a text of megabytes takes minutes.
        name = request.POST.get("name", "")[:MAX_INPUT].replace("\x00", "")
        may_make = request.user.has_perm("oscar_crm.add_tag")
        if name.strip() and not may_make and not tag_exists(name):
            return _answer(
                request,
                account,
                error=_("There is no such tag yet. Choose one of the list, or ask a manager."),
            )
        try:
            tag = services.tag_account(account, name, by=request.user)
        except CRMError as error:
            return _answer(request, account, error=str(error))
        return _answer(request, account, done=_("Tag “%s” added.") % tag)


class AccountTagRemoveView(AccountMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = self.get_account()
        tag = get_object_or_404(Tag, pk=self.kwargs["tag_pk"])
        services.untag_account(account, tag, by=request.user)
        return _answer(request, account, done=_("Tag “%s” removed.") % tag)


def _answer(
    request: HttpRequest, account: Account, *, done: str = "", error: str = ""
) -> HttpResponse:
    """The row of tags for htmx, else the page again with a message."""
    if is_htmx(request):
        context = {**tags_context(account, error=error), "tag_status": done}
        return render(request, "oscar_crm/accounts/_tags.html", context)
    if error:
        messages.error(request, error)
    else:
        messages.success(request, done)
    return redirect(account)


class AccountNoteCreateView(AccountMixin, View):
    """The form on top of the timeline; with htmx the timeline comes back, else the page."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = self.get_account()
        form = NoteForm(request.POST)
        if form.is_valid():
            add_note(account, form.cleaned_data["body"], by=request.user)
            if not is_htmx(request):
                messages.success(request, _("Note added."))
                return redirect(account)
            context = {**timeline_context(request, account), "note_status": _("Note added.")}
            return render(request, "oscar_crm/accounts/_timeline.html", context)
        if is_htmx(request):
            context = timeline_context(request, account, note_form=form)
            return render(request, "oscar_crm/accounts/_timeline.html", context)
        context = page_context(request, account.pk, note_form=form)
        return render(request, "oscar_crm/accounts/account_detail.html", context)
