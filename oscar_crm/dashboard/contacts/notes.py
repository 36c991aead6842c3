"""Notes on a contact: written in place, changed and deleted on pages of their own."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm.exceptions import CRMError
from oscar_crm.models import Activity
from oscar_crm.queries import activities
from oscar_crm.services.activities import add_note, delete_note, edit_note

from .forms import NoteForm
from .views import ContactMixin, is_htmx, page_context, timeline_context


class NoteCreateView(ContactMixin, View):
    """The form on top of the timeline; with htmx the timeline comes back, else the page."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = self.get_contact()
        form = NoteForm(request.POST)
        if form.is_valid():
            add_note(contact, form.cleaned_data["body"], by=request.user)
            if not is_htmx(request):
                messages.success(request, _("Note added."))
                return redirect(contact)
            context = {**timeline_context(request, contact), "note_status": _("Note added.")}
            return render(request, "oscar_crm/contacts/_timeline.html", context)
        if is_htmx(request):
            context = timeline_context(request, contact, note_form=form)
            return render(request, "oscar_crm/contacts/_timeline.html", context)
        context = page_context(request, contact, note_form=form)
        return render(request, "oscar_crm/contacts/contact_detail.html", context)


class NoteMixin:
    """A note on a contact or account the user may see; 404 for all others."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def get_note(self) -> Activity:
        return get_object_or_404(activities.visible_to(self.request.user), pk=self.kwargs["pk"])


class NoteUpdateView(NoteMixin, View):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        note = self.get_note()
        return self._page(note, NoteForm(initial={"body": note.body}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = NoteForm(request.POST)
        note = self.get_note()
        if not form.is_valid():
            return self._page(note, form)
        try:
            edit_note(note, form.cleaned_data["body"], by=request.user)
        except CRMError as error:
            form.add_error("body", str(error))
            return self._page(note, form)
        messages.success(request, _("Note saved."))
        return redirect(note.subject)

    def _page(self, note: Activity, form: NoteForm) -> HttpResponse:
        context = {"note": note, "subject": note.subject, "form": form}
        return render(self.request, "oscar_crm/contacts/note_form.html", context)


class NoteDeleteView(NoteMixin, View):
    """GET asks, POST deletes."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        note = self.get_note()
        context = {"note": note, "subject": note.subject}
        return render(request, "oscar_crm/contacts/note_delete.html", context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        note = self.get_note()
        try:
            delete_note(note, by=request.user)
            messages.success(request, _("Note deleted."))
        except CRMError as error:
            messages.error(request, str(error))
        return redirect(note.subject)
