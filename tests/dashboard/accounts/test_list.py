"""The account list: search, filters, sorts, pages."""

from decimal import Decimal

import pytest
from django.urls import reverse

from oscar_crm.test.factories import AccountContactFactory, AccountFactory, TagFactory

URL = reverse("dashboard:crm-account-list")
pytestmark = pytest.mark.django_db


def names(client, **query):
    page = client.get(URL, query)
    assert page.status_code == 200
    return [account.name for account in page.context["page"].rows]


def test_accounts_are_found_by_name_domain_vat_number_and_phone(manager_client):
    AccountFactory(
        name="Müller GmbH",
        website="https://www.mueller.example",
        vat_number="DE136695976",
        phone="+49 221 123456",
    )
    AccountFactory(name="Acme")

    for query in ("muller", "mueller.ex", "DE1366", "0221 123456"):
        assert names(manager_client, q=query) == ["Müller GmbH"], query
    assert names(manager_client, q="nobody") == []


def test_each_filter_narrows_the_list_down(manager_client, manager, germany):
    tag = TagFactory()
    parent = AccountFactory(name="Parent", archived_at=None)
    AccountFactory(
        name="Wanted",
        tags=[tag],
        owner=manager,
        industry="Möbel und Holz",
        billing_country="DE",
        lifetime_value=Decimal(50),
        parent=parent,
    )
    AccountContactFactory(account__name="Peopled")
    filters = {
        "tag": tag.pk,
        "owner": "me",
        "industry": "moBEL",
        "country": "DE",
        "value_min": "50",
        "parent": parent.pk,
    }
    for name, value in filters.items():
        assert names(manager_client, **{name: value}) == ["Wanted"], name
    assert names(manager_client, people="with") == ["Peopled"]
    assert names(manager_client, people="without") == ["Parent", "Wanted"]
    assert names(manager_client, owner="none") == ["Parent", "Peopled"]


def test_archived_accounts_are_only_shown_when_asked_for(manager_client):
    account = AccountFactory(name="Old")
    manager_client.post(reverse("dashboard:crm-account-archive", args=[account.pk]))

    assert names(manager_client) == []
    assert names(manager_client, archived="on") == ["Old"]


def test_every_sort_walks_all_pages_forwards_and_back(manager_client, settings):
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for number, name in enumerate("CAEBD"):
        AccountFactory(name=name, lifetime_value=number)

    for sort, expected in {"name": "ABCDE", "-name": "EDCBA", "-value": "DBEAC"}.items():
        seen, after = "", ""
        while True:
            page = manager_client.get(URL, {"sort": sort, "after": after}).context["page"]
            seen += "".join(account.name for account in page.rows)
            after = page.after
            if not after:
                break
        assert seen == expected


def test_a_chip_takes_its_filter_back(manager_client):
    page = manager_client.get(URL, {"industry": "toys", "people": "with"})

    chips = {chip.text: chip.query for chip in page.context["chips"]}
    assert chips == {"Industry: toys": "?people=with", "People: With people": "?industry=toys"}


@pytest.mark.parametrize(
    "query",
    [
        {"value_min": "x"},
        {"tag": "999999"},
        {"parent": "9" * 40},
        {"country": "XX"},
        {"industry": "x" * 10_000},
        {"ordered_from": "9999-12-31"},
        {"q": "\x00"},
        {"after": "broken"},
        {"sort": "nonsense"},
        {"owner": "1 OR 1=1"},
    ],
)
def test_a_filter_that_cannot_be_read_is_left_out(manager_client, query):
    AccountFactory(name="Acme")

    assert names(manager_client, **query) in (["Acme"], [])


def test_the_number_of_queries_does_not_depend_on_the_rows(
    manager_client, django_assert_max_num_queries, settings
):
    tag = TagFactory()
    AccountFactory.create_batch(30, tags=[tag])
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 25
    with django_assert_max_num_queries(11):
        assert len(names(manager_client)) == 25


def test_an_empty_list_says_what_an_account_is(manager_client, reader_client):
    assert "Create an account" in manager_client.get(URL).content.decode()
    assert "Ask a manager" in reader_client.get(URL).content.decode()


def test_the_look_up_tells_accounts_apart_and_goes_on(manager_client):
    AccountFactory.create_batch(21, name="Acme", billing_city="Bonn")
    url = reverse("dashboard:crm-account-lookup")

    first = manager_client.get(url, {"q": "acme"}).json()
    assert first["results"][0]["text"] == "Acme · Bonn"
    assert (len(first["results"]), first["pagination"]["more"]) == (20, True)
    assert len(manager_client.get(url, {"q": "acme", "page": 2}).json()["results"]) == 1
    initial = first["results"][0]["id"]
    assert len(manager_client.get(url, {"initial": f"{initial},x"}).json()["results"]) == 1
