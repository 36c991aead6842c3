"""The form that adds to the history of a contact's consents."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from oscar_crm.dashboard.contacts.views import ContactMixin
from oscar_crm.exceptions import CRMError
from oscar_crm.models import Consent
from oscar_crm.queries.contacts import is_id
from oscar_crm.services.consent import record_consent

from .forms import GIVEN, WITHDRAWN, ConsentForm, this_minute


class ConsentCreateView(ContactMixin, FormView):  # type: ignore[type-arg]
    """Consent was given or withdrawn; ``?purpose=`` and ``?what=`` fill the form in."""

    template_name = "oscar_crm/privacy/consent_form.html"
    form_class = ConsentForm

    def get_initial(self) -> dict[str, Any]:
        query = self.request.GET
        purpose, what = query.get("purpose", ""), query.get("what")
        return {
            "purpose": int(purpose) if is_id(purpose) else None,
            "what": what if what in (GIVEN, WITHDRAWN) else None,
            "source": Consent.Source.STAFF,
            "at": this_minute(),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(contact=self.get_contact(), **kwargs)

    def form_valid(self, form: ConsentForm) -> HttpResponse:
        contact, values = self.get_contact(), dict(form.cleaned_data)
        is_given = values.pop("what") == GIVEN
        purpose = values.pop("purpose")
        try:
            record_consent(contact, purpose, is_given=is_given, by=self.request.user, **values)
        except CRMError as error:
            form.add_error(getattr(error, "field", "") or None, str(error))
            return self.form_invalid(form)
        done = (
            _("Recorded: consent given to “%s”.")
            if is_given
            else _("Recorded: consent to “%s” withdrawn.")
        )
        messages.success(self.request, done % purpose)
        return redirect(contact)
