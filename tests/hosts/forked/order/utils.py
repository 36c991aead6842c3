from oscar.apps.order import utils


class OrderNumberGenerator(utils.OrderNumberGenerator):
    """Order numbers with letters."""

    def order_number(self, basket):
        return f"SHOP-{super().order_number(basket)}"


class OrderCreator(utils.OrderCreator):
    """The shop's own way to place an order."""

    def create_order_model(self, *args, **kwargs):
        return super().create_order_model(*args, purchase_order="PO 7", **kwargs)
