from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from oscar.forms.widgets import DatePickerInput

from oscar_crm.dashboard.days import DAY_VALIDATORS
from oscar_crm.queries.rates import fits, is_known_currency, rate_exists

from .wording import example


class RateFilterForm(forms.Form):
    """The list's query string: one currency, or all."""

    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All currencies")), *((code, code) for code in currencies)]
        self.fields["currency"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("currency") or "")


class RateForm(forms.Form):
    """Shape of a rate; what makes sense as a rate is the service's to say."""

    currency = forms.CharField(
        label=_("Currency"),
        max_length=12,
        help_text=_("Three letters, such as USD."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    rate = forms.DecimalField(label=_("Rate"), max_digits=18, decimal_places=8)
    valid_from = forms.DateField(
        label=_("Valid from"),
        widget=DatePickerInput(),
        validators=DAY_VALIDATORS,
        help_text=_("The rate holds from this day until the next rate of the same currency."),
    )

    def __init__(self, *args: Any, key: tuple[str, date] | None = None, **kwargs: Any) -> None:
        """``key``: currency and day of the rate that is being edited."""
        super().__init__(*args, **kwargs)
        self.key = key
        self.fields["rate"].help_text = example()

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        if len(code) == 3 and not is_known_currency(code):
            raise forms.ValidationError(
                _("There is no currency “%(code)s”. Use its three-letter code, such as USD."),
                params={"code": code},
            )
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        key = (cleaned.get("currency"), cleaned.get("valid_from"))
        if all(key) and key != self.key and rate_exists(*key):  # type: ignore[arg-type]
            self.add_error(
                "valid_from",
                _t("There is a rate for %s from that day already: edit that one.") % key[0],
            )
        rate = cleaned.get("rate")
        if rate and key[0] and not fits(key[0], rate):
            self.add_error("rate", _t("At this rate an order would be worth a trillion: check it."))
        return cleaned
