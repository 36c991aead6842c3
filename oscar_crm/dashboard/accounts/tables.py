"""The columns of the account list."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django_tables2 import TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable

CONTACT_CELLS = "oscar_crm/contacts/cells/"
CELLS = "oscar_crm/accounts/cells/"


def _cell(template: str, label: object, css: str = "") -> TemplateColumn:
    return TemplateColumn(
        template_name=f"{template}.html",
        verbose_name=label,
        attrs={"th": {"class": css}, "td": {"class": css, "data-label": label}},
    )


class AccountTable(KeysetTable):
    name = TemplateColumn(
        template_name=f"{CELLS}name.html",
        verbose_name=_("Name"),
        attrs={"td": {"class": "crm-wrap"}},
    )
    industry = _cell(f"{CELLS}industry", _("Industry"))
    tags = _cell(f"{CONTACT_CELLS}tags", _("Tags"), "crm-tags-cell")
    owner = _cell(f"{CONTACT_CELLS}owner", _("Owner"))
    orders_count = _cell(f"{CONTACT_CELLS}orders", _("Orders"), "num")
    lifetime_value = _cell(f"{CONTACT_CELLS}value", _("Lifetime value"), "num")
    last_order_at = _cell(f"{CONTACT_CELLS}last_order", _("Last order"))
    created_at = _cell(f"{CONTACT_CELLS}created", _("Created"), "crm-spare")

    sorts: ClassVar = {
        "name": "name",
        "lifetime_value": "-value",
        "last_order_at": "-last_order",
        "created_at": "-created",
    }
