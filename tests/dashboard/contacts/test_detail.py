"""The page of one contact, and its timeline."""

import base64
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oscar.test.factories import ShippingAddressFactory

from oscar_crm.models import Contact, ContactUser, OrderLink
from oscar_crm.services.contacts import (
    archive_contact,
    restore_contact,
    update_contact,
)
from oscar_crm.services.orders import sync_order
from oscar_crm.services.tags import tag_contact, untag_contact
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


def page_of(client: Client, contact: Contact) -> str:
    response = client.get(contact.get_absolute_url())
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_facts_of_a_contact_stand_on_its_page(manager_client: Client, manager: Any) -> None:
    contact = ContactFactory(
        first_name="Ada",
        last_name="Byron",
        phone="+49 171 2345",
        job_title="Countess",
        company_name="Engines & Co",
        owner=manager,
        emails=["ada@example.com", "b+c@example.com"],
    )
    user = get_user_model()._default_manager.create(username="ada")
    ContactUser.objects.create(
        contact=contact, user=user, basis=ContactUser.Basis.EMAIL, label="ada@shop.example"
    )
    page = page_of(manager_client, contact)
    for text in (
        "Ada Byron",
        "Engines &amp; Co",
        "Countess",
        "Mara Manager",
        "mailto:ada@example.com",
        "mailto:b%2Bc@example.com",
        "tel:+491712345",
        "ada@shop.example",
        "Same e-mail address only",
        "Entered by staff",
    ):
        assert text in page


def test_value_is_shown_per_currency_and_in_base_currency(manager_client: Client) -> None:
    contact = ContactFactory(
        lifetime_value=Decimal("100.00"),
        orders_count=5,
        unvalued_orders=1,
        currency_totals={
            "EUR": {"amount": "80.00", "base": "80.00"},
            "USD": {"amount": "25.00", "base": "20.00"},
            "GBP": {"amount": "7.00", "base": None},
        },
    )
    page = page_of(manager_client, contact)
    for text in ("€100.00", "$25.00", "€20.00", "£7.00", "no rate", "€25.00"):
        assert text in page
    assert "1 order is not in the lifetime value" in page
    assert reverse("dashboard:crm-rate-list") in page


def test_orders_are_listed_newest_first_with_their_warnings(manager_client: Client) -> None:
    contact = ContactFactory()
    now = timezone.now()
    for number in range(12):
        OrderLinkFactory(
            contact=contact, number=f"N{number}", placed_at=now - timedelta(days=number)
        )
    OrderLink.objects.filter(number="N0").update(refund_excess=5, foreign_refund="3.00 USD")
    response = manager_client.get(contact.get_absolute_url())
    page = response.content.decode()
    assert [link.number for link in response.context["orders"]] == [f"N{n}" for n in range(10)]
    assert "€5.00 more refunded than paid" in page
    assert "Refund in another currency: 3.00 USD" in page
    assert "deleted in the shop" in page
    assert f"{reverse('dashboard:crm-order-list')}?contact={contact.pk}" in page


def test_order_numbers_link_to_the_shop_for_those_who_may_see_orders(
    manager: Any, manager_client: Client
) -> None:
    link = sync_order(make_order())
    assert link is not None
    assert link.contact is not None
    url = reverse("dashboard:order-detail", kwargs={"number": link.number})
    assert url not in page_of(manager_client, link.contact)
    manager.user_permissions.add(
        Permission.objects.get(codename="view_order", content_type__app_label="order")
    )
    assert url in page_of(manager_client, link.contact)


def test_addresses_of_the_contact_and_of_its_orders_appear_once(manager_client: Client) -> None:
    one = ShippingAddressFactory(first_name="Ada", last_name="Byron", line1="1 Egg Street")
    other = ShippingAddressFactory(first_name="Ada", last_name="Byron", line1="2 Ham Road")
    link = sync_order(make_order(shipping_address=one))
    sync_order(make_order(shipping_address=other))
    sync_order(make_order(shipping_address=other))
    assert link is not None
    assert link.contact is not None
    page = page_of(manager_client, link.contact)
    assert page.count("1 Egg Street") == 1
    assert page.count("2 Ham Road") == 1


def test_the_timeline_tells_orders_refunds_notes_and_changes_in_words(
    manager_client: Client, manager: Any, sales: Any, germany: Any
) -> None:
    order = make_order(number="T77")
    link = sync_order(order)
    assert link is not None
    assert link.contact is not None
    contact = link.contact
    update_contact(
        contact, {"phone": "1", "job_title": "Boss", "owner": manager, "country": ""}, by=manager
    )
    values = {"phone": "2", "owner": sales, "country": "DE", "kind": "partner"}
    update_contact(contact, values, by=sales, emails=["ada@example.com", "new@example.com"])
    tag = tag_contact(contact, "VIP", by=sales)
    untag_contact(contact, tag, by=sales)
    archive_contact(contact, by=sales)
    restore_contact(contact, by=sales)
    refund_order(order, "20.00")
    sync_order(order)
    NoteFactory(contact=contact, body="Called <b>twice</b>.")
    page = page_of(manager_client, contact)
    for text in (
        "Order T77 placed",
        "Refund for order T77",
        "Job title set to “Boss”",
        "Phone changed from “1” to “2”",
        "Owner changed from “Mara Manager” to “Sam Sales”",
        "Country set to “Germany”",
        "Kind changed from “Customer” to “Partner”",
        "E-mail addresses changed from “ada@example.com” to “ada@example.com, new@example.com”",
        "Tag “VIP” added",
        "Tag “VIP” removed",
        "Contact archived",
        "Contact restored from the archive",
        "Called &lt;b&gt;twice&lt;/b&gt;.",
        "-€20.00",
    ):
        assert text in page


