"""The CRM's own signals. All are sent after commit, robustly: a receiver cannot break the CRM.

``sender`` is the model class.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.dispatch import Signal

account_created = Signal()
"""Arguments: ``account``. An account was made by staff, or from a company that orders named."""

account_changed = Signal()
"""Arguments: ``account``, ``operation``. Staff changed, tagged, archived or restored an account.

Not sent when people join or leave it, nor when only cached figures change.
"""

contact_created = Signal()
"""Arguments: ``contact``. A contact was made by staff, an order or a registration."""

contact_changed = Signal()
"""Arguments: ``contact``, ``operation``. Staff changed, tagged, archived or restored a contact.

Not sent when only cached figures change: see ``order_synced``.
"""

contact_erased = Signal()
"""Arguments: ``contact`` (anonymous by now), ``erasure`` (its certificate)."""

consent_recorded = Signal()
"""Arguments: ``contact``, ``consent``. Staff wrote down that consent was given or withdrawn."""

order_synced = Signal()
"""Arguments: ``link``. An order's value or its contact's figures may have changed.

Not sent when the sync found nothing new.
"""


def send_on_commit(signal: Signal, sender: type, **kwargs: Any) -> None:
    """Send a signal once the current transaction has been committed; costs nothing unheard."""
    if not signal.has_listeners(sender):
        return
    send: Callable[[], object] = lambda: signal.send_robust(sender, **kwargs)  # noqa: E731
    transaction.on_commit(send, robust=True)
