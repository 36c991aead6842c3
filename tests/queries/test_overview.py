"""What all contacts are worth together: exact in a small shop, kept for a while in a large one."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.core.cache import cache
from django.utils import timezone

from oscar_crm.queries.overview import VALUE_AGE, overview
from oscar_crm.test.factories import ContactFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return make_staff("view_contact", "view_all_contacts")


@pytest.fixture
def large_shop(monkeypatch):
    """A shop whose contacts are more than are summed up at each request."""
    cache.clear()
    monkeypatch.setattr("oscar_crm.queries.overview.COUNT_LIMIT", 1)
    ContactFactory.create_batch(2, lifetime_value=D("10"))
    yield
    cache.clear()


def test_a_small_shop_sees_each_change_at_once(manager):
    contact = ContactFactory(lifetime_value=D("10"))
    assert (overview(manager).value, overview(manager).value_at) == (D("10"), None)

    contact.lifetime_value = D("12.50")
    contact.save()

    assert (overview(manager).value, overview(manager).value_at) == (D("12.50"), None)


def test_a_large_shop_sees_a_sum_that_says_since_when(manager, large_shop):
    before = timezone.now()
    first = overview(manager)
    ContactFactory(lifetime_value=D("5"))

    second = overview(manager)

    assert first.value == second.value == D("20")
    assert before <= first.value_at == second.value_at


def test_a_kept_sum_is_forgotten_after_a_while(manager, large_shop, monkeypatch):
    overview(manager)
    ContactFactory(lifetime_value=D("5"))
    later = timezone.now().timestamp() + VALUE_AGE.total_seconds() + 1
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: later)

    assert overview(manager).value == D("25")


def test_a_user_limited_to_some_contacts_never_sees_the_sum_of_all(manager, large_shop, settings):
    settings.OSCAR_CRM_SHOW_UNASSIGNED = False
    sales = make_staff("view_contact")
    ContactFactory.create_batch(2, lifetime_value=D("7"), owner=sales)

    assert overview(manager).value == D("34")
    assert overview(sales).value == D("14")
    assert timezone.now() - overview(sales).value_at < timedelta(minutes=1)


def test_the_page_says_since_when(client, manager, large_shop):
    client.force_login(manager)

    assert "(as of " in client.get("/dashboard/crm/").content.decode()
