from pathlib import Path

from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS, OSCAR_DASHBOARD_NAVIGATION, TEMPLATES

HERE = "tests.hosts.forked"
FORKS = {
    "oscar.apps.address.apps.AddressConfig": f"{HERE}.address.apps.ShopAddressConfig",
    "oscar.apps.checkout.apps.CheckoutConfig": f"{HERE}.checkout.apps.ShopCheckoutConfig",
    "oscar.apps.customer.apps.CustomerConfig": f"{HERE}.customer.apps.ShopCustomerConfig",
    "oscar.apps.order.apps.OrderConfig": f"{HERE}.order.apps.ShopOrderConfig",
    "oscar.apps.partner.apps.PartnerConfig": f"{HERE}.partner.apps.ShopPartnerConfig",
    "oscar.apps.dashboard.apps.DashboardConfig": f"{HERE}.backoffice.apps.BackOfficeConfig",
    "oscar.apps.dashboard.orders.apps.OrdersDashboardConfig": (
        f"{HERE}.backoffice.orders.apps.BackOfficeOrdersConfig"
    ),
}
INSTALLED_APPS = [FORKS.get(app, app) for app in INSTALLED_APPS]
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]
OSCAR_DASHBOARD_NAVIGATION = (
    *OSCAR_DASHBOARD_NAVIGATION,
    {"label": "Hello", "url_name": "dashboard:hello"},
)
