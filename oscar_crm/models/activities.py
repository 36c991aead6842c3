"""What people did: so far, notes."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Activity(models.Model):
    """Something that happened with a contact, written down by staff."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.NOTE)
    contact = models.ForeignKey(
        "oscar_crm.Contact", on_delete=models.CASCADE, related_name="activities"
    )
    body = models.TextField(_("text"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    author_label = models.CharField(max_length=254, blank=True)
    occurred_at = models.DateTimeField(_("when"), default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes: ClassVar = [
            # A contact's timeline, newest first.
            models.Index(fields=["contact", "-occurred_at", "-id"], name="crm_activity_of_contact"),
            # The dashboard's latest activity, newest first.
            models.Index(fields=["-occurred_at", "-id"], name="crm_activity_by_date"),
        ]

    def __str__(self) -> str:
        return self.body[:50]
