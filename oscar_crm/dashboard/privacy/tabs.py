"""The tabs of the area, each for those who may open it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

_ERASE = ("oscar_crm.view_contact", "oscar_crm.erase_contacts")
TABS = (
    ("crm-closed-account-list", _("Closed shop accounts"), _ERASE),
    ("crm-untouched-list", _("Untouched contacts"), _ERASE),
    ("crm-erasure-list", _("Certificates"), ("oscar_crm.view_contact", "oscar_crm.view_erasure")),
    ("crm-purpose-list", _("Purposes of consent"), ("oscar_crm.view_consentpurpose",)),
)


def tabs_for(user: Any, current: str) -> list[dict[str, Any]]:
    """The tabs a user may open: URL name, label, and whether it is the page's own."""
    return [
        {"url_name": f"dashboard:{name}", "label": label, "active": name == current}
        for name, label, permissions in TABS
        if user.has_perms(permissions)
    ]
