"""The form a contact is made and changed with, and the small ones of its page."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from oscar_crm.dashboard.custom_fields.inputs import PREFIX, CustomFieldsMixin
from oscar_crm.models import Contact, CustomField
from oscar_crm.queries.changes import display_name
from oscar_crm.queries.contacts import countries, possible_owners
from oscar_crm.queries.custom_fields import definitions_from
from oscar_crm.services.activities import MAX_NOTE_LENGTH
from oscar_crm.services.contacts import EDITABLE_FIELDS
from oscar_crm.text import is_blank

MAX_ADDRESSES = 50
ADDRESS_FIELDS = ("line1", "line2", "city", "state", "postcode", "country")

if TYPE_CHECKING:
    _ContactModelForm = forms.ModelForm[Contact]
    _UserChoiceField = forms.ModelChoiceField[Any]
else:  # generic for the type checker only
    _ContactModelForm = forms.ModelForm
    _UserChoiceField = forms.ModelChoiceField


class OwnerField(_UserChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return display_name(obj)


class ContactForm(CustomFieldsMixin, _ContactModelForm):
    """Fields of a contact and its e-mail addresses, one a line; a service does the saving.

    ``version`` comes back from the browser and tells whether somebody else was quicker.
    """

    country = forms.ChoiceField(label=_("Country"), required=False)
    emails = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "no-widget-init", "spellcheck": "false"}),
        help_text=_("One a line. The first is the main address."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Contact
        fields = EDITABLE_FIELDS
        field_classes = {"owner": OwnerField}

    field_order = (
        *("kind", "partner", "first_name", "last_name", "job_title", "company_name"),
        *("emails", "phone", "owner"),
        *ADDRESS_FIELDS,
        "version",
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        owner.queryset = _owners(self.instance)  # type: ignore[attr-defined]
        owner.empty_label = _("Nobody")  # type: ignore[attr-defined]
        partner = self.fields["partner"]
        partner.queryset = partner.queryset.order_by("name", "pk")  # type: ignore[attr-defined]
        partner.empty_label = _("None")  # type: ignore[attr-defined]
        partner.help_text = _("Only for a vendor: which of the shop's partners this is.")
        if not user.has_perm("oscar_crm.view_all_contacts"):
            owner.help_text = _("A contact you give to somebody else leaves your list.")
        self.fields["country"].choices = _country_choices(self.instance)  # type: ignore[attr-defined]
        definitions = definitions_from(self.instance, CustomField.Area.CONTACT)
        self.add_custom_fields(definitions, self.instance.custom)
        if self.instance.pk:
            addresses = [email.address for email in self.instance.emails.all()]
            self.initial["emails"] = "\n".join(addresses)
            self.initial["version"] = self.instance.version
        elif owner.queryset.filter(pk=user.pk).exists():  # type: ignore[attr-defined]
            self.initial["owner"] = user.pk

    def clean_emails(self) -> list[str]:
        lines = (line.strip(" \t,;") for line in self.cleaned_data["emails"].splitlines())
        addresses = [line for line in lines if line]
        if len(addresses) > MAX_ADDRESSES:
            raise forms.ValidationError(
                _("A contact can have %s e-mail addresses at most.") % MAX_ADDRESSES
            )
        return addresses

    def clean(self) -> dict[str, Any]:
        """What cannot be seen is no name: its contact could not be clicked on."""
        cleaned = super().clean() or {}
        return {k: "" if isinstance(v, str) and is_blank(v) else v for k, v in cleaned.items()}

    def person_fields(self) -> list[forms.BoundField]:
        own = (f for f in self.visible_fields() if not f.name.startswith(PREFIX))
        return [f for f in own if f.name not in ADDRESS_FIELDS]

    def address_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ADDRESS_FIELDS]

    def values(self) -> dict[str, Any]:
        """What the service wants, once the form is valid."""
        return {name: self.cleaned_data[name] for name in EDITABLE_FIELDS}

    def accept_version(self, version: int) -> None:
        """Let the next submission of the same input win over what has been changed meanwhile."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("version")] = str(version)
        self.data = data


def _owners(contact: Contact) -> Any:
    """Active staff, and whoever owns the contact now."""
    owners = possible_owners()
    if contact.owner_id is None:
        return owners
    everybody = owners.model._default_manager.filter(
        Q(is_active=True, is_staff=True) | Q(pk=contact.owner_id)
    )
    return everybody.order_by(*owners.query.order_by)


def _country_choices(contact: Contact) -> list[tuple[str, Any]]:
    known = countries()
    if contact.country and contact.country not in dict(known):
        known.append((contact.country, contact.country))
    return [("", _("Not known")), *known]


class NoteForm(forms.Form):
    """The text of a note."""

    body = forms.CharField(
        label=_("Note"),
        max_length=MAX_NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "class": "no-widget-init"}),
        error_messages={"required": _("Write something first.")},
    )

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"])
        if is_blank(body):
            raise forms.ValidationError(_("Write something first."))
        return body
