"""Exchange rates and files of them."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command

from oscar_crm.exceptions import RateFileError, ValidationError
from oscar_crm.models import Change, Contact, ExchangeRate
from oscar_crm.queries.rates import unvalued_currencies
from oscar_crm.services import rates, reconcile
from oscar_crm.services.orders import sync_order
from oscar_crm.services.rate_files import load_rates
from oscar_crm.test.factories import make_order

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("currency", "rate", "message"),
    [
        ("EUR", "1", "base currency"),
        ("DOLLAR", "1", "three letters"),
        ("U$", "1", "three letters"),
        ("USD", "0", "greater than zero"),
        ("USD", "-1", "greater than zero"),
        ("USD", "0.000000001", "greater than zero"),
        ("USD", "NaN", "greater than zero"),
        ("USD", "Infinity", "greater than zero"),
        ("USD", "1e30", "greater than zero"),
    ],
)
def test_a_bad_rate_is_refused(currency, rate, message):
    with pytest.raises(ValidationError, match=message):
        rates.set_rate(currency, D(rate), valid_from=DAY)

    assert not ExchangeRate.objects.exists()


def test_a_rate_is_journalled_with_the_one_it_replaces():
    rates.set_rate("usd", D("0.9"), valid_from=DAY)
    rates.set_rate("USD", D("0.8"), valid_from=DAY)

    before, after = Change.objects.order_by("-pk").values_list("before", "after").first()
    assert (D(before["rate"]), D(after["rate"])) == (D("0.9"), D("0.8"))
    assert ExchangeRate.objects.get().currency == "USD"


def test_a_removed_rate_leaves_its_orders_to_the_rate_before():
    rates.set_rate("USD", D("0.5"), valid_from=DAY)
    newer, _ = rates.set_rate("USD", D("0.9"), valid_from=date(2026, 2, 1))
    contact = sync_order(make_order(total="10.00", currency="USD")).contact

    rates.delete_rate(newer)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("5.00")


def test_too_many_orders_are_left_to_the_reconciliation(monkeypatch):
    monkeypatch.setattr(rates, "INLINE_LIMIT", 1)
    for _ in range(2):
        sync_order(make_order(total="10.00", currency="USD"))

    _, all_done = rates.set_rate("USD", D("0.5"), valid_from=DAY)

    assert all_done is False
    assert reconcile.run(currency="USD").updated == 2
    assert Contact.objects.get().lifetime_value == D("10.00")


def test_currencies_without_a_rate_are_named_with_their_orders():
    sync_order(make_order(currency="USD"))
    sync_order(make_order(currency="USD"))
    first = sync_order(make_order(currency="CHF")).placed_at

    chf, usd = unvalued_currencies()

    assert (chf["currency"], chf["orders"], chf["first"]) == ("CHF", 1, first)
    assert (usd["currency"], usd["orders"]) == ("USD", 2)


def test_a_file_of_rates_is_loaded():
    lines = ["\ufeffcurrency,rate,valid_from", "usd,0.92,2026-01-31", "", "GBP,1.15,2026-02-01"]

    load_rates(lines)

    assert list(ExchangeRate.objects.order_by("currency").values_list("currency", "rate")) == [
        ("GBP", D("1.15")),
        ("USD", D("0.92")),
    ]


def test_the_central_banks_layout_gives_units_per_euro():
    load_rates(["Date,USD,JPY,ISK,", "2026-01-30,1.25,160,N/A,"])

    found = dict(ExchangeRate.objects.values_list("currency", "rate"))
    assert found == {"USD": D("0.8"), "JPY": D("0.00625")}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "first line must be"),
        (["currency;rate;valid_from"], "first line must be"),
        (["currency,rate,valid_from"], "no rates"),
        (["currency,rate,valid_from", "USD,abc,2026-01-01"], "Line 2: “abc” is not a number"),
        (["currency,rate,valid_from", "USD,1,31.01.2026"], "Line 2: “31.01.2026” is not a date"),
        (["currency,rate,valid_from", "USD,1"], "Line 2 has fewer columns"),
        (["currency,rate,valid_from", "USD,1,2026-01-01", "EUR,1,2026-01-01"], "Line 3: EUR is"),
        (["Date,USD", "2026-01-01,0"], "Line 2: a rate must be greater"),
    ],
)
def test_a_bad_file_is_refused_by_line_and_loads_nothing(lines, message):
    with pytest.raises(RateFileError, match=message):
        load_rates(lines)

    assert not ExchangeRate.objects.exists()


def test_rates_per_euro_are_refused_where_the_base_is_another(settings):
    settings.OSCAR_CRM_CURRENCY = "USD"

    with pytest.raises(RateFileError, match="per euro"):
        load_rates(["Date,USD", "2026-01-01,1.2"])


def test_the_command_loads_a_file_and_values_the_orders(tmp_path, capsys):
    contact = sync_order(make_order(total="10.00", currency="USD")).contact
    file = tmp_path / "rates.csv"
    file.write_text("currency,rate,valid_from\nUSD,0.5,2020-01-01\n")

    call_command("crm_load_rates", str(file))

    contact.refresh_from_db()
    assert contact.lifetime_value == D("5.00")
    assert "1 rates loaded for USD." in capsys.readouterr().out


def test_the_command_says_what_is_wrong_with_a_file(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("crm_load_rates", str(tmp_path / "missing.csv"))
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("crm_load_rates", str(binary))
    bad = tmp_path / "bad.csv"
    bad.write_text("hello")
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("crm_load_rates", str(bad))


def test_an_absurd_rate_leaves_the_order_without_a_value_and_the_pages_alive(client):
    contact = sync_order(make_order(total="9999999999.99", currency="USD")).contact

    rates.set_rate("USD", D("9999999999"), valid_from=DAY)

    contact.refresh_from_db()
    assert (contact.lifetime_value, contact.unvalued_orders) == (D("0.00"), 1)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1969, 12, 31), date(3000, 1, 1)])
def test_a_day_no_shop_has_seen_is_refused(day):
    with pytest.raises(ValidationError, match="between 1970 and 2999"):
        rates.set_rate("USD", D("1"), valid_from=day)
