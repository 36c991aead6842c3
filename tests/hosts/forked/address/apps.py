from oscar.apps.address import apps


class ShopAddressConfig(apps.AddressConfig):
    name = "tests.hosts.forked.address"
