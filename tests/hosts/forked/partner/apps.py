from oscar.apps.partner import apps


class ShopPartnerConfig(apps.PartnerConfig):
    name = "tests.hosts.forked.partner"
