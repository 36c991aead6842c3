"""Custom fields: the list per area, making, changing, ordering, deleting."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from oscar_crm.exceptions import CRMError, ValidationError
from oscar_crm.models import CustomField
from oscar_crm.queries import custom_fields
from oscar_crm.queries.keyset import COUNT_LIMIT
from oscar_crm.services.custom_fields import (
    change_field,
    create_field,
    delete_field,
    move_field,
    records_with_value,
)

from .forms import FieldCreateForm, FieldUpdateForm


class FieldListView(TemplateView):
    template_name = "oscar_crm/custom_fields/field_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = list(custom_fields.visible_to(self.request.user))
        groups = [
            {"area": key, "label": label, "fields": [f for f in found if f.area == key]}
            for key, label in CustomField.Area.choices
        ]
        return {
            **super().get_context_data(**kwargs),
            "groups": groups,
            "has_fields": bool(found),
            "most": custom_fields.MAX_FIELDS,
        }


class FieldMixin:
    """The field that the address names."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def field(self) -> CustomField:
        found = custom_fields.visible_to(self.request.user)
        return get_object_or_404(found, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "field_record": self.field}


class FieldFormView(FormView):  # type: ignore[type-arg]
    """What making and changing share: the service's refusal stands beside its field."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            field = self.save(form)
        except CRMError as error:
            name = error.field if isinstance(error, ValidationError) else ""
            form.add_error(name if name in form.fields else None, str(error))
            return self.form_invalid(form)
        return _done(self.request, _("The field “%s” is saved.") % field)

    def save(self, form: Any) -> CustomField:
        raise NotImplementedError


class FieldCreateView(FieldFormView):
    template_name = "oscar_crm/custom_fields/field_create.html"
    form_class = FieldCreateForm

    def get_initial(self) -> dict[str, Any]:
        return {"area": self.request.GET.get("area", "")}

    def save(self, form: FieldCreateForm) -> CustomField:
        return create_field(**form.cleaned_data, by=self.request.user)


class FieldUpdateView(FieldMixin, FieldFormView):
    template_name = "oscar_crm/custom_fields/field_update.html"
    form_class = FieldUpdateForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "field": self.field}

    def save(self, form: FieldUpdateForm) -> CustomField:
        return change_field(self.field, **form.values(), by=self.request.user)


class FieldMoveView(FieldMixin, View):
    """POST ``direction``: ``up`` or ``down``."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        is_up = request.POST.get("direction") == "up"
        try:
            move_field(self.field, up=is_up, by=request.user)
        except CRMError as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(reverse("dashboard:crm-custom-field-list"))


class FieldDeleteView(FieldMixin, TemplateView):
    """GET asks, POST deletes."""

    template_name = "oscar_crm/custom_fields/field_delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "records": records_with_value(self.field, limit=COUNT_LIMIT + 1),
            "uses": custom_fields.segments_using(self.field, user=self.request.user),
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        text = _("The field “%s” and its values are deleted.") % self.field
        try:
            delete_field(self.field, by=request.user)
        except CRMError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("dashboard:crm-custom-field-list"))
        return _done(request, text)


def _done(request: HttpRequest, text: str) -> HttpResponseRedirect:
    messages.success(request, text)
    return HttpResponseRedirect(reverse("dashboard:crm-custom-field-list"))
