from typing import Any

from django import forms
from django.db.models import BigIntegerField
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from oscar.forms.widgets import RemoteSelect

from oscar_crm import text
from oscar_crm.models import Contact, OrderLink
from oscar_crm.queries import contacts, orders

STATES = (
    (orders.ALL, _("All")),
    (orders.LINKED, _("With a contact")),
    (orders.WITHOUT_CONTACT, _("Without a contact")),
    (orders.WARNINGS, _("With warnings")),
)


class OrderFilterForm(forms.Form):
    """The list's query string; what cannot be read is left out."""

    q = forms.CharField(label=_("Order number or e-mail address"), required=False, max_length=254)
    site = forms.ChoiceField(label=_("Site"), required=False)
    state = forms.ChoiceField(choices=STATES, required=False, widget=forms.HiddenInput)
    contact = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=BigIntegerField.MAX_BIGINT,
        widget=forms.HiddenInput,
    )

    account = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=BigIntegerField.MAX_BIGINT,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = [(str(site.pk), str(site.name)) for site in orders.sites()]
        if len(sites) > 1:
            self.fields["site"].choices = [("", _("All sites")), *sites]  # type: ignore[attr-defined]
        else:
            del self.fields["site"]

    def wanted(self) -> orders.OrderFilter:
        self.is_valid()
        found = self.cleaned_data
        return orders.OrderFilter(
            q=found.get("q") or "",
            state=found.get("state") or orders.ALL,
            contact=found.get("contact"),
            account=found.get("account"),
            site=int(found["site"]) if found.get("site") else None,
        )


class ContactSelect(RemoteSelect):
    """Oscar's looked-up choice, which cannot show again what is no id."""

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        return super().optgroups(name, [v for v in value if contacts.is_id(str(v))], attrs=attrs)


class AssignForm(forms.Form):
    """Whose order it is: a contact chosen from the list, or known by an e-mail address."""

    contact = forms.ModelChoiceField(
        label=_("Contact"),
        queryset=Contact.objects.none(),
        required=False,
        help_text=_("Type a part of a name, company, e-mail address or phone number."),
        error_messages={
            "invalid_choice": _("That contact is not in the CRM any more. Choose another one.")
        },
    )
    email = forms.CharField(
        label=_("or the contact's e-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: Any, link: OrderLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.link = user, link
        field: Any = self.fields["contact"]
        field.widget = ContactSelect(
            lookup_url=reverse("dashboard:crm-contact-lookup"),
            # The placeholder is also the name that Select2 gives its box.
            attrs={"class": "select2", "data-placeholder": _("Choose a contact")},
        )
        field.widget.is_required = False
        field.queryset = contacts.visible_to(user).filter(erased_at=None)

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
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        chosen, typed = cleaned.get("contact"), cleaned.get("email")
        if chosen and typed and chosen != typed:
            raise forms.ValidationError(
                _("The contact and the e-mail address are of two people. Give only one of them.")
            )
        contact = chosen or typed
        if contact is None:
            raise forms.ValidationError(_("Choose a contact or type an e-mail address."))
        if contact.pk == self.link.contact_id:
            raise forms.ValidationError(_("The order belongs to this contact already."))
        return {**cleaned, "contact": contact}
