"""The timeline merges notes, orders, refunds, cancellations and field changes."""

import base64
import json
from datetime import timedelta
from decimal import Decimal as D
from itertools import product

import pytest
from django.utils import timezone

from oscar_crm.queries.timeline import FieldChange, contact_timeline, latest_activity
from oscar_crm.services.activities import add_note
from oscar_crm.services.contacts import create_contact, update_contact
from oscar_crm.services.orders import assign_order, sync_order
from oscar_crm.services.tags import tag_contact
from oscar_crm.test.factories import (
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
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


def test_no_forged_cursor_fails():
    contact = ContactFactory()
    NoteFactory(contact=contact)
    ValueEntryFactory(link__contact=contact)
    huge = int("9" * 30)
    odd = (huge, -huge, float("inf"), None, [], "a\x00b")
    moments = (
        *("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00", "2026-02-30T00:00:00+00:00"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+00:00"),
    )
    for parts in product((*moments, huge), (2, *odd), (1, *odd)):
        cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
        assert len(contact_timeline(contact, older=cursor).items) <= 2


@pytest.mark.parametrize("codename", ["view_activity", "view_orderlink"])
def test_notes_and_orders_are_for_those_who_may_see_notes_and_orders(codename):
    link = OrderLinkFactory(number="ORDER1")
    ValueEntryFactory(link=link)
    NoteFactory(contact=link.contact, body="A note")
    assign_order(link, contact := ContactFactory(), by=None)
    NoteFactory(contact=contact, body="Another note")
    ranks = {"view_activity": {"note"}, "view_orderlink": {"placed", "assign_order"}}[codename]
    user = make_staff("view_contact", codename)

    assert {item.kind for item in contact_timeline(contact, user=user).items} <= ranks
    assert {item.kind for item in latest_activity(user)} == ranks - {"assign_order"}
    assert latest_activity(make_staff("view_contact")) == []


def test_a_page_costs_the_same_for_any_history(django_assert_num_queries):
    contact = ContactFactory()
    for _ in range(60):
        NoteFactory(contact=contact)
        ValueEntryFactory(link__contact=contact)

    with django_assert_num_queries(3):
        contact_timeline(contact)
