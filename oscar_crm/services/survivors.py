"""What reaches a merged contact or company all the same goes to the one it was merged into."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from oscar_crm.exceptions import MergedError
from oscar_crm.models import Account, Contact, ContactEmail, ContactUser, OrderLink
from oscar_crm.queries.memberships import accounts_at
from oscar_crm.queries.operations import survivor_id

from .account_figures import refresh_account_figures
from .figures import refresh_figures
from .search import index_contacts
from .values import follow_orders


def refuse_merged(record: Contact | Account) -> None:
    """Raise ``MergedError`` if a record was merged: whatever it got now, nobody would see."""
    if record.merged_into_id is not None:
        raise MergedError(
            _("“%s” was merged into another record meanwhile. Open it again, then repeat.") % record
        )


def hand_to_survivors(contact_ids: Iterable[int]) -> dict[int, int]:
    """Hand over what some contacts were given after, or while, they were merged.

    To be called at the end of a sync, in its transaction, with the contacts it wrote to: an order
    may have been on its way during the merge, or come from a shared address under the old name.
    Shared addresses stay; orders, other addresses and shop accounts go. One query when none of
    the contacts is merged. Safe to repeat. Returns merged contact → the one it went to.
    """
    merged = Contact.objects.filter(pk__in=set(contact_ids), merged_into__isnull=False)
    heirs = {contact.pk: survivor_id(contact) for contact in merged.order_by("pk")}
    for contact_id, heir_id in heirs.items():
        _hand_over_orders(contact_id, heir_id)
        ContactUser.objects.filter(contact=contact_id).update(contact=heir_id)
        addresses = ContactEmail.objects.filter(contact=contact_id, shared_key=None)
        addresses.update(contact=heir_id, is_primary=False)
    if heirs:
        refresh_figures({*heirs, *heirs.values()})
        changed = Contact.objects.filter(pk__in={*heirs, *heirs.values()})
        index_contacts(changed.prefetch_related("emails"))
    return heirs


def _hand_over_orders(contact_id: int, heir_id: int) -> None:
    """The heir's orders count for the heir's company, and bring the heir back from the archive."""
    came = list(OrderLink.objects.filter(contact=contact_id).order_by("pk"))
    if not came:
        return
    companies = accounts_at((heir_id, link.placed_at) for link in came)
    going: dict[int | None, list[int]] = defaultdict(list)
    for link in came:
        company = link.account_id or companies.get((heir_id, link.placed_at))
        going[company].append(link.pk)
    for company, ids in going.items():
        OrderLink.objects.filter(pk__in=ids).update(contact=heir_id, account=company)
    follow_orders(link.pk for link in came)
    refresh_account_figures(company for company in going if company is not None)
    newest = max(link.placed_at for link in came)
    Contact.objects.filter(pk=heir_id, archived_at__lt=newest).update(archived_at=None)


def hand_to_surviving_companies(merged: Iterable[Account]) -> None:
    """Let the orders of companies that were merged meanwhile count for those that stay.

    ``merged`` are locked: a merge that is about to take one of them waits, and sees the orders.
    """
    for account in merged:
        heir_id = survivor_id(account)
        OrderLink.objects.filter(account=account).update(account=heir_id)
        refresh_account_figures([account.pk, heir_id])
