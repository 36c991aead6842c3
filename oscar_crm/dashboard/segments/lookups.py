"""Products, categories and countries of the shop for Select2 boxes."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.generic import View

from oscar_crm.queries import catalogue
from oscar_crm.queries.contacts import find_countries, is_id

SIZE = 20
PAGES = 50


class CatalogueLookupView(View):
    """``q`` searches, ``page`` goes on."""

    def get(self, request: HttpRequest) -> JsonResponse:
        page = request.GET.get("page", "1")
        number = min(int(page), PAGES) if is_id(page) and int(page) else 1
        query = request.GET.get("q", "")[:200].replace("\x00", "")
        found, more = self.find(query, number)
        results = [{"id": pk, "text": text} for pk, text in found.items()]
        return JsonResponse({"results": results, "pagination": {"more": more and number < PAGES}})

    def find(self, query: str, page: int) -> tuple[dict[Any, str], bool]:
        raise NotImplementedError


class ProductLookupView(CatalogueLookupView):
    """By words of the title, or by the beginning of an SKU or UPC; variants as well."""

    def find(self, query: str, page: int) -> tuple[dict[Any, str], bool]:
        rows, more = catalogue.find_products(query, page=page, size=SIZE)
        return {row.pk: catalogue.product_label(row) for row in rows}, more


class CategoryLookupView(CatalogueLookupView):
    """By words of the name, each shown with those above it."""

    def find(self, query: str, page: int) -> tuple[dict[Any, str], bool]:
        rows, more = catalogue.find_categories(query, page=page, size=SIZE)
        return catalogue.category_labels(rows), more


class CountryLookupView(CatalogueLookupView):
    """By words of the name, or by the code."""

    def find(self, query: str, page: int) -> tuple[dict[Any, str], bool]:
        found = find_countries(query)
        return dict(found[(page - 1) * SIZE : page * SIZE]), len(found) > page * SIZE
