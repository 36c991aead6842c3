"""What reaches a merged contact all the same goes to the one it was merged into."""

from collections.abc import Iterable

from oscar_crm.models import Contact, ContactEmail, ContactUser, OrderLink
from oscar_crm.queries.operations import survivor_id

from .search import index_contacts
from .values import follow_orders, refresh_values


def hand_to_survivors(contact_ids: Iterable[int]) -> dict[int, int]:
    """Hand over what some contacts were given after, or while, they were merged.

    To be called at the end of a sync, in its transaction, with the contacts it wrote to: an order
    may have been on its way during the merge, or come from a shared address under the old name.
    Shared addresses stay; orders, other addresses and shop accounts go. One query when none of
    the contacts is merged. Safe to repeat. Returns merged contact → the one it went to.
    """
    merged = Contact.objects.filter(pk__in=set(contact_ids), merged_into__isnull=False)
    heirs = {contact.pk: survivor_id(contact) for contact in merged.order_by("pk")}
    links: set[int] = set()
    for contact_id, heir_id in heirs.items():
        came = OrderLink.objects.filter(contact=contact_id)
        links.update(came.values_list("pk", flat=True))
        came.update(contact=heir_id)
        ContactUser.objects.filter(contact=contact_id).update(contact=heir_id)
        addresses = ContactEmail.objects.filter(contact=contact_id, shared_key=None)
        addresses.update(contact=heir_id, is_primary=False)
    if heirs:
        follow_orders(links)
        refresh_values(contacts={*heirs, *heirs.values()})
        changed = Contact.objects.filter(pk__in={*heirs, *heirs.values()})
        index_contacts(changed.prefetch_related("emails"))
    return heirs
