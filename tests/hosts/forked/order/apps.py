from oscar.apps.order import apps


class ShopOrderConfig(apps.OrderConfig):
    name = "tests.hosts.forked.order"
