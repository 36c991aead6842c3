"""The three groups that come with the CRM. Staff still need ``is_staff`` for the dashboard."""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps

from .conf import crm_settings

SALES = "CRM sales"
MANAGER = "CRM manager"
READ_ONLY = "CRM read only"
OSCARS_GROUP = "All Oscar Dashboard Permissions"  # made by Oscar's customer app

_VIEW = (
    "view_contact",
    "view_account",
    "view_activity",
    "view_orderlink",
    "view_tag",
    "view_segment",
    "view_consent",
    "view_exchangerate",
)
_SELL = (
    "add_contact",
    "change_contact",
    "add_account",
    "change_account",
    "add_activity",
    "change_activity",
    "delete_activity",
    "add_tag",
    "add_segment",
    "change_segment",
    "delete_segment",
    "add_consent",
)
_VIEW_ALL = ("view_all_contacts", "view_all_accounts")
_MANAGE = (
    *_VIEW_ALL,
    "merge_contacts",
    "merge_accounts",
    "export_contacts",
    "export_accounts",
    "view_import",
    "add_import",
    "erase_contacts",
    "view_customfield",
    "add_customfield",
    "change_customfield",
    "delete_customfield",
    "view_consentpurpose",
    "add_consentpurpose",
    "change_consentpurpose",
    "delete_consentpurpose",
    "view_erasure",
    "change_tag",
    "delete_tag",
    "change_orderlink",
    "sync_orders",
    "add_exchangerate",
    "change_exchangerate",
    "delete_exchangerate",
)
PERMISSIONS = {
    SALES: (*_VIEW, *_SELL),
    READ_ONLY: (*_VIEW, *_VIEW_ALL),
    MANAGER: (*_VIEW, *_SELL, *_MANAGE),
}


def create_groups(sender: AppConfig, using: str, apps: Any = global_apps, **kwargs: Any) -> None:
    """After ``migrate``: make the groups that are missing. One that exists is left as it is."""
    if not crm_settings.CREATE_GROUPS:
        return
    from django.contrib.auth.management import create_permissions

    try:
        groups, permissions = (apps.get_model("auth", n) for n in ("Group", "Permission"))
    except LookupError:  # migrated to a point before these exist
        return
    # Django makes the permissions in a receiver of the same signal that may run after this one.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    known = permissions.objects.using(using).filter(content_type__app_label="oscar_crm")
    for name, codenames in PERMISSIONS.items():
        group, created = groups.objects.using(using).get_or_create(name=name)
        if created:
            group.permissions.set(known.filter(codename__in=codenames))


def missing_permissions() -> dict[str, list[str]]:
    """Per CRM group, the permissions it came with and no longer has; a missing group lacks all."""
    from django.contrib.auth.models import Permission

    held: dict[str, set[str]] = {name: set() for name in PERMISSIONS}
    rows = Permission.objects.filter(
        content_type__app_label="oscar_crm", group__name__in=PERMISSIONS
    )
    for name, codename in rows.values_list("group__name", "codename"):
        held[name].add(codename)
    lacking = {name: [c for c in PERMISSIONS[name] if c not in held[name]] for name in PERMISSIONS}
    return {name: codenames for name, codenames in lacking.items() if codenames}


def grant(name: str, codenames: Iterable[str]) -> None:
    """Give CRM permissions to a group, made if missing."""
    from django.contrib.auth.models import Group, Permission

    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.add(
        *Permission.objects.filter(content_type__app_label="oscar_crm", codename__in=codenames)
    )


def missing_in_oscars_group() -> list[str]:
    """What a CRM manager may do and Oscar's own dashboard group may not.

    Empty where that group does not exist or may not see orders: on a fresh shop it holds nothing.
    """
    from django.contrib.auth.models import Permission

    held = Permission.objects.filter(group__name=OSCARS_GROUP)
    if not held.filter(content_type__app_label="order", codename="view_order").exists():
        return []
    ours = held.filter(content_type__app_label="oscar_crm")
    known = set(ours.values_list("codename", flat=True))
    return [codename for codename in PERMISSIONS[MANAGER] if codename not in known]
