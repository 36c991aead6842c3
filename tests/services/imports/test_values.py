"""From the text of a cell to a value, and back."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscar_crm.exceptions import ValidationError
from oscar_crm.services.formulas import neutralise, neutralise_number, restore
from oscar_crm.services.imports import values


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("-0,5", "-0.5"),
        ("1,234,567", "1234567"),
        ("42", "42"),
    ],
)
def test_numbers_of_many_countries(text, number):
    assert values.parse_number(text) == Decimal(number)


def test_three_digits_behind_one_mark_depend_on_the_choice():
    assert values.parse_number("1,234") == 1234
    assert values.parse_number("1,234", decimal_comma=True) == Decimal("1.234")
    assert values.parse_number("1.234", decimal_comma=True) == 1234


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "NaN", "Infinity", "1e999999", "9" * 31])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValidationError):
        values.parse_number(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2020-12-31", "2020/12/31", "31.12.2020", "31/12/20", "31-12-2020", "12/31/2020"),
        *("31 Dec 2020", "December 31, 2020", "31. December 2020", "2020-12-31 08:30"),
        *("2020-12-31T08:30:00Z", "12/31/2020 8:30 PM"),
    ],
)
def test_days_in_several_formats(text):
    assert values.parse_day(text, order="") == date(2020, 12, 31)


@pytest.mark.parametrize("text", ["31.13.2020", "30.02.2020", "yesterday", "1", "2020-00-01"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValidationError, match="is not a day"):
        values.parse_day(text, order="dmy")


def test_a_day_that_can_be_read_two_ways_is_refused_without_an_order():
    with pytest.raises(ValidationError, match="two ways"):
        values.parse_day("03/04/2020", order="")


@pytest.mark.parametrize(
    ("largest", "order"), [((31, 12), "dmy"), ((12, 31), "mdy"), ((5, 5), "?"), ((31, 31), "")]
)
def test_the_order_of_a_column_follows_its_largest_numbers(largest, order):
    assert values.order_of(*largest, fallback="?") == order


@pytest.mark.parametrize("text", ["yes", "Ja", "TRUE", "1", "x", "Oui", "Sí", "tak"])
def test_yes_in_several_languages(text):
    assert values.parse_yes_or_no(text) is True


@pytest.mark.parametrize("text", ["no", "Nein", "FALSE", "0", "non", "nie"])
def test_no_in_several_languages(text):
    assert values.parse_yes_or_no(text) is False


@pytest.mark.parametrize(
    "text", ["DE", "de", "Germany", "Deutschland", "Allemagne", "ALEMANIA", "Niemcy"]
)
def test_countries_in_several_languages(text):
    assert values.parse_country(text) == "DE"


@pytest.mark.parametrize("text", ["UK", "England", "United Kingdom", "Great Britain"])
def test_what_people_call_the_united_kingdom(text):
    assert values.parse_country(text) == "GB"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a; b;c", ["a", "b", "c"]),
        ("a, b", ["a", "b"]),
        ('"a,b"; c', ["a,b", "c"]),
        ('"a","b"', ["a", "b"]),
        ("a ::: b ::: * x", ["a", "b", "* x"]),
        ("a\nb", ["a", "b"]),
        ("a;a;", ["a"]),
    ],
)
def test_lists_in_a_cell(text, items):
    assert values.split_list(text) == items


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), unique=True))
def test_a_list_comes_back_from_its_cell(items):
    items = [item.strip() for item in items]
    items = list(dict.fromkeys(item for item in items if item and ":::" not in item))
    if any(len(item.splitlines()) > 1 for item in items):
        return

    assert values.split_list(values.join_list(items)) == items


@given(st.text())
def test_the_marker_is_taken_away_exactly_as_it_was_put_on(text):
    assert restore(neutralise(text)) == text
    assert restore(neutralise_number(text)) == text or neutralise_number(text) == text


@given(st.text())
def test_no_text_is_left_that_a_spreadsheet_would_run(text):
    assert not neutralise(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["+49 221 123-45", "-12.50", "(0221) 123", "+1 (555) 010/0"])
def test_phone_numbers_and_numbers_are_left_alone(text):
    assert neutralise_number(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-1+A2"])
def test_formulas_are_marked_even_where_a_phone_number_should_be(text):
    assert neutralise_number(text) == f"'{text}"
