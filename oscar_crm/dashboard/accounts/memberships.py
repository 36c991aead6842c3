"""Who belongs to which company: added from both sides, changed, ended, removed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm.dashboard.contacts.views import ContactMixin
from oscar_crm.exceptions import CRMError
from oscar_crm.models import Account, AccountContact, Contact
from oscar_crm.queries import memberships
from oscar_crm.services import memberships as services

from .form_views import show_error
from .membership_forms import (
    CompanyOfContactForm,
    LeavingForm,
    MembershipForm,
    PersonOfAccountForm,
)
from .views import AccountMixin

FORM = "oscar_crm/accounts/membership_form.html"
QUESTION = "oscar_crm/accounts/membership_question.html"


class PersonAddView(AccountMixin, View):
    """From the account's page: who else belongs to it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = self.get_account()
        form = PersonOfAccountForm(user=request.user)
        return render(request, FORM, {"form": form, "account": account, "origin": account})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = self.get_account()
        form = PersonOfAccountForm(request.POST, user=request.user)
        if form.is_valid() and _joined(request, form, account, form.cleaned_data["contact"]):
            return redirect(account)
        return render(request, FORM, {"form": form, "account": account, "origin": account})


class CompanyAddView(ContactMixin, View):
    """From the contact's page: where else they belong."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = self.get_contact()
        is_first = not memberships.current(contact.memberships.all()).exists()
        form = CompanyOfContactForm(user=request.user, initial={"is_primary": is_first})
        return render(request, FORM, {"form": form, "contact": contact, "origin": contact})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        contact = self.get_contact()
        form = CompanyOfContactForm(request.POST, user=request.user)
        if form.is_valid() and _joined(request, form, form.cleaned_data["account"], contact):
            return redirect(contact)
        return render(request, FORM, {"form": form, "contact": contact, "origin": contact})


def _joined(request: HttpRequest, form: MembershipForm, account: Account, contact: Contact) -> bool:
    """Add the membership and say so; or put the refusal into the form."""
    try:
        services.add_membership(account, contact, by=request.user, **form.values())
    except CRMError as error:
        show_error(form, error)
        return False
    words = {"contact": contact, "account": account}
    messages.success(request, _("%(contact)s belongs to %(account)s.") % words)
    return True


class MembershipMixin:
    """A membership whose contact and account the user may see; 404 for all others."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def get_membership(self) -> AccountContact:
        rows = memberships.visible_to(self.request.user).select_related("contact", "account")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def origin(self, membership: AccountContact) -> Contact | Account:
        """Where the user came from and goes back to."""
        came_from_contact = self.request.GET.get("from") == "contact"
        return membership.contact if came_from_contact else membership.account

    def show(
        self, template: str, membership: AccountContact, form: Any, **more: Any
    ) -> HttpResponse:
        context = {"membership": membership, "form": form, "origin": self.origin(membership)}
        return render(self.request, template, {**context, **more})


class MembershipUpdateView(MembershipMixin, View):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        membership = self.get_membership()
        return self.show(FORM, membership, MembershipForm(membership=membership))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        membership = self.get_membership()
        form = MembershipForm(request.POST, membership=membership)
        if form.is_valid():
            try:
                services.change_membership(membership, by=request.user, **form.values())
            except CRMError as error:
                show_error(form, error)
            else:
                messages.success(request, _("Saved."))
                return redirect(self.origin(membership))
        return self.show(FORM, membership, form)


class MembershipEndView(MembershipMixin, View):
    """GET asks for the last day, POST ends the membership."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        form = LeavingForm(initial={"until_date": today})
        return self.show(QUESTION, self.get_membership(), form, is_end=True)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        membership = self.get_membership()
        form = LeavingForm(request.POST)
        if form.is_valid():
            try:
                services.end_membership(
                    membership, until=form.cleaned_data["until_date"], by=request.user
                )
            except CRMError as error:
                show_error(form, error)
            else:
                words = {"contact": membership.contact, "account": membership.account}
                text = _("%(contact)s has left %(account)s. Past orders still count for it.")
                messages.success(request, text % words)
                return redirect(self.origin(membership))
        return self.show(QUESTION, membership, form, is_end=True)


class MembershipRemoveView(MembershipMixin, View):
    """GET asks, POST removes a membership that was a mistake."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.show(QUESTION, self.get_membership(), None)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        membership = self.get_membership()
        words = {"contact": membership.contact, "account": membership.account}
        try:
            services.remove_membership(membership, by=request.user)
        except CRMError as error:
            messages.error(request, str(error))
        else:
            text = _("%(contact)s was taken out of %(account)s.")
            messages.success(request, text % words)
        return redirect(self.origin(membership))
