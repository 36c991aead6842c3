"""People: contacts, the addresses and accounts they are known by, the words they are found by."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .loading import QuickModel

# What lists show unless asked for the archive: the condition of the indexes behind them.
LISTED = Q(archived_at__isnull=True, merged_into__isnull=True)


class Contact(QuickModel):
    """A person. The figures below the line are a cache of the value ledger, in base currency."""

    class Kind(models.TextChoices):
        LEAD = "lead", _("Prospect")
        CUSTOMER = "customer", _("Customer")
        PARTNER = "partner", _("Partner")
        VENDOR = "vendor", _("Vendor")

    class Source(models.TextChoices):
        ORDER = "order", _("Order")
        REGISTRATION = "registration", _("Registration")
        STAFF = "staff", _("Entered by staff")
        IMPORT = "import", _("Imported")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.LEAD)
    source = models.CharField(_("source"), max_length=20, choices=Source, default=Source.STAFF)
    first_name = models.CharField(_("first name"), max_length=255, blank=True)
    last_name = models.CharField(_("last name"), max_length=255, blank=True)
    job_title = models.CharField(_("job title"), max_length=255, blank=True)
    company_name = models.CharField(_("company"), max_length=255, blank=True)
    phone = models.CharField(_("phone"), max_length=64, blank=True)
    line1 = models.CharField(_("address"), max_length=255, blank=True)
    line2 = models.CharField(_("address, second line"), max_length=255, blank=True)
    city = models.CharField(_("city"), max_length=255, blank=True)
    state = models.CharField(_("state or county"), max_length=255, blank=True)
    postcode = models.CharField(_("postcode"), max_length=64, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    # Few contacts have an owner, a partner or were merged: the indexes below leave out the rest.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    partner = models.ForeignKey(
        "partner.Partner",
        verbose_name=_("partner of the shop"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    tags = models.ManyToManyField("oscar_crm.Tag", blank=True, related_name="contacts")
    custom: Any = models.JSONField(default=dict, blank=True, editable=False)
    # What another system calls this record: "hubspot:101". Set by imports, which find it by it.
    external_id = models.CharField(
        max_length=150, default="", db_default="", blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="merged",
        editable=False,
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    # Derived from the above by services.search; never edited.
    sort_name = models.CharField(max_length=255, default="", editable=False)
    name_key = models.CharField(max_length=255, default="", editable=False)
    company_key = models.CharField(max_length=255, default="", editable=False)
    phone_key = models.CharField(max_length=40, default="", editable=False)

    lifetime_value = models.DecimalField(
        _("lifetime value"), max_digits=14, decimal_places=2, default=0, editable=False
    )
    currency_totals = models.JSONField(default=dict, blank=True, editable=False)
    unvalued_orders = models.PositiveIntegerField(default=0, editable=False)
    orders_count = models.PositiveIntegerField(_("orders"), default=0, editable=False)
    first_order_at = models.DateTimeField(_("first order"), null=True, editable=False)
    last_order_at = models.DateTimeField(_("last order"), null=True, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions: ClassVar = [
            ("view_all_contacts", "Can view contacts owned by others"),
            ("merge_contacts", "Can merge contacts"),
            ("export_contacts", "Can export personal data"),
            ("erase_contacts", "Can erase personal data"),
        ]
        indexes: ClassVar = [
            # One per sort of the contact list; the id breaks ties for keyset pages.
            models.Index(fields=["sort_name", "id"], condition=LISTED, name="crm_contact_by_name"),
            models.Index(
                fields=["created_at", "id"], condition=LISTED, name="crm_contact_by_created"
            ),
            models.Index(
                fields=["lifetime_value", "id"], condition=LISTED, name="crm_contact_by_value"
            ),
            models.Index(
                fields=["orders_count", "id"], condition=LISTED, name="crm_contact_by_orders"
            ),
            models.Index(
                fields=["last_order_at", "id"], condition=LISTED, name="crm_contact_by_last_order"
            ),
            # The list of one kind, of one owner, and of the archive, in the list's usual order.
            models.Index(
                fields=["kind", "last_order_at", "id"], condition=LISTED, name="crm_contact_of_kind"
            ),
            models.Index(
                fields=["owner", "last_order_at", "id"],
                condition=LISTED & Q(owner__isnull=False),
                name="crm_contact_of_owner",
            ),
            models.Index(
                fields=["last_order_at", "id"],
                condition=Q(archived_at__isnull=False, merged_into__isnull=True),
                name="crm_contact_archived",
            ),
            # Whether what a search or a tag leads to is on the list, and whose it is: read from
            # the index alone, ten thousand times for a count.
            models.Index(fields=["id", "owner"], condition=LISTED, name="crm_contact_listed"),
            # Contacts with orders that have no rate.
            models.Index(
                fields=["id"],
                condition=LISTED & Q(unvalued_orders__gt=0),
                name="crm_contact_unvalued",
            ),
            models.Index(
                fields=["owner"], condition=Q(owner__isnull=False), name="crm_contact_owner"
            ),
            models.Index(
                fields=["partner"], condition=Q(partner__isnull=False), name="crm_contact_partner"
            ),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="crm_contact_merged_into",
            ),
            # Duplicates, and the contacts of a company that has no account yet.
            models.Index(
                fields=["name_key"], condition=~Q(name_key=""), name="crm_contact_name_key"
            ),
            models.Index(
                fields=["company_key"], condition=~Q(company_key=""), name="crm_contact_company_key"
            ),
            models.Index(
                fields=["phone_key"], condition=~Q(phone_key=""), name="crm_contact_phone_key"
            ),
            models.Index(
                fields=["postcode"], condition=~Q(postcode=""), name="crm_contact_postcode"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="crm_contact_external_id_once",
            ),
            models.CheckConstraint(
                condition=Q(lifetime_value__gte=0), name="crm_contact_value_not_negative"
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at is not None:
            return gettext("Erased contact %s") % self.pk
        return self.full_name or self.company_name or self.primary_email or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("dashboard:crm-contact-detail", args=[self.pk])

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def primary_email(self) -> str:
        """The main address, else ``""``; lists prefetch ``emails`` or annotate ``main_email``."""
        if "main_email" in self.__dict__:
            return self.__dict__["main_email"] or ""
        emails = list(self.emails.all())
        chosen = next((email for email in emails if email.is_primary), None)
        return chosen.address if chosen else ""

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


class ContactEmail(QuickModel):
    """An address a contact is known by.

    Exactly one key is set: ``match_key`` (unique: one address, one contact), or ``shared_key``
    for an address several people use (``info@…``).
    """

    contact = models.ForeignKey(  # without an index of its own: a constraint begins with it
        Contact, on_delete=models.CASCADE, related_name="emails", db_index=False
    )
    address = models.CharField(_("e-mail"), max_length=254)
    match_key = models.CharField(  # noqa: DJ001 - NULLs do not collide, empty texts would
        max_length=1024, null=True, editable=False
    )
    shared_key = models.CharField(  # noqa: DJ001 - as match_key
        max_length=1024, null=True, editable=False
    )
    is_primary = models.BooleanField(_("main address"), default=False)
    # The address without what mail providers ignore; two contacts with one may be the same person.
    alias_key = models.CharField(max_length=254, default="", editable=False)

    class Meta:
        ordering = ["-is_primary", "id"]
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        indexes: ClassVar = [
            models.Index(fields=["alias_key"], name="crm_email_alias"),
            # Whole, or by its beginning.
            models.Index(
                fields=["shared_key"],
                opclasses=["varchar_pattern_ops"],
                condition=Q(shared_key__isnull=False),
                name="crm_email_shared",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["match_key"], opclasses=["varchar_pattern_ops"], name="crm_email_once"
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(is_primary=True), name="crm_one_primary_email"
            ),
            # Without a condition: it is the index by contact as well.
            models.UniqueConstraint(
                fields=["contact", "shared_key"], name="crm_shared_email_once_per_contact"
            ),
            models.CheckConstraint(
                condition=Q(match_key__isnull=False, shared_key__isnull=True)
                | Q(match_key__isnull=True, shared_key__isnull=False),
                name="crm_email_has_one_key",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class ContactUser(models.Model):
    """A shop account that belongs to a contact, and why we believe so.

    Only ``ORDERED`` and ``STAFF`` may be relied on by anything that faces the storefront:
    registering with somebody's e-mail address proves nothing.
    """

    class Basis(models.TextChoices):
        ORDERED = "ordered", _("Ordered while logged in")
        EMAIL = "email", _("Same e-mail address only")
        STAFF = "staff", _("Confirmed by staff")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="shop_accounts")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    basis = models.CharField(max_length=20, choices=Basis)
    label = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Staff decided that a contact whose shop account was closed is not to be erased.
    kept_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("shop account")
        verbose_name_plural = _("shop accounts")
        indexes: ClassVar = [
            # Closed accounts that staff have not decided about.
            models.Index(
                fields=["id"],
                condition=Q(user__isnull=True, kept_at__isnull=True),
                name="crm_shop_account_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.label or f"#{self.pk}"


class ContactWord(models.Model):
    """A folded word of a contact's name, company, addresses or phone: what search looks up."""

    # No index of its own: the unique key begins with it. No constraint: a contact has ten words,
    # and looking ten times whether it is there took a sixth of the time of an import.
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="words",
        db_index=False,
        db_constraint=False,
    )
    word = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "word"], name="crm_word_once_per_contact"),
        ]
        indexes: ClassVar = [
            # Search: word LIKE 'prefix%', answered from the index alone.
            models.Index(
                fields=["word", "contact"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="crm_word_prefix",
            ),
        ]

    def __str__(self) -> str:
        return self.word
