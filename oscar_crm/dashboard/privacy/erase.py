"""Erasing one contact or several, after a preview; the certificates."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from oscar_crm.dashboard.contacts.views import ContactMixin
from oscar_crm.exceptions import CRMError, ErasedError
from oscar_crm.models import Contact, Erasure
from oscar_crm.queries import erasure as erasures
from oscar_crm.queries.contacts import is_id
from oscar_crm.queries.keyset import Position, bounded_count, keyset_page
from oscar_crm.services.erasure import erase_contact
from oscar_crm.wording import bounded

from .forms import EraseForm
from .tables import ErasureTable
from .tabs import tabs_for
from .wording import choices_of, counts_of, going, staying

MAX_TOGETHER = 50


class EraseView(FormView):  # type: ignore[type-arg]
    """GET tells what would go and what must stay, POST erases. Nothing brings it back."""

    template_name = "oscar_crm/privacy/erase.html"
    form_class = EraseForm

    @cached_property
    def to_erase(self) -> list[Contact]:
        raise NotImplementedError

    @cached_property
    def preview(self) -> erasures.Preview:
        return erasures.preview_of(self.to_erase)

    def get_form_kwargs(self) -> dict[str, Any]:
        preview = self.preview
        has_users = len(preview.users) > len(preview.staff_users)
        kwargs = super().get_form_kwargs()
        return {**kwargs, "has_orders": bool(preview.orders), "has_users": has_users}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = self.preview
        return super().get_context_data(
            preview=preview, going=list(going(preview)), staying=list(staying(preview)), **kwargs
        )


class ContactEraseView(ContactMixin, EraseView):
    @cached_property
    def to_erase(self) -> list[Contact]:
        return [self.get_contact()]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method in ("GET", "POST") and self.to_erase[0].is_erased:
            messages.info(request, _("The personal data of this contact was erased already."))
            return redirect(self.to_erase[0])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(contact=self.to_erase[0], **kwargs)

    def form_valid(self, form: EraseForm) -> HttpResponse:
        contact = self.to_erase[0]
        try:
            erasure = erase_contact(contact, **form.choices(), by=self.request.user)
        except ErasedError as error:
            messages.info(self.request, str(error))
            return redirect(contact)
        except CRMError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("The personal data is erased. This is the certificate."))
        if self.request.user.has_perm("oscar_crm.view_erasure"):
            return redirect("dashboard:crm-erasure-detail", pk=erasure.pk)
        return redirect(contact)


class SeveralEraseView(EraseView):
    """As for one contact, for up to fifty that ``contact`` names, each with its certificate."""

    @cached_property
    def to_erase(self) -> list[Contact]:
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        ids = {int(pk) for pk in given.getlist("contact")[: MAX_TOGETHER + 1] if is_id(pk)}
        return erasures.erasable(self.request.user, ids)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method not in ("GET", "POST"):
            return super().dispatch(request, *args, **kwargs)
        given = request.POST if request.method == "POST" else request.GET
        if len(given.getlist("contact")) > MAX_TOGETHER:
            messages.error(request, _("Choose at most %s contacts at a time.") % MAX_TOGETHER)
        elif not self.to_erase:
            messages.error(request, _("Choose at least one contact that still holds data."))
        else:
            return super().dispatch(request, *args, **kwargs)
        return redirect("dashboard:crm-untouched-list")

    def form_valid(self, form: EraseForm) -> HttpResponse:
        done, refused = _erase_each(self.to_erase, form, by=self.request.user)
        if done:
            text = ngettext(
                "The personal data of %s contact is erased.",
                "The personal data of %s contacts is erased.",
                done,
            )
            messages.success(self.request, text % done)
        for contact, error in refused:
            messages.error(self.request, f"{contact}: {error}")
        if self.request.user.has_perm("oscar_crm.view_erasure"):
            return redirect("dashboard:crm-erasure-list")
        return redirect("dashboard:crm-untouched-list")


def _erase_each(
    found: Iterable[Contact], form: EraseForm, *, by: Any
) -> tuple[int, list[tuple[str, str]]]:
    """Erase each in a transaction of its own: one that is refused does not keep the others."""
    done, refused = 0, []
    for contact in found:
        name = str(contact)
        try:
            erase_contact(contact, **form.choices(), by=by)
            done += 1
        except CRMError as error:
            refused.append((name, str(error)))
    return done, refused


class ErasureListView(TemplateView):
    template_name = "oscar_crm/privacy/erasure_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = erasures.visible_to(self.request.user)
        page = keyset_page(
            found,
            erasures.NEWEST_FIRST,
            size=settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE,
            position=Position.from_query(self.request.GET),
        )
        is_only_page = not (page.before or page.after)
        count = len(page.rows) if is_only_page else bounded_count(found)
        caption = ngettext("%s certificate", "%s certificates", count) % bounded(count)
        return super().get_context_data(
            page=page,
            table=ErasureTable(page.rows, caption=caption),
            tabs=tabs_for(self.request.user, "crm-erasure-list"),
            **kwargs,
        )


class ErasureDetailView(TemplateView):
    """A certificate, made to be printed."""

    template_name = "oscar_crm/privacy/erasure_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = erasures.visible_to(self.request.user)
        try:
            erasure: Erasure = get_object_or_404(seen, pk=self.kwargs["pk"])
        except OverflowError as error:  # an id no database can hold
            raise Http404 from error
        return super().get_context_data(
            erasure=erasure,
            counts=list(counts_of(erasure)),
            choices=list(choices_of(erasure)),
            **kwargs,
        )
