"""Categories, products, stock and pictures of the demo shop."""

import random
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Sum
from oscar.core.loading import get_class, get_model

from sandbox.demo.seed.pictures import product_picture
from sandbox.demo.seed.range import COLOURS, RANGE, SENTENCES

Partner = get_model("partner", "Partner")
Product = get_model("catalogue", "Product")
ProductCategory = get_model("catalogue", "ProductCategory")
ProductClass = get_model("catalogue", "ProductClass")
ProductImage = get_model("catalogue", "ProductImage")
StockRecord = get_model("partner", "StockRecord")
create_from_breadcrumbs = get_class("catalogue.categories", "create_from_breadcrumbs")

# Plenty while the past orders are placed; set_stock_levels makes it lifelike afterwards.
OPENING_STOCK = 100_000


def make_catalogue(rng: random.Random, count: int) -> list[Any]:
    """`count` products with price, stock and picture, spread over all categories."""
    goods = ProductClass.objects.create(name="Household goods")
    partner = Partner.objects.create(name="Nordlicht warehouse", code="nordlicht")
    categories = {name: create_from_breadcrumbs(name) for name in RANGE}
    products = []
    for number, (category, name, price, motif) in enumerate(_choice(count), start=1):
        product = _product(rng, goods, name, f"NL-{number:04}")
        ProductCategory.objects.create(product=product, category=categories[category])
        _stock(product, partner, price)
        _picture(product, motif)
        products.append(product)
    return products


def _choice(count: int) -> list[tuple[str, str, str, str]]:
    """The range, category by category in turn, then again in other colours."""
    columns = [[(category, *item) for item in items] for category, items in RANGE.items()]
    plain = [entry for row in zip(*columns, strict=True) for entry in row]
    chosen = []
    for index in range(count):
        category, name, price, motif = plain[index % len(plain)]
        round_ = index // len(plain)
        if round_:
            colour = COLOURS[(round_ - 1) % len(COLOURS)]
            name = f"{name}, {colour}" + (f" {round_}" if round_ > len(COLOURS) else "")
        chosen.append((category, name, price, motif))
    return chosen


def _product(rng: random.Random, goods: Any, name: str, sku: str) -> Any:
    description = " ".join(f"<p>{text}</p>" for text in rng.sample(SENTENCES, 3))
    return Product.objects.create(
        product_class=goods, title=name, upc=sku, description=description, is_public=True
    )


def _stock(product: Any, partner: Any, price: str) -> None:
    StockRecord.objects.create(
        product=product,
        partner=partner,
        partner_sku=product.upc,
        price=price,
        num_in_stock=OPENING_STOCK,
        low_stock_threshold=5,
    )


def _picture(product: Any, motif: str) -> None:
    picture = ContentFile(product_picture(product.title, motif), name=f"{product.slug}.jpg")
    ProductImage.objects.create(product=product, original=picture, caption=product.title)


def set_stock_levels(rng: random.Random, products: list[Any]) -> None:
    """What lies on the shelves today, open orders included: dozens, sometimes few or nothing."""
    records = StockRecord.objects.filter(product__in=products).order_by("pk")
    for record in records.annotate(open=Sum("line__num_allocated", default=0)):
        free = rng.choice((0, 2, 4, rng.randint(8, 40), *(rng.randint(20, 160) for _ in range(12))))
        StockRecord.objects.filter(pk=record.pk).update(
            num_allocated=record.open, num_in_stock=record.open + free
        )
