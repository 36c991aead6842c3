"""The columns of the area's lists."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_tables2 import TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable

CELLS = "oscar_crm/privacy/cells/"


def _cell(name: str, label: Any, **kwargs: Any) -> TemplateColumn:
    return TemplateColumn(
        template_name=f"{CELLS}{name}.html",
        verbose_name=label,
        attrs={"td": {"data-label": label}},
        **kwargs,
    )


class ClosedAccountTable(KeysetTable):
    contact = _cell("contact", _("Contact"))
    account = _cell("account", _("Shop account"), accessor="label")
    last_order = _cell("last_order", _("Last order"), accessor="contact__last_order_at")
    actions = _cell("closed_actions", _("Decide"), accessor="pk")


class UntouchedTable(KeysetTable):
    """Contacts, each with a box to tick; the boxes stand in the form around the table."""

    chosen = _cell("choose", _("Choose"), accessor="pk")
    name = _cell("untouched_contact", _("Contact"), accessor="pk")
    last_order = _cell("untouched_last_order", _("Last order"), accessor="last_order_at")
    created = _cell("created", _("Created"), accessor="created_at")
    actions = _cell("untouched_actions", _("Actions"), accessor="pk")


class ErasureTable(KeysetTable):
    reference = _cell("reference", _("Reference"))
    contact = _cell("erased_contact", _("Contact"), accessor="pk")
    done_at = _cell("done_at", _("Erased"))
    actor = _cell("actor", _("By"), accessor="actor_label")
    reason = _cell("reason", _("Reason"), accessor="reason")
