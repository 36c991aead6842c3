"""The columns of the list of tags."""

from django.utils.translation import gettext_lazy as _
from django_tables2 import TemplateColumn

from oscar_crm.dashboard.tables import KeysetTable

CELLS = "oscar_crm/tags/cells/"


class TagTable(KeysetTable):
    """Tags by name, and how many records carry each."""

    name = TemplateColumn(template_name=f"{CELLS}name.html", verbose_name=_("Tag"))
    contact_count = TemplateColumn(
        template_name=f"{CELLS}contacts.html",
        verbose_name=_("Contacts"),
        attrs={"th": {"class": "num"}, "td": {"class": "num", "data-label": _("Contacts")}},
    )
    account_count = TemplateColumn(
        template_name=f"{CELLS}accounts.html",
        verbose_name=_("Accounts"),
        attrs={"th": {"class": "num"}, "td": {"class": "num", "data-label": _("Accounts")}},
    )
    actions = TemplateColumn(
        template_name=f"{CELLS}actions.html", verbose_name=_("Actions"), accessor="pk"
    )
