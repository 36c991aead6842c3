"""Orders are brought in together, with the result and the cost of one path."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from oscar.test.factories import ShippingAddressFactory, UserFactory

from oscar_crm.models import Contact, ContactEmail, OrderLink, ValueEntry
from oscar_crm.services import bulk, orders, reconcile
from oscar_crm.services.contacts import join_user
from oscar_crm.services.intake import bring_in
from oscar_crm.services.order_facts import read_states
from oscar_crm.services.orders import sync_order
from oscar_crm.services.search import index_contacts
from oscar_crm.signals import receivers
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    ExchangeRateFactory,
    make_order,
    refund_order,
)

pytestmark = pytest.mark.django_db
INLINE = receivers.INLINE["sync_order"]
LIMIT = 12  # begin and commit included


def queries_of(order):
    """Queries of what a shop without Celery does after the commit."""
    with CaptureQueriesContext(connection) as captured:
        INLINE(order.pk)
    return len(captured)


def address(**fields):
    values = {"first_name": "Ada", "last_name": "Byron", "phone_number": "+49 221 1234567"}
    return ShippingAddressFactory(**{**values, **fields})


def test_a_guest_who_buys_for_the_first_time_takes_few_queries():
    assert queries_of(make_order(shipping_address=address())) <= LIMIT


def test_a_guest_who_comes_back_takes_few_queries():
    sync_order(make_order(shipping_address=None))

    assert queries_of(make_order(shipping_address=address())) <= LIMIT


def test_a_customer_of_a_company_who_comes_back_takes_few_queries():
    contact = ContactFactory(emails=["ada@example.com"])
    AccountContactFactory(contact=contact)

    # Three more for the company: it is locked, its orders are added up, its figures are saved.
    assert queries_of(make_order()) <= LIMIT + 3


def test_an_account_that_is_unknown_takes_few_queries():
    user = UserFactory(email="ada@example.com")

    assert queries_of(make_order("", user=user, shipping_address=address())) <= LIMIT


def test_an_account_that_has_only_registered_takes_few_queries():
    user = UserFactory(email="ada@example.com", first_name="", last_name="")
    contact = join_user(user)

    assert queries_of(make_order("", user=user, shipping_address=address())) <= LIMIT
    contact.refresh_from_db()
    assert (contact.full_name, contact.orders_count) == ("Ada Byron", 1)


def test_an_account_that_comes_back_takes_few_queries():
    user = UserFactory(email="ada@example.com")
    sync_order(make_order("", user=user))

    assert queries_of(make_order("", user=user, shipping_address=address())) <= LIMIT


def test_a_changed_order_takes_few_queries():
    order = make_order(total="120.00")
    sync_order(order)
    refund_order(order, "20.00")

    assert queries_of(order) <= LIMIT
    assert Contact.objects.get().lifetime_value == D("100.00")


def test_a_chunk_takes_as_many_queries_as_an_order(monkeypatch):
    monkeypatch.setattr(bulk, "MANY", 1_000)  # COPY is not seen by those who count

    def queries(numbers):
        made = [
            make_order(f"c{n}@example.com", currency=currency, shipping_address=address())
            for n in numbers
            for currency in ("EUR", "USD", "GBP")
        ]
        for order in made:
            refund_order(order, "1.00")
        with CaptureQueriesContext(connection) as captured:
            bring_in(list(read_states(order.pk for order in made).values()))
        return len(captured)

    assert queries(range(1)) == queries(range(1, 9))


def test_a_new_contact_is_written_once_with_everything_derived():
    bring_in(list(read_states([make_order(shipping_address=address()).pk]).values()))

    contact = Contact.objects.get()
    derived = ("sort_name", "name_key", "company_key", "phone_key")
    before = [getattr(contact, name) for name in derived]
    words = set(contact.words.values_list("word", flat=True))
    index_contacts([contact])
    contact.refresh_from_db()
    assert [getattr(contact, name) for name in derived] == before
    assert set(contact.words.values_list("word", flat=True)) == words
    assert before[:2] == ["byron ada", "ada byron"]


def test_orders_of_one_new_person_in_a_chunk_belong_to_one_contact():
    made = [make_order(email, "10.00") for email in ("ada@example.com", "ADA@example.com")]

    bring_in(list(read_states(order.pk for order in made).values()))

    contact = Contact.objects.get()
    assert (contact.orders_count, contact.lifetime_value) == (2, D("20.00"))


def test_a_chunk_that_fails_leaves_nothing_behind():
    made = [make_order("ada@example.com"), make_order("bob@example.com")]
    states = list(read_states(order.pk for order in made).values())
    failing = patch("oscar_crm.services.intake.book", side_effect=ValueError("odd"))

    with failing, pytest.raises(ValueError, match="odd"):
        bring_in(states)

    assert not Contact.objects.exists()
    assert not OrderLink.objects.exists()


def test_an_order_that_was_brought_in_meanwhile_is_left_alone_and_the_others_come_in():
    quick, slow = make_order("ada@example.com"), make_order("bob@example.com")
    states = list(read_states([quick.pk, slow.pk]).values())
    link = sync_order(quick)

    synced = orders.try_sync_states(states)

    assert synced[quick.pk] == link
    assert synced[slow.pk].contact is not None
    assert ValueEntry.objects.count() == 2


def test_an_address_that_another_transaction_has_taken_meanwhile_is_looked_up_again():
    contact = ContactFactory(emails=[])
    order = make_order("ada@example.com")
    real = orders.bring_in

    def beaten(states):
        if not ContactEmail.objects.exists():
            ContactEmail.objects.create(
                contact=contact, address="ada@example.com", match_key="ada@example.com"
            )
            raise IntegrityError
        return real(states)

    with patch("oscar_crm.services.orders.bring_in", beaten):
        link = sync_order(order)

    assert link.contact == contact


def test_orders_of_which_one_has_changed_meanwhile_are_read_again():
    order = make_order(total="120.00")
    sync_order(order)
    refund_order(order, "20.00")
    stale = list(read_states([order.pk]).values())
    refund_order(order, "30.00")
    sync_order(order)

    bring_in(stale)

    assert Contact.objects.get().lifetime_value == D("70.00")


def test_an_order_keeps_the_company_the_person_had_then():
    contact = ContactFactory(emails=["ada@example.com"])
    old, new = AccountFactory(), AccountFactory()
    moved = date(2026, 2, 1)
    AccountContactFactory(contact=contact, account=old, until_date=moved - timedelta(days=1))
    AccountContactFactory(contact=contact, account=new, from_date=moved)

    def account_on(*day):
        placed = datetime(*day, 12, tzinfo=UTC)
        return sync_order(make_order(date_placed=placed)).account

    assert account_on(2026, 1, 31) == old
    assert account_on(2026, 2, 1) == new


def test_of_several_companies_the_main_one_counts_else_the_oldest():
    contact = ContactFactory(emails=["ada@example.com"])
    first, main = (AccountContactFactory(contact=contact) for _ in range(2))
    assert sync_order(make_order()).account == first.account
    main.is_primary = True
    main.save()

    assert sync_order(make_order()).account == main.account


def test_a_resync_keeps_the_company():
    order = make_order()
    contact = sync_order(order).contact
    AccountContactFactory(contact=contact)

    assert sync_order(order, force=True).account is None


def test_rates_of_many_days_are_read_with_the_chunk():
    for month, rate in ((1, "0.90"), (2, "0.80"), (3, "0.70")):
        ExchangeRateFactory(rate=D(rate), valid_from=date(2026, month, 1))
    days = ((2025, 12, 31), (2026, 1, 1), (2026, 1, 31), (2026, 2, 1), (2026, 3, 9))
    for day in days:
        make_order(
            f"{day}@example.com".replace(" ", ""),
            "10.00",
            currency="USD",
            date_placed=datetime(*day, 12, tzinfo=UTC),
        )

    reconcile.run()

    values = OrderLink.objects.order_by("pk").values_list("entries__base_amount", flat=True)
    assert list(values) == [None, D("9.00"), D("9.00"), D("8.00"), D("7.00")]


def test_a_total_of_nothing_has_no_sign_whatever_the_database_sums_with():
    order = make_order(total="0.69", status="Cancelled")
    refund_order(order, "0.05")
    sync_order(order)

    sync_order(make_order(total="0.00"))  # now read back: 0.69 - 0.05 - 0.64

    assert Contact.objects.get().currency_totals == {"EUR": {"amount": "0.00", "base": "0.00"}}
