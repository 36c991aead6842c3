from typing import Any

from django.utils.translation import gettext_lazy as _
from django_tables2 import Column, TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable
from oscar_crm.models import Import


def _cell(label: Any, **more: Any) -> dict[str, Any]:
    return {"td": {"data-label": label, **more}}


class ImportTable(KeysetTable):
    """The history, newest first."""

    file_name = TemplateColumn(
        template_name="oscar_crm/imports/cells/name.html",
        verbose_name=_("File"),
        attrs={"td": {"class": "crm-wrap"}},
    )
    area = Column(accessor="get_area_display", verbose_name=_("Of"), attrs=_cell(_("Of")))
    actor_label = Column(verbose_name=_("Who"), attrs=_cell(_("Who")))
    created_at = TemplateColumn(
        "{% load crm_tags %}{% crm_when record.created_at %}",
        verbose_name=_("When"),
        attrs=_cell(_("When")),
    )
    counts = TemplateColumn(
        template_name="oscar_crm/imports/cells/counts.html",
        verbose_name=_("Rows"),
        attrs=_cell(_("Rows")),
    )
    state = TemplateColumn(
        template_name="oscar_crm/imports/cells/state.html",
        verbose_name=_("State"),
        attrs=_cell(_("State")),
    )

    class Meta(KeysetTable.Meta):
        model = Import
        fields = ("file_name", "area", "actor_label", "created_at", "counts", "state")
