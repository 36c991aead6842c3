"""Links to pages Oscar does not have are left out."""

import pytest
from celery import Celery
from django.urls import NoReverseMatch, reverse

from oscar_crm import broker, tasks
from oscar_crm.models import Contact
from tests.hosts.shopping import buy, client_of, make_user

pytestmark = pytest.mark.django_db


def test_the_contacts_page_names_the_account_without_a_link(on_commit, owner):
    customer = make_user("ada@customers.example")
    with pytest.raises(NoReverseMatch):
        reverse("dashboard:user-detail", args=[customer.pk])
    with on_commit():
        order = buy(client_of(customer))

    page = owner.get(order.crm_link.contact.get_absolute_url())

    assert page.status_code == 200
    assert "<div>ada@customers.example<span" in page.content.decode()


def test_oscars_home_page_works_with_a_customers_order(on_commit, owner):
    with on_commit():
        buy(client_of(make_user()))

    assert owner.get(reverse("dashboard:index")).status_code == 200


def test_a_registration_survives_the_queue():
    customer = make_user("ada@customers.example")
    celery = Celery("host", broker="memory://", set_as_current=True)

    assert broker.publish("oscar_crm.join_user", customer.pk)
    with celery.connection_for_read() as connection:
        arguments, *_ = connection.SimpleQueue("celery").get(timeout=1).payload
    tasks.join_user(*arguments)

    assert Contact.objects.get().shop_accounts.get().user == customer
