"""A search engine for Haystack that asks the shop's database: no index to build or to lag behind.

Oscar's catalogue pages are searches. Haystack's own "simple" engine ignores their filters and
shows an empty shop, the others need a service or an index on disk.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Min, Q
from haystack.backends import BaseEngine, BaseSearchBackend, BaseSearchQuery, log_query
from haystack.models import SearchResult
from oscar.core.loading import get_model

TEXT_FIELDS = ("title", "upc", "description")
FILTERS: dict[str, Callable[[Any], Q]] = {
    "is_public": lambda value: Q(is_public=str(value).lower() == "true"),
    "structure": lambda values: Q(structure__in=values),
    "category": lambda ids: Q(pk__in=_in_categories(ids)),
}
SORT_FIELDS = {
    "price": "lowest_price",
    "title_exact": "title",
    "rating": "rating",
    "date_created": "date_created",
}


def _in_categories(ids: Iterable[int]) -> Any:
    links = get_model("catalogue", "ProductCategory").objects.filter(category__in=ids)
    return links.values("product")


def _words(text: str) -> Q:
    """Products that have every word somewhere in their text."""
    found = Q()
    for word in text.replace('"', " ").split():
        fields = Q()
        for field in TEXT_FIELDS:
            fields |= Q(**{f"{field}__icontains": word})
        found &= fields
    return found


class DatabaseQuery(BaseSearchQuery):
    """Turns Haystack's filters into one condition on products."""

    def build_query(self) -> Q:
        return self._condition(self.query_filter)

    def _condition(self, node: Any) -> Q:
        condition = Q()
        for child in node.children:
            part = self._leaf(*child) if isinstance(child, tuple) else self._condition(child)
            condition = condition | part if node.connector == "OR" else condition & part
        return ~condition if node.negated else condition

    def _leaf(self, expression: str, value: Any) -> Q:
        field, _ = self.query_filter.split_expression(expression)
        if field in FILTERS:
            return FILTERS[field](value)
        return _words(str(getattr(value, "query_string", value)))


class DatabaseBackend(BaseSearchBackend):
    """Answers from the product table; there is nothing to update."""

    def update(self, index: Any, iterable: Any, commit: bool = True) -> None:
        """Nothing: the database is the index."""

    def remove(self, obj_or_string: Any, commit: bool = True) -> None:
        """Nothing: the database is the index."""

    def clear(self, models: Any = None, commit: bool = True) -> None:
        """Nothing: the database is the index."""

    @log_query  # type: ignore[untyped-decorator]
    def search(
        self,
        condition: Q,
        start_offset: int = 0,
        end_offset: int | None = None,
        sort_by: Iterable[str] = (),
        result_class: type[SearchResult] = SearchResult,
        **ignored: Any,
    ) -> dict[str, Any]:
        products = self._products(condition, sort_by)
        rows = products[start_offset:end_offset]
        results = [self._result(product, result_class) for product in rows]
        return {"results": results, "hits": products.count()}

    def _products(self, condition: Q, sort_by: Iterable[str]) -> Any:
        manager = get_model("catalogue", "Product").objects
        order = []
        for name in sort_by:
            field = SORT_FIELDS.get(name.lstrip("-"))
            if field:
                order.append(f"-{field}" if name.startswith("-") else field)
        products = manager.browsable().filter(condition)
        if "lowest_price" in {name.lstrip("-") for name in order}:
            products = products.annotate(lowest_price=Min("stockrecords__price"))
        return products.order_by(*order, "pk").base_queryset()

    def _result(self, product: Any, result_class: type[SearchResult]) -> SearchResult:
        meta = product._meta
        result = result_class(meta.app_label, meta.model_name, product.pk, 0, title=product.title)
        result.object = product
        return result


class DatabaseEngine(BaseEngine):
    backend = DatabaseBackend
    query = DatabaseQuery
