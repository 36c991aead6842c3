from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts.uuid_user"]
AUTH_USER_MODEL = "uuid_user.User"
