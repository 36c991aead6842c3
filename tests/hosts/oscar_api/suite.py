"""Orders that a program places: Oscar's own checkout is never asked."""

import pytest
from django.urls import reverse

from oscar_crm.models import Contact
from tests.hosts.shopping import ADDRESS, client_of, make_user
from tests.shop import make_country, make_product

pytestmark = pytest.mark.django_db


def place(client, **values):
    """Put a product into the basket and check out, in JSON."""
    country = make_country()
    url = reverse("product-detail", args=[make_product().pk])
    added = post(client, "api-basket-add-product", {"url": url, "quantity": 2})
    address = {**ADDRESS, "country": reverse("country-detail", args=[country.pk])}
    return post(
        client, "api-checkout", {"basket": added["url"], "shipping_address": address, **values}
    )


def post(client, name, values):
    response = client.post(reverse(name), values, content_type="application/json")
    assert response.status_code == 200, response.content.decode()
    return response.json()


def test_a_guests_order_becomes_a_contact_and_its_basket_stays_frozen(on_commit):
    with on_commit():
        answer = place(client_of(), guest_email="grace@guests.example")

    contact = Contact.objects.get(emails__address="grace@guests.example")
    order = contact.order_links.get().order
    assert order.number == answer["number"]
    assert order.basket.status == "Frozen"
    assert contact.full_name == "Grace Hopper"
    assert contact.lifetime_value == order.total_incl_tax == 20


def test_a_customers_order_becomes_a_contact_known_by_the_account(on_commit):
    customer = make_user("ada@customers.example")

    with on_commit():
        place(client_of(customer))

    contact = Contact.objects.get(shop_accounts__user=customer)
    assert contact.orders_count == 1


def test_the_sync_adds_nothing_to_what_the_api_brought(on_commit, crm_sync):
    with on_commit():
        place(client_of(), guest_email="grace@guests.example")
    before = list(Contact.objects.values())

    crm_sync()

    assert list(Contact.objects.values()) == before
    assert Contact.objects.get().order_links.get().order.basket.status == "Frozen"