def test_older_items_are_a_page_and_for_htmx_a_part(manager_client: Client) -> None:
    contact = ContactFactory()
    now = timezone.now()
    for number in range(25):
        NoteFactory(contact=contact, body=f"Note {number:02}.", occurred_at=now - timedelta(number))
    first = manager_client.get(contact.get_absolute_url())
    older = first.context["timeline"].older
    assert "Note 19." in first.content.decode()
    assert "Note 20." not in first.content.decode()
    url = reverse("dashboard:crm-contact-timeline", args=[contact.pk])
    page = manager_client.get(url, {"older": older}).content.decode()
    part = manager_client.get(url, {"older": older}, headers={"HX-Request": "true"})
    assert "<html" in page
    assert "Note 20." in page
    assert "Note 19." not in page
    assert "<html" not in part.content.decode()
    assert "Note 24." in part.content.decode()


def forged(*key: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


@pytest.mark.parametrize(
    "older",
    [
        *("x", "W10=", "WzEsMiwzXQ==", "\x00", "é"),
        forged("0001-01-01T00:00:00+14:00", 1, 1),
        forged("2026-01-01T00:00:00", 1, 1),
        forged("2026-01-01T00:00:00+00:00", 1, float("inf")),
    ],
)
def test_a_broken_timeline_cursor_means_the_newest_items(
    manager_client: Client, older: str
) -> None:
    note = NoteFactory(body="Newest.")
    url = reverse("dashboard:crm-contact-timeline", args=[note.contact_id])
    assert "Newest." in manager_client.get(url, {"older": older}).content.decode()


def test_buttons_appear_only_for_those_who_may_use_them(
    reader_client: Client, sales_client: Client
) -> None:
    contact = NoteFactory().contact
    targets = [
        reverse(f"dashboard:crm-{name}", args=[contact.pk])
        for name in ("contact-update", "contact-archive", "contact-tag-add", "note-create")
    ]
    for_sales, for_reader = page_of(sales_client, contact), page_of(reader_client, contact)
    assert all(target in for_sales for target in targets)
    assert not any(target in for_reader for target in targets)
    assert "/notes/" in for_sales
    assert "/notes/" not in for_reader


def test_without_the_permission_for_orders_or_notes_they_are_left_out(log_in: Any) -> None:
    contact = ContactFactory()
    ValueEntryFactory(link=OrderLinkFactory(contact=contact, number="Secret1"))
    NoteFactory(contact=contact, body="Secret2")
    page = page_of(log_in("view_contact"), contact)
    assert "Secret1" not in page
    assert "Secret2" not in page


def test_the_contact_of_a_colleague_is_not_found(sales_client: Client, manager: Any) -> None:
    contact = ContactFactory(owner=manager)
    assert sales_client.get(contact.get_absolute_url()).status_code == 404
    url = reverse("dashboard:crm-contact-timeline", args=[contact.pk])
    assert sales_client.get(url).status_code == 404


def test_an_owner_who_is_gone_is_said_to_be_deleted(manager_client: Client, manager: Any) -> None:
    contact = ContactFactory()
    leaver = make_staff(first_name="Gone")
    update_contact(contact, {"owner": leaver}, by=manager)
    leaver.delete()
    assert "Owner set to “a deleted user”" in page_of(manager_client, contact)


def test_long_and_odd_values_are_shown(manager_client: Client) -> None:
    address = "a" * 242 + "@example.com"
    contact = ContactFactory(
        first_name="N" * 255, last_name="名" * 255, phone="ask reception", emails=[address]
    )
    OrderLinkFactory(contact=contact, number="1/2", currency="?!", total=Decimal("3.00"))
    page = page_of(manager_client, contact)
    assert address in page
    assert "名" * 255 in page


@pytest.mark.parametrize("count", [3, 300])
def test_the_page_takes_at_most_fifteen_queries_whatever_the_history(
    manager_client: Client,
    manager: Any,
    germany: Any,
    django_assert_max_num_queries: Any,
    count: int,
) -> None:
    contact = ContactFactory()
    for number in range(count):
        OrderLink.objects.bulk_create([OrderLinkFactory.build(contact=contact, number=number)])
    for link in OrderLink.objects.all()[:30]:
        ValueEntryFactory(link=link)
        NoteFactory(contact=contact)
    update_contact(contact, {"country": "DE", "owner": manager}, by=manager)
    tag_contact(contact, "VIP", by=manager)
    with django_assert_max_num_queries(15):
        assert manager_client.get(contact.get_absolute_url()).status_code == 200
