"""Finding products and categories of the shop: by title, SKU or UPC, variants included."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from oscar.core.loading import get_model

from .contacts import is_id

MAX_WORDS = 6


def products() -> QuerySet[Any]:
    """All products, by title: also variants, and those that are no longer offered."""
    found: QuerySet[Any] = get_model("catalogue", "Product")._default_manager.order_by(
        "title", "pk"
    )
    return found.select_related("parent").prefetch_related("stockrecords")


def find_products(query: str, *, page: int, size: int) -> tuple[list[Any], bool]:
    """A page of products with each word in their title or their parent's, or with such a code."""
    found = products()
    for word in _words(query):
        titles = Q()
        for spelling in _spellings(word):
            titles |= Q(title__icontains=spelling) | Q(parent__title__icontains=spelling)
        skus = Q(pk__in=_with_sku(word))
        found = found.filter(titles | Q(upc__istartswith=word) | skus)
    return _page(found, page, size)


def product_label(product: Any) -> str:
    """Title and code: ``Lamp (L-1)``; a variant bears its parent's title as well."""
    titles = [product.parent.title] if product.parent else []
    titles += [product.title] if product.title and product.title not in titles else []
    codes = [stock.partner_sku for stock in product.stockrecords.all()]
    code = next((c for c in codes if c), product.upc or "")
    label = " · ".join(titles) or f"#{product.pk}"
    return f"{label} ({code})" if code else label


def product_names(ids: Iterable[int]) -> dict[int, str]:
    """Labels by id, of those that exist."""
    wanted = set(ids)
    rows = products().filter(pk__in=wanted) if wanted else ()
    return {product.pk: product_label(product) for product in rows}


def product_of_code(typed: str) -> int | None:
    """The one product with exactly this SKU or UPC, else None."""
    typed = typed.strip()
    code = Q(upc=typed) | Q(pk__in=_stock().filter(partner_sku=typed).values("product"))
    found = list(products().filter(code).order_by().values_list("pk", flat=True)[:2])
    return found[0] if typed and len(found) == 1 else None


def categories() -> QuerySet[Any]:
    """All categories, in the order of the tree."""
    found: QuerySet[Any] = get_model("catalogue", "Category")._default_manager.order_by("path")
    return found


def find_categories(query: str, *, page: int, size: int) -> tuple[list[Any], bool]:
    """A page of categories with each word in their name."""
    found = categories()
    for word in _words(query):
        names = Q()
        for spelling in _spellings(word):
            names |= Q(name__icontains=spelling)
        found = found.filter(names)
    return _page(found, page, size)


def category_names(ids: Iterable[int]) -> dict[int, str]:
    """Full names by id, ``Home > Lamps``, of those that exist: two queries at most."""
    wanted = set(ids)
    return category_labels(categories().filter(pk__in=wanted)) if wanted else {}


def category_labels(found: Iterable[Any]) -> dict[int, str]:
    """Full names by id, from one query for all that stand above them."""
    rows = list(found)
    model = get_model("catalogue", "Category")
    above = {
        row.path[:end] for row in rows for end in range(model.steplen, len(row.path), model.steplen)
    }
    known = {row.path: row.name for row in rows}
    if missing := above - set(known):
        known.update(model._default_manager.filter(path__in=missing).values_list("path", "name"))
    return {row.pk: " > ".join(_names_down_to(row.path, known, model.steplen)) for row in rows}


def category_of_name(typed: str) -> int | None:
    """The one category with exactly this name, else None."""
    typed = typed.strip()
    found = list(categories().filter(name__iexact=typed).values_list("pk", flat=True)[:2])
    return found[0] if typed and len(found) == 1 else None


def exists(model: str, value: str) -> bool:
    """Whether an id, as text, is of a product or a category."""
    found = get_model("catalogue", model)._default_manager
    return is_id(value) and bool(found.filter(pk=int(value)).exists())


def _names_down_to(path: str, known: dict[str, str], step: int) -> list[str]:
    return [known[path[:end]] for end in range(step, len(path) + 1, step) if path[:end] in known]


def _with_sku(word: str) -> Any:
    return _stock().filter(partner_sku__istartswith=word).order_by().values("product")


def _stock() -> Any:
    return get_model("partner", "StockRecord")._default_manager


def _words(query: str) -> list[str]:
    return query.split()[:MAX_WORDS]


def _spellings(word: str) -> set[str]:
    """SQLite finds ``über`` in ``Über`` only when asked for both."""
    return {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}


def _page(found: QuerySet[Any], page: int, size: int) -> tuple[list[Any], bool]:
    start = (page - 1) * size
    rows = list(found[start : start + size + 1])
    return rows[:size], len(rows) > size
