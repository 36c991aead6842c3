"""The days that forms accept."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

_MESSAGE = _("Give a day between 1970 and 2999.")
# The calendar's own ends are not safe: their midnights overflow in one time zone or another.
DAY_VALIDATORS = (
    MinValueValidator(date(1970, 1, 1), _MESSAGE),
    MaxValueValidator(date(2999, 12, 31), _MESSAGE),
)
