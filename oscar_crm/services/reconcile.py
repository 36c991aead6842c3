"""Reconciliation: comparing the CRM with the shop's orders and repairing the difference.

Signals miss what is written by ``update()``, imports and raw SQL; a failed sync is lost. The
reconciliation walks all orders by primary key in bounded chunks and syncs those whose
fingerprint differs. A run keeps its place in an ``Operation`` and can be resumed after a crash.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import connections, router, transaction
from django.utils import timezone
from oscar.core.loading import get_model

from oscar_crm.days import start_of_day
from oscar_crm.models import (
    Contact,
    ContactEmail,
    ContactWord,
    Operation,
    OrderLink,
    ValueEntry,
)
from oscar_crm.queries.reconcile import unfinished

from . import bulk
from .account_figures import rebuild_accounts
from .figures import refresh_figures
from .journal import label_of
from .order_facts import read_states
from .orders import deleted_links, settle_deleted_orders, try_sync_states
from .search import index_contacts

# So many orders are brought in together, in one transaction of about a second.
CHUNK = 2000
FIRST_STATISTICS = 500


@dataclass
class Summary:
    """Counts of a run, in orders. ``total`` was counted at its start."""

    total: int = 0
    checked: int = 0
    linked: int = 0
    updated: int = 0
    unchanged: int = 0
    without_contact: int = 0
    failed: int = 0
    deleted: int = 0

    def add(self, other: "Summary") -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


def run(
    *,
    since: date | None = None,
    currency: str = "",
    rebuild: bool = False,
    by: Any = None,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """Reconcile everything now, resuming a run with the same options that was cut off.

    ``since`` limits to orders placed on or after that day; ``currency`` to orders in it;
    ``rebuild`` recomputes orders that seem unchanged, and search words. Safe to repeat.
    """
    opened = start(since=since, currency=currency, rebuild=rebuild, by=by)
    while True:
        summary = step(opened)
        if progress:
            progress(summary)
        if opened.finished_at is not None:
            return summary


def dry_run(*, since: date | None = None, currency: str = "", rebuild: bool = False) -> Summary:
    """What ``run`` would do, without writing anything."""
    options = _options(since, currency, rebuild)
    orders = _orders(options)
    found = Summary(total=orders.count())
    after = 0
    while ids := _next_ids(orders, after, CHUNK):
        after = ids[-1]
        for state in read_states(ids).values():
            found.checked += 1
            if state.link is None:
                found.linked += 1
            elif rebuild or not state.is_current:
                found.updated += 1
            else:
                found.unchanged += 1
    found.deleted = deleted_links().count()
    return found


def start(
    *, since: date | None = None, currency: str = "", rebuild: bool = False, by: Any = None
) -> Operation:
    """The unfinished run with the same options, else a new one."""
    options = _options(since, currency, rebuild)
    for opened in unfinished():
        if opened.state.get("options") == options:
            return opened
    total = _orders(options).count()
    return Operation.objects.create(
        kind=Operation.Kind.RECONCILE,
        actor=by,
        actor_label=label_of(by),
        state={"options": options, "after": 0, "summary": asdict(Summary(total=total))},
    )


@transaction.atomic
def restart(currency: str) -> None:
    """Let unfinished runs over a currency begin again: what they have done is out of date."""
    runs = unfinished().filter(state__options__currency=currency).select_for_update()
    for opened in runs:
        total = _orders(opened.state["options"]).count()
        opened.state = {**opened.state, "after": 0, "summary": asdict(Summary(total=total))}
        opened.save(update_fields=["state"])


def summary_of(opened: Operation) -> Summary:
    return Summary(**opened.state["summary"])


def step(opened: Operation, *, size: int = CHUNK) -> Summary:
    """Do the next chunk of a run and note how far it got; the last one sets ``finished_at``.

    Two callers stepping one run at once do some work twice, to the same result.
    """
    opened.refresh_from_db()
    if opened.finished_at is not None:
        return summary_of(opened)
    options, after = opened.state["options"], opened.state["after"]
    ids = _next_ids(_orders(options), after, size)
    done = _sync_chunk(ids, force=options["rebuild"])
    if not ids:
        done.deleted = settle_deleted_orders(everywhere=True)
        if options["rebuild"]:
            _rebuild_contacts()
            rebuild_accounts()
    return _save_progress(opened, after, ids, done)


def _save_progress(opened: Operation, after: int, ids: list[int], done: Summary) -> Summary:
    """Add a chunk's counts, unless another caller has done the same chunk meanwhile."""
    with transaction.atomic():
        locked = Operation.objects.select_for_update().get(pk=opened.pk)
        summary = summary_of(locked)
        if locked.state["after"] == after and locked.finished_at is None:
            before = summary.linked
            summary.add(done)
            _keep_statistics(before, summary.linked)
            locked.state = {
                **locked.state,
                "after": ids[-1] if ids else after,
                "summary": asdict(summary),
            }
            locked.finished_at = None if ids else timezone.now()
            locked.save(update_fields=["state", "finished_at"])
    opened.refresh_from_db()
    return summary


