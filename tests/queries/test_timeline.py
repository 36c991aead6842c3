"""The timeline merges notes, orders, refunds, cancellations and field changes."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from oscar_crm.queries.timeline import FieldChange, contact_timeline
from oscar_crm.services.activities import add_note
from oscar_crm.services.contacts import create_contact, tag_contact, update_contact
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import (
    ContactFactory,
    NoteFactory,
    ValueEntryFactory,
    make_order,
    make_staff,
    refund_order,
)

pytestmark = pytest.mark.django_db


def walk(contact, size):
    items, older = [], ""
    while True:
        page = contact_timeline(contact, size=size, older=older)
        items += page.items
        older = page.older
        if not older:
            return items


def test_everything_that_happened_is_on_it_newest_first():
    staff = make_staff(first_name="Sam")
    contact = create_contact({"last_name": "Byron"}, emails=["ada@example.com"], by=staff)
    yesterday = timezone.now() - timedelta(days=1)
    order = make_order("ada@example.com", "120.00", status="Pending", date_placed=yesterday)
    refund_order(order, "20.00", at=yesterday + timedelta(hours=1))
    order.set_status("Cancelled")
    sync_order(order)
    add_note(contact, "Called.", by=staff)
    type(contact).objects.update(phone="1")
    update_contact(contact, {"phone": "2"}, by=staff)
    tag_contact(contact, "VIP", by=staff)

    items = contact_timeline(contact).items

    assert [item.at for item in items] == sorted((item.at for item in items), reverse=True)
    assert [item.kind for item in items][-2:] == ["refunded", "placed"]
    assert [item.kind for item in items][:3] == ["tag", "update", "note"]
    amounts = {item.kind: item.amount for item in items if item.amount is not None}
    assert amounts == {"placed": D("120.00"), "refunded": D("-20.00"), "cancelled": D("-100.00")}
    change = next(item for item in items if item.kind == "update")
    assert change.changes == (FieldChange("phone", "1", "2"),)
    assert change.actor == "Sam"


def test_the_notes_own_journal_is_not_shown_beside_the_note():
    contact = ContactFactory()

    add_note(contact, "Called.", by=make_staff())

    assert len(contact_timeline(contact).items) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 20])
def test_pages_show_every_item_once_even_at_one_instant(size):
    contact, now = ContactFactory(), timezone.now()
    for n in range(7):
        NoteFactory(contact=contact, occurred_at=now - timedelta(minutes=n // 3))
        ValueEntryFactory(link__contact=contact, occurred_at=now - timedelta(minutes=n // 2))

    items = walk(contact, size)

    assert len({(item.rank, item.pk) for item in items}) == len(items) == 14
    assert [item.key for item in items] == sorted((item.key for item in items), reverse=True)


@pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "é", "WzEsMiwzXQ=="])
def test_a_broken_cursor_means_the_newest_page(cursor):
    contact = ContactFactory()
    note = NoteFactory(contact=contact)

    assert [i.record for i in contact_timeline(contact, older=cursor).items] == [note]


def test_a_page_costs_the_same_for_any_history(django_assert_num_queries):
    contact = ContactFactory()
    for _ in range(60):
        NoteFactory(contact=contact)
        ValueEntryFactory(link__contact=contact)

    with django_assert_num_queries(3):
        contact_timeline(contact)
