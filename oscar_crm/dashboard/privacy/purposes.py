"""The purposes of consent and their texts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from oscar_crm.exceptions import CRMError, ValidationError
from oscar_crm.models import ConsentPurpose
from oscar_crm.queries import consent
from oscar_crm.services.consent import add_purpose, change_purpose, delete_purpose

from .forms import PurposeForm
from .tabs import tabs_for

LIST = "dashboard:crm-purpose-list"


class PurposeListView(TemplateView):
    """A shop has a handful of purposes: one page, without a pager."""

    template_name = "oscar_crm/privacy/purpose_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = list(consent.purposes(self.request.user).prefetch_related("texts"))
        uses = consent.uses(found)
        return super().get_context_data(
            rows=[(purpose, uses.get(purpose.pk, 0)) for purpose in found],
            tabs=tabs_for(self.request.user, "crm-purpose-list"),
            **kwargs,
        )


class PurposeFormView(FormView):  # type: ignore[type-arg]
    """What entering and editing share: the service's refusal becomes the field's error."""

    template_name = "oscar_crm/privacy/purpose_form.html"
    form_class = PurposeForm

    def form_valid(self, form: PurposeForm) -> HttpResponse:
        try:
            purpose = self.save(**form.cleaned_data)
        except ValidationError as error:
            form.add_error(error.field or None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("“%s” is saved.") % purpose)
        return redirect(LIST)

    def save(self, **values: Any) -> ConsentPurpose:
        raise NotImplementedError


class PurposeCreateView(PurposeFormView):
    def get_form(self, form_class: Any = None) -> PurposeForm:
        form: PurposeForm = super().get_form(form_class)
        del form.fields["is_active"]  # a new one is in use
        return form

    def save(self, **values: Any) -> ConsentPurpose:
        return add_purpose(**values, by=self.request.user)


class PurposeMixin:
    """The purpose that the address names."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def purpose(self) -> ConsentPurpose:
        return get_object_or_404(consent.purposes(self.request.user), pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "purpose": self.purpose, "is_used": consent.is_used(self.purpose)}


class PurposeUpdateView(PurposeMixin, PurposeFormView):
    def get_initial(self) -> dict[str, Any]:
        purpose, texts = self.purpose, consent.texts_of(self.purpose)
        return {
            "name": purpose.name,
            "text": texts[0].text if texts else "",
            "position": purpose.position,
            "is_active": purpose.is_active,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(texts=consent.texts_of(self.purpose), **kwargs)

    def save(self, **values: Any) -> ConsentPurpose:
        return change_purpose(self.purpose, **values, by=self.request.user)


class PurposeDeleteView(PurposeMixin, TemplateView):
    """GET asks, POST deletes; what contacts were asked for cannot be deleted."""

    template_name = "oscar_crm/privacy/purpose_delete.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        purpose = self.purpose
        try:
            delete_purpose(purpose, by=request.user)
        except CRMError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("“%s” is deleted.") % purpose)
        return redirect(LIST)
