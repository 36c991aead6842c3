"""Deciding about closed shop accounts; letting the journal forget after its time."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from oscar_crm.models import ContactUser, Operation
from oscar_crm.queries.retention import dangling_accounts, old_operations

from .journal import operation, record_change, snapshot

CHUNK = 500


def keep_closed_account(joined: ContactUser, *, by: Any) -> ContactUser:
    """Decide that a contact stays although the shop account was closed. Safe to repeat."""
    with operation(Operation.Kind.UPDATE, by=by) as opened:
        locked = ContactUser.objects.select_for_update(no_key=True).get(pk=joined.pk)
        if locked.user_id is None and locked.kept_at is None:
            before = snapshot(locked, ["kept_at"])
            locked.kept_at = timezone.now()
            locked.save(update_fields=["kept_at"])
            after = snapshot(locked, ["kept_at"])
            record_change(opened, locked, before=before, after=after, contact=locked.contact)
    return locked


def notice_dangling_accounts() -> int:
    """Let go of shop accounts that were deleted with SQL. Returns how many. Safe to repeat."""
    return dangling_accounts().update(user=None)


def prune_journal(months: int) -> int:
    """Delete acts older than some months with their changes, in chunks. Returns how many.

    They can no longer be undone. Safe to repeat.
    """
    pruned = 0
    while ids := list(old_operations(months).values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            Operation.objects.filter(pk__in=ids).delete()
        pruned += len(ids)
    return pruned
