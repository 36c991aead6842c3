from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework", "oscarapi"]
MIDDLEWARE = [
    "oscarapi.middleware.ApiBasketMiddleWare" if "BasketMiddleware" in name else name
    for name in MIDDLEWARE
]
ROOT_URLCONF = "tests.hosts.oscar_api.urls"
