"""Ticking accounts and changing them together, over HTTP."""

from typing import Any

import pytest
from django.test import Client

from oscar_crm.groups import MANAGER, PERMISSIONS
from oscar_crm.models import Account, Operation, Tag
from oscar_crm.services import bulk_changes
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    CustomFieldFactory,
    TagFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db
ACCOUNTS = "/dashboard/crm/accounts/"
URL = f"{ACCOUNTS}bulk/"


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def tag(db: None) -> Tag:
    return TagFactory(name="Key account")


def names(tag: Tag) -> list[str]:
    return sorted(Account.objects.filter(tags=tag).values_list("name", flat=True))


def test_the_list_offers_boxes_and_what_can_be_done(manager_client: Client, tag: Tag) -> None:
    account = AccountFactory()
    page = manager_client.get(ACCOUNTS).content.decode()
    for text in ("With the ticked accounts", f'action="{URL}"', f'value="tag:{tag.pk}"', "merge"):
        assert text in page
    assert f'name="ids" value="{account.pk}" form="crm-bulk"' in page


def test_who_may_not_change_accounts_has_no_boxes(client: Client) -> None:
    client.force_login(make_staff("view_account", "view_contact", "change_contact"))
    AccountFactory()
    page = client.get(ACCOUNTS).content.decode()
    assert "crm-bulk" not in page
    assert 'name="ids"' not in page


def test_the_preview_says_how_many_and_which_and_changes_nothing(
    manager_client: Client, tag: Tag
) -> None:
    acme, other = AccountFactory(name="Acme"), AccountFactory(tags=[tag])
    response = manager_client.post(URL, {"what": f"tag:{tag.pk}", "ids": [acme.pk, other.pk]})
    page = response.content.decode()
    for text in (
        "Put the tag “Key account” on",
        "1 account will be changed",
        "1 is like that",
        "Acme",
    ):
        assert text in page
    assert names(tag) == [other.name]
    assert not Operation.objects.exists()


def test_ticked_accounts_are_changed_and_it_is_undone(manager_client: Client, tag: Tag) -> None:
    acme = AccountFactory(name="Acme")
    AccountFactory()
    data = {"what": f"tag:{tag.pk}", "ids": [acme.pk], "query": "industry=toys", "confirm": "1"}
    response = manager_client.post(URL, data, follow=True)
    operation = Operation.objects.get()
    assert names(tag) == ["Acme"]
    assert response.redirect_chain == [(f"{ACCOUNTS}?industry=toys", 302)]
    assert "1 account changed" in said(response)
    page = f"/dashboard/crm/operations/{operation.pk}/"
    assert page in response.content.decode()
    assert "Acme" in manager_client.get(page).content.decode()
    manager_client.post(f"{page}undo/")
    assert names(tag) == []


def test_all_of_a_filtered_list_are_changed_beyond_the_page(
    manager_client: Client, tag: Tag, settings: Any
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    CustomFieldFactory(area="account", label="Tier", kind="choice", choices=["Gold"])
    for _ in range(3):
        AccountFactory(name="Gold", custom={"tier": "Gold"})
    AccountFactory(name="Plain")
    query = "custom_tier=Gold&people=without"
    AccountContactFactory(account=AccountFactory(name="Staffed", custom={"tier": "Gold"}))
    manager_client.post(URL, {"what": f"tag:{tag.pk}", "all": "on", "query": query, "confirm": "1"})
    assert names(tag) == ["Gold"] * 3


def test_guessed_ids_of_hidden_accounts_are_neither_shown_nor_touched(
    sales_client: Client, sales: Any, manager: Any, tag: Tag
) -> None:
    mine = AccountFactory(name="Mine", owner=sales)
    hidden = AccountFactory(name="Hidden", owner=manager)
    data = {"what": f"tag:{tag.pk}", "ids": [mine.pk, hidden.pk]}
    assert "Hidden" not in sales_client.post(URL, data).content.decode()
    sales_client.post(URL, {**data, "confirm": "1"})
    sales_client.post(URL, {"what": "archive", "all": "on", "confirm": "1"})
    assert names(tag) == ["Mine"]
    hidden.refresh_from_db()
    assert (hidden.archived_at, hidden.version) == (None, 1)


def test_a_restricted_user_is_offered_no_colleagues(
    sales_client: Client, sales: Any, manager: Any
) -> None:
    mine = AccountFactory(owner=sales)
    assert "Mara Manager" not in sales_client.get(ACCOUNTS).content.decode()
    data = {"what": f"owner:{manager.pk}", "ids": [mine.pk], "confirm": "1"}
    assert "no longer possible" in said(sales_client.post(URL, data, follow=True))
    mine.refresh_from_db()
    assert mine.owner == sales


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"what": "archive"}, "Tick the accounts first"),
        ({"what": "explode", "ids": ["1"]}, "no longer possible"),
        ({"what": "archive", "all": "on", "query": "value_min=abc"}, "Correct the filters"),
        ({"what": "merge", "ids": ["1"]}, "Tick two to five accounts"),
        ({"what": "merge", "all": "on"}, "Tick two to five accounts"),
    ],
)
def test_what_cannot_be_done_is_told_on_the_list(
    manager_client: Client, data: dict[str, Any], error: str
) -> None:
    account = AccountFactory()
    response = manager_client.post(URL, {**data, "confirm": "1"}, follow=True)
    assert error in said(response)
    account.refresh_from_db()
    assert account.archived_at is None
    assert not Operation.objects.exists()


