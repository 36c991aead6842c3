"""Whatever the orders are, a backfill in chunks does what syncing them one by one does."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oscar.core.loading import get_model
from oscar.test.factories import ShippingAddressFactory, UserFactory

from oscar_crm.models import Contact, ContactEmail, ContactUser, ContactWord, OrderLink, ValueEntry
from oscar_crm.services import integrity, reconcile
from oscar_crm.services.contacts import join_user
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import (
    AccountContactFactory,
    ContactFactory,
    ExchangeRateFactory,
    make_order,
    refund_order,
)

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
EMAILS = [
    *("ada@example.com", " ADA@Example.com", "bob@example.com", "info@example.com"),
    *("INFO@example.com", "archived@example.com", "registered@example.com", "nobody", ""),
]
ACCOUNTS = ["", "ada@example.com", "registered@example.com", "info@example.com"]
WITHOUT = {"id", "updated_at", "synced_at", "contact_id", "link_id", "user_id"}

an_order = st.fixed_dictionaries(
    {
        "email": st.sampled_from(EMAILS),
        "account": st.sampled_from([None, None, None, *range(len(ACCOUNTS))]),
        "name": st.sampled_from([("Ada", "Byron"), ("ADA", "BYRON"), ("Bob", "Roe"), ("", "")]),
        "phone": st.sampled_from(["", "+49 221 1234567"]),
        "company": st.sampled_from(["", "Acme GmbH"]),
        "day": st.integers(0, 60),
        "status": st.sampled_from(["", "Cancelled", "Pending"]),
        "currency": st.sampled_from(["EUR", "EUR", "USD", "GBP", ""]),
        "total": st.decimals(0, 500, places=2),
        "refunds": st.lists(st.decimals("0.01", 300, places=2), max_size=2),
        "foreign_refund": st.booleans(),
    }
)


@contextmanager
def undone():
    """What the block writes is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def shop(orders):
    """The orders, their accounts, and contacts that were there before."""
    ContactFactory(first_name="", emails=["archived@example.com"], archived_at=START)
    known = ContactFactory(last_name="", emails=["bob@example.com"])
    AccountContactFactory(contact=known, from_date=date(2026, 1, 20))
    ExchangeRateFactory(currency="USD", rate=D("0.9"), valid_from=date(2026, 1, 10))
    ExchangeRateFactory(currency="USD", rate=D("0.8"), valid_from=date(2026, 2, 1))
    users = [UserFactory(email=email, first_name="", last_name="") for email in ACCOUNTS]
    join_user(users[2])
    return [make(order, users) for order in orders]


def make(plan, users):
    placed = START + timedelta(days=plan["day"])
    first, last = plan["name"]
    order = make_order(
        plan["email"],
        str(plan["total"]),
        user=None if plan["account"] is None else users[plan["account"]],
        currency=plan["currency"],
        status=plan["status"],
        date_placed=placed,
        shipping_address=ShippingAddressFactory(
            first_name=first, last_name=last, phone_number=plan["phone"], line3=plan["company"]
        ),
    )
    for number, amount in enumerate(plan["refunds"]):
        refund_order(order, str(amount), at=placed + timedelta(days=number + 1))
    if plan["foreign_refund"]:
        refund_order(order, "1.00", currency="CHF")
    if plan["status"] == "Cancelled":
        changes = get_model("order", "OrderStatusChange").objects
        made = changes.create(order=order, old_status="", new_status="Cancelled")
        changes.filter(pk=made.pk).update(date_created=placed + timedelta(days=3))
    return order


def rows(queryset):
    return [
        {name: value for name, value in row.items() if name not in WITHOUT}
        for row in queryset.order_by("pk").values()
    ]


def picture():
    """All the CRM knows, without keys, which differ from one attempt to the next."""
    contacts = []
    for contact in Contact.objects.order_by("pk"):
        accounts = ContactUser.objects.filter(contact=contact)
        contacts.append(
            {
                "fields": rows(Contact.objects.filter(pk=contact.pk)),
                "emails": rows(ContactEmail.objects.filter(contact=contact)),
                "accounts": list(accounts.order_by("user").values_list("user", "basis", "label")),
                "words": set(
                    ContactWord.objects.filter(contact=contact).values_list("word", flat=True)
                ),
                "orders": set(contact.order_links.values_list("order", flat=True)),
            }
        )
    links = OrderLink.objects.order_by("order")
    return {
        "contacts": contacts,
        "links": [rows(OrderLink.objects.filter(pk=link.pk)) for link in links],
        "entries": [
            [link.contact_id is None, *rows(ValueEntry.objects.filter(link=link))] for link in links
        ],
    }


@given(orders=st.lists(an_order, min_size=1, max_size=7), size=st.integers(2, 7))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_backfill_in_chunks_is_the_same_as_one_sync_after_another(orders, size):
    with undone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.OSCAR_CRM_COMPANY_FIELDS", ["line3"], raising=False)
        made = shop(orders)
        with undone():
            for order in made:
                sync_order(order)
            one_by_one = picture()
        opened = reconcile.start()
        while opened.finished_at is None:
            reconcile.step(opened, size=size)

        assert picture() == one_by_one
        assert list(integrity.check()) == []
        assert reconcile.run().unchanged == len(made)
