"""Reading the links between orders and contacts."""

from dataclasses import dataclass
from typing import Any

from django.contrib.sites.models import Site
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from oscar.core.loading import get_model

from oscar_crm import text
from oscar_crm.conf import crm_settings
from oscar_crm.models import Contact, ContactEmail, OrderLink

from . import contacts
from .keyset import COUNT_LIMIT, Sort

BY_DATE = Sort("placed_at", descending=True)

ALL, LINKED, WITHOUT_CONTACT, WARNINGS = "all", "linked", "without_contact", "warnings"


def visible_to(user: Any) -> QuerySet[OrderLink]:
    """Orders of the contacts a user may see; those without a contact as contacts nobody owns."""
    if not user.has_perm("oscar_crm.view_orderlink"):
        return OrderLink.objects.none()
    if user.has_perm("oscar_crm.view_all_contacts"):
        return OrderLink.objects.all()
    seen = Q(contact__in=contacts.visible_to(user))
    if crm_settings.SHOW_UNASSIGNED:
        seen |= Q(contact=None)
    return OrderLink.objects.filter(seen)


def without_contact(user: Any) -> QuerySet[OrderLink]:
    """Orders that belong to nobody yet; ``problem`` says why."""
    return visible_to(user).filter(contact=None)


def with_warnings(user: Any) -> QuerySet[OrderLink]:
    """Orders whose value may be wrong.

    Their refunds do not fit (beyond the total, or in another currency), or a change of the order
    could not be brought in.
    """
    odd_refund = ~Q(refund_excess=0) | ~Q(foreign_refund="")
    stale = Q(problem=OrderLink.Problem.FAILED, contact__isnull=False)
    return visible_to(user).filter(odd_refund | stale)


def reasons_without_contact(user: Any) -> list[tuple[OrderLink.Problem, int]]:
    """Why orders belong to nobody, and how many each; together at most ``COUNT_LIMIT + 1``."""
    some = without_contact(user).order_by().values("pk")[: COUNT_LIMIT + 1]
    rows = OrderLink.objects.filter(pk__in=some).exclude(problem="")
    counted = rows.values_list("problem").annotate(orders=Count("pk")).order_by("-orders")
    return [(OrderLink.Problem(problem), orders) for problem, orders in counted]


@dataclass(frozen=True)
class OrderFilter:
    """What the list shows. ``state`` is one of the words above; anything else means all."""

    q: str = ""
    state: str = ALL
    contact: int | None = None
    account: int | None = None
    site: int | None = None


def filtered_orders(user: Any, wanted: OrderFilter) -> QuerySet[OrderLink]:
    """The orders a user may see that pass a filter; without order, for ``keyset_page``."""
    found = visible_to(user)
    if wanted.state == LINKED:
        found = found.filter(contact__isnull=False)
    elif wanted.state == WITHOUT_CONTACT:
        found = without_contact(user)
    elif wanted.state == WARNINGS:
        found = with_warnings(user)
    if wanted.contact is not None:
        found = found.filter(contact=wanted.contact)
    if wanted.account is not None:
        found = found.filter(account=wanted.account)
    if wanted.site is not None:
        found = found.filter(site=wanted.site)
    return search(found, wanted.q.strip()) if wanted.q.strip() else found


def search(links: QuerySet[OrderLink], query: str) -> QuerySet[OrderLink]:
    """Orders by the beginning of their number, or of an e-mail address of whose they are."""
    numbered = Q(number__startswith=query) | Q(number__startswith=query.upper())
    key = text.fold_email(query)
    known = ContactEmail.objects.filter(
        Q(match_key__startswith=key) | Q(shared_key__startswith=key)
    )
    nobodys = Q(contact=None, email__istartswith=query)
    return links.filter(numbered | nobodys | Q(contact__in=known.values("contact")))


def for_list(links: QuerySet[OrderLink]) -> QuerySet[OrderLink]:
    """Load what a list row shows, in a fixed number of queries."""
    return links.select_related("order", "contact").prefetch_related("contact__emails")


def sites() -> list[Site]:
    """The sites of the shop, by name."""
    return list(Site.objects.order_by("name", "pk"))


def orders_of(contact: Contact) -> QuerySet[OrderLink]:
    """A contact's orders, newest first, with the shop's order where it still exists."""
    return contact.order_links.select_related("order").order_by("-placed_at", "-pk")


def is_first_use() -> bool:
    """Whether no order has ever been brought into the CRM."""
    return not OrderLink.objects.exists()


def orders_not_brought_in() -> int:
    """How many orders of the shop the CRM does not know. Reads the whole table of orders."""
    known = OrderLink.objects.filter(order=OuterRef("pk"))
    return int(get_model("order", "Order")._default_manager.filter(~Exists(known)).count())
