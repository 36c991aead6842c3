"""The form an account is made and changed with."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.contacts.forms import OwnerField
from oscar_crm.dashboard.custom_fields.inputs import CustomFieldsMixin
from oscar_crm.models import Account, CustomField
from oscar_crm.queries.contacts import countries, possible_owners
from oscar_crm.queries.custom_fields import definitions_from
from oscar_crm.services.accounts import EDITABLE_FIELDS
from oscar_crm.text import is_blank

from .fields import account_called, account_field, name_field

MAX_VAT_INPUT = 60  # the service keeps it without spaces and dots
PARTS = ("line1", "line2", "city", "state", "postcode", "country")
ADDRESS_FIELDS = tuple(f"{kind}_{part}" for kind in ("billing", "shipping") for part in PARTS)

if TYPE_CHECKING:
    _AccountModelForm = forms.ModelForm[Account]
else:  # generic for the type checker only
    _AccountModelForm = forms.ModelForm


class AccountForm(CustomFieldsMixin, _AccountModelForm):
    """Fields of an account; a service does the checking and saving.

    ``version`` comes back from the browser and tells whether somebody else was quicker.
    """

    vat_number = forms.CharField(
        label=_("VAT number"),
        required=False,
        max_length=MAX_VAT_INPUT,
        help_text=_("With the letters of its country, such as DE136695976."),
    )
    website = forms.CharField(label=_("Website"), required=False, max_length=255)
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=12,
        help_text=_("The one they are billed in: three letters, such as EUR."),
    )
    billing_country = forms.ChoiceField(label=_("Billing country"), required=False)
    shipping_country = forms.ChoiceField(label=_("Shipping country"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Account
        fields = EDITABLE_FIELDS
        field_classes = {"owner": OwnerField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3, "class": "no-widget-init"}),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self._offer_owners(user)
        self._offer_countries()
        self._offer_parents(user)
        definitions = definitions_from(self.instance, CustomField.Area.ACCOUNT)
        self.add_custom_fields(definitions, self.instance.custom)
        if self.instance.pk:
            self.initial["version"] = self.instance.version
        elif self.fields["owner"].queryset.filter(pk=user.pk).exists():  # type: ignore[attr-defined]
            self.initial["owner"] = user.pk

    def _offer_owners(self, user: Any) -> None:
        """Active staff, and whoever owns the account now."""
        field: Any = self.fields["owner"]
        owners = possible_owners()
        if self.instance.owner_id is not None:
            now = owners.model._default_manager.filter(pk=self.instance.owner_id)
            owners = (owners | now).distinct()
        field.queryset, field.empty_label = owners, _("Nobody")
        if not user.has_perm("oscar_crm.view_all_accounts"):
            field.help_text = _("An account you give to somebody else leaves your list.")

    def _offer_countries(self) -> None:
        known = countries()
        for kind in ("billing", "shipping"):
            field: Any = self.fields[f"{kind}_country"]
            now = getattr(self.instance, f"{kind}_country")
            others = [(now, now)] if now and now not in dict(known) else []
            field.choices = [("", _("Not known")), *known, *others]

    def _offer_parents(self, user: Any) -> None:
        """A parent the user may not see is neither shown nor changed."""
        parent = account_field(_("Parent company"), user)
        hidden = self.instance.parent_id is not None and not (
            parent.queryset.filter(pk=self.instance.parent_id).exists()
        )
        if hidden:
            del self.fields["parent"]
            return
        self.fields["parent"] = parent
        self.fields["parent_name"] = name_field(_("or the parent company's whole name"))

    def clean_parent_name(self) -> Account | None:
        return account_called(self.cleaned_data["parent_name"], self.user)

    def clean(self) -> dict[str, Any]:
        """What cannot be seen is no name: its account could not be clicked on."""
        cleaned = super().clean() or {}
        chosen, typed = cleaned.get("parent"), cleaned.pop("parent_name", None)
        if typed and chosen not in (None, typed, self.instance.parent):
            self.add_error("parent_name", _("You have chosen another company above."))
        if typed:
            cleaned["parent"] = typed
        return {k: "" if isinstance(v, str) and is_blank(v) else v for k, v in cleaned.items()}

    def _post_clean(self) -> None:
        """The service checks the values: a model's check would only say it worse, and twice."""

    def company_fields(self) -> list[forms.BoundField]:
        names = ("name", "industry", "vat_number", "website", "phone", "currency")
        return [self[name] for name in names]

    def relation_fields(self) -> list[forms.BoundField]:
        names = ("owner", "parent", "parent_name", "description")
        return [self[name] for name in names if name in self.fields]

    def billing_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ADDRESS_FIELDS if name.startswith("billing")]

    def shipping_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ADDRESS_FIELDS if name.startswith("shipping")]

    def values(self) -> dict[str, Any]:
        """What the service wants, once the form is valid."""
        return {n: self.cleaned_data[n] for n in EDITABLE_FIELDS if n in self.cleaned_data}

    def accept_version(self, version: int) -> None:
        """Let the next submission of the same input win over what has been changed meanwhile."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("version")] = str(version)
        self.data = data
