"""What stored values of the journal are called: owners, companies and countries by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from oscar.core.loading import get_model

from oscar_crm.models import Account

from .timeline import FieldChange, TimelineItem


@dataclass(frozen=True)
class Names:
    """Names of users, accounts and the shop's partners by id (as text), of countries by code."""

    users: dict[str, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)


COUNTRY_FIELDS = ("country", "billing_country", "shipping_country")


def names_in(
    items: Iterable[TimelineItem],
    *,
    countries: Iterable[str] = (),
    accounts: QuerySet[Account] | None = None,
) -> Names:
    """Names of all that is mentioned in the changes of a page: one query for each kind of name."""
    changes = (change for item in items for change in item.changes)
    return names_of(changes, countries=countries, accounts=accounts)


def names_of(
    changes: Iterable[FieldChange],
    *,
    countries: Iterable[str] = (),
    accounts: QuerySet[Account] | None = None,
) -> Names:
    """Names of what some changes mention, and of further ``countries``.

    ``accounts`` are those that the reader may see; the names of others stay unknown.
    """
    found: dict[str, set[Any]] = {"owner": set(), "parent": set(), "partner": set()}
    codes: set[Any] = set(countries)
    for change in changes:
        values = {change.before, change.after} if _is_plain(change) else set()
        if change.name in COUNTRY_FIELDS:
            codes |= values
        elif change.name in found:
            found[change.name] |= values
    return Names(
        user_names(found["owner"] - {None}),
        country_names(codes - {None, ""}),
        _names_by_id(accounts, found["parent"] - {None}),
        _names_by_id(get_model("partner", "Partner")._default_manager, found["partner"] - {None}),
    )


def _is_plain(change: FieldChange) -> bool:
    return not isinstance(change.before, list | dict) and not isinstance(change.after, list | dict)


def _names_by_id(rows: Any, ids: set[Any]) -> dict[str, str]:
    if not ids or rows is None:
        return {}
    return {str(row.pk): str(row) for row in rows.filter(pk__in=ids)}


def user_names(ids: Iterable[Any]) -> dict[str, str]:
    """Names of users by id as text; who has none goes by e-mail, else by login name."""
    wanted = set(ids)
    if not wanted:
        return {}
    users = get_user_model()._default_manager.filter(pk__in=wanted)
    return {str(user.pk): display_name(user) for user in users}


def display_name(user: Any) -> str:
    name = user.get_full_name() if hasattr(user, "get_full_name") else ""
    return str(name or getattr(user, "email", "") or user.get_username())


def country_names(codes: Iterable[str]) -> dict[str, str]:
    """Countries' printable names by two-letter code, as far as the shop knows them."""
    wanted = set(codes)
    if not wanted:
        return {}
    countries = get_model("address", "Country")._default_manager.filter(pk__in=wanted)
    return dict(countries.values_list("pk", "printable_name"))
