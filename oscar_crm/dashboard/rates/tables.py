from typing import Any

from django.utils.translation import gettext_lazy as _
from django_tables2 import Column, TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable
from oscar_crm.models import ExchangeRate


def _cell(label: Any) -> dict[str, Any]:
    return {"td": {"data-label": label}}


class RateTable(KeysetTable):
    """Rates, newest first."""

    currency = Column(verbose_name=_("Currency"), attrs=_cell(_("Currency")))
    rate = TemplateColumn("{{ record }}", verbose_name=_("Rate"), attrs=_cell(_("Rate")))
    valid_from = TemplateColumn(
        "{{ value|date:'DATE_FORMAT' }}", verbose_name=_("Valid from"), attrs=_cell(_("Valid from"))
    )
    actions = TemplateColumn(
        template_name="oscar_crm/rates/actions_cell.html", verbose_name=_("Actions"), accessor="pk"
    )

    class Meta(KeysetTable.Meta):
        model = ExchangeRate
        fields = ("currency", "rate", "valid_from", "actions")
