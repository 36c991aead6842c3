"""Folding makes text comparable."""

from itertools import zip_longest

import phonenumbers
import pytest
from django.conf import settings
from hypothesis import assume, given
from hypothesis import strategies as st

from oscar_crm import text


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  ÜBER   Straße ", "uber strasse"),
        ("Łódź Øre", "lodz ore"),
        ("ΩΜΈΓΑ", "ωμεγα"),
        ("Ёлка", "елка"),
        ("ﬁn", "fin"),
        ("が", "が"),
        ("İ", "i"),
    ],
)
def test_folding(typed, folded):
    assert text.fold(typed) == folded


@given(st.text(max_size=50))
def test_folding_twice_is_folding_once(typed):
    assert text.fold(text.fold(typed)) == text.fold(typed)


@given(st.text(max_size=254))
def test_the_key_of_an_address_fits_its_column(address):
    assert len(text.fold_email(address)) <= 1024


@given(st.emails())
def test_case_and_space_around_do_not_matter(address):
    assert text.fold_email(f" {address.upper()} ") == text.fold_email(address)


@pytest.mark.parametrize("address", ["a@b", "ü@bücher.example", "a+b@c.de", '"a@b"@c.de'])
def test_addresses(address):
    assert text.is_email(address)


@pytest.mark.parametrize(
    "address", ["", "@", "a@", "@b", "a b@c", "nobody", "a@@b", "a@b.de/c@d.de"]
)
def test_no_addresses(address):
    assert not text.is_email(address)


def test_a_phone_number_is_found_with_and_without_country_code():
    assert text.phone_words("+49 (0)221 / 123-4567") >= {"492211234567", "2211234567"}
    assert text.phone_words("0221 1234567") >= {"492211234567", "2211234567"}


SPACES = st.lists(st.sampled_from(["", "", "", " ", "-", "/", ".", "(", ")", " (0)"]), max_size=8)


@given(
    region=st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
    kind=st.integers(0, 10),
    shape=st.integers(0, 3),
    spaces=SPACES,
    end=st.integers(1, 40),
)
def test_a_phone_number_is_taken_apart_as_its_country_does(region, kind, shape, spaces, end):
    example = phonenumbers.example_number_for_type(region, kind)
    assume(example is not None)
    written = phonenumbers.format_number(example, shape)[:end]
    typed = "".join(sum(zip_longest(written, spaces[: len(written)], fillvalue=""), ()))

    assert text.parse_phone(f"+{typed}") == told_by_library(f"+{typed}")
    assert text.parse_phone(typed) == told_by_library(typed)


@given(st.text("0123456789 +x/", max_size=20))
def test_what_hardly_is_a_phone_number_is_taken_apart_alike(typed):
    assert text.parse_phone(typed) == told_by_library(typed)


def told_by_library(typed):
    try:
        number = phonenumbers.parse(typed, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    return str(number.country_code), str(number.national_number)


@given(st.sets(st.text("ab", min_size=1, max_size=4)), st.text("ab", min_size=1, max_size=4))
def test_a_search_for_a_beginning_finds_no_less_without_beginnings(words, typed):
    fewer = text.without_beginnings(words)

    assert fewer <= words
    assert any(word.startswith(typed) for word in fewer) == any(
        word.startswith(typed) for word in words
    )
    assert not any(one != other and one.startswith(other) for one in fewer for other in fewer)


def test_a_word_to_keep_is_kept():
    assert text.without_beginnings({"ab", "abc"}, keep=["ab"]) == {"ab", "abc"}


def test_digits_of_other_scripts_are_digits():
    assert text.digits("٠٢٢١") == "221"


@pytest.mark.parametrize("query", ["0221 1234", "+49/221-1234", "22112"])
def test_a_phone_number_is_recognised(query):
    assert text.looks_like_phone(query)


@pytest.mark.parametrize("query", ["1234", "T000123", "Müller 12345"])
def test_other_queries_are_no_phone_numbers(query):
    assert not text.looks_like_phone(query)


def test_words_are_bounded():
    assert len(text.words(" ".join(str(n) for n in range(10_000)))) == text.MAX_WORDS
    assert text.words("x" * 10_000) == ["x" * text.MAX_WORD_LENGTH]
