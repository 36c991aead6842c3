"""The pages of exchange rates."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from oscar_crm.models import Contact, ExchangeRate, Operation
from oscar_crm.services import rates as rate_services
from oscar_crm.services import reconcile
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import ExchangeRateFactory, make_order, make_staff

pytestmark = pytest.mark.django_db

LIST = "/dashboard/crm/rates/"
CREATE = "/dashboard/crm/rates/create/"
MAY_ALL = tuple(f"{verb}_exchangerate" for verb in ("view", "add", "change", "delete"))
GOOD = {"currency": "USD", "rate": "0.9215", "valid_from": "2025-01-31"}


@pytest.fixture
def staff() -> Any:
    return make_staff(*MAY_ALL)


@pytest.fixture
def signed_in(client: Client, staff: Any) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def order(germany: Any) -> Any:
    """100 USD, placed a month ago, not valued."""
    order = make_order(
        currency="USD", total="100.00", date_placed=timezone.now() - timedelta(days=30)
    )
    sync_order(order)
    return order


def value() -> Decimal:
    return Contact.objects.get().lifetime_value


def update_url(rate: ExchangeRate) -> str:
    return reverse("dashboard:crm-rate-update", args=[rate.pk])


def delete_url(rate: ExchangeRate) -> str:
    return reverse("dashboard:crm-rate-delete", args=[rate.pk])


def test_a_currency_without_rate_comes_first_with_a_button(signed_in: Client, order: Any) -> None:
    page = signed_in.get(LIST).content.decode()
    day = timezone.localtime(order.date_placed).date()
    assert "Missing rates" in page
    assert f"{CREATE}?currency=USD&amp;valid_from={day}" in page
    form = signed_in.get(CREATE, {"currency": "USD", "valid_from": day}).content.decode()
    assert 'value="USD"' in form
    assert f'value="{day}"' in form
    assert "1 USD = 0.9215 EUR" in form


def test_entering_a_rate_values_the_orders_at_once(signed_in: Client, order: Any) -> None:
    page = signed_in.post(CREATE, GOOD, follow=True).content.decode()
    assert "1 USD = 0.9215 EUR from Jan. 31, 2025 on: saved. All orders it touches are" in page
    assert value() == Decimal("92.15")
    assert "Missing rates" not in page


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("currency", "EUR", "EUR is the base currency: its rate is always 1."),
        ("currency", "eur", "EUR is the base currency: its rate is always 1."),
        ("currency", "QQQ", "There is no currency “QQQ”."),
        ("currency", "EURO", "is not a currency code. Use three letters"),
        ("currency", "", "This field is required."),
        ("rate", "0", "A rate must be greater than zero."),
        ("rate", "-1", "A rate must be greater than zero."),
        ("rate", "0.000000001", "no more than 8 decimal places"),
        ("rate", "NaN", "Enter a number."),
        ("rate", "Infinity", "Enter a number."),
        ("rate", "1e30", "no more than 18 digits"),
        ("rate", "many", "Enter a number."),
        ("valid_from", "31.31.2025", "Enter a valid date."),
        ("valid_from", "", "This field is required."),
    ],
)
def test_a_bad_value_is_explained_at_its_field(
    signed_in: Client, field: str, typed: str, error: str
) -> None:
    response = signed_in.post(CREATE, {**GOOD, field: typed})
    assert response.status_code == 200
    assert any(error in found for found in response.context["form"].errors[field])
    assert not ExchangeRate.objects.exists()


def test_a_day_in_the_future_is_allowed(signed_in: Client) -> None:
    day = timezone.localdate() + timedelta(days=10)
    assert signed_in.post(CREATE, {**GOOD, "valid_from": day}).status_code == 302
    assert ExchangeRate.objects.get().valid_from == day


def test_an_odd_code_that_the_shop_sells_in_is_accepted(signed_in: Client, germany: Any) -> None:
    sync_order(make_order(currency="QQQ"))
    assert signed_in.post(CREATE, {**GOOD, "currency": "qqq"}).status_code == 302


def test_a_second_rate_of_the_same_day_is_refused(signed_in: Client) -> None:
    ExchangeRateFactory(valid_from=date(2025, 1, 31))
    page = signed_in.post(CREATE, GOOD).content.decode()
    assert "There is a rate for USD from that day already: edit that one." in page


def test_correcting_a_rate_values_the_orders_anew(signed_in: Client, order: Any) -> None:
    rate, _done = rate_services.set_rate("USD", Decimal("0.9"), valid_from=date(2025, 1, 31))
    assert value() == Decimal("90.00")
    assert 'value="0.9"' in signed_in.get(update_url(rate)).content.decode()
    signed_in.post(update_url(rate), {**GOOD, "rate": "0.8"})
    assert value() == Decimal("80.00")


def test_moving_a_rate_to_another_day_replaces_it(signed_in: Client, order: Any) -> None:
    rate, _done = rate_services.set_rate("USD", Decimal("0.9"), valid_from=date(2025, 1, 31))
    today = timezone.localdate()
    signed_in.post(update_url(rate), {**GOOD, "valid_from": today})
    assert [r.valid_from for r in ExchangeRate.objects.all()] == [today]
    assert value() == 0


def test_changing_the_currency_of_a_rate_values_both(signed_in: Client, order: Any) -> None:
    rate, _done = rate_services.set_rate("GBP", Decimal("1.1"), valid_from=date(2025, 1, 31))
    signed_in.post(update_url(rate), GOOD)
    assert [r.currency for r in ExchangeRate.objects.all()] == ["USD"]
    assert value() == Decimal("92.15")


def test_a_rate_cannot_displace_another(signed_in: Client) -> None:
    ExchangeRateFactory(valid_from=date(2025, 1, 31))
    other = ExchangeRateFactory(valid_from=date(2025, 2, 28))
    response = signed_in.post(update_url(other), GOOD)
    assert "valid_from" in response.context["form"].errors
    assert ExchangeRate.objects.count() == 2


def test_deleting_asks_first_and_takes_the_value_back(signed_in: Client, order: Any) -> None:
    rate, _done = rate_services.set_rate("USD", Decimal("0.9"), valid_from=date(2025, 1, 31))
    assert "fall back to the USD rate before it" in signed_in.get(delete_url(rate)).content.decode()
    assert ExchangeRate.objects.exists()
    page = signed_in.post(delete_url(rate), follow=True).content.decode()
    assert "is removed" in page
    assert value() == 0
    assert "Missing rates" in page


def test_too_many_orders_lead_to_the_page_that_values_them(
    signed_in: Client, staff: Any, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_services, "INLINE_LIMIT", 0)
    response = signed_in.post(CREATE, GOOD)
    assert response["Location"] == LIST
    page = signed_in.get(LIST).content.decode()
    assert "valued anew by the next check of all orders" in page
    staff.user_permissions.add(Permission.objects.get(codename="sync_orders"))
    rate = ExchangeRate.objects.get()
    response = signed_in.post(update_url(rate), {**GOOD, "rate": "0.8"})
    assert response["Location"] == "/dashboard/crm/sync/?currency=USD"
    page = signed_in.get(response["Location"]).content.decode()
    assert "Value orders in USD anew" in page
    sync = reverse("dashboard:crm-sync")
    run = signed_in.post(sync, {"currency": "USD"}, headers={"accept": "application/json"}).json()
    signed_in.post(sync, {"run": run["run"]})
    assert value() == Decimal("80.00")


def test_a_rate_corrected_while_orders_are_being_valued_begins_that_run_again(
    signed_in: Client, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_services, "INLINE_LIMIT", 0)
    run = reconcile.start(currency="USD")
    reconcile.step(run)
    assert run.state["after"] == order.pk
    signed_in.post(CREATE, GOOD)
    run = Operation.objects.get(pk=run.pk)
    assert run.state["after"] == 0
    assert reconcile.summary_of(run).checked == 0


def test_the_list_can_be_narrowed_to_one_currency(signed_in: Client) -> None:
    ExchangeRateFactory(currency="USD")
    ExchangeRateFactory(currency="GBP", rate=Decimal("1.1580"))
    ExchangeRateFactory(currency="CHF", base="USD")  # of an earlier base currency
    response = signed_in.get(LIST, {"currency": "GBP"})
    assert [rate.currency for rate in response.context["page"].rows] == ["GBP"]
    assert "1 GBP = 1.158 EUR" in response.content.decode()
    assert len(signed_in.get(LIST).context["page"].rows) == 2


def test_an_empty_list_says_when_rates_are_needed(signed_in: Client) -> None:
    page = signed_in.get(LIST).content.decode()
    assert "You need one only when the shop has orders in a currency other than EUR" in page


def test_buttons_are_shown_to_those_who_may(client: Client) -> None:
    rate = ExchangeRateFactory()
    client.force_login(make_staff("view_exchangerate"))
    page = client.get(LIST).content.decode()
    assert "1 USD = 0.9 EUR" in page
    for url in (CREATE, update_url(rate), delete_url(rate)):
        assert url not in page


@pytest.mark.parametrize("rows", [3, 30])
def test_the_list_takes_the_same_queries_whatever_its_size(
    signed_in: Client, django_assert_max_num_queries: Any, settings: Any, rows: int
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 50
    for n in range(rows):
        ExchangeRateFactory(valid_from=date(2025, 1, 1) + timedelta(days=n))
    with django_assert_max_num_queries(9):
        response = signed_in.get(LIST)
    assert len(response.context["page"].rows) == rows
