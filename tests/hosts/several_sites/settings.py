from tests.hosts.base import *  # noqa: F403

del SITE_ID  # noqa: F821
