"""The columns of the list of segments."""

from django.utils.translation import gettext_lazy as _
from django_tables2 import TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable

CELLS = "oscar_crm/segments/cells/"


def _cell(name: str, label: object, css: str = "") -> TemplateColumn:
    return TemplateColumn(
        template_name=f"{CELLS}{name}.html",
        verbose_name=label,
        accessor="pk",
        attrs={"th": {"class": css}, "td": {"class": css, "data-label": label}},
    )


class SegmentTable(KeysetTable):
    """Rows carry ``lines``, ``seen`` and ``may_change`` from the view."""

    name = TemplateColumn(
        template_name=f"{CELLS}name.html",
        verbose_name=_("Name"),
        attrs={"td": {"class": "crm-wrap"}},
    )
    conditions = _cell("conditions", _("Who is in it"))
    size = _cell("size", _("Contacts"), "num")
    owner = _cell("owner", _("Whose"))
    actions = _cell("actions", _("Actions"))
