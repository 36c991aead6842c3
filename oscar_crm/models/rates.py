"""Exchange rates, entered by staff or loaded from a file."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ExchangeRate(models.Model):
    """From ``valid_from`` on, 1 unit of ``currency`` is worth ``rate`` units of ``base``.

    Valid until the next rate of the same pair; dates are of the shop's time zone.
    """

    currency = models.CharField(_("currency"), max_length=12)
    base = models.CharField(_("base currency"), max_length=12)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    valid_from = models.DateField(_("valid from"))

    class Meta:
        ordering = ["currency", "-valid_from"]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints: ClassVar = [
            # Also serves the look-up of the rate of a day.
            models.UniqueConstraint(
                fields=["base", "currency", "valid_from"], name="crm_one_rate_per_day"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="crm_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate.normalize():f} {self.base}"
