"""Forms that say who belongs to which company, from either side."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oscar_crm import text
from oscar_crm.dashboard.contacts.filter_fields import day_field
from oscar_crm.models import Account, AccountContact, Contact
from oscar_crm.queries import contacts
from oscar_crm.services.memberships import MAX_ROLE

from .fields import account_called, account_field, name_field, record_field

FIELDS = ("role", "is_primary", "from_date", "until_date")


class MembershipForm(forms.Form):
    """What somebody is at a company, and when."""

    role = forms.CharField(
        label=_("Role"),
        required=False,
        max_length=MAX_ROLE,
        help_text=_("Such as Buyer, Managing director or Accounts."),
    )
    is_primary = forms.BooleanField(
        label=_("Main company"),
        required=False,
        help_text=_("Orders count for the main company if somebody belongs to several."),
    )
    from_date = day_field(_("From"))
    until_date = day_field(_("Until"))

    def __init__(
        self, data: Any = None, *, membership: AccountContact | None = None, initial: Any = None
    ) -> None:
        stored = {n: getattr(membership, n) for n in FIELDS} if membership else {}
        super().__init__(data, initial={**stored, **(initial or {})})
        self.fields["from_date"].help_text = _("Empty: always. Both days are included.")
        self.fields["until_date"].help_text = _("Empty: still there.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from_date"), cleaned.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", _("The last day must not be before the first."))
        return cleaned

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class CompanyOfContactForm(MembershipForm):
    """The same, with the account to be chosen."""

    account_name = name_field(_("or the account's whole name"))
    field_order = ("account", "account_name", *FIELDS)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["account"] = account_field(_("Account"), user)
        self.order_fields(self.field_order)

    def clean_account_name(self) -> Account | None:
        return account_called(self.cleaned_data["account_name"], self.user)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen, typed = cleaned.get("account"), cleaned.get("account_name")
        if chosen and typed and chosen != typed:
            self.add_error("account_name", _("You have chosen another account above."))
        if not (chosen or typed) and not self.errors:
            self.add_error("account", _("Choose an account or type its name."))
        return {**cleaned, "account": chosen or typed}


class PersonOfAccountForm(MembershipForm):
    """The same, with the contact to be chosen."""

    email = forms.CharField(
        label=_("or the contact's e-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("contact", "email", *FIELDS)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["contact"] = record_field(
            _("Contact"),
            contacts.visible_to(user),
            url_name="crm-contact-lookup",
            placeholder=_("Choose a contact"),
        )
        self.order_fields(self.field_order)

    def clean_email(self) -> Contact | None:
        address = self.cleaned_data["email"].strip()
        if not address:
            return None
        found = contacts.contact_of_address(self.user, text.fold_email(address))
        if found is None:
            raise forms.ValidationError(
                _("No contact you may see has this address. Check it, or create the contact first.")
            )
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen, typed = cleaned.get("contact"), cleaned.get("email")
        if chosen and typed and chosen != typed:
            self.add_error("email", _("You have chosen another contact above."))
        if not (chosen or typed) and not self.errors:
            self.add_error("contact", _("Choose a contact or type an e-mail address."))
        return {**cleaned, "contact": chosen or typed}


class LeavingForm(forms.Form):
    """The last day of somebody at a company."""

    until_date = day_field(_("Last day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until_date"].required = True
        self.fields["until_date"].error_messages["required"] = _("Give their last day.")
