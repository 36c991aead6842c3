"""Saying by hand whose order it is."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oscar_crm.models import OrderLink
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import ContactFactory, OrderLinkFactory, make_order, make_staff

pytestmark = pytest.mark.django_db

MAY_ASSIGN = ("view_contact", "view_orderlink", "change_orderlink")


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(make_staff(*MAY_ASSIGN, "view_all_contacts"))
    return client


@pytest.fixture
def nobodys(germany: Any) -> OrderLink:
    link = sync_order(make_order(email="", total="80.00"))
    assert link is not None
    assert link.contact is None
    return link


def url_of(link: OrderLink) -> str:
    return reverse("dashboard:crm-order-assign", args=[link.pk])


def test_an_order_goes_to_the_chosen_contact_with_its_value(
    signed_in: Client, nobodys: OrderLink
) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Byron")
    response = signed_in.post(url_of(nobodys), {"contact": contact.pk}, follow=True)
    assert f"Order {nobodys.number} now belongs to Ada Byron." in response.content.decode()
    contact.refresh_from_db()
    nobodys.refresh_from_db()
    assert nobodys.contact == contact
    assert nobodys.problem == ""
    assert contact.lifetime_value == Decimal("80.00")


def test_an_order_that_could_not_be_brought_in_is_tried_again(
    signed_in: Client, germany: Any
) -> None:
    order = make_order(email="", total="80.00")
    link = OrderLinkFactory(order=order, contact=None, problem=OrderLink.Problem.FAILED)
    contact = ContactFactory()
    signed_in.post(url_of(link), {"contact": contact.pk})
    contact.refresh_from_db()
    assert contact.lifetime_value == Decimal("80.00")


def test_without_script_an_address_is_enough(signed_in: Client, nobodys: OrderLink) -> None:
    contact = ContactFactory(emails=["Ada@Example.com"])
    response = signed_in.post(url_of(nobodys), {"email": " ada@example.COM "})
    assert response.status_code == 302
    nobodys.refresh_from_db()
    assert nobodys.contact == contact


def test_an_order_with_a_contact_moves_and_both_are_named(signed_in: Client, germany: Any) -> None:
    link = sync_order(make_order(email="ada@example.com", total="80.00"))
    assert link is not None
    before = link.contact
    assert before is not None
    after = ContactFactory(first_name="Bob", last_name="Burns")
    assert str(before) in signed_in.get(url_of(link)).content.decode()
    page = signed_in.post(url_of(link), {"contact": after.pk}, follow=True).content.decode()
    assert f"now belongs to Bob Burns, no longer to {before}." in page
    before.refresh_from_db()
    after.refresh_from_db()
    assert before.lifetime_value == 0
    assert after.lifetime_value == Decimal("80.00")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "Choose a contact or type an e-mail address."),
        ({"email": "unknown@example.com"}, "No contact you may see has this address."),
        ({"contact": "999999"}, "That contact is not in the CRM any more."),
        ({"contact": "x"}, "That contact is not in the CRM any more."),
    ],
)
def test_a_mistake_is_explained(
    signed_in: Client, nobodys: OrderLink, data: dict[str, str], error: str
) -> None:
    response = signed_in.post(url_of(nobodys), data)
    assert response.status_code == 200
    assert error in response.content.decode()


def test_two_different_people_are_refused(signed_in: Client, nobodys: OrderLink) -> None:
    ContactFactory(emails=["ada@example.com"])
    data = {"contact": ContactFactory().pk, "email": "ada@example.com"}
    assert "of two people" in signed_in.post(url_of(nobodys), data).content.decode()


def test_the_contact_it_has_already_is_refused(signed_in: Client) -> None:
    link = OrderLinkFactory()
    page = signed_in.post(url_of(link), {"contact": link.contact_id}).content.decode()
    assert "belongs to this contact already" in page


def test_a_contact_one_may_not_see_cannot_be_chosen(client: Client, nobodys: OrderLink) -> None:
    client.force_login(make_staff(*MAY_ASSIGN))
    hidden = ContactFactory(owner=make_staff(), emails=["ada@example.com"])
    for data in ({"contact": hidden.pk}, {"email": "ada@example.com"}):
        assert client.post(url_of(nobodys), data).status_code == 200
    nobodys.refresh_from_db()
    assert nobodys.contact is None
