"""A guest buys in the storefront, over HTTP, through Oscar's own checkout."""

from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from oscar.core.loading import get_model
from oscar.test.factories import ProductFactory, StockRecordFactory

from oscar_crm.services.orders import sync_order


def make_product(price: str = "10.00", **fields: Any) -> Any:
    """A product in stock, priced in the shop's currency."""
    product = ProductFactory(stockrecords=None, **fields)
    StockRecordFactory(
        product=product, price=Decimal(price), price_currency="EUR", num_in_stock=1000
    )
    return product


def make_country() -> Any:
    countries = get_model("address", "Country")._default_manager
    country, _ = countries.get_or_create(
        iso_3166_1_a2="DE",
        defaults={
            "iso_3166_1_a3": "DEU",
            "name": "Germany",
            "printable_name": "Germany",
            "is_shipping_country": True,
        },
    )
    return country


def buy_as_guest(client: Client, email: str = "guest@example.com", *, product: Any = None) -> Any:
    """Walk through the checkout; the response to "place order" is returned."""
    make_country()
    product = product or make_product()
    client.post(reverse("basket:add", args=[product.pk]), {"quantity": 1})
    client.post(reverse("checkout:index"), {"username": email, "options": "anonymous"})
    client.post(
        reverse("checkout:shipping-address"),
        {
            "first_name": "Grace",
            "last_name": "Hopper",
            "line1": "Navy Yard 1",
            "line4": "Hamburg",
            "postcode": "20095",
            "country": "DE",
            "phone_number": "+49 40 123456",
        },
    )
    methods = client.get(reverse("checkout:shipping-method"))
    if methods.status_code == 200:
        code = methods.context["methods"][0].code
        client.post(reverse("checkout:shipping-method"), {"method_code": code})
    return client.post(reverse("checkout:preview"), {"action": "place_order"})


def synced(order: Any) -> Any:
    """The contact of an order that the CRM has been told of; None if it is nobody's."""
    return sync_order(order).contact
