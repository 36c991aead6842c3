"""Orders keep their site, and offline work needs none."""

import pytest
from django.contrib.sites.models import Site
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.urls import reverse

from oscar_crm.models import Contact, OrderLink
from oscar_crm.test.factories import make_order
from tests.hosts.shopping import DOMAIN, buy, client_of, make_manager

pytestmark = pytest.mark.django_db

OTHER = "outlet.example"
GUESTS = {DOMAIN: "grace@guests.example", OTHER: "joan@guests.example"}


@pytest.fixture
def orders(on_commit):
    """An order on each site."""
    Site.objects.create(domain=OTHER, name="Outlet")
    with on_commit():
        return {
            domain: buy(client_of(domain=domain), guest=guest) for domain, guest in GUESTS.items()
        }


def test_there_is_no_site_without_a_request():
    with pytest.raises(ImproperlyConfigured):
        Site.objects.get_current()


def test_every_order_keeps_its_site(orders):
    for domain, order in orders.items():
        assert OrderLink.objects.get(order=order).site.domain == domain


def test_the_orders_can_be_narrowed_down_to_a_site(desk, orders):
    url = reverse("dashboard:crm-order-list")
    assert "Outlet" in desk.get(url).content.decode()

    page = desk.get(url, {"site": orders[OTHER].site_id}).content.decode()

    assert GUESTS[OTHER] in page
    assert GUESTS[DOMAIN] not in page


def test_the_crm_is_one_for_all_sites(orders):
    desk = client_of(make_manager(), domain=OTHER)

    page = desk.get(reverse("dashboard:crm-contact-list")).content.decode()

    assert all(guest in page for guest in GUESTS.values())


def test_the_crm_answers_under_a_name_that_is_no_site():
    desk = client_of(make_manager(), domain="intranet.example")

    assert desk.get(reverse("dashboard:crm-overview")).status_code == 200


def test_one_person_on_two_sites_is_one_contact(on_commit):
    Site.objects.create(domain=OTHER, name="Outlet")
    with on_commit():
        for domain in GUESTS:
            buy(client_of(domain=domain), guest="grace@guests.example")

    assert Contact.objects.get().orders_count == 2


def test_past_orders_are_brought_in_without_a_request(crm_sync):
    other = Site.objects.create(domain=OTHER, name="Outlet")
    with override_settings(OSCAR_CRM_SYNC_ORDERS=False):
        make_order("grace@guests.example", site=other)
        make_order("joan@guests.example", site=None)

    crm_sync()

    found = OrderLink.objects.order_by("email").values_list("email", "site__domain")
    assert list(found) == [("grace@guests.example", OTHER), ("joan@guests.example", None)]


def test_a_site_that_is_closed_leaves_its_orders(orders, desk):
    order = orders[OTHER]
    total = order.total_incl_tax

    order.site.delete()

    assert Contact.objects.get(emails__address=GUESTS[OTHER]).lifetime_value == total
    assert desk.get(reverse("dashboard:crm-order-list")).status_code == 200
