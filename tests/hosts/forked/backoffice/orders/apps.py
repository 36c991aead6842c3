from oscar.apps.dashboard.orders import apps


class BackOfficeOrdersConfig(apps.OrdersDashboardConfig):
    name = "tests.hosts.forked.backoffice.orders"
