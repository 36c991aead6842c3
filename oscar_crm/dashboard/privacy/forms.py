"""Recording consent, keeping its purposes, and confirming an erasure."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from oscar_crm import text
from oscar_crm.models import Consent, ConsentPurpose
from oscar_crm.queries.retention import MAX_MONTHS
from oscar_crm.services.consent import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_TEXT_LENGTH
from oscar_crm.services.erasure import MAX_REASON_LENGTH

GIVEN, WITHDRAWN = "given", "withdrawn"
MINUTE_FORMAT = "%Y-%m-%dT%H:%M"


class ConsentForm(forms.Form):
    """A contact gave or withdrew consent: to what, when, and how the shop knows."""

    purpose = forms.ModelChoiceField(
        label=_("Purpose"), queryset=ConsentPurpose.objects.all(), empty_label=None
    )
    what = forms.ChoiceField(
        label=_("Consent"),
        choices=((GIVEN, _("Given")), (WITHDRAWN, _("Withdrawn"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether consent was given or withdrawn.")},
    )
    source = forms.ChoiceField(
        label=_("Source"), choices=Consent.Source.choices, help_text=_("How the shop knows of it.")
    )
    at = forms.DateTimeField(
        label=_("When"),
        input_formats=[MINUTE_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(
            format=MINUTE_FORMAT, attrs={"type": "datetime-local", "class": "no-widget-init"}
        ),
        error_messages={"invalid": _("This is not a time. Write it as 2026-12-31 09:30.")},
        help_text=_("The text that was in force at that time is recorded with it."),
    )
    note = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=MAX_NOTE_LENGTH,
        help_text=_("For example where the signed form is kept."),
    )

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if not 1970 <= at.year <= 2999:  # the calendar's ends overflow in one time zone or another
            raise forms.ValidationError(_t("Give a day between 1970 and today."))
        return at


class PurposeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=MAX_NAME_LENGTH)
    text = forms.CharField(
        label=_("Text"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "class": "no-widget-init"}),
        help_text=_(
            "The words people agree to. A change makes a new version; consents given before keep "
            "the version of their day."
        ),
    )
    position = forms.IntegerField(
        label=_("Position"),
        min_value=0,
        max_value=9999,
        required=False,
        help_text=_("The lowest comes first."),
    )
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        help_text=_("Out of use, consent can be withdrawn but no longer given."),
    )

    def clean_position(self) -> int:
        return int(self.cleaned_data["position"] or 0)


class EraseForm(forms.Form):
    """The choices beyond the CRM, a reason, and the word that shows it is meant."""

    blank_shop_orders = forms.BooleanField(
        label=_("Blank the e-mail and the addresses of the shop's orders"),
        required=False,
        help_text=_(
            "Their numbers, dates, articles, totals and countries stay. Leave this out as long "
            "as the law wants the invoices complete."
        ),
    )
    delete_shop_users = forms.BooleanField(
        label=_("Delete the shop account"),
        required=False,
        help_text=_(
            "With its saved addresses, baskets, wish lists and reviews, as if the customer had "
            "deleted it."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON_LENGTH,
        help_text=_("It stays on the certificate: no names or addresses here."),
    )
    confirmation = forms.CharField(
        label=_("Confirmation"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, has_orders: bool, has_users: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_orders:
            del self.fields["blank_shop_orders"]
        if not has_users:
            del self.fields["delete_shop_users"]
        self.fields["confirmation"].help_text = _t("Type %s to confirm.") % confirmation_word()

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"])
        if text.fold(typed) != text.fold(confirmation_word()):
            raise forms.ValidationError(
                _t("Type the word %s. Nothing has been erased yet.") % confirmation_word()
            )
        return typed

    def choices(self) -> dict[str, Any]:
        """The arguments of ``erase_contact``."""
        found = self.cleaned_data
        return {
            "reason": found.get("reason", ""),
            "blank_shop_orders": bool(found.get("blank_shop_orders")),
            "delete_shop_users": bool(found.get("delete_shop_users")),
        }


def confirmation_word() -> str:
    return _t("ERASE")


class MonthsForm(forms.Form):
    """For how long nothing must have happened."""

    months = forms.IntegerField(
        label=_("Untouched for how many months"), min_value=1, max_value=MAX_MONTHS
    )


def this_minute() -> datetime:
    return timezone.localtime().replace(second=0, microsecond=0)
