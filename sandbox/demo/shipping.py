"""The one delivery method of the sandbox shop."""

from decimal import Decimal
from typing import Any

from oscar.core.loading import get_class
from oscar.core.prices import Price

FixedPrice = get_class("shipping.methods", "FixedPrice")


class StandardDelivery(FixedPrice):  # type: ignore[misc, valid-type]
    """A flat charge in the basket's currency, free from a basket value on."""

    code = "standard-delivery"
    name = "Standard delivery"
    charge = Decimal("4.90")
    free_from = Decimal("120.00")

    def calculate(self, basket: Any) -> Price:
        charge = Decimal("0.00") if basket.total_excl_tax >= self.free_from else self.charge
        return Price(currency=basket.currency, excl_tax=charge, incl_tax=charge)
