"""The days that forms accept."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from oscar_crm.days import FIRST_DAY, LAST_DAY

_MESSAGE = _("Give a day between 1970 and 2999.")
DAY_VALIDATORS = (
    MinValueValidator(FIRST_DAY, _MESSAGE),
    MaxValueValidator(LAST_DAY, _MESSAGE),
)
