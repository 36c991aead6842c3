"""Days of the shop: its time zone decides when one begins."""

from calendar import monthrange
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


def months_ago(months: int) -> datetime:
    """Midnight of the same day some months ago; of that month's last day where it is shorter.

    Never before ``FIRST_DAY``.
    """
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    count = today.year * 12 + today.month - 1 - months
    if count < FIRST_DAY.year * 12:
        return start_of_day(FIRST_DAY)
    year, month = count // 12, count % 12 + 1
    return start_of_day(date(year, month, min(today.day, monthrange(year, month)[1])))
