from django.db import models
from oscar.apps.partner.abstract_models import AbstractPartner


class Partner(AbstractPartner):
    vat_number = models.CharField("VAT number", max_length=20, blank=True)


from oscar.apps.partner.models import *  # noqa: E402, F403
