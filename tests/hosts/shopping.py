"""Customers and staff of a host, whatever its user model, and a walk through its checkout."""

from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from oscar.core.loading import get_model

from oscar_crm.groups import MANAGER
from tests.shop import make_country, make_product

DOMAIN = "example.com"  # of the site that Django makes; hosts without SITE_ID go by it
ADDRESS = {
    "first_name": "Grace",
    "last_name": "Hopper",
    "company_name": "Navy Ltd",  # ignored where the shop did not add the field
    "line1": "Navy Yard 1",
    "line4": "Hamburg",
    "postcode": "20095",
    "country": "DE",
    "phone_number": "+49 40 123456",
}
_numbers = count(1)


def make_user(email: str = "", **fields: Any) -> Any:
    """A user of the host's own model; fields that model lacks are left out."""
    users = get_user_model()
    email = email or f"user{next(_numbers)}@example.com"
    values = {"email": email, "username": email, "first_name": "Ada", "last_name": "Byron"}
    known = {field.name for field in users._meta.get_fields()}
    kept = {name: value for name, value in {**values, **fields}.items() if name in known}
    return users._default_manager.create(**kept)


def make_manager(**fields: Any) -> Any:
    """Somebody of the group "CRM manager"; ``is_superuser=True`` opens Oscar's pages too."""
    user = make_user(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=MANAGER))
    return user


def client_of(user: Any = None, *, domain: str = DOMAIN) -> Client:
    """A browser on one of the host's sites, signed in when a user is given."""
    client = Client(SERVER_NAME=domain)
    if user is not None:
        client.force_login(user)
    return client


def buy(client: Client, *, guest: str = "", product: Any = None) -> Any:
    """Buy something over HTTP through Oscar's own checkout; the order is returned."""
    make_country()
    product = product or make_product()
    client.post(reverse("basket:add", args=[product.pk]), {"quantity": 1})
    if guest:
        client.post(reverse("checkout:index"), {"username": guest, "options": "anonymous"})
    client.post(reverse("checkout:shipping-address"), ADDRESS)
    client.get(reverse("checkout:shipping-method"))
    response = client.post(reverse("checkout:preview"), {"action": "place_order"})
    assert response.status_code == 302, response.content.decode()
    assert response.url == reverse("checkout:thank-you"), response.url
    return get_model("order", "Order")._default_manager.latest("pk")
