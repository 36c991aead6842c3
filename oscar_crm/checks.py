"""System checks: mistakes in the installation, found before a user finds them."""

from collections.abc import Iterable
from typing import Any

from babel.numbers import is_currency
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from .conf import PREFIX, crm_settings


def check_app_order(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``oscar_crm`` must stand before Oscar's apps."""
    names = [config.name for config in apps.get_app_configs()]
    labels = [config.label for config in apps.get_app_configs()]
    ours = labels.index("oscar_crm")
    if "dashboard" not in labels:
        return [
            Error(
                "Oscar's dashboard is not installed.",
                hint="Add Oscar's apps to INSTALLED_APPS, after 'oscar_crm'.",
                id="oscar_crm.E002",
            )
        ]
    oscars = (i for i, name in enumerate(names) if name == "oscar" or name.startswith("oscar."))
    if ours < min([*oscars, labels.index("dashboard")]):
        return []
    return [
        Error(
            "'oscar_crm' stands after Oscar's apps in INSTALLED_APPS.",
            hint="Move 'oscar_crm' to the first line of INSTALLED_APPS, so that its pages and "
            "panels can attach themselves to Oscar's dashboard.",
            id="oscar_crm.E001",
        )
    ]


def check_currency(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The base currency must be an ISO 4217 code."""
    currency = crm_settings.CURRENCY
    if is_currency(currency):
        return []
    chosen = getattr(settings, PREFIX + "CURRENCY", None)
    name = f"{PREFIX}CURRENCY" if chosen else "OSCAR_DEFAULT_CURRENCY"
    return [
        Error(
            f"{name} is {currency!r}, which is not a currency.",
            hint="Use an ISO 4217 code of three capital letters, such as 'EUR'.",
            id="oscar_crm.E003",
        )
    ]


def check_statuses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Statuses named in our settings must exist in the shop, where it has a pipeline."""
    known = _shop_statuses()
    messages: list[CheckMessage] = []
    for name in ("CANCELLED_STATUSES", "UNCOUNTED_STATUSES"):
        value = getattr(settings, PREFIX + name, ())
        if isinstance(value, str):
            messages.append(_not_a_list(name))
        elif known:
            messages += [_unknown_status(name, s, known) for s in value if s not in known]
    return messages


def check_months(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Times of retention are whole months, at least one."""
    return [
        Error(
            f"{PREFIX}{name} is {value!r}.",
            hint="Give a whole number of months, such as 36, or None.",
            id="oscar_crm.E006",
        )
        for name in ("RETENTION_MONTHS", "JOURNAL_MONTHS")
        if (value := getattr(settings, PREFIX + name, None)) is not None
        and not (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1200)
    ]


def check_celery(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Work left to Celery needs a Celery app with a broker."""
    if not crm_settings.ASYNC or _has_celery_app():
        return []
    return [
        Error(
            f"{PREFIX}ASYNC is on, but the project has no Celery app with a broker.",
            hint="Install django-oscar-crm[celery], make a Celery app, import it in your "
            "project's __init__.py and set CELERY_BROKER_URL; or take "
            f"{PREFIX}ASYNC out of the settings.",
            id="oscar_crm.E005",
        )
    ]


def _has_celery_app() -> bool:
    try:
        from celery import current_app
    except ImportError:
        return False
    return bool(current_app.conf.broker_url)


def _shop_statuses() -> set[str]:
    pipeline = getattr(settings, "OSCAR_ORDER_STATUS_PIPELINE", {})
    return {*pipeline, *(status for following in pipeline.values() for status in following)}


def _not_a_list(name: str) -> CheckMessage:
    return Error(
        f"{PREFIX}{name} is a string.",
        hint=f"Write a list: {PREFIX}{name} = ['Cancelled']",
        id="oscar_crm.E004",
    )


def _unknown_status(name: str, status: str, known: Iterable[str]) -> CheckMessage:
    return Warning(
        f"{PREFIX}{name} names {status!r}, but no order of this shop can have that status.",
        hint="The statuses of OSCAR_ORDER_STATUS_PIPELINE are: " + ", ".join(sorted(known)) + ".",
        id="oscar_crm.W001",
    )


ALL = (check_app_order, check_currency, check_statuses, check_months, check_celery)
