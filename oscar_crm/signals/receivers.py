"""Oscar's signals → work after commit.

A receiver only registers a robust on-commit callback, one per order and transaction. Nothing it
does can fail the request that fired it: Oscar sends its signals non-robustly, so an exception
here would leave a committed order, an error page and no confirmation mail.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import router, transaction
from oscar.core.loading import get_model

from oscar_crm import broker
from oscar_crm.conf import crm_settings
from oscar_crm.models import OrderLink
from oscar_crm.services import contacts, orders


def on_order(sender: Any, order: Any, **kwargs: Any) -> None:
    """Oscar's ``order_placed`` and ``order_status_changed``."""
    _sync_after_commit(order.pk)


def on_order_saved(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """``order.save()`` fires none of Oscar's signals."""
    if not raw:
        _sync_after_commit(instance.pk)


def on_source_saved(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """A payment source holds the refunded amount."""
    if not raw:
        _sync_after_commit(instance.order_id)


def on_transaction_saved(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """A payment transaction dates a refund."""
    if raw:
        return
    if type(instance).source.is_cached(instance):
        _sync_after_commit(instance.source.order_id)
    else:  # no query here: a receiver must not be able to fail
        _once_after_commit("sync_order_of_source", instance.source_id)


def on_order_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """The link outlives its order and takes the order's value back."""
    _once_after_commit("settle_deleted_orders")


def on_user_registered(sender: Any, user: Any, **kwargs: Any) -> None:
    """A registration joins a contact or makes a prospect."""
    if crm_settings.SYNC_ORDERS:
        _once_after_commit("join_user", user.pk)


def _sync_after_commit(order_id: int | None) -> None:
    if order_id is not None and crm_settings.SYNC_ORDERS:
        _once_after_commit("sync_order", order_id)


def _once_after_commit(name: str, *args: Any) -> None:
    """Register work unless the same is registered and would survive as long as this.

    Callbacks of a savepoint that is rolled back leave the list, so what is found there will run
    if and only if its savepoints, a part of ours or already released, are kept.
    """
    connection = transaction.get_connection(router.db_for_write(OrderLink))
    key = (name, *args)
    if any(getattr(entry[1], "crm_key", None) == key for entry in connection.run_on_commit):
        return

    def callback() -> None:  # not functools.partial: Django's error log reads __qualname__
        callback.crm_key = None  # type: ignore[attr-defined]
        _do(name, *args)

    callback.crm_key = key  # type: ignore[attr-defined]
    transaction.on_commit(callback, using=connection.alias, robust=True)


def _do(name: str, *args: Any) -> None:
    """Queue the work, or without Celery do it here and now."""
    if crm_settings.ASYNC and name != "sync_order_of_source":
        broker.publish(f"oscar_crm.{name}", *args)
    else:
        INLINE[name](*args)


def _sync_order_of_source(source_id: int) -> None:
    source = get_model("payment", "Source")._default_manager.filter(pk=source_id).first()
    if source is not None:
        _sync_after_commit(source.order_id)


def _join_user(user_id: Any) -> None:
    user = get_user_model()._default_manager.filter(pk=user_id).first()
    if user is not None:
        contacts.join_user(user)


# The same names as in tasks.py, so that work is named once wherever it is done.
INLINE: dict[str, Callable[..., Any]] = {
    "sync_order": orders.try_sync_order,
    "sync_order_of_source": _sync_order_of_source,
    "join_user": _join_user,
    "settle_deleted_orders": orders.settle_deleted_orders,
}
