"""What people did: so far, notes."""

from typing import TYPE_CHECKING, ClassVar, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .accounts import Account
    from .contacts import Contact


class Activity(models.Model):
    """Something that happened with a contact or an account, written down by staff."""

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.NOTE)
    contact = models.ForeignKey(
        "oscar_crm.Contact", null=True, on_delete=models.CASCADE, related_name="activities"
    )
    account = models.ForeignKey(
        "oscar_crm.Account", null=True, on_delete=models.CASCADE, related_name="activities"
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
            # An account's timeline, newest first.
            models.Index(
                fields=["account", "-occurred_at", "-id"],
                condition=Q(account__isnull=False),
                name="crm_activity_of_account",
            ),
            # The dashboard's latest activity, newest first.
            models.Index(fields=["-occurred_at", "-id"], name="crm_activity_by_date"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(contact__isnull=False) | Q(account__isnull=False),
                name="crm_activity_of_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.body[:50]

    @property
    def subject(self) -> "Contact | Account":
        """What it is about: the contact, else the account."""
        return cast("Contact | Account", self.contact or self.account)
