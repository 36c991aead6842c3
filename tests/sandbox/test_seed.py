"""The generated demo, made small."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import phonenumbers
import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.urls import reverse
from oscar.core.loading import get_model

from oscar_crm.models import Account, AccountContact, Contact, ExchangeRate, OrderLink
from sandbox.demo.seed.people import make_people
from sandbox.demo.seed.pictures import product_picture
from sandbox.demo.seed.plan import plan_orders
from sandbox.demo.seed.range import RANGE
from sandbox.demo.seed.staff import LOGINS, PASSWORD

Order = get_model("order", "Order")
Product = get_model("catalogue", "Product")
Source = get_model("payment", "Source")

SMALL = {"customers": 9, "orders": 25, "products": 7, "months": 3}


@pytest.mark.django_db
def test_the_demo_is_a_shop_with_a_crm(capsys: Any, client: Any, rows: Any) -> None:
    call_command("seed_demo", **SMALL)
    out = capsys.readouterr().out
    assert Product.objects.filter(images__isnull=False).count() == 7
    assert Order.objects.count() == OrderLink.objects.count() == 25
    assert 0 < Contact.objects.count() <= 9
    assert OrderLink.objects.filter(contact=None).count() == 2
    assert 0 < Order.objects.filter(user=None).count() < 25
    assert ExchangeRate.objects.filter(currency="USD").exists()
    for source in Source.objects.select_related("order"):
        assert source.amount_allocated == source.order.total_incl_tax
        assert source.amount_refunded <= source.amount_debited <= source.amount_allocated
    for login in LOGINS:
        assert login.email in out
        user = authenticate(username=login.email, password=PASSWORD)
        assert user is not None
        assert user.is_staff
    assert client.get(reverse("catalogue:index")).context["paginator"].count == 7

    before = rows()
    call_command("seed_demo", **SMALL)
    assert "already has products" in capsys.readouterr().out
    assert rows() == before


@pytest.mark.django_db
def test_nonsense_numbers_are_refused() -> None:
    with pytest.raises(CommandError, match="--orders must be at least 1"):
        call_command("seed_demo", orders=0)


def test_people_are_believable_and_the_same_every_time() -> None:
    people = make_people(random.Random(1), 300)
    assert people == make_people(random.Random(1), 300)
    assert len({person.email for person in people}) == 300
    assert all(person.email.isascii() for person in people)
    numbers = [phonenumbers.parse(person.phone) for person in people]
    assert all(phonenumbers.is_valid_number(number) for number in numbers)
    assert {"DE", "GR", "UA", "JP", "US"} <= {person.country for person in people}


def test_orders_are_spread_as_in_a_shop() -> None:
    people = make_people(random.Random(1), 150)
    plans = plan_orders(random.Random(1), people, 60, 600, 18)
    assert [plan.placed_at for plan in plans] == sorted(plan.placed_at for plan in plans)
    buyers = Counter(id(plan.person) for plan in plans)
    assert len(buyers) == 150
    assert 15 <= buyers.most_common(1)[0][1] <= 45
    shares = Counter[str]()
    for plan in plans:
        statuses = [step.status for step in plan.steps]
        shares["cancelled"] += "Cancelled" in statuses
        shares["refunded"] += bool(plan.repayments) and "Cancelled" not in statuses
        shares["dollars"] += plan.currency == "USD"
        shares["unreachable"] += not plan.email
        assert sum(repayment.share for repayment in plan.repayments) <= 1
    assert 15 <= shares["cancelled"] <= 50
    assert 20 <= shares["refunded"] <= 55
    assert 50 <= shares["dollars"] <= 160
    assert shares["unreachable"] == 2


def test_every_product_has_its_own_picture() -> None:
    pictures = {
        product_picture(name, motif) for items in RANGE.values() for name, _, motif in items[:4]
    }
    assert len(pictures) == 24
    assert product_picture("Vase", "vase") == product_picture("Vase", "vase")


@pytest.mark.django_db
def test_search_finds_filters_and_sorts(client: Any) -> None:
    call_command("seed_demo", **SMALL)
    index = reverse("catalogue:index")

    def titles(url: str, **query: str) -> list[str]:
        page: Callable[..., Any] = client.get
        return [result.object.title for result in page(url, query).context["page_obj"]]

    assert titles(reverse("search:search"), q="speckled mug") == ["Stoneware mug, speckled"]
    assert titles(reverse("search:search"), q="no such thing") == []
    assert titles(index, sort_by="title-asc") == sorted(titles(index))
    category = Product.objects.get(title="Notebook, dotted").categories.get()
    assert titles(category.get_absolute_url()) == ["Notebook, dotted"]
    Product.objects.filter(title="Notebook, dotted").update(is_public=False)
    assert len(titles(index)) == 6


@pytest.mark.django_db
def test_the_demo_has_companies_with_people_groups_and_orders() -> None:
    call_command("seed_demo", customers=80, orders=160, products=7, months=14)

    assert AccountContact.objects.exists()
    assert OrderLink.objects.filter(account__isnull=False).exists()
    for account in Account.objects.all():
        assert account.orders_count <= account.order_links.count()
    assert Account.objects.filter(parent__isnull=False).exists()
    assert AccountContact.objects.filter(until_date__isnull=False).exists()
