"""Bringing ledger and cached figures in line after orders have changed hands."""

from collections.abc import Iterable, Iterator

from django.db.models import F, OuterRef, Subquery

from oscar_crm.models import Contact, OrderLink, ValueEntry

from .account_figures import refresh_account_figures
from .figures import refresh_figures

_CHUNK = 1000


def follow_orders(link_ids: Iterable[int]) -> None:
    """Give the ledger's entries of some orders to the contacts these orders belong to."""
    owner = OrderLink.objects.filter(pk=OuterRef("link")).values("contact")[:1]
    for ids in in_chunks(link_ids):
        entries = ValueEntry.objects.filter(link__in=ids)
        entries.exclude(contact=F("link__contact")).update(contact=Subquery(owner))


def refresh_values(*, contacts: Iterable[int] = (), accounts: Iterable[int] = ()) -> None:
    """Recompute cached figures. Kinds stay: an order that changes hands is nobody's first."""
    for ids in in_chunks(contacts):
        kinds = dict(Contact.objects.filter(pk__in=ids).values_list("pk", "kind"))
        refresh_figures(ids)
        for pk, kind in Contact.objects.filter(pk__in=ids).values_list("pk", "kind"):
            if kinds[pk] != kind:
                Contact.objects.filter(pk=pk).update(kind=kinds[pk])
    for ids in in_chunks(accounts):
        refresh_account_figures(ids)


def in_chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Ids in ascending order, a thousand at a time."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
