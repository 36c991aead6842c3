"""Finding products and categories for the filters."""

from typing import Any

import pytest
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.test.factories import ProductFactory, StockRecordFactory

from oscar_crm.queries import catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamp(db: None) -> Any:
    return ProductFactory(title="Große Lampe", structure="parent", upc=None, stockrecords=None)


@pytest.fixture
def red(lamp: Any) -> Any:
    child = ProductFactory(
        title="Rot",
        structure="child",
        parent=lamp,
        product_class=None,
        categories=None,
        upc="4006381333931",
        stockrecords=None,
    )
    StockRecordFactory(product=child, partner_sku="LMP-R")
    return child


def names(query: str) -> list[str]:
    rows, _more = catalogue.find_products(query, page=1, size=20)
    return [catalogue.product_label(row) for row in rows]


@pytest.mark.parametrize("query", ["lampe", "GROßE lampe", "große", "lam"])
def test_a_parent_and_its_variants_are_found_by_its_title(lamp: Any, red: Any, query: str) -> None:
    assert sorted(names(query)) == ["Große Lampe", "Große Lampe · Rot (LMP-R)"]


@pytest.mark.parametrize("query", ["lmp-r", "LMP", "40063813", "rot lampe"])
def test_a_variant_is_found_by_sku_upc_and_its_own_title(red: Any, query: str) -> None:
    assert names(query) == ["Große Lampe · Rot (LMP-R)"]


def test_products_that_are_not_public_are_found(lamp: Any) -> None:
    lamp.is_public = False
    lamp.save()
    assert names("lampe") == ["Große Lampe"]


def test_pages_go_on(db: None) -> None:
    for number in range(5):
        ProductFactory(title=f"Thing {number}")
    rows, more = catalogue.find_products("thing", page=1, size=3)
    assert ([row.title[-1] for row in rows], more) == (["0", "1", "2"], True)
    rows, more = catalogue.find_products("thing", page=2, size=3)
    assert ([row.title[-1] for row in rows], more) == (["3", "4"], False)


def test_only_a_whole_code_stands_for_a_product(red: Any) -> None:
    assert catalogue.product_of_code(" LMP-R ") == red.pk
    assert catalogue.product_of_code("4006381333931") == red.pk
    assert catalogue.product_of_code("LMP") is None
    assert catalogue.product_of_code("") is None


def test_categories_bear_the_names_above_them(db: None, django_assert_num_queries: Any) -> None:
    deep = create_from_breadcrumbs("Home > Light > Lamps")
    rows, _more = catalogue.find_categories("lamp", page=1, size=20)
    with django_assert_num_queries(1):
        assert catalogue.category_labels(rows) == {deep.pk: "Home > Light > Lamps"}
    assert catalogue.category_of_name("lamps") == deep.pk
