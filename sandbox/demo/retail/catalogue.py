"""Products, prices and stock from the codes of an invoice file."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.text import slugify
from oscar.core.loading import get_class, get_model

from sandbox.demo.retail.invoices import cents
from sandbox.demo.retail.parse import Line

Partner = get_model("partner", "Partner")
Product = get_model("catalogue", "Product")
ProductCategory = get_model("catalogue", "ProductCategory")
ProductClass = get_model("catalogue", "ProductClass")
StockRecord = get_model("partner", "StockRecord")
create_from_breadcrumbs = get_class("catalogue.categories", "create_from_breadcrumbs")

CATEGORY = "Retail catalogue"
# The file says nothing about stock; the shop has to sell on.
STOCK = 100


def is_goods(code: str) -> bool:
    """Whether a code is a product: POST, M, DOT, BANK CHARGES and the like have no digit first."""
    return code[:1].isdigit()


def load_catalogue(
    codes: Iterable[str], lines: Iterable[Line], currency: str
) -> tuple[dict[str, Any], int]:
    """Make what is missing; return the stock record of every code and how many are new."""
    partner, _ = Partner.objects.get_or_create(code="retail", defaults={"name": "Retail"})
    wanted = dict.fromkeys(codes)
    records = _records(partner, wanted)
    missing = [code for code in wanted if code not in records]
    if missing:
        titles, prices = _facts(lines)
        products = _products(missing, titles)
        StockRecord.objects.bulk_create(
            [_record(partner, products[c], c, prices.get(c), currency) for c in missing],
            batch_size=500,
        )
        records = _records(partner, wanted)
    return records, len(missing)


def _records(partner: Any, codes: dict[str, None]) -> dict[str, Any]:
    found = StockRecord.objects.filter(partner=partner).select_related("product")
    return {record.partner_sku: record for record in found if record.partner_sku in codes}


def _facts(lines: Iterable[Line]) -> tuple[dict[str, str], dict[str, Decimal]]:
    """The most common description and unit price of each code; the first seen wins a tie."""
    titles: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, Counter[Decimal]] = defaultdict(Counter)
    for line in lines:
        if line.description:
            titles[line.code][line.description] += 1
        if line.unit_price:
            prices[line.code][cents(line.unit_price)] += 1
    return (
        {code: counter.most_common(1)[0][0] for code, counter in titles.items()},
        {code: counter.most_common(1)[0][0] for code, counter in prices.items()},
    )


def _products(codes: list[str], titles: dict[str, str]) -> dict[str, Any]:
    classes = {True: _class("Retail goods", True), False: _class("Charges", False)}
    known = {p.upc: p for p in Product.objects.exclude(upc=None) if p.upc in set(codes)}
    new = [
        _product(code, titles.get(code, code), classes[is_goods(code)])
        for code in codes
        if code not in known
    ]
    made = Product.objects.bulk_create(new, batch_size=500)
    category = create_from_breadcrumbs(CATEGORY)
    ProductCategory.objects.bulk_create(
        [ProductCategory(product=p, category=category) for p in made if p.is_public],
        batch_size=500,
    )
    return known | {product.upc: product for product in made}


def _class(name: str, goods: bool) -> Any:
    defaults = {"track_stock": goods, "requires_shipping": goods}
    return ProductClass.objects.get_or_create(name=name, defaults=defaults)[0]


def _product(code: str, title: str, product_class: Any) -> Any:
    return Product(
        upc=code,
        title=title[:255],
        slug=slugify(title)[:255] or "product",
        product_class=product_class,
        structure=Product.STANDALONE,
        is_public=is_goods(code),
    )


def _record(partner: Any, product: Any, code: str, price: Decimal | None, currency: str) -> Any:
    return StockRecord(
        partner=partner,
        product=product,
        partner_sku=code,
        price=price,
        price_currency=currency,
        num_in_stock=STOCK if is_goods(code) else None,
    )
