"""Runs of the reconciliation: the last complete one, and those to be resumed."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from oscar_crm.models import Operation

RECONCILE_EVERY = timedelta(days=1)


def unfinished() -> QuerySet[Operation]:
    """Runs that were cut off or are under way, newest first."""
    runs = Operation.objects.filter(kind=Operation.Kind.RECONCILE, finished_at=None)
    return runs.order_by("-started_at")


def last_complete() -> Operation | None:
    """The last finished run over all orders."""
    runs = Operation.objects.filter(kind=Operation.Kind.RECONCILE, finished_at__isnull=False)
    complete = runs.filter(state__options__since=None, state__options__currency="")
    return complete.order_by("-started_at").first()


def find_run(pk: int) -> Operation | None:
    """A run by its id."""
    return Operation.objects.filter(kind=Operation.Kind.RECONCILE, pk=pk).first()


def run_to_resume(currency: str = "") -> Operation | None:
    """The unfinished run over all orders, or over those in a currency."""
    options = {"since": None, "currency": currency, "rebuild": False}
    runs = unfinished()
    return next((run for run in runs if run.state.get("options") == options), None)


def is_late(last: Operation | None) -> bool:
    """Whether signals may have been missed unnoticed for more than a day; ``last`` is complete."""
    return last is None or last.started_at < timezone.now() - RECONCILE_EVERY
