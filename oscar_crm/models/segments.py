"""Segments: list filters saved under a name."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Segment(models.Model):
    """A saved filter over contacts, listed live. ``filter`` holds ``ContactFilter`` as JSON.

    ``count`` is what ``counted_at`` found, over all contacts that are not archived.
    """

    name = models.CharField(_("name"), max_length=100)
    key = models.CharField(max_length=400, editable=False)
    filter: Any = models.JSONField(default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    owner_label = models.CharField(max_length=254, blank=True)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    count = models.PositiveIntegerField(null=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key", "id"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints: ClassVar = [
            # Names that fold alike are one; a private one may be called like a colleague's.
            models.UniqueConstraint(
                fields=["key"], condition=Q(is_shared=True), name="crm_shared_segment_name"
            ),
            models.UniqueConstraint(F("owner"), F("key"), name="crm_segment_name_of_owner"),
        ]

    def __str__(self) -> str:
        return self.name
