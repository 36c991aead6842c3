"""Exchange rates in words."""

from django.utils.translation import gettext as _

from oscar_crm.conf import crm_settings


def example() -> str:
    """How a rate is to be read, with a currency that is not the base currency."""
    base = crm_settings.CURRENCY
    sentence = "1 EUR = 1.0852 USD" if base == "USD" else f"1 USD = 0.9215 {base}"
    return _("How much %(base)s one unit of the currency is worth, for example: %(sentence)s.") % {
        "base": base,
        "sentence": sentence,
    }
