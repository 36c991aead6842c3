"""What the CRM knows of Oscar's orders: whose they are, and what they are worth."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .loading import QuickModel


class OrderLink(QuickModel):
    """An order of the shop and the contact it belongs to.

    Primary data: rebuild, merge and erasure keep it. The snapshot fields outlive the order.
    """

    class Problem(models.TextChoices):
        NO_EMAIL = "no_email", _("The order has no e-mail address and no customer account")
        BAD_EMAIL = "bad_email", _("The order's e-mail address cannot be used")
        FAILED = "failed", _("The order could not be brought in")

    order = models.OneToOneField(
        "order.Order",
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="crm_link",
    )
    contact = models.ForeignKey(  # without an index of its own: one below begins with it
        "oscar_crm.Contact",
        null=True,
        on_delete=models.PROTECT,
        related_name="order_links",
        db_index=False,
    )
    # The company the person had when ordering; it stays when they change companies.
    account = models.ForeignKey(  # as above
        "oscar_crm.Account",
        null=True,
        on_delete=models.SET_NULL,
        related_name="order_links",
        db_index=False,
    )
    site = models.ForeignKey(
        "sites.Site", null=True, on_delete=models.SET_NULL, db_constraint=False, related_name="+"
    )
    number = models.CharField(_("order number"), max_length=128)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    placed_at = models.DateTimeField(_("placed"))
    status = models.CharField(_("status"), max_length=100, blank=True)
    currency = models.CharField(_("currency"), max_length=12, blank=True)
    total = models.DecimalField(_("total incl. tax"), max_digits=14, decimal_places=2, default=0)
    refund_excess = models.DecimalField(
        _("refunded beyond the total"), max_digits=14, decimal_places=2, default=0
    )
    foreign_refund = models.CharField(_("refund in another currency"), max_length=100, blank=True)
    problem = models.CharField(_("problem"), max_length=20, choices=Problem, blank=True)
    problem_detail = models.CharField(max_length=255, blank=True)
    fingerprint = models.CharField(max_length=32, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted in the shop"), null=True, blank=True)
    synced_at = models.DateTimeField(_("last sync"), default=timezone.now)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions: ClassVar = [("sync_orders", "Can bring the shop's orders into the CRM")]
        indexes: ClassVar = [
            # A contact's orders, newest first.
            models.Index(fields=["contact", "-placed_at", "-id"], name="crm_link_of_contact"),
            # An account's orders, newest first.
            models.Index(
                fields=["account", "-placed_at", "-id"],
                condition=Q(account__isnull=False),
                name="crm_link_of_account",
            ),
            # The list of orders, newest first.
            models.Index(fields=["placed_at", "id"], name="crm_link_by_date"),
            # Search by the beginning of an order number.
            models.Index(
                fields=["number"], opclasses=["varchar_pattern_ops"], name="crm_link_number"
            ),
            # Orders without a contact.
            models.Index(
                fields=["placed_at", "id"],
                condition=Q(contact__isnull=True),
                name="crm_link_without_contact",
            ),
            # Orders with a warning, newest first: queries.orders.with_warnings.
            models.Index(
                fields=["placed_at", "id"],
                condition=~Q(refund_excess=0) | ~Q(foreign_refund="") | Q(problem="failed"),
                name="crm_link_with_warning",
            ),
            # Orders that the shop has deleted and the ledger has not yet noticed.
            models.Index(
                fields=["id"],
                condition=Q(order__isnull=True, deleted_at__isnull=True),
                name="crm_link_just_deleted",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ValueEntry(QuickModel):
    """One line of the value ledger. Lifetime value is the sum of these, never an increment.

    ``gross`` is what moved in the shop (of ``total_incl_tax``), ``amount`` the part of it that
    counts, both in ``currency``; ``base_amount`` is ``amount`` in base currency at the rate of
    the order's date, NULL while no rate is known. Refunds and cancellations are negative.
    """

    class Kind(models.TextChoices):
        PLACED = "placed", _("Order placed")
        REFUNDED = "refunded", _("Refund")
        CANCELLED = "cancelled", _("Order cancelled")

    # Both without an index of their own: a constraint or an index below begins with them.
    link = models.ForeignKey(
        OrderLink, on_delete=models.CASCADE, related_name="entries", db_index=False
    )
    contact = models.ForeignKey(
        "oscar_crm.Contact",
        null=True,
        on_delete=models.PROTECT,
        related_name="value_entries",
        db_index=False,
    )
    kind = models.CharField(max_length=20, choices=Kind)
    sequence = models.PositiveSmallIntegerField(default=0)
    gross = models.DecimalField(max_digits=14, decimal_places=2)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=12, blank=True)
    base_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    occurred_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints: ClassVar = [
            # Syncing twice finds the entries again instead of adding them.
            models.UniqueConstraint(
                fields=["link", "kind", "sequence"], name="crm_value_entry_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="placed", amount__gte=0) | (~Q(kind="placed") & Q(amount__lte=0)),
                name="crm_value_entry_sign",
            ),
        ]
        indexes: ClassVar = [
            # A contact's timeline, newest first.
            models.Index(fields=["contact", "-occurred_at", "-id"], name="crm_entry_of_contact"),
            # The dashboard's latest activity, newest first.
            models.Index(fields=["-occurred_at", "-id"], name="crm_entry_by_date"),
            # Currencies without a rate, and the orders that a new rate values.
            models.Index(
                fields=["currency", "occurred_at"],
                condition=Q(kind="placed"),
                name="crm_entry_of_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"
