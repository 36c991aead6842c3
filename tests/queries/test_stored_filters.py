"""A contact filter as JSON: there and back, and what is found in a database."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from oscar_crm.models import Contact
from oscar_crm.queries.accounts import AccountFilter, filtered_accounts
from oscar_crm.queries.contacts import ContactFilter, narrowed
from oscar_crm.queries.stored_filters import (
    READERS,
    VERSION,
    condition_names,
    from_json,
    read_filter,
    set_conditions,
    to_json,
)
from oscar_crm.test.factories import AccountFactory, ContactFactory, make_staff

FULL = ContactFilter(
    q="ada",
    kind="customer",
    tag=3,
    owner="5",
    value_min=Decimal("1.50"),
    value_max=Decimal("999999999999.99"),
    ordered_from=date(2026, 1, 31),
    ordered_to=date(2026, 2, 1),
    created_from=date(1970, 1, 1),
    created_to=date(2999, 12, 31),
    with_orders=True,
    unvalued=True,
    archived=True,
    bought=7,
    bought_category=8,
    voucher="SPRING",
    spent_min=Decimal("-1"),
    spent_since=date(2025, 1, 1),
    average_min=Decimal("0"),
    average_max=Decimal("10"),
    idle_days=30,
    abandoned_days=2,
    untouched_months=12,
    country="DE",
    account=9,
    custom={
        "tier": {"kind": "choice", "is": "Gold"},
        "nickname": {"kind": "text", "is": "Ada"},
        "credit": {"kind": "number", "min": "1.5"},
        "birthday": {"kind": "date", "min": "1990-01-01", "max": "1999-12-31"},
        "paper": {"kind": "boolean", "is": False},
    },
)
FULL_OF_ACCOUNTS = AccountFilter(
    q="acme",
    tag=3,
    owner="none",
    industry="toys",
    country="DE",
    parent=4,
    value_min=Decimal("1.50"),
    value_max=Decimal("2"),
    ordered_from=date(2026, 1, 31),
    ordered_to=date(2026, 2, 1),
    people="without",
    archived=True,
    custom={"tier": {"kind": "choice", "is": "Gold"}},
)


def test_every_condition_can_be_stored() -> None:
    assert set(condition_names()) == set(set_conditions(FULL))
    assert set(condition_names(AccountFilter)) == set(set_conditions(FULL_OF_ACCOUNTS))
    assert set(READERS) == {*condition_names(), *condition_names(AccountFilter)}


def test_a_filter_comes_back_as_it_was() -> None:
    assert from_json(json.loads(json.dumps(to_json(FULL)))) == FULL
    stored = json.loads(json.dumps(to_json(FULL_OF_ACCOUNTS)))
    assert read_filter(stored, AccountFilter) == FULL_OF_ACCOUNTS


def test_only_what_narrows_is_stored() -> None:
    stored = to_json(ContactFilter(kind="lead", sort="name"))
    assert stored == {"version": VERSION, "conditions": {"kind": "lead"}}


def test_nothing_stored_is_everybody() -> None:
    assert from_json({}) == ContactFilter()


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "x",
        5,
        {"version": 2, "conditions": {}},
        {"conditions": {"kind": "lead"}},
        {"version": VERSION},
        {"version": VERSION, "conditions": []},
        {"version": VERSION, "conditions": {"shoe_size": 44}},
    ],
)
def test_what_is_no_filter_of_ours_is_unreadable(stored: Any) -> None:
    assert from_json(stored).unreadable


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "alien"),
        ("kind", {}),
        ("tag", "3"),
        ("tag", True),
        ("tag", -1),
        ("tag", 10**30),
        ("owner", "x" * 300),
        ("owner", "no-such-kind-of-id"),
        ("value_min", "NaN"),
        ("value_min", "1e400"),
        ("value_min", 5),
        ("value_min", ""),
        ("ordered_from", "9999-12-31"),
        ("ordered_from", "tomorrow"),
        ("with_orders", "yes"),
        ("idle_days", 10**9),
        ("idle_days", 1.5),
        ("voucher", "a\x00b"),
        ("q", ["x"]),
        ("q", "x" * 10_000),
    ],
)
def test_a_value_that_cannot_be_read_is_told_and_the_rest_is_kept(name: str, value: Any) -> None:
    stored = {"version": VERSION, "conditions": {name: value, "country": "DE"}}
    assert from_json(stored) == ContactFilter(country="DE", unreadable=(name,))


@pytest.mark.django_db
def test_an_unreadable_filter_holds_nobody() -> None:
    ContactFactory()
    wanted = from_json({"version": VERSION, "conditions": {"shoe_size": 44}})
    assert not narrowed(Contact.objects.all(), wanted).exists()
    assert not narrowed(Contact.objects.all(), ContactFilter(within=wanted)).exists()


@pytest.mark.django_db
def test_a_filter_within_another_takes_both() -> None:
    ContactFactory(country="DE", kind="lead", first_name="Both")
    ContactFactory(country="DE", kind="partner")
    ContactFactory(country="FR", kind="lead")
    wanted = ContactFilter(kind="lead", within=ContactFilter(country="DE"))
    assert [c.first_name for c in narrowed(Contact.objects.all(), wanted)] == ["Both"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "conditions", [{"kind": "lead"}, {"people": "some"}, {"parent": 0}, {"industry": ""}]
)
def test_a_filter_of_accounts_that_cannot_be_read_matches_nothing(conditions: Any) -> None:
    AccountFactory()
    wanted = read_filter({"version": VERSION, "conditions": conditions}, AccountFilter)
    assert wanted.unreadable == tuple(conditions)
    boss = make_staff("view_account", "view_all_accounts")
    assert not filtered_accounts(boss, wanted).exists()
