"""Explaining and repairing an installation, step by step: what ``crm_setup`` does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from oscar_crm import checks, groups
from oscar_crm.conf import crm_settings
from oscar_crm.queries.orders import is_first_use
from oscar_crm.queries.rates import unvalued_currencies
from oscar_crm.queries.reconcile import is_late, last_complete

from . import reconcile


@dataclass(frozen=True)
class Step:
    """One thing that was looked at. ``advice`` is empty when nothing is left to do."""

    name: str
    finding: str
    advice: str = ""


def inspect(*, repair: bool) -> Iterator[Step]:
    """Look at every part of the installation; with ``repair`` put right what can be. Repeatable."""
    for step in STEPS:
        yield step(repair)


def _system_checks(repair: bool) -> Step:
    messages = [message for check in checks.ALL for message in check(None)]
    if not messages:
        return Step("Settings", "app order, currency, statuses and Celery are in order")
    return Step(
        "Settings",
        " ".join(message.msg for message in messages),
        " ".join(message.hint or "" for message in messages),
    )


def _groups(repair: bool) -> Step:
    if not crm_settings.CREATE_GROUPS:
        return Step("Groups", "left to the shop, as OSCAR_CRM_CREATE_GROUPS says")
    lacking = groups.missing_permissions()
    if not lacking:
        return Step("Groups", f"{', '.join(groups.PERMISSIONS)} have their permissions")
    told = "; ".join(f"{name} lacks {', '.join(codes)}" for name, codes in lacking.items())
    if not repair:
        return Step(
            "Groups", told, "Run crm_setup to give them back, or leave it if you took them."
        )
    for name, codenames in lacking.items():
        groups.grant(name, codenames)
    return Step("Groups", f"given back: {told}")


def _oscars_group(repair: bool) -> Step:
    name = f"Oscar's group “{groups.OSCARS_GROUP}”"
    lacking = groups.missing_in_oscars_group()
    if not lacking:
        return Step(name, "needs nothing: it has the CRM's permissions, or may not see orders")
    if not repair:
        return Step(name, "sees orders but not the CRM", "Run crm_setup to let it see the CRM.")
    groups.grant(groups.OSCARS_GROUP, lacking)
    return Step(name, "may use the CRM now, as it may see orders")


def _rates(repair: bool) -> Step:
    lacking = unvalued_currencies()
    if not lacking:
        return Step("Exchange rates", f"every order has a value in {crm_settings.CURRENCY}")
    told = ", ".join(f"{row['orders']} orders in {row['currency']}" for row in lacking)
    return Step(
        "Exchange rates",
        f"{told} have no rate",
        "Enter rates in the dashboard under CRM, Exchange rates, or load a file with "
        "crm_load_rates.",
    )


def _orders(repair: bool) -> Step:
    last = last_complete()
    if last is not None and not is_late(last):
        at = timezone.localtime(last.started_at)
        return Step("Orders", f"all checked on {at:%Y-%m-%d %H:%M}")
    found = "none brought in yet" if is_first_use() else "not all checked for more than a day"
    if not repair:
        return Step("Orders", found, "Run crm_sync_orders, and once a day from now on.")
    summary = reconcile.run()
    return Step("Orders", f"{summary.checked} checked now: {summary.linked} brought in")


def _celery(repair: bool) -> Step:
    if crm_settings.ASYNC:
        return Step("Celery", "workers bring orders in; schedule oscar_crm.reconcile with beat")
    return Step("Celery", "not used: orders are brought in right after they are placed")


# Orders before rates: bringing them in may show currencies that have none.
STEPS: tuple[Callable[[bool], Step], ...] = (
    _system_checks,
    _groups,
    _oscars_group,
    _orders,
    _rates,
    _celery,
)
