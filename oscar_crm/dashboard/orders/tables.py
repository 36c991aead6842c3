from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2 import Column, TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable
from oscar_crm.models import OrderLink

from .wording import remarks

REMARK = (
    '<span class="d-block"><i class="fas fa-exclamation-triangle text-warning" aria-hidden="true">'
    "</i> {}</span>"
)


def _cell(label: Any, css: str = "") -> dict[str, Any]:
    """Attributes of a cell that names its column on small screens, and hides there when empty."""

    def css_class(value: Any) -> str:
        return f"{css} crm-none" if value in (None, "") else css

    return {"td": {"data-label": label, "class": css_class}, "th": {"class": css}}


def _remarks_attrs(label: Any) -> dict[str, Any]:
    """As ``_cell``; the value of the column is no guide to whether there are remarks."""

    def css_class(record: OrderLink) -> str:
        return "crm-break" if any(remarks(record)) else "crm-none"

    return {"td": {"data-label": label, "class": css_class}}


class OrderTable(KeysetTable):
    """Orders as the CRM knows them."""

    number = TemplateColumn(
        template_name="oscar_crm/orders/number_cell.html",
        verbose_name=_("Number"),
        attrs=_cell(_("Number"), "crm-break"),
    )
    placed_at = TemplateColumn(
        template_name="oscar_crm/orders/placed_cell.html",
        verbose_name=_("Placed"),
        attrs=_cell(_("Placed")),
    )
    contact = TemplateColumn(
        template_name="oscar_crm/orders/contact_cell.html",
        verbose_name=_("Contact"),
        attrs=_cell(_("Contact"), "crm-break"),
    )
    email = Column(verbose_name=_("E-mail"), attrs=_cell(_("E-mail"), "crm-break"), empty_values=())
    status = Column(
        verbose_name=_("Status"), attrs=_cell(_("Status"), "crm-break"), empty_values=()
    )
    total = TemplateColumn(
        "{% load crm_tags %}{{ record.total|money:record.currency }}",
        verbose_name=_("Total"),
        attrs=_cell(_("Total"), "num"),
    )
    remarks = Column(verbose_name=_("Remarks"), accessor="pk", attrs=_remarks_attrs(_("Remarks")))

    class Meta(KeysetTable.Meta):
        model = OrderLink
        fields = ("number", "placed_at", "contact", "email", "status", "total", "remarks")

    def render_remarks(self, record: OrderLink) -> SafeString:
        found = format_html_join("", REMARK, ((remark,) for remark in remarks(record)))
        return format_html("<div>{}</div>", found)
