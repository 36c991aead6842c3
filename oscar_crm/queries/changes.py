"""What stored values of the journal are called: owners, countries and custom fields by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from oscar.core.loading import get_model

from oscar_crm.models import CustomField

from .timeline import FieldChange, TimelineItem


@dataclass(frozen=True)
class Names:
    """Names of users by id (as text) and of countries by code; custom fields by key."""

    users: dict[str, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    custom: dict[str, CustomField] = field(default_factory=dict)


def names_in(
    items: Iterable[TimelineItem],
    *,
    countries: Iterable[str] = (),
    custom: Iterable[CustomField] = (),
) -> Names:
    """Names of everybody and every country in the changes of a page: two queries at most."""
    changes = (change for item in items for change in item.changes)
    return names_of(changes, countries=countries, custom=custom)


def names_of(
    changes: Iterable[FieldChange],
    *,
    countries: Iterable[str] = (),
    custom: Iterable[CustomField] = (),
) -> Names:
    """Names of the owners and countries in some changes, and of further ``countries``.

    ``custom``: the definitions of the area's custom fields, for those among the changes.
    """
    owners: set[Any] = set()
    codes: set[Any] = set(countries)
    for change in changes:
        if change.name == "owner":
            owners |= {change.before, change.after}
        elif change.name == "country":
            codes |= {change.before, change.after}
    known = {field.key: field for field in custom}
    return Names(user_names(owners - {None}), country_names(codes - {None, ""}), known)


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
