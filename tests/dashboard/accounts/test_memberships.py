"""Who belongs to which company, from the contact's and the account's page."""

from datetime import date

import pytest
from django.urls import reverse

from oscar_crm.models import AccountContact
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"dashboard:crm-{name}", args=args)


def test_a_person_is_added_on_the_account_page(manager_client):
    account, ada = AccountFactory(name="Acme"), ContactFactory(first_name="Ada", last_name="Byron")
    values = {"contact": ada.pk, "role": "Buyer", "from_date": "2024-01-31"}
    answer = manager_client.post(url("account-person-add", account.pk), values, follow=True)

    assert "Ada Byron belongs to Acme." in answer.content.decode()
    membership = AccountContact.objects.get()
    assert (membership.role, membership.from_date) == ("Buyer", date(2024, 1, 31))


def test_a_company_is_added_on_the_contact_page_the_first_as_the_main_one(manager_client):
    account, ada = AccountFactory(name="Acme Ltd"), ContactFactory()
    address = url("contact-company-add", ada.pk)
    assert manager_client.get(address).context["form"]["is_primary"].value() is True

    manager_client.post(address, {"account_name": "acme ltd", "is_primary": "on"})
    assert AccountContact.objects.get().is_primary
    assert manager_client.get(address).context["form"]["is_primary"].value() is False
    assert "Acme Ltd" in manager_client.get(ada.get_absolute_url()).content.decode()
    assert account.memberships.count() == 1


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({}, "account", "Choose an account or type its name."),
        ({"account": "999999"}, "account", "not in the CRM any more"),
        ({"account_name": "hidden"}, "account_name", "No account you may see"),
        ({"account_name": "Acme", "until_date": "9999-12-31"}, "until_date", "between 1970"),
        ({"account_name": "Acme", "from_date": "0001-01-01"}, "from_date", "between 1970"),
        ({"account_name": "Acme", "from_date": "soon"}, "from_date", "not a day"),
        ({"account_name": "Acme", "role": "x" * 10_000}, "role", "at most 100"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(log_in, sales, values, field, words):
    AccountFactory(name="Acme")
    AccountFactory(name="Hidden", owner=make_staff())
    ada = ContactFactory()

    answer = log_in(user=sales).post(url("contact-company-add", ada.pk), values)
    assert words in answer.context["form"].errors[field][0]
    assert not AccountContact.objects.exists()


def test_dates_the_wrong_way_round_and_a_second_time_are_told(manager_client):
    joined = AccountContactFactory(from_date=date(2024, 1, 1))
    address = url("contact-company-add", joined.contact.pk)
    values = {"account": joined.account.pk, "from_date": "2024-02-01"}

    backwards = manager_client.post(address, {**values, "until_date": "2024-01-01"})
    assert "must not be before" in backwards.content.decode()
    assert "in that time already" in manager_client.post(address, values).content.decode()


def test_a_membership_is_changed_ended_and_removed_and_leads_back(manager_client):
    joined = AccountContactFactory()
    for origin, target in (("contact", joined.contact), ("account", joined.account)):
        address = f"{url('membership-update', joined.pk)}?from={origin}"
        assert manager_client.get(address).status_code == 200
        answer = manager_client.post(address, {"role": "Buyer"})
        assert answer["Location"] == target.get_absolute_url()
    joined.refresh_from_db()
    assert joined.role == "Buyer"

    address = url("membership-end", joined.pk)
    assert "Give their last day." in manager_client.post(address, {}).content.decode()
    manager_client.post(address, {"until_date": "2024-01-31"})
    joined.refresh_from_db()
    assert joined.until_date == date(2024, 1, 31)

    address = url("membership-remove", joined.pk)
    assert "never at" in manager_client.get(address).content.decode()
    manager_client.post(address)
    assert not AccountContact.objects.exists()


def test_the_last_day_cannot_be_before_the_first(manager_client):
    joined = AccountContactFactory(from_date=date(2024, 1, 1))

    answer = manager_client.post(
        url("membership-end", joined.pk), {"until_date": "2023-12-31"}
    ).content.decode()
    assert "must not be before the first" in answer


def test_readers_see_companies_and_no_buttons(reader_client):
    joined = AccountContactFactory(account__name="Acme")

    for page in (joined.contact, joined.account):
        text = reader_client.get(page.get_absolute_url()).content.decode()
        assert "Add a company" not in text
        assert "Add a person" not in text
        assert "Has left" not in text
    assert "Acme" in text


def test_a_company_of_others_is_not_on_the_contact_page(log_in, sales):
    joined = AccountContactFactory(account__name="Hidden", account__owner=make_staff())

    page = log_in(user=sales).get(joined.contact.get_absolute_url())
    assert "Hidden" not in page.content.decode()


def test_who_may_not_see_accounts_has_no_card_of_companies(log_in):
    joined = AccountContactFactory()

    page = log_in("view_contact").get(joined.contact.get_absolute_url()).content.decode()
    assert "companies-heading" not in page
