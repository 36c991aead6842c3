"""Accounts out of the company names that orders brought."""

from datetime import UTC, datetime

import pytest

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Account, AccountContact, CompanyDecision, Operation, OrderLink
from oscar_crm.queries.companies import companies
from oscar_crm.services.accounts import archive_account
from oscar_crm.services.companies import accept_company, dismiss_company
from oscar_crm.services.undo import undo_operation
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    OrderLinkFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db
ALL = ("view_contact", "view_all_contacts", "view_account", "view_all_accounts")


@pytest.fixture
def manager():
    return make_staff(*ALL)


def people(*names, **fields):
    return [ContactFactory(company_name=name, **fields) for name in names]


def listed(user, **options):
    return [(c.key, c.people, c.account) for c in companies(user, **options)]


def test_companies_are_listed_with_most_people_first(manager):
    people("Müller GmbH", "mueller gmbh", "Acme Ltd", "")

    assert listed(manager) == [("muller", 2, None), ("acme", 1, None)]
    assert listed(manager, begins="ACM") == [("acme", 1, None)]


def test_who_belongs_to_a_company_is_not_waiting_for_one(manager):
    (ada,) = people("Acme")
    AccountContactFactory(contact=ada)

    assert listed(manager) == []


def test_accepting_makes_one_account_of_all_spellings(manager):
    for contact in people("Müller GmbH", "Müller GmbH", "MUELLER GMBH", country="DE"):
        at = datetime(2024, 1, 1, tzinfo=UTC)
        OrderLinkFactory(contact=contact, placed_at=at)

    account = accept_company("muller", by=manager)

    assert (account.name, account.billing_country) == ("Müller GmbH", "DE")
    assert AccountContact.objects.filter(account=account, is_primary=True).count() == 3
    assert OrderLink.objects.filter(account=account).count() == 3
    assert listed(manager) == []


def test_who_orders_later_joins_the_same_account(manager):
    people("Acme Ltd")
    account = accept_company("acme", by=manager)
    people("ACME")

    assert listed(manager) == [("acme", 1, account)]
    assert accept_company("acme", by=manager) == account
    assert Account.objects.count() == 1


def test_an_account_that_staff_made_is_the_one_to_join(manager):
    account = AccountFactory(name="Acme Inc.")
    people("Acme")

    assert accept_company("acme", by=manager) == account


def test_an_archived_account_comes_back_and_none_is_made(manager):
    account = archive_account(AccountFactory(name="Acme"), by=manager)
    people("Acme")

    assert accept_company("acme", by=manager) == account
    assert not Account.objects.get().is_archived


def test_the_account_of_somebody_else_is_not_told_and_none_is_made(manager):
    AccountFactory(name="Acme", owner=manager)
    people("Acme")
    limited = make_staff("view_contact", "view_account")

    with pytest.raises(ValidationError, match="in the CRM already: ask a manager"):
        accept_company("acme", by=limited)
    assert listed(limited) == [("acme", 1, None)]
    assert not CompanyDecision.objects.exists()


def test_only_people_one_may_see_are_joined(manager):
    people("Acme", owner=manager)
    people("Acme")
    limited = make_staff("view_contact", "view_account")

    account = accept_company("acme", by=limited)

    assert account.memberships.count() == 1


def test_a_dismissal_is_remembered(manager):
    people("Private")
    for _ in range(2):
        dismiss_company("private", by=manager)

    people("PRIVATE")
    assert listed(manager) == []
    with pytest.raises(ValidationError, match="Nobody of this company"):
        accept_company("private", by=manager)


@pytest.mark.parametrize("decide", [accept_company, dismiss_company])
def test_a_name_nobody_has_is_refused_and_leaves_nothing(manager, decide):
    with pytest.raises(ValidationError, match="Nobody of this company"):
        decide("invented", by=manager)
    assert not CompanyDecision.objects.exists()
    assert not Operation.objects.exists()


def test_accepting_can_be_undone(manager):
    (ada,) = people("Acme")
    order = OrderLinkFactory(contact=ada)
    accept_company("acme", by=manager)

    outcome = undo_operation(Operation.objects.get(), by=manager)

    assert outcome.refused == []
    assert not Account.objects.exists()
    assert OrderLink.objects.get(pk=order.pk).account is None
    assert listed(manager) == [("acme", 1, None)]


def test_the_list_costs_two_queries_whatever_its_length(manager, django_assert_num_queries):
    manager.has_perm("oscar_crm.view_contact")
    people(*(f"Company {n}" for n in range(30)))
    with django_assert_num_queries(2):
        assert len(companies(manager, size=20)) == 21
