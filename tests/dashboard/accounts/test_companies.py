"""Companies from orders: the page, and the proposal on a contact's page."""

import pytest
from django.urls import reverse

from oscar_crm.models import Account, AccountContact, CompanyDecision
from oscar_crm.queries import companies as queries
from oscar_crm.test.factories import AccountFactory, ContactFactory, make_staff

pytestmark = pytest.mark.django_db
LIST, ACCEPT, DISMISS = (
    reverse(f"dashboard:crm-company-{name}") for name in ("list", "accept", "dismiss")
)


def test_a_company_is_made_an_account_of(manager_client):
    ContactFactory.create_batch(2, company_name="Acme Ltd")
    assert "Acme Ltd" in manager_client.get(LIST).content.decode()

    answer = manager_client.post(ACCEPT, {"key": "acme"}, follow=True).content.decode()
    assert "“Acme Ltd” is an account with 2 people." in answer
    assert "Nothing to decide" in answer


def test_a_company_is_dismissed(manager_client):
    ContactFactory(company_name="Private")
    answer = manager_client.post(DISMISS, {"key": "private"}, follow=True).content.decode()

    assert "not proposed any more" in answer
    assert CompanyDecision.objects.get().dismissed_at is not None


@pytest.mark.parametrize("key", ["", "nobody", "x" * 10_000, "a\x00b"])
@pytest.mark.parametrize("address", [ACCEPT, DISMISS])
def test_a_name_nobody_has_is_told_and_changes_nothing(manager_client, address, key):
    answer = manager_client.post(address, {"key": key}, follow=True).content.decode()

    assert "Nobody of this company" in answer
    assert not CompanyDecision.objects.exists()


def test_the_contact_page_offers_to_make_an_account_and_comes_back(manager_client):
    ada = ContactFactory(company_name="Acme GmbH")
    page = manager_client.get(ada.get_absolute_url()).content.decode()
    assert "has no account yet" in page

    answer = manager_client.post(ACCEPT, {"key": "acme", "contact": ada.pk})
    assert answer["Location"] == ada.get_absolute_url()
    assert AccountContact.objects.get().contact == ada
    page = manager_client.get(ada.get_absolute_url()).content.decode()
    assert "has no account yet" not in page


def test_the_contact_page_offers_to_join_an_account_of_that_name(manager_client):
    account = AccountFactory(name="ACME Holding")
    Account.objects.filter(pk=account.pk).update(name_key="acme")
    ada = ContactFactory(company_name="Acme GmbH")

    assert "Join “ACME Holding”" in manager_client.get(ada.get_absolute_url()).content.decode()


def test_an_account_of_others_is_not_named_but_none_is_made(log_in, sales):
    AccountFactory(name="Acme Secret Name GmbH", owner=make_staff())
    Account.objects.update(name_key="acme")
    ContactFactory(company_name="Acme")
    client = log_in(user=sales)

    assert "Secret" not in client.get(LIST).content.decode()
    answer = client.post(ACCEPT, {"key": "acme"}, follow=True).content.decode()
    assert "ask a manager" in answer
    assert "Secret" not in answer
    assert Account.objects.count() == 1


def test_the_list_has_pages_and_a_search(manager_client, settings):
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for name in ("Alpha", "Beta", "Gamma"):
        ContactFactory(company_name=name)

    def names(**query):
        return [c.name for c in manager_client.get(LIST, query).context["companies"]]

    assert names() == ["Alpha", "Beta"]
    assert names(page=2) == ["Gamma"]
    assert names(q="gam") == ["Gamma"]
    assert "No company begins like this" in manager_client.get(LIST, {"q": "x"}).content.decode()
    for odd in ("0", "-1", "x", "9" * 30):
        assert manager_client.get(LIST, {"page": odd}).status_code == 200


def test_more_people_than_are_counted_are_told(manager_client, monkeypatch):
    monkeypatch.setattr(queries, "PEOPLE_LIMIT", 1)
    ContactFactory.create_batch(2, company_name="Acme")

    page = manager_client.get(LIST)
    assert page.context["is_cut_off"]
    assert [c.people for c in page.context["companies"]] == [1]


def test_readers_see_the_list_and_no_buttons(reader_client):
    ContactFactory(company_name="Acme")

    page = reader_client.get(LIST).content.decode()
    assert "Acme" in page
    assert "Make an account" not in page
