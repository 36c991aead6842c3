"""Making and changing an account."""

import pytest
from django.urls import reverse

from oscar_crm.models import Account
from oscar_crm.services.accounts import update_account
from oscar_crm.test.factories import AccountFactory, make_staff

pytestmark = pytest.mark.django_db
CREATE = reverse("dashboard:crm-account-create")


def edit(account):
    return reverse("dashboard:crm-account-update", args=[account.pk])


def errors(answer):
    assert answer.status_code == 200
    return answer.context["form"].errors


def test_an_account_is_made_with_all_its_fields(manager_client, manager, germany):
    parent = AccountFactory(name="Above")
    values = {
        "name": "Müller GmbH",
        "industry": "Möbel",
        "website": "mueller.example",
        "vat_number": "DE 136 695 976",
        "phone": "+49 221 123456",
        "currency": "eur",
        "description": "Buys twice a year.",
        "billing_line1": "Hauptstr. 1",
        "billing_country": "DE",
        "shipping_city": "Bonn",
        "parent": parent.pk,
        "owner": manager.pk,
    }
    answer = manager_client.post(CREATE, values, follow=True)

    assert "“Müller GmbH” is now in the CRM." in answer.content.decode()
    account = Account.objects.get(name="Müller GmbH")
    assert (account.website, account.vat_number) == ("https://mueller.example", "DE136695976")
    assert (account.parent, account.owner, account.currency) == (parent, manager, "EUR")


def test_a_parent_may_be_named_without_scripts(manager_client):
    parent = AccountFactory(name="Above Ltd")
    manager_client.post(CREATE, {"name": "Below", "parent_name": "above LTD"})

    assert Account.objects.get(name="Below").parent == parent


@pytest.mark.parametrize(
    ("typed", "words"),
    [("nobody", "No account you may see"), ("Twice", "Several accounts are called so")],
)
def test_a_name_that_means_no_one_account_is_told(manager_client, typed, words):
    AccountFactory.create_batch(2, name="Twice")

    found = errors(manager_client.post(CREATE, {"name": "Below", "parent_name": typed}))
    assert words in found["parent_name"][0]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"name": "\u200b"}, "name", "Give the company"),
        ({"name": "x" * 10_000}, "name", "at most 255"),
        ({"vat_number": "DE136695975"}, "vat_number", "check digit is wrong"),
        ({"vat_number": "1" * 10_000}, "vat_number", "at most 60"),
        ({"website": "javascript:alert(1)"}, "website", "no web address"),
        ({"currency": "Euro"}, "currency", "no currency"),
        ({"parent": "999999"}, "parent", "not in the CRM any more"),
        ({"parent": "x"}, "parent", "not in the CRM any more"),
        ({"billing_country": "XX"}, "billing_country", "not one of the available choices"),
        ({"owner": "999999"}, "owner", "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(manager_client, values, field, words):
    found = errors(manager_client.post(CREATE, {"name": "Acme", **values}))

    assert words in found[field][0]
    assert not Account.objects.exists()


def test_a_name_of_one_character_is_a_name(manager_client):
    assert manager_client.post(CREATE, {"name": "X"}).status_code == 302


def test_a_parent_loop_is_refused_in_words(manager_client):
    top = AccountFactory(name="Top")
    below = AccountFactory(name="Below", parent=top)

    found = errors(manager_client.post(edit(top), {"name": "Top", "parent": below.pk}))
    assert found["parent"] == ["Below is below Top already, so it cannot be above it as well."]
    found = errors(manager_client.post(edit(top), {"name": "Top", "parent": top.pk}))
    assert found["parent"] == ["A company cannot be its own parent."]


def test_a_parent_one_may_not_see_is_neither_chosen_nor_shown_nor_lost(log_in, sales):
    hidden = AccountFactory(name="Hidden", owner=make_staff())
    account = AccountFactory(name="Mine", owner=sales, parent=hidden)
    client = log_in(user=sales)

    assert "Hidden" not in client.get(edit(account)).content.decode()
    client.post(edit(account), {"name": "Mine too", "owner": sales.pk})
    account.refresh_from_db()
    assert (account.name, account.parent) == ("Mine too", hidden)

    for values in ({"parent": hidden.pk}, {"parent_name": "Hidden"}):
        found = errors(client.post(CREATE, {"name": "New", **values}))
        assert "Hidden" not in str(found)


def test_an_outdated_form_says_what_it_would_overwrite_and_the_second_save_does(
    manager_client, manager
):
    account = AccountFactory(name="Acme")
    update_account(account, {"industry": "Toys"}, by=manager)

    values = {"name": "Acme", "industry": "Tools", "version": 1}
    answer = manager_client.post(edit(account), values)
    assert "Industry is now: Toys" in answer.content.decode()
    version = answer.context["form"]["version"].value()
    manager_client.post(edit(account), {**values, "version": version})
    account.refresh_from_db()
    assert account.industry == "Tools"


def test_an_account_given_away_leaves_the_list(log_in, sales):
    other = make_staff("view_account")
    account = AccountFactory(name="Acme", owner=sales)

    values = {"name": "Acme", "owner": other.pk, "version": 1}
    answer = log_in(user=sales).post(edit(account), values, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("dashboard:crm-account-list")
    assert "has left your list" in answer.content.decode()


def test_a_new_sub_account_knows_its_parent(manager_client):
    parent = AccountFactory()

    form = manager_client.get(CREATE, {"parent": parent.pk}).context["form"]
    assert form["parent"].value() == str(parent.pk)
    assert manager_client.get(CREATE, {"parent": "x", "name": "y" * 999}).status_code == 200
