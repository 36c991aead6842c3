"""Buttons on a contact's page: archive, restore, tags. All take POST only."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm.exceptions import CRMError
from oscar_crm.models import Contact, Tag
from oscar_crm.queries.contact_page import tag_exists
from oscar_crm.services import contacts as services
from oscar_crm.services.tags import tag_contact, untag_contact

from .views import ContactMixin, is_htmx, tags_context

MAX_INPUT = 200


class ContactArchiveView(ContactMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = services.archive_contact(self.get_contact(), by=request.user)
        messages.success(
            request,
            _("“%s” is archived: off the lists, but nothing is lost. A new order brings it back.")
            % contact,
        )
        return redirect(contact)


class ContactRestoreView(ContactMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = services.restore_contact(self.get_contact(), by=request.user)
        messages.success(request, _("“%s” is back on the lists.") % contact)
        return redirect(contact)


class TagAddView(ContactMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = self.get_contact()
        # Longer ones are refused in any case, and folding a text of megabytes takes minutes.
        name = request.POST.get("name", "")[:MAX_INPUT].replace("\x00", "")
        may_make = request.user.has_perm("oscar_crm.add_tag")
        if name.strip() and not may_make and not tag_exists(name):
            return _answer(
                request,
                contact,
                error=_("There is no such tag yet. Choose one of the list, or ask a manager."),
            )
        try:
            tag = tag_contact(contact, name, by=request.user)
        except CRMError as error:
            return _answer(request, contact, error=str(error))
        return _answer(request, contact, done=_("Tag “%s” added.") % tag)


class TagRemoveView(ContactMixin, View):
    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = self.get_contact()
        tag = get_object_or_404(Tag, pk=self.kwargs["tag_pk"])
        untag_contact(contact, tag, by=request.user)
        return _answer(request, contact, done=_("Tag “%s” removed.") % tag)


def _answer(
    request: HttpRequest, contact: Contact, *, done: str = "", error: str = ""
) -> HttpResponse:
    """The row of tags for htmx, else the page again with a message."""
    if is_htmx(request):
        context = {**tags_context(contact, error=error), "tag_status": done}
        return render(request, "oscar_crm/contacts/_tags.html", context)
    if error:
        messages.error(request, error)
    else:
        messages.success(request, done)
    return redirect(contact)
