"""Making and changing a contact: the form, and the services' refusals in words."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm import wording
from oscar_crm.dashboard.duplicates.hint_views import contact_hints, to_be_confirmed
from oscar_crm.exceptions import AddressInUseError, CRMError, EditConflictError, ValidationError
from oscar_crm.models import Contact
from oscar_crm.queries import contacts
from oscar_crm.queries.changes import names_of
from oscar_crm.queries.timeline import field_changes
from oscar_crm.services.contacts import JOURNALLED_FIELDS, create_contact, update_contact
from oscar_crm.services.journal import snapshot

from .forms import ContactForm
from .views import ContactMixin

TEMPLATE = "oscar_crm/contacts/contact_form.html"


class ContactCreateView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, TEMPLATE, {"form": ContactForm(user=request.user)})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ContactForm(request.POST, user=request.user)
        hints = contact_hints(request)
        if form.is_valid() and to_be_confirmed(request, hints):
            return render(request, TEMPLATE, {"form": form, "hints": hints, "asks_again": True})
        if form.is_valid():
            try:
                contact = create_contact(
                    form.values(),
                    emails=form.cleaned_data["emails"],
                    custom=form.custom_values(),
                    by=request.user,
                )
            except CRMError as error:
                show_error(form, error, user=request.user)
            else:
                return _saved(request, contact, _("“%s” is now in the CRM.") % contact)
        return render(request, TEMPLATE, {"form": form})


class ContactUpdateView(ContactMixin, View):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = self.get_contact()
        form = ContactForm(instance=contact, user=request.user)
        return render(request, TEMPLATE, {"form": form, "contact": contact})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = self.get_contact()
        form = ContactForm(request.POST, instance=self.get_contact(), user=request.user)
        if form.is_valid():
            try:
                saved = update_contact(
                    contact,
                    form.values(),
                    emails=form.cleaned_data["emails"],
                    custom=form.custom_values(),
                    version=form.cleaned_data["version"],
                    by=request.user,
                )
            except EditConflictError as error:
                show_conflict(form, error, contact)
            except CRMError as error:
                show_error(form, error, user=request.user)
            else:
                return _saved(request, saved, _("“%s” is saved.") % saved)
        return render(request, TEMPLATE, {"form": form, "contact": contact})


def _saved(request: HttpRequest, contact: Contact, done: str) -> HttpResponse:
    """To the contact, or to the list when the user has just given it away."""
    if contacts.visible_to(request.user).filter(pk=contact.pk).exists():
        messages.success(request, done)
        return redirect(contact)
    messages.info(
        request,
        done + " " + _("It belongs to somebody else now, so it has left your list."),
    )
    return redirect("dashboard:crm-contact-list")


def show_error(form: ContactForm, error: CRMError, *, user: Any) -> None:
    """Put a service's refusal beside the field it is about."""
    message: str | SafeString = str(error)
    if isinstance(error, AddressInUseError):
        message = _whose_address(error, user)
    field = error.field if isinstance(error, ValidationError) else ""
    form.add_error(field if field in form.fields else None, message)


def _whose_address(error: AddressInUseError, user: Any) -> str | SafeString:
    """Names the other contact only to those who may see it."""
    other = contacts.contact_of_address(user, error.match_key)
    if other is None:
        return _("%(address)s is already in the CRM: ask a manager.") % {"address": error.address}
    return format_html(
        _("{address} belongs to {contact} already. Take it off there first, or edit that contact."),
        address=error.address,
        contact=format_html('<a href="{}">{}</a>', other.get_absolute_url(), other),
    )


def show_conflict(form: ContactForm, error: EditConflictError, contact: Contact) -> None:
    """Keep the input, say what it would overwrite, and let a second save do it."""
    contact.refresh_from_db()
    stored = {
        **snapshot(contact, JOURNALLED_FIELDS),
        "emails": [email.address for email in contact.emails.all()],
    }
    typed = {
        **{name: form.cleaned_data[name] for name in stored if name != "custom"},
        **{name: getattr(form.cleaned_data[name], "pk", None) for name in ("owner", "partner")},
        "custom": form.stored_custom(stored["custom"]),
    }
    differing = list(field_changes(stored, typed))
    form.add_error(
        None,
        _(
            "Somebody else changed this contact while you were editing. What you typed is kept: "
            "compare it with the values stored now, then save again to put yours in their place."
        ),
    )
    names = names_of(differing, custom=form.custom_definitions)
    for change in differing:
        form.add_error(None, wording.stored_now(change, names))
    form.accept_version(contact.version)
