"""The forks are at work, and the CRM beside them."""

import pytest
from django.apps import apps
from django.urls import reverse

from oscar_crm.models import OrderLink
from tests.hosts.shopping import buy, client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("label", ["order", "address", "customer", "partner", "dashboard"])
def test_the_app_is_the_shops_own(label):
    assert apps.get_app_config(label).name.startswith("tests.hosts.forked.")


def test_the_shops_own_order_page_has_the_panel(on_commit, owner):
    with on_commit():
        order = buy(client_of(), guest="grace@guests.example")

    page = owner.get(reverse("dashboard:order-detail", args=[order.number])).content.decode()

    assert "Hello from the shop: PO 7" in page
    assert 'href="#crm"' in page


def test_the_shops_own_page_and_menu_stay_beside_ours(owner):
    page = owner.get(reverse("dashboard:hello"))

    assert page.status_code == 200
    for entry in (reverse("dashboard:hello"), reverse("dashboard:crm-contact-list")):
        assert f'href="{entry}"' in page.content.decode()


def test_orders_are_known_by_the_shops_numbers_and_worth_what_its_taxes_make_them(on_commit, desk):
    with on_commit():
        order = buy(client_of(), guest="grace@guests.example")

    link = OrderLink.objects.get(order=order)
    assert link.number == order.number
    assert link.number.startswith("SHOP-")
    assert link.contact.lifetime_value == order.total_incl_tax > order.total_excl_tax
    found = desk.get(reverse("dashboard:crm-contact-list"), {"q": order.number})
    assert "Grace Hopper" in found.content.decode()
