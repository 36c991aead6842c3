"""Importing accounts."""

import pytest

from oscar_crm.models import Account
from oscar_crm.queries import accounts
from oscar_crm.services.imports import store
from oscar_crm.test.factories import AccountFactory, make_staff

from .conftest import texts

pytestmark = pytest.mark.django_db
HEADERS = ["Name", "Website", "VAT number", "City", "Parent company", "Currency"]


@pytest.fixture
def bring_in_accounts(bring_in):
    return lambda rows, **options: bring_in(rows, area="account", **options)


def test_a_company_is_made_and_found(bring_in_accounts, manager):
    bring_in_accounts(
        [HEADERS, ["Acme GmbH", "https://acme.example", "DE 136 695 976", "Köln", "", "eur"]]
    )

    acme = Account.objects.get()
    assert (acme.billing_city, acme.currency, acme.vat_key) == ("Köln", "EUR", "DE136695976")
    assert accounts.search(accounts.visible_to(manager), "acme.example").get() == acme


def test_a_company_is_known_by_its_name_without_legal_form(bring_in_accounts):
    AccountFactory(name="Müller GmbH & Co. KG")

    made = bring_in_accounts([["Name", "City"], ["MUELLER", "Ulm"]])

    assert made.counts["update"] == 1
    assert Account.objects.get().billing_city == "Ulm"


def test_of_two_alike_the_one_that_is_spelt_so_is_meant(bring_in_accounts):
    AccountFactory(name="Acme GmbH")
    exact = AccountFactory(name="Acme Ltd")

    bring_in_accounts([["Name", "City"], ["Acme Ltd", "Ulm"]])

    exact.refresh_from_db()
    assert exact.billing_city == "Ulm"


def test_of_two_alike_none_is_guessed(bring_in_accounts):
    AccountFactory(name="Acme GmbH")
    AccountFactory(name="Acme Ltd")

    made = bring_in_accounts([["Name", "City"], ["Acme", "Ulm"]])

    assert "2 records match" in texts(made)[0]


def test_a_company_one_may_not_see_is_refused_and_tells_nothing(bring_in_accounts, limited):
    AccountFactory(name="Secret GmbH", owner=make_staff(), billing_city="Bonn")

    made = bring_in_accounts([["Name", "City"], ["Secret", "Ulm"]], by=limited)

    assert texts(made) == ["This account is in the CRM already. Ask a manager."]
    assert Account.objects.get().billing_city == "Bonn"


def test_a_parent_that_came_in_a_block_before_is_found(bring_in_accounts, monkeypatch):
    monkeypatch.setattr(store, "BLOCK_ROWS", 1)
    bring_in_accounts([["Name", "Parent company"], ["Holding AG", ""], ["Acme", "Holding"]])

    assert Account.objects.get(name="Acme").parent.name == "Holding AG"


def test_a_parent_that_is_missing_is_told_and_set_by_importing_again(bring_in_accounts):
    rows = [["Name", "Parent company"], ["Acme", "Holding AG"], ["Holding AG", ""]]

    first = bring_in_accounts(rows)
    assert "There is no account “Holding AG” yet" in texts(first)[0]
    bring_in_accounts(rows)

    assert Account.objects.get(name="Acme").parent.name == "Holding AG"


def test_a_company_never_becomes_its_own_parent(bring_in_accounts):
    top = AccountFactory(name="Top")
    AccountFactory(name="Below", parent=top)

    made = bring_in_accounts([["Name", "Parent company"], ["Top", "Below"]])

    top.refresh_from_db()
    assert top.parent is None
    assert "belongs to this company itself" in texts(made)[0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["", "x.example", "", "", "", ""], "has no name of a company"),
        (["Acme", "", "", "", "", "euro"], "currency"),
        (["Acme", "", "DE 136 695 977", "", "", ""], "check digit is wrong"),
        (["Acme", "not a website", "", "", "", ""], "web address"),
        (["Acme", "", "x" * 21, "", "", ""], "21 characters long; 20 are possible"),
    ],
)
def test_a_wrong_row_is_told(bring_in_accounts, row, message):
    made = bring_in_accounts([HEADERS, row])

    assert message in texts(made)[0]
    assert not Account.objects.exists()
