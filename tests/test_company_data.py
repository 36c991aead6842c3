"""VAT numbers, web addresses and currencies as staff type them."""

import pytest

from oscar_crm.company_data import checked_currency, checked_vat_number, checked_website
from oscar_crm.exceptions import ValidationError


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("de 136 695 976", "", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("ATU13585627", "", "ATU13585627"),
        ("U13585627", "AT", "ATU13585627"),
        ("EL 094259216", "", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("FR 23 334175221", "", "FR23334175221"),
        ("NL004495445B01", "", "NL004495445B01"),
        ("GB 980 7806 84", "", "GB980780684"),
        ("CHE-107.787.577 IVA", "", "CHE107787577IVA"),
        ("NO 995 525 828 MVA", "", "NO995525828MVA"),
        ("12-3456789", "US", "123456789"),
        ("", "", ""),
    ],
)
def test_a_vat_number_is_brought_into_one_form(typed, country, stored):
    assert checked_vat_number(typed, country=country) == stored


@pytest.mark.parametrize(
    ("typed", "country", "words"),
    [
        ("DE136695975", "", "of Germany: its check digit is wrong"),
        ("DE12345", "", "of Germany: it has too few or too many"),
        ("12345", "DE", "DE12345 is no VAT number of Germany"),
        ("136695976", "", "Begin the VAT number with the letters of its country"),
        ("EL123", "", "of Greece"),
        ("!!", "", "4 to 20 letters and digits"),
        ("D" * 10_000, "", "4 to 20 letters and digits"),
    ],
)
def test_a_vat_number_that_cannot_be_is_refused_with_the_reason(typed, country, words):
    with pytest.raises(ValidationError, match=words) as refused:
        checked_vat_number(typed, country=country)
    assert refused.value.field == "vat_number"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("WWW.Acme.de/", "https://www.acme.de"),
        ("http://acme.de/Shop", "http://acme.de/Shop"),
        ("HTTPS://müller.example", "https://müller.example"),
        (" ", ""),
    ],
)
def test_a_web_address_is_completed(typed, stored):
    assert checked_website(typed) == stored


@pytest.mark.parametrize(
    "typed", ["acme", "javascript:alert(1)", "ftp://acme.de", "a b.de", "x" * 300 + ".de", "a@b.de"]
)
def test_what_is_no_web_address_is_refused(typed):
    with pytest.raises(ValidationError, match=r"is no web address. Write it like www"):
        checked_website(typed)


def test_a_currency_is_its_three_letters():
    assert checked_currency(" eur ") == "EUR"
    with pytest.raises(ValidationError, match="“Euro” is no currency"):
        checked_currency("Euro")
