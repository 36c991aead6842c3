from oscar.apps.customer import apps


class ShopCustomerConfig(apps.CustomerConfig):
    name = "tests.hosts.forked.customer"
