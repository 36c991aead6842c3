"""The sandbox's settings, made quick and quiet for tests."""

import json
import os

from sandbox.settings import *  # noqa: F403
from sandbox.settings import database

DATABASES = {"default": database(os.environ.get("DATABASE_URL") or "sqlite://:memory:")}
if shared := os.environ.get("TEST_DATABASE"):
    DATABASES = {"default": json.loads(shared)}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEBUG = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# The worker test gives its worker a broker and a queue of its own; see tests/test_worker.py.
OSCAR_CRM_ASYNC = False
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("TEST_QUEUE", "celery")
if folder := os.environ.get("TEST_BROKER_FOLDER"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": folder,
        "data_folder_out": folder,
        "control_folder": folder + "-control",
    }
