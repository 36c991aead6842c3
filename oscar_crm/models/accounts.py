"""Companies: accounts, the people who belong to them, the words they are found by."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Account(models.Model):
    """A company. The figures cache its own orders, in base currency, sub-accounts apart."""

    name = models.CharField(_("name"), max_length=255)
    industry = models.CharField(_("industry"), max_length=100, blank=True)
    website = models.CharField(_("website"), max_length=255, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    phone = models.CharField(_("phone"), max_length=64, blank=True)
    currency = models.CharField(_("currency"), max_length=12, blank=True)
    description = models.TextField(_("description"), blank=True)
    billing_line1 = models.CharField(_("billing address"), max_length=255, blank=True)
    billing_line2 = models.CharField(_("billing address, second line"), max_length=255, blank=True)
    billing_city = models.CharField(_("billing city"), max_length=255, blank=True)
    billing_state = models.CharField(_("billing state or county"), max_length=255, blank=True)
    billing_postcode = models.CharField(_("billing postcode"), max_length=64, blank=True)
    billing_country = models.CharField(_("billing country"), max_length=2, blank=True)
    shipping_line1 = models.CharField(_("shipping address"), max_length=255, blank=True)
    shipping_line2 = models.CharField(
        _("shipping address, second line"), max_length=255, blank=True
    )
    shipping_city = models.CharField(_("shipping city"), max_length=255, blank=True)
    shipping_state = models.CharField(_("shipping state or county"), max_length=255, blank=True)
    shipping_postcode = models.CharField(_("shipping postcode"), max_length=64, blank=True)
    shipping_country = models.CharField(_("shipping country"), max_length=2, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent company"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="children",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    tags = models.ManyToManyField("oscar_crm.Tag", blank=True, related_name="accounts")
    custom: Any = models.JSONField(default=dict, blank=True, editable=False)
    # What another system calls this record: "hubspot:101". Set by imports, which find it by it.
    external_id = models.CharField(
        max_length=150, default="", db_default="", blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="merged", editable=False
    )

    # Derived from the above by services.search; never edited.
    sort_name = models.CharField(max_length=255, default="", editable=False)
    name_key = models.CharField(max_length=255, default="", editable=False)
    industry_key = models.CharField(max_length=100, default="", editable=False)
    phone_key = models.CharField(max_length=40, default="", editable=False)
    domain = models.CharField(max_length=255, default="", editable=False)
    vat_key = models.CharField(max_length=20, default="", editable=False)

    lifetime_value = models.DecimalField(
        _("lifetime value"), max_digits=14, decimal_places=2, default=0, editable=False
    )
    unvalued_orders = models.PositiveIntegerField(default=0, editable=False)
    orders_count = models.PositiveIntegerField(_("orders"), default=0, editable=False)
    last_order_at = models.DateTimeField(_("last order"), null=True, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        permissions: ClassVar = [
            ("view_all_accounts", "Can view accounts owned by others"),
            ("merge_accounts", "Can merge accounts"),
            ("export_accounts", "Can export accounts"),
        ]
        indexes: ClassVar = [
            # One per sort of the account list; the id breaks ties for keyset pages.
            models.Index(fields=["sort_name", "id"], name="crm_account_by_name"),
            models.Index(fields=["created_at", "id"], name="crm_account_by_created"),
            models.Index(fields=["lifetime_value", "id"], name="crm_account_by_value"),
            models.Index(fields=["last_order_at", "id"], name="crm_account_by_last_order"),
            # The list's filter: the beginning of an industry.
            models.Index(
                fields=["industry_key"],
                condition=~Q(industry_key=""),
                opclasses=["varchar_pattern_ops"],
                name="crm_account_industry",
            ),
            # Duplicates, and the account that an order's company name means.
            models.Index(fields=["name_key"], name="crm_account_name_key"),
            models.Index(
                fields=["phone_key"], condition=~Q(phone_key=""), name="crm_account_phone_key"
            ),
            models.Index(fields=["domain"], condition=~Q(domain=""), name="crm_account_domain"),
            models.Index(fields=["vat_key"], condition=~Q(vat_key=""), name="crm_account_vat_key"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="crm_account_external_id_once",
            ),
            models.CheckConstraint(
                condition=Q(lifetime_value__gte=0), name="crm_account_value_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="crm_account_not_its_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dashboard:crm-account-detail", args=[self.pk])

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


class AccountContact(models.Model):
    """A person belongs to a company, from a day until a day (both included, both optional)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    contact = models.ForeignKey(
        "oscar_crm.Contact", on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=100, blank=True)
    is_primary = models.BooleanField(_("main company"), default=False)
    from_date = models.DateField(_("from"), null=True, blank=True)
    until_date = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["-is_primary", "id"]
        verbose_name = _("company of a contact")
        verbose_name_plural = _("companies of contacts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "contact"],
                condition=Q(until_date__isnull=True),
                name="crm_membership_once",
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(is_primary=True, until_date__isnull=True),
                name="crm_one_main_company",
            ),
            models.CheckConstraint(
                condition=Q(from_date__isnull=True)
                | Q(until_date__isnull=True)
                | Q(until_date__gte=F("from_date")),
                name="crm_membership_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} @ {self.account_id}"

    def covers(self, day: date) -> bool:
        """Whether the person belonged to the company on a day."""
        is_begun = self.from_date is None or self.from_date <= day
        return is_begun and (self.until_date is None or day <= self.until_date)

    @property
    def is_over(self) -> bool:
        """Whether it has ended; the day is the shop's."""
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        return self.until_date is not None and self.until_date < today


class AccountWord(models.Model):
    """A folded word of an account's name, domain, VAT number or phone: what search looks up."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "word"], name="crm_word_once_per_account"),
        ]
        indexes: ClassVar = [
            # Search: word LIKE 'prefix%', answered from the index alone.
            models.Index(
                fields=["word", "account"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="crm_account_word_prefix",
            ),
        ]

    def __str__(self) -> str:
        return self.word


class CompanyDecision(models.Model):
    """What staff decided about a company name that orders brought: its account, or none.

    Its unique key is also the lock that keeps two people from making the same account twice.
    """

    company_key = models.CharField(max_length=255, unique=True)
    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="company_decisions"
    )
    dismissed_at = models.DateTimeField(null=True)
    decided_by_label = models.CharField(max_length=254, blank=True)

    class Meta:
        verbose_name = _("decision about a company")
        verbose_name_plural = _("decisions about companies")

    def __str__(self) -> str:
        return self.company_key
