"""What contacts did in the shop, as conditions on ``Contact`` that can be combined at will.

An order counts as bought unless its status cancels it or does not count yet (the settings
``OSCAR_CRM_CANCELLED_STATUSES`` and ``OSCAR_CRM_UNCOUNTED_STATUSES``), as in the value ledger. One
that was refunded was bought all the same; of one that was deleted in the shop nothing is known.
What no longer exists, a product or a category, was bought by nobody.

Each condition is ``id IN (…)`` with an index of its own behind it: a rare product is found from
its order lines, a common one is checked contact by contact; the database chooses.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Round
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.conf import crm_settings
from oscar_crm.days import months_ago, start_of_day
from oscar_crm.models import (
    AccountContact,
    Activity,
    Change,
    Consent,
    ContactUser,
    Operation,
    OrderLink,
    ValueEntry,
)

if TYPE_CHECKING:
    from .contacts import ContactFilter

# What staff did to many contacts at once says nothing of any one of them.
TOUCHES_NOBODY = (Operation.Kind.BULK, Operation.Kind.UNDO, Operation.Kind.RECONCILE)


def conditions(wanted: "ContactFilter") -> Q:
    """The conditions on shop behaviour that a filter sets, all of which must hold."""
    found = Q()
    if wanted.bought is not None:
        found &= bought_product(wanted.bought)
    if wanted.bought_category is not None:
        found &= bought_in_category(wanted.bought_category)
    if wanted.voucher:
        found &= used_voucher(wanted.voucher)
    if wanted.spent_min is not None:
        found &= spent(wanted.spent_min, since=wanted.spent_since)
    if wanted.average_min is not None or wanted.average_max is not None:
        found &= average_order(wanted.average_min, wanted.average_max)
    if wanted.idle_days is not None:
        found &= idle_for(wanted.idle_days)
    if wanted.abandoned_days is not None:
        found &= abandoned_a_basket(wanted.abandoned_days)
    if wanted.untouched_months is not None:
        found &= untouched_for(wanted.untouched_months)
    if wanted.account is not None:
        found &= belongs_to(wanted.account)
    return found & Q(country=wanted.country) if wanted.country else found


def bought_product(product_id: int) -> Q:
    """A product, or any variant of it if it is a parent."""
    products = get_model("catalogue", "Product")._default_manager
    either = Q(pk=product_id) | Q(parent=product_id)
    return _bought(products.filter(either).order_by().values("pk"))


def bought_in_category(category_id: int) -> Q:
    """Any product of a category or one below it; a variant is where its parent is."""
    categories = get_model("catalogue", "Category")._default_manager.order_by()
    path = Subquery(categories.filter(pk=category_id).values("path"))
    below = categories.filter(path__startswith=path).values("pk")
    filed = get_model("catalogue", "ProductCategory")._default_manager.filter(category__in=below)
    direct = filed.order_by().values("product")
    products = get_model("catalogue", "Product")._default_manager
    variants = products.filter(parent__in=direct).order_by().values("pk")
    return _bought(direct.union(variants))


def used_voucher(code: str) -> Q:
    """A voucher's code on an order; the shop keeps codes in capitals."""
    discounts = get_model("order", "OrderDiscount")._default_manager
    used = discounts.filter(voucher_code__in={code, code.upper()})
    return _ordered(used.order_by().values("order"))


def spent(amount: Decimal, *, since: date | None = None) -> Q:
    """At least ``amount``, net and in base currency: ever, or by ledger entries since a day.

    A refund counts on its own day, whenever its order was placed.
    """
    if since is None:
        return Q(lifetime_value__gte=amount)
    entries = ValueEntry.objects.filter(occurred_at__gte=start_of_day(since), contact__isnull=False)
    sums = entries.order_by().values("contact").annotate(net=Round(Sum("base_amount"), 2))
    return Q(pk__in=sums.filter(net__gte=amount).values("contact"))


def average_order(lowest: Decimal | None, highest: Decimal | None) -> Q:
    """Net value per order in base currency; orders without a rate are left out of both."""
    valued: Any = F("orders_count") - F("unvalued_orders")
    found = Q(orders_count__gt=F("unvalued_orders"))
    if lowest is not None:
        found &= Q(lifetime_value__gte=valued * lowest)
    if highest is not None:
        found &= Q(lifetime_value__lte=valued * highest)
    return found


def idle_for(days: int) -> Q:
    """Has ordered, but not within the last ``days`` days of 24 hours."""
    return Q(last_order_at__lt=_days_ago(days))


def abandoned_a_basket(days: int) -> Q:
    """Has an open basket with lines that nobody changed for ``days`` days, and no order on it.

    Of any shop account of the contact, also one that joined by its e-mail address only: this tells
    staff whom to write to. Guests have no basket that is theirs.
    """
    baskets = get_model("basket", "Basket")
    lines = get_model("basket", "Line")._default_manager.filter(basket=OuterRef("pk"))
    orders = get_model("order", "Order")._default_manager.filter(basket=OuterRef("pk"))
    left = baskets._default_manager.filter(
        Exists(lines.order_by()),
        ~Exists(lines.order_by().filter(date_updated__gte=_days_ago(days))),
        ~Exists(orders.order_by()),
        status=baskets.OPEN,
        owner__isnull=False,
    )
    owners = ContactUser.objects.filter(user__in=left.order_by().values("owner"))
    return Q(pk__in=owners.order_by().values("contact"))


def untouched_for(months: int) -> Q:
    """Came in, ordered, agreed to something, was written about or changed before that time only.

    Changes of many contacts at once and undoing do not count: tagging what this finds must not hide
    it. Whoever was erased is not among them: there is nothing left to touch. The cheap conditions
    on the row itself come first.
    """
    since = months_ago(months)
    times: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (OrderLink, ("placed_at",)),
        (Activity, ("occurred_at", "created_at", "edited_at")),
        (Consent, ("at", "recorded_at")),
        (Change, ("at",)),
    )
    found = Q(created_at__lt=since, erased_at=None) & (
        Q(last_order_at=None) | Q(last_order_at__lt=since)
    )
    for model, names in times:
        recent = Q(*((f"{name}__gte", since) for name in names), _connector=Q.OR)
        rows = model._default_manager.filter(recent, contact=OuterRef("pk"))
        if model is Change:
            rows = rows.exclude(operation__kind__in=TOUCHES_NOBODY)
        found &= Q(~Exists(rows))
    return found


def belongs_to(account_id: int) -> Q:
    """Belongs to an account today, whatever the role."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    members = AccountContact.objects.filter(
        Q(from_date=None) | Q(from_date__lte=today),
        Q(until_date=None) | Q(until_date__gte=today),
        account=account_id,
    )
    return Q(pk__in=members.order_by().values("contact"))


def _bought(products: Any) -> Q:
    lines = get_model("order", "Line")._default_manager.filter(product__in=products)
    return _ordered(lines.order_by().values("order"))


def _ordered(orders: Any) -> Q:
    """Has one of some orders, given as a query of their ids, and it counts."""
    links: QuerySet[OrderLink] = OrderLink.objects.filter(order__in=orders, contact__isnull=False)
    void = {*crm_settings.CANCELLED_STATUSES, *crm_settings.UNCOUNTED_STATUSES}
    return Q(pk__in=links.exclude(status__in=void).order_by().values("contact"))


def _days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
