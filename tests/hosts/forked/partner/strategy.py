from decimal import Decimal

from oscar.apps.partner import strategy


class TaxedStrategy(
    strategy.UseFirstStockRecord,
    strategy.StockRequired,
    strategy.FixedRateTax,
    strategy.Structured,
):
    rate = Decimal("0.19")


class Selector:
    def strategy(self, request=None, user=None, **kwargs):
        return TaxedStrategy(request)
