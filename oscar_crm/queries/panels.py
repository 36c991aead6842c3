"""What the CRM shows on Oscar's own dashboard pages: nothing to those who may not see it."""

from dataclasses import dataclass
from typing import Any

from oscar_crm.conf import crm_settings
from oscar_crm.models import Contact, ContactUser, OrderLink

from . import contacts, orders
from .keyset import bounded_count


def is_shown_to(user: Any) -> bool:
    """Whether panels are rendered for this user at all."""
    return bool(
        crm_settings.ATTACH_PANELS
        and crm_settings.ATTACH_URLS
        and user.is_staff
        and user.has_perm("oscar_crm.view_contact")
    )


def contact_of_customer(user: Any, customer: Any) -> Contact | None:
    """The contact of a shop account, if ``user`` may see it."""
    if not is_shown_to(user):
        return None
    joined = ContactUser.objects.filter(user=customer.pk).values("contact")
    return contacts.for_list(contacts.visible_to(user)).filter(pk__in=joined).first()


def contact_of_order(user: Any, order: Any) -> Contact | None:
    """The contact of an order, if ``user`` may see it."""
    if not is_shown_to(user):
        return None
    linked = OrderLink.objects.filter(order=order.pk).values("contact")
    return contacts.for_list(contacts.visible_to(user)).filter(pk__in=linked).first()


def link_without_contact(user: Any, order: Any) -> OrderLink | None:
    """The link of an order that belongs to nobody yet, if ``user`` may see it."""
    if not is_shown_to(user):
        return None
    return orders.without_contact(user).filter(order=order.pk).first()


@dataclass(frozen=True)
class HomeFigures:
    """The tile on the dashboard's home page; counts beyond 10,000 are given as 10,001."""

    contacts: int
    orders_without_contact: int


def home_figures(user: Any) -> HomeFigures | None:
    """How many contacts ``user`` sees, and how many orders wait for one."""
    if not is_shown_to(user):
        return None
    return HomeFigures(
        contacts=bounded_count(contacts.filtered_contacts(user, contacts.ContactFilter())),
        orders_without_contact=bounded_count(orders.without_contact(user)),
    )
