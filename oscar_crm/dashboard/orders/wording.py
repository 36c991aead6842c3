"""What is odd about an order, in words."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from oscar_crm.models import OrderLink


def remarks(link: OrderLink) -> Iterator[str]:
    """Sentences about the order: why it has no contact, or why its value may be wrong."""
    if link.problem == OrderLink.Problem.FAILED:
        yield _("The order could not be brought in; the next check of all orders tries again.")
        if link.problem_detail:
            yield link.problem_detail
    elif link.problem:
        yield f"{link.get_problem_display()}."
    if link.refund_excess:
        amount = f"{number_format(link.refund_excess, 2)} {link.currency}"
        yield _("%s more was refunded than was paid: the excess is not counted.") % amount
    if link.foreign_refund:
        yield _("Refunded in another currency and not counted: %s.") % link.foreign_refund
    if link.deleted_at:
        day = date_format(timezone.localtime(link.deleted_at), "DATE_FORMAT")
        yield _("Deleted in the shop on %s: its value is taken back.") % day
