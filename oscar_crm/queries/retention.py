"""Whose data need not be kept: closed shop accounts, contacts untouched for long, old journal."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet

from oscar_crm.days import months_ago
from oscar_crm.models import Contact, ContactUser, Operation

from . import contacts
from .keyset import Sort
from .purchases import untouched_for
from .reconcile import last_complete

NEWEST_FIRST = Sort("id", descending=True)
# Who ordered longest ago first; who never ordered after all others.
LONGEST_FIRST = Sort("last_order_at", nullable=True)
MAX_MONTHS = 1200


def closed_accounts(user: Any) -> QuerySet[ContactUser]:
    """Shop accounts that were deleted in the shop, of contacts a user may see, not decided yet."""
    found = ContactUser.objects.filter(user=None, kept_at=None, contact__erased_at=None)
    return found.filter(contact__in=contacts.visible_to(user)).select_related("contact")


def dangling_accounts() -> QuerySet[ContactUser]:
    """Links to shop accounts that were deleted behind Django's back. Reads the whole table."""
    users = get_user_model()._default_manager.filter(pk=OuterRef("user_id"))
    return ContactUser.objects.filter(~Exists(users), user__isnull=False)


def untouched(user: Any, months: int) -> QuerySet[Contact]:
    """Contacts a user may see that nothing happened to for some months.

    As ``purchases.untouched_for`` says; archived ones count.
    """
    return untouched_among(contacts.visible_to(user), months)


def untouched_among(found: QuerySet[Contact], months: int) -> QuerySet[Contact]:
    """As ``untouched``, of any contacts."""
    return found.filter(untouched_for(months))


def old_operations(months: int) -> QuerySet[Operation]:
    """Acts that are past their time in the journal, oldest first.

    Those that are not finished stay, and so do the newest check of all orders and erasures.
    """
    latest = last_complete()
    old = Operation.objects.filter(started_at__lt=months_ago(months), finished_at__isnull=False)
    old = old.exclude(kind=Operation.Kind.ERASE)
    return (old if latest is None else old.exclude(pk=latest.pk)).order_by("pk")
