"""What stored values of the journal are called: owners, companies, countries, custom fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast
from oscar.core.loading import get_model

from oscar_crm.models import Account, CustomField

from .timeline import FieldChange, TimelineItem


@dataclass(frozen=True)
class Names:
    """Names of users, accounts and the shop's partners by id (as text), of countries by code.

    Custom fields by key.
    """

    users: dict[str, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)
    custom: dict[str, CustomField] = field(default_factory=dict)


COUNTRY_FIELDS = ("country", "billing_country", "shipping_country")
_KINDS = ("country", "account", "partner")


def names_in(
    items: Iterable[TimelineItem],
    *,
    countries: Iterable[str] = (),
    known_countries: Mapping[str, str] = MappingProxyType({}),
    accounts: QuerySet[Account] | None = None,
    custom: Iterable[CustomField] = (),
) -> Names:
    """Names of all that is mentioned in the changes of a page: two queries at most."""
    return names_of(
        (change for item in items for change in item.changes),
        countries=countries,
        known_countries=known_countries,
        accounts=accounts,
        custom=custom,
    )


def names_of(
    changes: Iterable[FieldChange],
    *,
    countries: Iterable[str] = (),
    known_countries: Mapping[str, str] = MappingProxyType({}),
    accounts: QuerySet[Account] | None = None,
    custom: Iterable[CustomField] = (),
) -> Names:
    """Names of what some changes mention, and of further ``countries``.

    ``accounts`` are those that the reader may see; the names of others stay unknown.
    ``known_countries`` need not be looked up. ``custom``: the definitions of the area's custom
    fields, for those among the changes.
    """
    found: dict[str, set[Any]] = {name: set() for name in ("owner", "parent", "partner")}
    codes: set[Any] = set(countries)
    for change in changes:
        values = {change.before, change.after} if _is_plain(change) else set()
        if change.name in COUNTRY_FIELDS:
            codes |= values
        elif change.name in found:
            found[change.name] |= values
    wanted = {
        "country": codes - known_countries.keys(),
        "account": found["parent"] if accounts is not None else set(),
        "partner": found["partner"],
    }
    labels = _labels(wanted, accounts)
    return Names(
        user_names(found["owner"] - {None}),
        {**known_countries, **labels["country"]},
        labels["account"],
        labels["partner"],
        {field.key: field for field in custom},
    )


def _is_plain(change: FieldChange) -> bool:
    return not isinstance(change.before, list | dict) and not isinstance(change.after, list | dict)


def _labels(
    wanted: Mapping[str, set[Any]], accounts: QuerySet[Account] | None
) -> dict[str, dict[str, str]]:
    """Names of countries, accounts and partners by kind and id (as text): one query for all."""
    sources: dict[str, tuple[Any, str]] = {
        "country": (get_model("address", "Country")._default_manager, "printable_name"),
        "account": (accounts, "name"),
        "partner": (get_model("partner", "Partner")._default_manager, "name"),
    }
    parts = []
    for kind in _KINDS:
        if ids := wanted[kind] - {None, ""}:
            rows, name = sources[kind]
            key = Cast("pk", CharField())
            parts.append(rows.filter(pk__in=ids).order_by().values_list(Value(kind), key, name))
    found: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
    if parts:
        for kind, key, label in parts[0].union(*parts[1:], all=True):
            found[kind][key] = label
    return found


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
