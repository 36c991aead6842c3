"""Two spellings of one person, company or number meet; two different ones mostly do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscar_crm import match_keys


@pytest.mark.parametrize(
    "name",
    [
        "Müller GmbH",
        "mueller gmbh",
        "MÜLLER G.m.b.H.",
        "Müller GmbH & Co. KG",
        "Müller AG",
        " muller",
    ],
)
def test_a_company_is_known_without_accents_and_legal_form(name):
    assert match_keys.company_key(name) == "muller"


def test_a_company_that_is_nothing_but_a_legal_form_keeps_its_name():
    assert match_keys.company_key("SAS") == "sas"
    assert match_keys.company_key("Co. AG") == "co ag"


def test_a_company_keeps_the_order_of_its_words():
    assert match_keys.company_key("Nord Licht Ltd.") != match_keys.company_key("Licht Nord Ltd.")


@pytest.mark.parametrize("name", ["Jürgen Müller", "Mueller, Juergen", "MULLER  JURGEN"])
def test_a_person_is_known_in_any_order_of_names(name):
    assert match_keys.person_key(name) == "jurgen muller"


@pytest.mark.parametrize(
    ("phone", "key"),
    [
        ("+49 221 123456", "49221123456"),
        ("0049 221 123456", "49221123456"),
        ("(0221) 12 34-56", "49221123456"),
        ("12345", ""),
        ("", ""),
        ("ask at the desk", ""),
    ],
)
def test_a_phone_number_is_known_with_and_without_country_code(settings, phone, key):
    settings.PHONENUMBER_DEFAULT_REGION = "DE"

    assert match_keys.phone_key(phone) == key


@pytest.mark.parametrize(
    ("address", "alias"),
    [
        ("Ada+shop@example.com", "ada@example.com"),
        ("a.d.a@gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("+@example.com", "+@example.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("nobody", ""),
    ],
)
def test_what_mail_providers_ignore_is_ignored(address, alias):
    assert match_keys.email_alias(address) == alias


@pytest.mark.parametrize(
    "address", ["https://www.Acme.de/shop?x=1", "acme.de", "HTTP://acme.de:80", "www.acme.de."]
)
def test_a_website_is_known_by_its_host(address):
    assert match_keys.web_domain(address) == "acme.de"


def test_a_vat_number_is_known_without_spaces_and_dots():
    assert match_keys.vat_key("de 123.456-789") == "DE123456789"


@given(st.text(max_size=400))
def test_keys_of_any_text_fit_their_columns(value):
    assert len(match_keys.person_key(value)) <= 255
    assert len(match_keys.company_key(value)) <= 255
    assert len(match_keys.phone_key(value)) <= 40
    assert len(match_keys.email_alias(value)) <= 254
    assert len(match_keys.web_domain(value)) <= 255
    assert len(match_keys.vat_key(value)) <= 20
