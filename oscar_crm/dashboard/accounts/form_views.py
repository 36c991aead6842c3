"""Making and changing an account: the form, and the services' refusals in words."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from oscar_crm import wording
from oscar_crm.dashboard.duplicates.hint_views import account_hints, to_be_confirmed
from oscar_crm.exceptions import CRMError, EditConflictError, ValidationError
from oscar_crm.models import Account
from oscar_crm.queries import accounts
from oscar_crm.queries.changes import names_of
from oscar_crm.queries.timeline import field_changes
from oscar_crm.services.accounts import JOURNALLED_FIELDS, create_account, update_account
from oscar_crm.services.journal import snapshot

from .forms import AccountForm
from .views import AccountMixin

TEMPLATE = "oscar_crm/accounts/account_form.html"


class AccountCreateView(View):
    """``?parent=`` proposes the company above, ``?name=`` the name."""

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {name: request.GET.get(name, "")[:255] for name in ("name", "parent")}
        form = AccountForm(user=request.user, initial=initial)
        return render(request, TEMPLATE, {"form": form})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AccountForm(request.POST, user=request.user)
        hints = account_hints(request)
        if form.is_valid() and to_be_confirmed(request, hints):
            return render(request, TEMPLATE, {"form": form, "hints": hints, "asks_again": True})
        if form.is_valid():
            try:
                account = create_account(
                    form.values(), custom=form.custom_values(), by=request.user
                )
            except CRMError as error:
                show_error(form, error)
            else:
                return _saved(request, account, _("“%s” is now in the CRM.") % account)
        return render(request, TEMPLATE, {"form": form})


class AccountUpdateView(AccountMixin, View):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = self.get_account()
        form = AccountForm(instance=account, user=request.user)
        return render(request, TEMPLATE, {"form": form, "account": account})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        account = self.get_account()
        form = AccountForm(request.POST, instance=self.get_account(), user=request.user)
        if form.is_valid():
            try:
                saved = update_account(
                    account,
                    form.values(),
                    custom=form.custom_values(),
                    version=form.cleaned_data["version"],
                    by=request.user,
                )
            except EditConflictError as error:
                show_conflict(form, error, account, user=request.user)
            except CRMError as error:
                show_error(form, error)
            else:
                return _saved(request, saved, _("“%s” is saved.") % saved)
        return render(request, TEMPLATE, {"form": form, "account": account})


def _saved(request: HttpRequest, account: Account, done: str) -> HttpResponse:
    """To the account, or to the list when the user has just given it away."""
    if accounts.visible_to(request.user).filter(pk=account.pk).exists():
        messages.success(request, done)
        return redirect(account)
    messages.info(
        request, done + " " + _("It belongs to somebody else now, so it has left your list.")
    )
    return redirect("dashboard:crm-account-list")


def show_error(form: Any, error: CRMError) -> None:
    """Put a service's refusal beside the field it is about."""
    field = error.field if isinstance(error, ValidationError) else ""
    form.add_error(field if field in form.fields else None, str(error))


def show_conflict(form: AccountForm, error: CRMError, account: Account, *, user: Any) -> None:
    """Keep the input, say what it would overwrite, and let a second save do it."""
    account.refresh_from_db()
    typed = form.values()
    for name in ("owner", "parent"):
        if name in typed:
            typed[name] = getattr(typed[name], "pk", None)
    typed["custom"] = form.stored_custom(account.custom)
    names = [name for name in JOURNALLED_FIELDS if name in typed]  # a hidden parent is not
    differing = list(field_changes(snapshot(account, names), typed))
    form.add_error(
        None,
        _(
            "Somebody else changed this account while you were editing. What you typed is kept: "
            "compare it with the values stored now, then save again to put yours in their place."
        ),
    )
    called = names_of(differing, accounts=accounts.visible_to(user), custom=form.custom_definitions)
    for change in differing:
        form.add_error(None, wording.stored_now(change, called))
    form.accept_version(account.version)
