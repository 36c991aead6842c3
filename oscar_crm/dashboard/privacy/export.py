"""Everything held on a contact, as a download."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import View

from oscar_crm.dashboard.contacts.views import ContactMixin
from oscar_crm.exceptions import ErasedError
from oscar_crm.services.subject_export import export_subject, folder_of


class ContactExportView(ContactMixin, View):
    """POST only: an export is written into the journal."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        contact = self.get_contact()
        try:
            archive = export_subject(contact, by=request.user)
        except ErasedError as error:
            messages.error(request, str(error))
            return redirect(contact)
        name = f"{folder_of(contact)}-{timezone.localdate():%Y-%m-%d}.zip"
        response = FileResponse(archive, as_attachment=True, filename=name)
        response["Content-Type"] = "application/zip"
        response["Cache-Control"] = "no-store"
        return response