def test_two_to_five_accounts_are_sent_to_be_merged(manager_client: Client) -> None:
    ids = [AccountFactory().pk for _ in range(3)]
    response = manager_client.post(URL, {"what": "merge", "ids": ids})
    assert response["Location"] == f"{ACCOUNTS}merge/?ids={ids[0]},{ids[1]},{ids[2]}"
    assert manager_client.get(response["Location"]).status_code == 200


def test_merging_is_not_offered_to_who_may_not(client: Client) -> None:
    client.force_login(make_staff("view_account", "change_account", "merge_contacts"))
    ids = [AccountFactory().pk for _ in range(2)]
    assert 'value="merge"' not in client.get(ACCOUNTS).content.decode()
    response = client.post(URL, {"what": "merge", "ids": ids}, follow=True)
    assert "no longer possible" in said(response)


def test_the_timeline_tells_of_it(manager_client: Client, tag: Tag) -> None:
    account = AccountFactory()
    for what in (f"tag:{tag.pk}", "archive", "restore", f"untag:{tag.pk}"):
        manager_client.post(URL, {"what": what, "ids": [account.pk], "confirm": "1"})
    page = manager_client.get(account.get_absolute_url()).content.decode()
    for text in ("“Key account” added", "“Key account” removed", "Account archived", "restored"):
        assert text in page
    assert "Contact archived" not in page


def test_many_accounts_are_changed_step_by_step(
    manager_client: Client, sales_client: Client, tag: Tag, monkeypatch: Any
) -> None:
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    monkeypatch.setattr("oscar_crm.dashboard.bulk.views.STEP_SIZE", 2)
    for _ in range(3):
        AccountFactory()
    response = manager_client.post(URL, {"what": f"tag:{tag.pk}", "all": "on", "confirm": "1"})
    page = f"{URL}{Operation.objects.get().pk}/"
    assert response["Location"] == f"{page}?auto=1"
    first = manager_client.post(page, headers={"accept": "application/json"}).json()
    assert (first["percent"], "2 of 3 accounts" in first["text"]) == (66, True)
    assert (
        "A change of many accounts is not finished" in manager_client.get(ACCOUNTS).content.decode()
    )
    # Neither a colleague nor the other area's page goes on with it.
    assert sales_client.post(page).status_code == 404
    assert manager_client.get(page.replace("accounts", "contacts")).status_code == 404
    assert "is not finished" not in manager_client.get("/dashboard/crm/contacts/").content.decode()
    assert "3 accounts changed" in manager_client.post(page, follow=True).content.decode()
    assert names(tag) == sorted(Account.objects.values_list("name", flat=True))


def test_the_preview_costs_no_query_more_with_more_accounts(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(make_staff(*PERMISSIONS[MANAGER]))
    AccountFactory.create_batch(20, tags=[TagFactory()])
    with django_assert_max_num_queries(14):
        client.post(URL, {"what": "archive", "all": "on"})
