"""Bringing the shop's orders in from the browser, step by step."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from oscar_crm.dashboard.overview import views
from oscar_crm.models import Contact, Operation, OrderLink
from oscar_crm.services import reconcile
from oscar_crm.test.factories import make_order, make_staff

pytestmark = pytest.mark.django_db

URL = "/dashboard/crm/sync/"
JSON = {"accept": "application/json"}


@pytest.fixture
def signed_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    client.force_login(make_staff("sync_orders", "view_contact", "view_orderlink"))
    monkeypatch.setattr(views, "STEP_SIZE", 2)
    return client


@pytest.fixture
def five_orders(germany: Any) -> list[Any]:
    return [make_order(email=f"customer{n}@example.com") for n in range(5)]


def test_opening_the_page_changes_nothing(signed_in: Client, five_orders: list[Any]) -> None:
    page = signed_in.get(URL).content.decode()
    assert "Start" in page
    assert "Nothing in the shop is changed" in page
    assert not Operation.objects.exists()
    assert not OrderLink.objects.exists()


def test_without_script_each_post_does_a_step_until_the_summary(
    signed_in: Client, five_orders: list[Any]
) -> None:
    response = signed_in.post(URL)
    run = Operation.objects.get()
    assert response["Location"] == f"{URL}?run={run.pk}&auto=1"
    page = signed_in.get(response["Location"]).content.decode()
    assert "The check of the orders has begun." in page
    assert "2 of 5 orders checked." in page
    assert 'aria-valuenow="40"' in page
    assert "Continue" in page
    for _step in range(3):
        response = signed_in.post(URL, {"run": run.pk})
    assert response["Location"] == f"{URL}?run={run.pk}"
    page = signed_in.get(response["Location"]).content.decode()
    assert "All orders have been checked." in page
    assert "5 orders brought in." in page
    assert "/dashboard/crm/orders/?state=all" in page
    assert Contact.objects.count() == 5


def test_the_script_is_told_how_far_it_is(signed_in: Client, five_orders: list[Any]) -> None:
    first = signed_in.post(URL, headers=JSON).json()
    run = Operation.objects.get()
    assert first == {
        "run": run.pk,
        "percent": 40,
        "text": "2 of 5 orders checked.",
        "finished": False,
        "page": f"{URL}?run={run.pk}",
    }
    for _step in range(3):
        last = signed_in.post(URL, {"run": run.pk}, headers=JSON).json()
    assert last["finished"] is True
    assert last["percent"] == 100


def test_a_finished_run_is_not_begun_again_by_a_second_tab(
    signed_in: Client, five_orders: list[Any]
) -> None:
    run = signed_in.post(URL, headers=JSON).json()["run"]
    for _step in range(6):
        last = signed_in.post(URL, {"run": run}, headers=JSON).json()
    assert last["finished"] is True
    assert Operation.objects.filter(kind=Operation.Kind.RECONCILE).count() == 1
    assert Contact.objects.count() == 5


def test_starting_while_a_run_is_under_way_continues_it(
    signed_in: Client, five_orders: list[Any]
) -> None:
    runs = {signed_in.post(URL, headers=JSON).json()["run"] for _tab in range(2)}
    assert len(runs) == 1
    assert "4 of 5 orders checked." in signed_in.get(URL).content.decode()


def test_what_could_not_be_brought_in_is_told_with_its_list(
    signed_in: Client, germany: Any
) -> None:
    make_order(email="")
    signed_in.post(URL)
    response = signed_in.post(URL, {"run": Operation.objects.get().pk}, follow=True)
    page = response.content.decode()
    assert "1 order has no contact." in page
    assert "/dashboard/crm/orders/?state=without_contact" in page


def test_a_busy_database_is_explained_and_the_run_kept(
    signed_in: Client, five_orders: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(reconcile, "step", busy)
    page = signed_in.post(URL, follow=True).content.decode()
    assert "Nothing is lost: press Continue." in page
    assert Operation.objects.get().finished_at is None


def test_a_shop_without_orders_is_done_at_once(signed_in: Client) -> None:
    page = signed_in.post(URL, follow=True).content.decode()
    assert "The shop has no orders to check." in page


@pytest.mark.parametrize("query", ["run=999999", "run=x"])
def test_an_unknown_run_is_not_found(signed_in: Client, query: str) -> None:
    assert signed_in.get(f"{URL}?{query}").status_code == 404
    assert signed_in.post(URL, dict([query.split("=")])).status_code == 404


def test_a_run_over_one_currency_leaves_the_others_alone(signed_in: Client, germany: Any) -> None:
    make_order(currency="USD")
    make_order(currency="EUR", email="bob@example.com")
    state = signed_in.post(URL, {"currency": "USD"}, headers=JSON).json()
    signed_in.post(URL, {"run": state["run"]}, headers=JSON)
    assert [link.currency for link in OrderLink.objects.all()] == ["USD"]
