"""Joining and leaving companies, and the orders that follow."""

from datetime import UTC, date, datetime

import pytest
from django.test import override_settings

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import AccountContact, Operation, OrderLink
from oscar_crm.queries.memberships import accounts_at
from oscar_crm.services import memberships
from oscar_crm.services.account_figures import rebuild_accounts, refresh_account_figures
from oscar_crm.services.integrity import check
from oscar_crm.services.undo import undo_operation
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    OrderLinkFactory,
    ValueEntryFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


def noon(year, month=6, day=15):
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.fixture
def staff():
    return make_staff()


@pytest.fixture
def ada():
    return ContactFactory(first_name="Ada", last_name="Byron")


@pytest.fixture
def acme():
    return AccountFactory(name="Acme")


@pytest.fixture
def orders(ada):
    """Orders of ten each in 2021, 2023 and 2025."""
    made = [OrderLinkFactory(contact=ada, placed_at=noon(year)) for year in (2021, 2023, 2025)]
    for link in made:
        ValueEntryFactory(link=link)
    return made


def companies(orders):
    return [OrderLink.objects.get(pk=link.pk).account for link in orders]


def test_orders_inside_the_dates_get_the_company(staff, ada, acme, orders):
    dates = {"from_date": date(2022, 1, 1), "until_date": date(2024, 12, 31)}
    memberships.add_membership(acme, ada, by=staff, **dates)

    assert companies(orders) == [None, acme, None]
    acme.refresh_from_db()
    assert (acme.orders_count, acme.lifetime_value) == (1, 10)


def test_the_first_and_the_last_day_count(staff, ada, acme, orders):
    days = {"from_date": date(2021, 6, 15), "until_date": date(2023, 6, 15)}
    memberships.add_membership(acme, ada, by=staff, **days)

    assert companies(orders) == [acme, acme, None]


@override_settings(TIME_ZONE="Asia/Tokyo")
def test_the_day_is_that_of_the_shop(staff, ada, acme):
    late = OrderLinkFactory(contact=ada, placed_at=datetime(2023, 12, 31, 20, tzinfo=UTC))

    memberships.add_membership(acme, ada, by=staff, from_date=date(2024, 1, 1))

    assert companies([late]) == [acme]  # in Tokyo the new year had begun


def test_an_order_that_has_a_company_keeps_it(staff, ada, acme, orders):
    memberships.add_membership(acme, ada, by=staff)
    other = AccountFactory()
    memberships.add_membership(other, ada, by=staff, is_primary=True)

    assert companies(orders) == [acme] * 3
    other.refresh_from_db()
    assert other.orders_count == 0


def test_leaving_a_company_changes_nothing_of_the_past(staff, ada, acme, orders):
    joined = memberships.add_membership(acme, ada, by=staff)
    memberships.end_membership(joined, until=date(2022, 1, 1), by=staff)

    assert companies(orders) == [acme] * 3


def test_an_earlier_beginning_brings_the_orders_of_that_time(staff, ada, acme, orders):
    joined = memberships.add_membership(acme, ada, by=staff, from_date=date(2024, 1, 1))
    memberships.change_membership(joined, from_date=date(2023, 1, 1), by=staff)

    assert companies(orders) == [None, acme, acme]


def test_a_membership_that_was_a_mistake_takes_its_company_back(staff, ada, acme, orders):
    joined = memberships.add_membership(acme, ada, by=staff)
    memberships.remove_membership(joined, by=staff)

    assert companies(orders) == [None] * 3
    acme.refresh_from_db()
    assert (acme.orders_count, acme.lifetime_value, acme.last_order_at) == (0, 0, None)


def test_orders_of_a_removed_company_go_to_the_other_one_of_that_time(staff, ada, acme, orders):
    mistake = memberships.add_membership(acme, ada, by=staff)
    other = AccountFactory()
    memberships.add_membership(other, ada, by=staff, from_date=date(2022, 1, 1))
    memberships.remove_membership(mistake, by=staff)

    assert companies(orders) == [None, other, other]
    other.refresh_from_db()
    assert other.orders_count == 2


def test_of_two_times_at_one_company_removing_one_keeps_the_other(staff, ada, acme, orders):
    memberships.add_membership(acme, ada, by=staff, until_date=date(2022, 1, 1))
    again = memberships.add_membership(acme, ada, by=staff, from_date=date(2025, 1, 1))
    memberships.remove_membership(again, by=staff)

    assert companies(orders) == [acme, None, None]


