"""Rows with what they relate to: what Django's own ``select_related`` would give."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import F, Model
from django.db.models.signals import post_init
from oscar.core.loading import get_model
from oscar.test.factories import ShippingAddressFactory

from oscar_crm.models import Contact, OrderLink
from oscar_crm.queries.rows import read_with
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import ContactFactory, make_order

pytestmark = pytest.mark.django_db
Order: Any = get_model("order", "Order")
RELATIONS = ("user", "billing_address", "shipping_address", "crm_link")


@pytest.fixture
def orders() -> Any:
    """One with everything, one with nothing."""
    sync_order(make_order(user=get_user_model().objects.create(username="ada", email="a@x.org")))
    full = Order.objects.get()
    full.shipping_address = ShippingAddressFactory(phone_number="+49 221 123456")
    full.save()
    make_order(email="", shipping_address=None)
    return Order.objects.order_by("pk")


def values_of(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    stored = {key: value for key, value in vars(row).items() if not key.startswith("_")}
    return {**stored, "db": row._state.db, "is new": row._state.adding}


def with_relations(row: Any) -> list[Any]:
    return [values_of(row), *(values_of(getattr(row, name, None)) for name in RELATIONS)]


@pytest.mark.parametrize("without", [(), ("shipping_address__phone_number", "guest_email")])
def test_the_rows_are_those_of_django(orders, django_assert_num_queries, without):
    orders = orders.annotate(town=F("shipping_address__line4"))
    expected = list(map(with_relations, orders.select_related(*RELATIONS).defer(*without)))

    with django_assert_num_queries(1):
        found = list(map(with_relations, read_with(orders, *RELATIONS, without=without)))

    assert found == expected
    assert found[0][0]["town"]
    assert found[1][1:] == [None] * 4


def test_a_row_knows_who_it_was_reached_from(orders, django_assert_num_queries):
    order = read_with(orders, "crm_link")[0]

    with django_assert_num_queries(0):
        assert order.crm_link.order is order


def test_what_was_left_out_is_read_when_asked_for(orders):
    full, _empty = read_with(orders, *RELATIONS, without=("shipping_address__phone_number",))

    assert full.shipping_address.phone_number.as_e164 == "+49221123456"


def test_a_row_can_be_changed_and_saved(orders):
    full, _empty = read_with(orders, *RELATIONS)
    full.status = "Sent"
    full.save()

    assert Order.objects.get(pk=full.pk).status == "Sent"
    assert Order.objects.count() == 2


def test_whoever_listens_to_instances_being_made_hears_of_all(orders):
    made = []

    def note(sender: type[Model], **_: Any) -> None:
        made.append(sender)

    post_init.connect(note, sender=Order)
    try:
        rows = read_with(orders, *RELATIONS)
    finally:
        post_init.disconnect(note, sender=Order)

    assert made == [Order, Order]
    assert rows[0].crm_link


def test_a_model_with_an_init_of_its_own_is_made_by_it(orders, monkeypatch):
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        Model.__init__(self, *args, **kwargs)
        self.first_status = self.status

    monkeypatch.setattr(Order, "__init__", init, raising=False)

    assert [row.first_status for row in read_with(orders, *RELATIONS)] == ["", ""]


def test_rows_of_the_crm_are_what_django_would_make_of_them(monkeypatch):
    ContactFactory(custom={"size": "L"}, last_name="Byron")
    assert OrderLink.objects.count() == 0
    quick, partly = Contact.objects.get(), Contact.objects.only("last_name").get()

    monkeypatch.setattr(Contact, "from_db", classmethod(Model.from_db.__func__))

    assert values_of(quick) == values_of(Contact.objects.get())
    assert values_of(partly) == values_of(Contact.objects.only("last_name").get())
    assert quick.get_deferred_fields() == set()
    assert partly.get_deferred_fields() > {"first_name"}
    assert partly.custom == {"size": "L"}


def test_links_of_orders_are_what_django_would_make_of_them(monkeypatch):
    sync_order(make_order())
    quick = OrderLink.objects.get()

    monkeypatch.setattr(OrderLink, "from_db", classmethod(Model.from_db.__func__))

    assert values_of(quick) == values_of(OrderLink.objects.get())
