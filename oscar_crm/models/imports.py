"""Files brought in: the file's rows, what became of each, and the columns somebody chose before."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .loading import QuickModel


class Import(models.Model):
    """A file of contacts or accounts on its way into the CRM, and what came of it.

    ``columns`` names the field of each column of the file, ``""`` for those left out.
    ``place`` is the next block to be worked on in the present state; a block is one transaction,
    so that whoever goes on after a crash goes on there. ``counts`` are rows by outcome.
    """

    class Area(models.TextChoices):
        CONTACT = "contact", _("Contacts")
        ACCOUNT = "account", _("Accounts")

    class State(models.TextChoices):
        DRAFT = "draft", _("columns to be matched")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked, nothing written yet")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being taken back")
        UNDONE = "undone", _("taken back")

    area = models.CharField(_("of"), max_length=20, choices=Area)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT)
    is_paused = models.BooleanField(default=False)
    file_name = models.CharField(_("file"), max_length=255)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    encoding = models.CharField(max_length=40, blank=True)
    separator = models.CharField(max_length=1, blank=True)
    headers: Any = models.JSONField(default=list)
    columns: Any = models.JSONField(default=list)
    options: Any = models.JSONField(default=dict)
    facts: Any = models.JSONField(default=dict)  # what reading the whole file found out
    rows_total = models.PositiveIntegerField(default=0)
    blocks_total = models.PositiveIntegerField(default=0)
    place = models.PositiveIntegerField(default=0)
    counts: Any = models.JSONField(default=dict)
    problem = models.TextField(blank=True)  # why it stopped, in words
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)  # the file's rows are gone
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    actor_label = models.CharField(max_length=254, blank=True)
    operation = models.OneToOneField(
        "oscar_crm.Operation", null=True, on_delete=models.SET_NULL, related_name="of_import"
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes: ClassVar = [
            # The history, newest first.
            models.Index(fields=["created_at", "id"], name="crm_import_by_date"),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("dashboard:crm-import-detail", args=[self.pk])

    @property
    def is_at_work(self) -> bool:
        """Whether there are steps to be made."""
        return self.state in (self.State.CHECKING, self.State.RUNNING, self.State.UNDOING)


class ImportBlock(models.Model):
    """Some rows of a file, packed: ``services.imports.store`` reads and writes them."""

    of_import = models.ForeignKey(
        Import, on_delete=models.CASCADE, related_name="blocks", db_index=False
    )
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of an imported file")
        verbose_name_plural = _("parts of imported files")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["of_import", "number"], name="crm_import_block_once"),
        ]

    def __str__(self) -> str:
        return f"{self.of_import_id}: {self.number}"


class ImportRow(QuickModel):
    """What is worth telling of one row: it was refused, it changes a record, or it has a remark.

    ``remarks`` is a list of ``{"column": 3, "text": "…"}``, the column counted from 0, or None;
    ``changes`` a list of ``{"field": "city", "before": "Köln", "after": "Bonn"}``.
    """

    class Outcome(models.TextChoices):
        CREATE = "create", _("new")
        UPDATE = "update", _("changes a record")
        UNCHANGED = "unchanged", _("already so")
        SKIP = "skip", _("left out")
        REFUSED = "refused", _("cannot be imported")
        KEPT = "kept", _("not taken back")

    of_import = models.ForeignKey(
        Import, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    row = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, choices=Outcome)
    label = models.CharField(max_length=255, blank=True)
    object_id = models.BigIntegerField(null=True)
    remarks: Any = models.JSONField(default=list)
    changes: Any = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        indexes: ClassVar = [
            # The rows of one outcome, in the order of the file.
            models.Index(fields=["of_import", "outcome", "row"], name="crm_import_rows"),
        ]

    def __str__(self) -> str:
        return f"{self.of_import_id}: {self.row}"


class ImportKey(models.Model):
    """An address, id or record a row of the file stands for; a later row with it is a repetition.

    ``key`` is 63 bits of a digest: two keys of a file of a million rows meet by chance once in two
    million files.
    """

    # Without a constraint: it would be looked at once for each key, millions of times for one row.
    of_import = models.ForeignKey(
        Import,
        on_delete=models.CASCADE,
        related_name="keys",
        db_index=False,
        db_constraint=False,
    )
    key = models.BigIntegerField()
    row = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("key of an imported row")
        verbose_name_plural = _("keys of imported rows")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["of_import", "key"], name="crm_import_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.of_import_id}: {self.key}"


class ImportLayout(models.Model):
    """The columns and options somebody chose for files with the same headers."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
    )
    area = models.CharField(max_length=20, choices=Import.Area)
    signature = models.CharField(max_length=64)
    columns: Any = models.JSONField(default=list)
    options: Any = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("remembered layout of files")
        verbose_name_plural = _("remembered layouts of files")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "area", "signature"], name="crm_import_layout_once"
            ),
        ]

    def __str__(self) -> str:
        return self.signature
