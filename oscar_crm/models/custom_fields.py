"""Fields that a shop adds to its contacts and accounts in the dashboard, without a migration."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    """A field of one area. Values stand in the record's ``custom`` under ``key``.

    Stored values: text as it is, number as a decimal text, date as ISO text, choice as one of
    ``choices``, yes/no as a boolean. An absent key means "not given".
    """

    class Area(models.TextChoices):
        CONTACT = "contact", _("Contacts")
        ACCOUNT = "account", _("Accounts")

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        BOOLEAN = "boolean", _("Yes or no")

    area = models.CharField(_("for"), max_length=20, choices=Area)
    key = models.SlugField(max_length=50, editable=False)
    label = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("type"), max_length=20, choices=Kind)
    choices: Any = models.JSONField(_("choices"), default=list, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["area", "position", "id"]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["area", "key"], name="crm_custom_field_key"),
        ]

    def __str__(self) -> str:
        return self.label
