"""Exchange rates: what is missing, entering, correcting, removing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, ExchangeRate
from oscar_crm.test.factories import ExchangeRateFactory, make_order
from tests.browser.presses import press, says

URL = "/dashboard/crm/rates/"


@pytest.fixture
def usd_order(germany: Any) -> Any:
    """100 USD, placed ten days ago, not valued."""
    ten_days_ago = timezone.now() - timedelta(days=10)
    return make_order("ada@example.com", "100.00", currency="USD", date_placed=ten_days_ago)


def value() -> Decimal:
    return Contact.objects.get().lifetime_value


def test_a_missing_rate_is_entered_and_the_orders_count(desk: Page, usd_order: Any) -> None:
    assert value() == 0
    desk.goto(URL)
    press(desk, "Enter a rate for USD")
    expect(desk.locator("#id_currency")).to_have_value("USD")
    placed = timezone.localdate(usd_order.date_placed)
    expect(desk.locator("#id_valid_from")).to_have_value(placed.isoformat())
    desk.fill("#id_rate", "0.9215")
    press(desk, "Save")
    says(desk, "All orders it touches are valued anew.")
    expect(desk.locator("#crm-missing")).to_have_count(0)
    assert value() == Decimal("92.15")
    desk.goto(Contact.objects.get().get_absolute_url())
    says(desk, "€92.15")


def test_a_rate_is_entered_for_later(desk: Page, transactional_db: None) -> None:
    desk.goto(URL)
    says(desk, "No exchange rates")
    press(desk, "Enter a rate")
    press(desk, "Cancel")
    press(desk, "Enter a rate")
    desk.fill("#id_currency", "gbp")
    desk.fill("#id_rate", "1.17")
    press(desk, "Save")
    expect(desk.locator("tbody tr")).to_contain_text("1 GBP = 1.17 EUR")


@pytest.mark.parametrize(
    ("currency", "rate", "error"),
    [
        ("EUR", "1", "EUR is the base currency: its rate is always 1."),
        ("XQQ", "1", "There is no currency “XQQ”."),
        ("CHF", "0", "A rate must be greater than zero."),
        ("USD", "0.9", "There is a rate for USD from that day already: edit that one."),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused_with_the_reason(
    desk: Page, transactional_db: None, currency: str, rate: str, error: str
) -> None:
    ExchangeRateFactory()
    desk.goto(f"{URL}create/")
    desk.fill("#id_currency", currency)
    desk.fill("#id_rate", rate)
    press(desk, "Save")
    says(desk, error)
    expect(desk.locator("#id_rate")).to_have_value(rate)
    assert ExchangeRate.objects.count() == 1


def test_a_rate_is_corrected_and_its_orders_follow(desk: Page, usd_order: Any) -> None:
    ExchangeRateFactory(valid_from=timezone.localdate(usd_order.date_placed))
    desk.goto(URL)
    press(desk, "Edit 1 USD = 0.9 EUR")
    press(desk, "Cancel")
    press(desk, "Edit 1 USD = 0.9 EUR")
    desk.fill("#id_rate", "0.5")
    press(desk, "Save")
    says(desk, "1 USD = 0.5 EUR")
    assert value() == Decimal("50.00")


def test_a_rate_is_removed_only_after_a_question(desk: Page, usd_order: Any) -> None:
    ExchangeRateFactory(valid_from=timezone.localdate(usd_order.date_placed))
    desk.goto(URL)
    press(desk, "Delete 1 USD = 0.9 EUR")
    press(desk, "Cancel")
    assert ExchangeRate.objects.exists()
    press(desk, "Delete 1 USD = 0.9 EUR")
    says(desk, "Delete this rate?")
    press(desk, "Delete")
    says(desk, "is removed.")
    says(desk, "Missing rates")
    assert not ExchangeRate.objects.exists()


def test_rates_of_one_currency_are_shown_alone(desk: Page, transactional_db: None) -> None:
    ExchangeRateFactory()
    ExchangeRateFactory(currency="GBP")
    desk.goto(URL)
    desk.select_option("#id_currency", label="GBP")
    press(desk, "Show")
    expect(desk.locator("tbody tr")).to_have_count(1)
    expect(desk.locator("tbody tr")).to_contain_text("1 GBP")


def test_pages_of_rates_are_walked_to_both_ends(
    desk: Page, settings: Any, transactional_db: None
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    today = timezone.localdate()
    for days in range(5):
        ExchangeRateFactory(valid_from=today - timedelta(days=days), rate=Decimal(days + 1))
    desk.goto(URL)
    for label, first in [("Next", 3), ("Last", 4), ("Previous", 2), ("First", 1)]:
        press(desk, label)
        expect(desk.locator("tbody tr").first).to_contain_text(f"1 USD = {first} EUR")
