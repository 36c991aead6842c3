from tests.hosts.base import *  # noqa: F403
from tests.hosts.base import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.hosts.email_user"]
AUTH_USER_MODEL = "email_user.Member"
