"""Consent, and what is left of an erasure."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ConsentPurpose(models.Model):
    """What a contact may agree to: "Newsletter", "Phone calls"."""

    name = models.CharField(_("name"), max_length=100)
    key = models.CharField(max_length=400, unique=True, editable=False)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("purpose of consent")
        verbose_name_plural = _("purposes of consent")

    def __str__(self) -> str:
        return self.name


class ConsentText(models.Model):
    """The words a contact agreed to, in numbered versions that never change."""

    purpose = models.ForeignKey(ConsentPurpose, on_delete=models.CASCADE, related_name="texts")
    version = models.PositiveIntegerField()
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["purpose", "-version"]
        verbose_name = _("text of consent")
        verbose_name_plural = _("texts of consent")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "version"], name="crm_consent_version"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class Consent(models.Model):
    """One giving or withdrawing of consent. The newest of a purpose holds; none is ever changed."""

    class Source(models.TextChoices):
        STAFF = "staff", _("Entered by staff")
        WEBSITE = "website", _("Website")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        PAPER = "paper", _("On paper")
        IMPORT = "import", _("Import")
        API = "api", _("API")

    contact = models.ForeignKey(
        "oscar_crm.Contact", on_delete=models.CASCADE, related_name="consents"
    )
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    is_given = models.BooleanField(_("given"))
    source = models.CharField(_("source"), max_length=20, choices=Source)
    note = models.CharField(_("remark"), max_length=255, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by_label = models.CharField(max_length=254, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes: ClassVar = [
            # The consents of a contact, newest first.
            models.Index(fields=["contact", "-at", "-id"], name="crm_consent_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.text} {self.is_given}"


class Erasure(models.Model):
    """The certificate of an erasure: what was done, to no more than a number of a contact.

    ``counts`` says how many rows of each kind went or were blanked, ``choices`` what staff chose
    beyond the CRM (addresses of the shop's orders, the shop account).
    """

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.ForeignKey(
        "oscar_crm.Contact", null=True, on_delete=models.SET_NULL, related_name="erasures"
    )
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    choices: Any = models.JSONField(default=dict)
    counts: Any = models.JSONField(default=dict)
    done_at = models.DateTimeField(_("erased"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    actor_label = models.CharField(max_length=254, blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        indexes: ClassVar = [
            # The list of certificates, newest first.
            models.Index(fields=["done_at", "id"], name="crm_erasure_by_date"),
        ]

    def __str__(self) -> str:
        return str(self.reference)
