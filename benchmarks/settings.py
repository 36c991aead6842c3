"""The sandbox's settings on a database of the benchmark's own."""

import os

from sandbox.settings import *  # noqa: F403
from sandbox.settings import database

DEBUG = False
DATABASES = {"default": {**database(os.environ["DATABASE_URL"]), "NAME": "crm_bench"}}


class NoMigrations(dict[str, None]):
    """The schema is made in seconds without replaying Oscar's migrations."""

    def __contains__(self, label: object) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


MIGRATION_MODULES = NoMigrations()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
OSCAR_CRM_IMPORT_MAX_MB = 500  # a file of a million rows
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
