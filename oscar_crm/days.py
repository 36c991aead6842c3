"""Days of the shop: its time zone decides when one begins."""

from datetime import date, datetime

from django.utils import timezone

# The calendar's own ends are not safe: their midnights overflow in one time zone or another.
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2999, 12, 31)


def start_of_day(day: date) -> datetime:
    """Midnight at the beginning of a day, in the shop's time zone."""
    midnight = datetime.combine(day, datetime.min.time())
    return timezone.make_aware(midnight, timezone.get_default_timezone())


def day_of(at: datetime) -> date:
    """The day in the shop's time zone."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()