def test_adding_and_removing_can_be_undone(staff, ada, acme, orders):
    joined = memberships.add_membership(acme, ada, by=staff, role="Buyer")
    memberships.remove_membership(joined, by=staff)
    removal = Operation.objects.latest("pk")

    undo_operation(removal, by=staff)
    assert AccountContact.objects.get().role == "Buyer"
    assert companies(orders) == [acme] * 3
    acme.refresh_from_db()
    assert acme.orders_count == 3

    undo_operation(Operation.objects.earliest("pk"), by=staff)
    assert not AccountContact.objects.exists()
    assert companies(orders) == [None] * 3
    acme.refresh_from_db()
    assert acme.orders_count == 0


def test_a_contact_has_one_main_company(staff, ada, acme):
    first = memberships.add_membership(acme, ada, by=staff, is_primary=True)
    second = memberships.add_membership(AccountFactory(), ada, by=staff, is_primary=True)

    assert not AccountContact.objects.get(pk=first.pk).is_primary
    memberships.change_membership(first, is_primary=True, by=staff)
    assert not AccountContact.objects.get(pk=second.pk).is_primary


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"from_date": date(2024, 2, 1), "until_date": date(2024, 1, 1)}, "until_date", "before"),
        ({"from_date": date(1, 1, 1)}, "from_date", "between 1970 and 2999"),
        ({"until_date": date(9999, 12, 31)}, "until_date", "between 1970 and 2999"),
        ({"role": "x" * 10_000}, "role", "100 characters"),
    ],
)
def test_absurd_dates_and_endless_roles_are_refused(staff, ada, acme, values, field, words):
    with pytest.raises(ValidationError, match=words) as refused:
        memberships.add_membership(acme, ada, by=staff, **values)

    assert refused.value.field == field
    assert not AccountContact.objects.exists()
    assert not Operation.objects.exists()


def test_nobody_belongs_to_a_company_twice_at_a_time(staff, ada, acme):
    memberships.add_membership(acme, ada, by=staff, from_date=date(2024, 1, 1))

    with pytest.raises(ValidationError, match="Ada Byron belongs to Acme in that time already"):
        memberships.add_membership(acme, ada, by=staff, until_date=date(2024, 1, 1))
    memberships.add_membership(acme, ada, by=staff, until_date=date(2023, 12, 31))


def test_removing_twice_is_told(staff, ada, acme):
    joined = memberships.add_membership(acme, ada, by=staff)
    memberships.remove_membership(joined, by=staff)

    with pytest.raises(ValidationError, match="Somebody else has removed"):
        memberships.remove_membership(AccountContact(pk=joined.pk, contact=ada), by=staff)


def test_the_main_company_goes_first_then_the_one_joined_first(django_assert_num_queries, ada):
    first, second, main = AccountFactory.create_batch(3)
    for account in (first, second):
        AccountContactFactory(account=account, contact=ada)
    AccountContactFactory(account=main, contact=ada, is_primary=True, from_date=date(2024, 1, 1))
    nobody = ContactFactory()
    pairs = [(ada.pk, noon(2023)), (ada.pk, noon(2025)), (nobody.pk, noon(2025))]

    with django_assert_num_queries(1):
        found = accounts_at(pairs)

    assert found == {pairs[0]: first.pk, pairs[1]: main.pk}


def test_figures_leave_out_cancelled_orders_and_count_those_without_a_rate(ada, acme):
    def order(amount, **fields):
        link = OrderLinkFactory(contact=ada, account=acme, total=amount, placed_at=noon(2024))
        ValueEntryFactory(link=link, **fields)
        return link

    order(10)
    cancelled = order(20)
    ValueEntryFactory(link=cancelled, kind="cancelled", amount=-20, base_amount=-20)
    order(30, base_amount=None, currency="USD")

    refresh_account_figures([acme.pk])

    acme.refresh_from_db()
    assert (acme.lifetime_value, acme.orders_count, acme.unvalued_orders) == (10, 2, 1)
    assert acme.last_order_at == noon(2024)


def test_crm_check_finds_and_repairs_the_figures_of_accounts(ada, acme):
    gone = OrderLinkFactory(contact=ada, account=acme, deleted_at=noon(2024))  # settled long ago
    ValueEntryFactory(link=gone)
    (finding,) = [f for f in check(repair=True) if f.what.startswith("Account")]

    names = "last_order_at, lifetime_value, orders_count"
    assert finding.what == f"Account {acme.pk}: {names} differ from the ledger"
    assert finding.is_repaired
    acme.refresh_from_db()
    assert acme.lifetime_value == 10
    assert not [f for f in check() if f.what.startswith("Account")]


def test_rebuilding_makes_figures_and_search_words_anew(ada, acme):
    ValueEntryFactory(link=OrderLinkFactory(contact=ada, account=acme))
    acme.words.all().delete()

    rebuild_accounts()

    acme.refresh_from_db()
    assert acme.orders_count == 1
    assert [word.word for word in acme.words.all()] == ["acme"]
