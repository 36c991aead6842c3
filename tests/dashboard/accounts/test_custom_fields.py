"""Custom fields on the pages of accounts: form, page, timeline, list."""

from typing import Any

import pytest
from django.test import Client

from oscar_crm.groups import MANAGER, PERMISSIONS
from oscar_crm.models import Account, Change, CustomField
from oscar_crm.services.accounts import update_account
from oscar_crm.test.factories import AccountFactory, CustomFieldFactory, make_staff

pytestmark = pytest.mark.django_db

LIST = "/dashboard/crm/accounts/"
NEW = f"{LIST}create/"
GIVEN = {
    "custom_tier": "Gold",
    "custom_staff": "1234.50",
    "custom_founded": "1990-05-01",
    "custom_framework": "no",
    "custom_sector": " toys ",
}


@pytest.fixture
def user() -> Any:
    return make_staff(*PERMISSIONS[MANAGER], first_name="Mara")


@pytest.fixture
def manager(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def fields() -> list[CustomField]:
    kinds = [
        {"label": "Tier", "kind": "choice", "choices": ["Gold", "Silver"]},
        {"label": "Staff", "kind": "number"},
        {"label": "Founded", "kind": "date"},
        {"label": "Framework", "kind": "boolean"},
        {"label": "Sector"},
    ]
    made = [
        CustomFieldFactory(area="account", position=place, **kind)
        for place, kind in enumerate(kinds)
    ]
    CustomFieldFactory(area="contact", label="Hobby")
    return made


def edit(client: Client, account: Account) -> tuple[str, dict[str, Any]]:
    """The form's address, and what the browser would send back from it."""
    address = f"{account.get_absolute_url()}edit/"
    form = client.get(address).context["form"]
    values = {field.name: field.value() for field in form}
    return address, {name: "" if value is None else value for name, value in values.items()}


def test_values_are_given_in_the_form_and_shown_on_the_page(
    manager: Client, fields: list[CustomField]
) -> None:
    response = manager.post(NEW, {"name": "Acme", **GIVEN})

    account = Account.objects.get()
    assert account.custom == {
        "tier": "Gold",
        "staff": "1234.5",
        "founded": "1990-05-01",
        "framework": False,
        "sector": "toys",
    }
    page = manager.get(response.url).content.decode()
    for text in ("<dt>Tier</dt>", "Gold", "1,234.5", "May 1, 1990", "<dd>No</dd>", "toys"):
        assert text in page
    assert "<dt>Hobby</dt>" not in page


def test_the_form_sends_back_what_it_shows(manager: Client, fields: list[CustomField]) -> None:
    manager.post(NEW, {"name": "Acme", **GIVEN})
    account = Account.objects.get()
    before = dict(account.custom)

    address, data = edit(manager, account)
    assert data["custom_framework"] == "no"
    assert manager.post(address, data).status_code == 302

    account.refresh_from_db()
    assert (account.custom, account.version) == (before, 1)


def test_values_are_taken_away_in_the_form(manager: Client, fields: list[CustomField]) -> None:
    account = AccountFactory(custom={"tier": "Gold", "framework": True, "sector": "toys"})
    address, data = edit(manager, account)

    manager.post(address, {**data, "custom_tier": "", "custom_framework": "", "custom_sector": ""})

    account.refresh_from_db()
    assert account.custom == {}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("custom_staff", "many", "Enter a number"),
        ("custom_founded", "31.12.2026", "Write it as 2026-12-31"),
        ("custom_tier", "Bronze", "Choose one of the list"),
        ("custom_framework", "perhaps", "Choose one of the list"),
        ("custom_sector", "x" * 10_000, "at most 1000 characters"),
        ("custom_sector", "a\x00b", "Null characters"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_beside_its_field(
    manager: Client, fields: list[CustomField], name: str, value: str, message: str
) -> None:
    form = manager.post(NEW, {"name": "Acme", name: value}).context["form"]

    assert message in " ".join(form.errors[name])
    assert not Account.objects.exists()


def test_a_conflict_tells_the_stored_values_by_label(
    manager: Client, user: Any, fields: list[CustomField]
) -> None:
    account = AccountFactory(custom={"tier": "Gold"})
    address, data = edit(manager, account)
    update_account(account, {}, custom={"tier": "Silver", "framework": True}, by=user)

    page = manager.post(address, data).content.decode()

    assert "Tier is now: Silver" in page
    assert "Framework is now: Yes" in page
    assert "Staff is now" not in page
    assert "Name is now" not in page


def test_a_second_save_puts_the_typed_values_in_the_place_of_the_stored_ones(
    manager: Client, user: Any, fields: list[CustomField]
) -> None:
    account = AccountFactory(custom={"tier": "Gold"})
    address, data = edit(manager, account)
    update_account(account, {}, custom={"tier": "Silver"}, by=user)
    version = manager.post(address, data).context["form"]["version"].value()

    manager.post(address, {**data, "version": version})

    account.refresh_from_db()
    assert account.custom == {"tier": "Gold"}


def test_the_timeline_names_the_field_not_its_key(
    manager: Client, user: Any, fields: list[CustomField]
) -> None:
    account = AccountFactory()
    update_account(account, {}, custom={"tier": "Gold"}, by=user)
    CustomField.objects.filter(key="tier").update(label="Price group")

    assert Change.objects.get().after == {"custom": {"tier": "Gold"}}
    assert "Price group set to “Gold”" in manager.get(account.get_absolute_url()).content.decode()


def names(response: Any) -> list[str]:
    return sorted(account.name for account in response.context["page"].rows)


@pytest.mark.parametrize(
    ("query", "expected", "chip"),
    [
        ({"custom_tier": "Gold"}, ["large"], "Tier: Gold"),
        ({"custom_staff__min": "50"}, ["large"], "Staff from: 50"),
        ({"custom_staff__max": "50"}, ["small"], "Staff to: 50"),
        ({"custom_founded__min": "1990-01-01"}, ["small"], "Founded from: 01/01/1990"),
        ({"custom_framework": "yes"}, ["large"], "Framework: Yes"),
        ({"custom_framework": "no"}, ["small"], "Framework: No"),
        ({"custom_sector": "TOYS"}, ["large"], "Sector: TOYS"),
    ],
)
def test_the_list_is_narrowed_down_by_custom_fields(
    manager: Client,
    fields: list[CustomField],
    query: dict[str, str],
    expected: list[str],
    chip: str,
) -> None:
    large = {"tier": "Gold", "staff": "100", "founded": "1980-01-01", "framework": True}
    AccountFactory(name="large", custom={**large, "sector": "toys"})
    small = {"tier": "Silver", "staff": "9", "founded": "1995-01-01", "framework": False}
    AccountFactory(name="small", custom=small)
    AccountFactory(name="none")

    response = manager.get(LIST, query)

    assert names(response) == expected
    assert [(chip.text, chip.query) for chip in response.context["chips"]] == [(chip, "?")]
    assert response.context["panel_open"]


def test_a_range_that_ends_before_it_begins_is_said_to_be_wrong(
    manager: Client, fields: list[CustomField]
) -> None:
    form = manager.get(LIST, {"custom_staff__min": "5", "custom_staff__max": "4"}).context["form"]

    assert "below the beginning" in " ".join(form.errors["custom_staff__max"])


def test_the_values_of_others_accounts_are_not_found(
    client: Client, fields: list[CustomField]
) -> None:
    AccountFactory(custom={"sector": "secret"}, owner=make_staff())
    client.force_login(make_staff("view_account"))

    assert names(client.get(LIST, {"custom_sector": "secret"})) == []


@pytest.mark.parametrize(("address", "most"), [(LIST, 11), (NEW, 9), ("page", 14), ("edit", 9)])
@pytest.mark.parametrize("count", [0, 50])
def test_pages_of_accounts_cost_no_query_more_with_custom_fields(
    manager: Client,
    user: Any,
    django_assert_max_num_queries: Any,
    count: int,
    address: str,
    most: int,
) -> None:
    account = AccountFactory(owner=user)
    child = AccountFactory(owner=user, parent=account)
    for number in range(count):
        CustomFieldFactory(area="account", label=f"f{number}", kind="choice", choices=["a"])
    for record in (account, child):
        update_account(record, {}, custom={f"f{n}": "a" for n in range(count)}, by=user)
    page = account.get_absolute_url()
    url = {"page": page, "edit": f"{page}edit/"}.get(address, address)

    with django_assert_max_num_queries(most):
        assert manager.get(url).status_code == 200
