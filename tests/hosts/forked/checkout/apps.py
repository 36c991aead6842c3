from oscar.apps.checkout import apps


class ShopCheckoutConfig(apps.CheckoutConfig):
    name = "tests.hosts.forked.checkout"
