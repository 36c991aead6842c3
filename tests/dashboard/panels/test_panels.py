"""The CRM on Oscar's own pages: for those who may see it, and for nobody else."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from oscar.test.factories import UserFactory

from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import ContactFactory, make_order, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    """Somebody who may see Oscar's order and customer pages; CRM permissions are added by test."""
    user = make_staff()
    oscars = ("view_order", "view_user")
    user.user_permissions.set(Permission.objects.filter(codename__in=oscars))
    return user


def allow(user, *codenames):
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


@pytest.fixture
def order():
    customer = UserFactory(email="ada@example.com", first_name="Ada", last_name="Byron")
    placed = make_order("", "120.00", user=customer)
    sync_order(placed)
    return placed


def pages(order):
    return {
        "order": reverse("dashboard:order-detail", args=[order.number]),
        "customer": reverse("dashboard:user-detail", args=[order.user_id]),
    }


@pytest.mark.parametrize("page", ["order", "customer"])
def test_a_panel_links_to_the_contact(client, staff, order, page):
    allow(staff, "view_contact")
    client.force_login(staff)

    html = client.get(pages(order)[page]).content.decode()

    assert order.crm_link.contact.get_absolute_url() in html
    assert "€120.00" in html


@pytest.mark.parametrize("page", ["order", "customer"])
def test_nothing_is_rendered_without_permission(client, staff, order, page):
    client.force_login(staff)

    html = client.get(pages(order)[page]).content.decode()

    assert "CRM" not in html


@pytest.mark.parametrize("page", ["order", "customer"])
def test_nothing_is_rendered_of_somebody_elses_contact(client, staff, order, page):
    allow(staff, "view_contact", "view_orderlink")
    contact = order.crm_link.contact
    contact.owner = make_staff()
    contact.save()
    client.force_login(staff)

    html = client.get(pages(order)[page]).content.decode()

    assert contact.get_absolute_url() not in html
    assert 'href="#crm"' not in html


@pytest.mark.parametrize("page", ["order", "customer"])
def test_panels_can_be_declined(client, staff, order, page, settings):
    settings.OSCAR_CRM_ATTACH_PANELS = False
    allow(staff, "view_contact")
    client.force_login(staff)

    assert (
        order.crm_link.contact.get_absolute_url()
        not in client.get(pages(order)[page]).content.decode()
    )


def test_the_page_of_an_order_without_a_contact_says_why_and_what_to_do(client, staff):
    order = make_order("")
    sync_order(order)
    allow(staff, "view_contact", "view_orderlink", "change_orderlink")
    client.force_login(staff)

    html = client.get(reverse("dashboard:order-detail", args=[order.number])).content.decode()

    assert "no e-mail address" in html
    assert reverse("dashboard:crm-order-assign", args=[order.crm_link.pk]) in html


def test_the_dashboards_home_has_a_tile(client, staff):
    ContactFactory.create_batch(3)
    ContactFactory(owner=make_staff())
    client.force_login(staff)
    url = reverse("dashboard:index")
    assert reverse("dashboard:crm-overview") not in client.get(url).content.decode()

    allow(staff, "view_contact")

    html = client.get(url).content.decode()
    assert "<strong>3</strong>" in html
    assert reverse("dashboard:crm-overview") in html
