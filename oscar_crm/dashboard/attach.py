"""How the CRM hooks into Oscar's dashboard without forking it. Runs once, from ``ready()``."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from oscar_crm.conf import crm_settings

if TYPE_CHECKING:
    from oscar_crm.apps import CRMConfig

NAVIGATION = {
    "label": _("CRM"),
    "icon": "fas fa-address-book",
    # What is done daily, then tidying up, then settings, then looking back.
    "children": [
        {"label": _("Overview"), "url_name": "dashboard:crm-overview"},
        {"label": _("Search"), "url_name": "dashboard:crm-search"},
        {"label": _("Contacts"), "url_name": "dashboard:crm-contact-list"},
        {"label": _("Accounts"), "url_name": "dashboard:crm-account-list"},
        {"label": _("Companies from orders"), "url_name": "dashboard:crm-company-list"},
        {"label": _("Segments"), "url_name": "dashboard:crm-segment-list"},
        {"label": _("Duplicates"), "url_name": "dashboard:crm-duplicate-list"},
        {"label": _("Orders"), "url_name": "dashboard:crm-order-list"},
        {"label": _("Tags"), "url_name": "dashboard:crm-tag-list"},
        {"label": _("Custom fields"), "url_name": "dashboard:crm-custom-field-list"},
        {"label": _("Exchange rates"), "url_name": "dashboard:crm-rate-list"},
        {"label": _("Privacy"), "url_name": "dashboard:crm-closed-account-list"},
        {"label": _("Import"), "url_name": "dashboard:crm-import-list"},
        {"label": _("What was done"), "url_name": "dashboard:crm-operation-list"},
    ],
}


def attach(config: "CRMConfig") -> None:
    """Attach URLs and navigation, each unless its setting says no. Safe to repeat."""
    dashboard = apps.app_configs.get("dashboard")  # by label: a shop may have forked it
    if crm_settings.ATTACH_URLS and dashboard is not None:
        attach_urls(config, dashboard)
        if crm_settings.ATTACH_NAVIGATION:
            attach_navigation()


def attach_urls(config: "CRMConfig", dashboard: Any) -> None:
    """Append ``crm/`` to the URLs of Oscar's dashboard, forked or not."""
    if getattr(dashboard, "has_crm_urls", False):
        return
    get_urls = dashboard.get_urls

    def get_urls_with_crm() -> list[Any]:
        return [*get_urls(), path("crm/", include(config.urls[0]))]

    dashboard.get_urls = get_urls_with_crm
    dashboard.has_crm_urls = True


def attach_navigation() -> None:
    """Put "CRM" behind the dashboard's own first entries. Oscar reads the list at each request."""
    navigation = getattr(settings, "OSCAR_DASHBOARD_NAVIGATION", None)
    if navigation is not None and NAVIGATION not in navigation:
        settings.OSCAR_DASHBOARD_NAVIGATION = [*navigation, NAVIGATION]  # it may be a tuple
