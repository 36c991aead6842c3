"""Pairs of records that may be the same person or company."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DuplicatePair(models.Model):
    """Two records of one area, the lower id first, why they match, and what staff decided.

    ``score`` is 0 to 100. ``reasons`` is a list of ``{"kind": "phone", "value": "49…"}``,
    the kinds those of ``oscar_crm.likeness.WEIGHTS``. ``found_at`` is when a scan last found it.
    """

    class Area(models.TextChoices):
        CONTACT = "contact", _("Contacts")
        ACCOUNT = "account", _("Accounts")

    area = models.CharField(max_length=20, choices=Area)
    low_id = models.BigIntegerField()
    high_id = models.BigIntegerField()
    score = models.PositiveSmallIntegerField()
    reasons: Any = models.JSONField(default=list)
    found_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by_label = models.CharField(max_length=254, blank=True)

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["area", "low_id", "high_id"], name="crm_duplicate_pair_once"
            ),
            models.CheckConstraint(condition=Q(low_id__lt=F("high_id")), name="crm_pair_ordered"),
        ]
        indexes: ClassVar = [
            # The review queue, best matches first.
            models.Index(
                fields=["area", "-score", "-id"],
                condition=Q(dismissed_at__isnull=True),
                name="crm_duplicate_queue",
            ),
            # The pairs of one record; the lower id is found by the constraint's index.
            models.Index(fields=["area", "high_id"], name="crm_duplicate_of_high"),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.low_id} ~ {self.high_id}"
