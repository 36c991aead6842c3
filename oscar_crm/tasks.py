"""Thin Celery wrappers around services: ids in, nothing out. Every task may run twice.

A worker that dies in the middle loses no task (``acks_late``) and leaves no half fact (each service
is one transaction). What is lost all the same, the reconciliation finds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import shared_task
from django.contrib.auth import get_user_model

from .conf import crm_settings
from .models import Import
from .queries.bulk import find_bulk_change
from .services import bulk_changes, contacts, duplicates, imports, orders, retention, segments
from .services import reconcile as reconciliation

DURABLE = {"acks_late": True, "reject_on_worker_lost": True, "ignore_result": True}
RETRIES = 6
FIRST_DELAY = 5  # seconds; doubles at each retry, so that the last one is after five minutes


@contextmanager
def _retried(task: Any) -> Iterator[None]:
    """Whatever goes wrong is tried again, later each time; Celery opens a new connection then."""
    try:
        yield
    except Exception as error:
        delay = FIRST_DELAY * 2**task.request.retries
        raise task.retry(exc=error, countdown=delay) from error


@shared_task(name="oscar_crm.sync_order", bind=True, max_retries=RETRIES, **DURABLE)
def sync_order(self: Any, order_id: int) -> None:
    """Bring one order into the CRM; the failure of the last retry is written on its link."""
    if self.request.retries >= RETRIES:
        orders.try_sync_order(order_id)
        return
    with _retried(self):
        orders.sync_order(order_id)


@shared_task(name="oscar_crm.settle_deleted_orders", bind=True, max_retries=RETRIES, **DURABLE)
def settle_deleted_orders(self: Any) -> None:
    """Take back the value of orders that were deleted in the shop."""
    with _retried(self):
        orders.settle_deleted_orders()


@shared_task(name="oscar_crm.join_user", bind=True, max_retries=RETRIES, **DURABLE)
def join_user(self: Any, user_id: Any) -> None:
    """Join a new shop account to its contact, or make a prospect."""
    with _retried(self):
        user = get_user_model()._default_manager.filter(pk=user_id).first()
        if user is not None:
            contacts.join_user(user)


@shared_task(name="oscar_crm.reconcile", **DURABLE)
def reconcile() -> None:
    """Compare the CRM with all orders; to be scheduled by beat, once a day or more often."""
    reconciliation.run()


@shared_task(name="oscar_crm.count_segments", **DURABLE)
def count_segments(segment_ids: list[int] | None = None) -> None:
    """Count some segments, else all; to be scheduled by beat, as often as counts shall be fresh."""
    segments.count_segments(segment_ids)


@shared_task(name="oscar_crm.bulk_change", bind=True, max_retries=RETRIES, **DURABLE)
def bulk_change(self: Any, operation_id: int) -> None:
    """Go on with a bulk change to its end; whoever else steps it meanwhile does no harm."""
    with _retried(self):
        opened = find_bulk_change(operation_id)
        if opened is not None:
            bulk_changes.finish(opened)


@shared_task(name="oscar_crm.find_duplicates", **DURABLE)
def find_duplicates() -> None:
    """Look for duplicates among all contacts and accounts; to be scheduled, once a night."""
    duplicates.run()


@shared_task(name="oscar_crm.prune_journal", **DURABLE)
def prune_journal() -> None:
    """Let the journal forget what is older than ``OSCAR_CRM_JOURNAL_MONTHS``; once a day."""
    if crm_settings.JOURNAL_MONTHS is not None:
        retention.prune_journal(crm_settings.JOURNAL_MONTHS)


@shared_task(name="oscar_crm.work_on_import", bind=True, max_retries=RETRIES, **DURABLE)
def work_on_import(self: Any, import_id: int) -> None:
    """Check, run or take back an import until nothing is left to do, or somebody pauses it."""
    with _retried(self):
        found = Import.objects.filter(pk=import_id).first()
        if found is not None:
            imports.run(found)


@shared_task(name="oscar_crm.erase_import_files", **DURABLE)
def erase_import_files() -> None:
    """Erase the rows of imported files that have been kept long enough; once a day."""
    imports.erase_old_files()