def _keep_statistics(before: int, after: int) -> None:
    """Let PostgreSQL look at the tables again each time a backfill has made them four times as big.

    It plans the check of a foreign key once per connection: planned while the table was nearly
    empty, each check would read all of it.
    """
    connection = connections[router.db_for_write(OrderLink)]
    sizes = (after // FIRST_STATISTICS, before // FIRST_STATISTICS)
    now, then = (size.bit_length() // 2 for size in sizes)
    if connection.vendor == "postgresql" and now > then:
        with connection.cursor() as cursor:
            for model in (Contact, ContactEmail, ContactWord, OrderLink, ValueEntry):
                cursor.execute(_analyze_keys(model, connection.ops.quote_name))


def _analyze_keys(model: Any, quote: Callable[[str], str]) -> str:
    """Only what rows are joined by, which is all that a backfill's plans ask for."""
    fields = model._meta.concrete_fields
    keys = [quote(field.column) for field in fields if field.unique or field.is_relation]
    return f"ANALYZE {quote(model._meta.db_table)} ({', '.join(keys)})"


def _options(since: date | None, currency: str, rebuild: bool) -> dict[str, Any]:
    return {
        "since": since.isoformat() if since else None,
        "currency": currency,
        "rebuild": rebuild,
    }


def _orders(options: dict[str, Any]) -> Any:
    orders = get_model("order", "Order")._default_manager.order_by("pk")
    if options["since"]:
        since = start_of_day(date.fromisoformat(options["since"]))
        orders = orders.filter(date_placed__gte=since)
    if options["currency"]:
        orders = orders.filter(currency=options["currency"])
    return orders


def _next_ids(orders: Any, after: int, size: int) -> list[int]:
    return list(orders.filter(pk__gt=after).values_list("pk", flat=True)[:size])


@bulk.no_garbage()
def _sync_chunk(ids: list[int], *, force: bool) -> Summary:
    done = Summary()
    states = read_states(ids) if ids else {}
    stale = [state for state in states.values() if force or not state.is_current]
    synced = try_sync_states(stale, force=force) if stale else {}
    for pk, state in states.items():
        done.checked += 1
        link = synced.get(pk, state.link)
        if link is None:  # gone meanwhile, or not even its failure could be noted
            continue
        if pk not in synced:
            done.unchanged += 1
        elif link.problem == OrderLink.Problem.FAILED:
            done.failed += 1
        elif state.link is None or (state.link.contact_id is None and link.contact_id is not None):
            done.linked += 1
        else:
            done.updated += 1
        done.without_contact += link.contact_id is None
    return done


def _rebuild_contacts() -> None:
    """Recompute figures and search words of every contact, in chunks by primary key."""
    after = 0
    contacts = Contact.objects.order_by("pk").prefetch_related("emails")
    while chunk := list(contacts.filter(pk__gt=after)[:CHUNK]):
        after = chunk[-1].pk
        refresh_figures(contact.pk for contact in chunk)
        index_contacts(chunk)
