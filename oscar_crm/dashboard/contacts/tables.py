"""The columns of the contact list."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django_tables2 import TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable

CELLS = "oscar_crm/contacts/cells/"


def _cell(name: str, label: object, css: str = "") -> TemplateColumn:
    return TemplateColumn(
        template_name=f"{CELLS}{name}.html",
        verbose_name=label,
        attrs={"th": {"class": css}, "td": {"class": css, "data-label": label}},
    )


class ContactTable(KeysetTable):
    name = TemplateColumn(
        template_name=f"{CELLS}name.html",
        verbose_name=_("Name"),
        attrs={"td": {"class": "crm-wrap"}},
    )
    kind = _cell("kind", _("Kind"))
    tags = _cell("tags", _("Tags"), "crm-tags-cell")
    owner = _cell("owner", _("Owner"))
    orders_count = _cell("orders", _("Orders"), "num")
    lifetime_value = _cell("value", _("Lifetime value"), "num")
    last_order_at = _cell("last_order", _("Last order"))
    created_at = _cell("created", _("Created"), "crm-spare")

    sorts: ClassVar = {
        "name": "name",
        "orders_count": "-orders",
        "lifetime_value": "-value",
        "last_order_at": "-last_order",
        "created_at": "-created",
    }
