"""The journal: who changed what, when, and what it was before."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .loading import QuickModel


class Operation(models.Model):
    """One act of a service. Long runs (reconciliation, duplicates) keep progress in ``state``."""

    class Kind(models.TextChoices):
        CREATE = "create", _("created")
        UPDATE = "update", _("changed")
        ARCHIVE = "archive", _("archived")
        RESTORE = "restore", _("restored")
        TAG = "tag", _("tagged")
        NOTE = "note", _("note")
        ASSIGN_ORDER = "assign_order", _("order assigned")
        RATE = "rate", _("exchange rate")
        RECONCILE = "reconcile", _("orders reconciled")
        MERGE = "merge", _("merged")
        DUPLICATES = "duplicates", _("duplicates looked for")
        BULK = "bulk", _("changed together")
        JOIN = "join", _("company joined or left")
        CONSENT = "consent", _("consent")
        EXPORT = "export", _("personal data exported")
        ERASE = "erase", _("personal data erased")
        SETTING = "setting", _("settings of the CRM")
        IMPORT = "import", _("imported")
        EXPORT_LIST = "export_list", _("list exported")
        UNDO = "undo", _("undone")

    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    actor_label = models.CharField(max_length=254, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    summary = models.CharField(max_length=255, blank=True)
    state: Any = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    undone_by = models.OneToOneField(
        "self", null=True, on_delete=models.SET_NULL, related_name="undoes", editable=False
    )

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        indexes: ClassVar = [
            # The last reconciliation, finished or to be resumed.
            models.Index(fields=["kind", "-started_at"], name="crm_operation_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%Y-%m-%d %H:%M}"


class Change(QuickModel):
    """One record changed by an operation: its field values before and after.

    ``before`` is empty for a creation, ``after`` for a deletion. ``version`` is the record's
    version after the change: undo refuses where it has moved on. Rows that were pointed from one
    record at another are told by ``moved``: their ids, all of ``object_type``, whose foreign key
    ``field`` was changed: ``{"field": "contact", "from": 7, "to": 3, "ids": [1, 2]}``.
    ``is_erased`` says that the values were personal data and are gone: such a row refuses undo.
    """

    # Without a constraint: an import would look a hundred thousand times for one and the same row.
    operation = models.ForeignKey(
        Operation, on_delete=models.CASCADE, related_name="changes", db_constraint=False
    )
    # Both without an index of their own: one below begins with each.
    contact = models.ForeignKey(
        "oscar_crm.Contact",
        null=True,
        on_delete=models.SET_NULL,
        related_name="changes",
        db_index=False,
    )
    account = models.ForeignKey(
        "oscar_crm.Account",
        null=True,
        on_delete=models.SET_NULL,
        related_name="changes",
        db_index=False,
    )
    object_type = models.CharField(max_length=50)
    object_id = models.BigIntegerField()
    version = models.PositiveIntegerField(default=0)
    before: Any = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after: Any = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    moved: Any = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    is_erased = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes: ClassVar = [
            # The history of one record.
            models.Index(fields=["object_type", "object_id", "id"], name="crm_change_of_object"),
            # A contact's timeline, newest first.
            models.Index(
                fields=["contact", "-at", "-id"],
                condition=Q(contact__isnull=False),
                name="crm_change_of_contact",
            ),
            # An account's timeline, newest first.
            models.Index(
                fields=["account", "-at", "-id"],
                condition=Q(account__isnull=False),
                name="crm_change_of_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}"
