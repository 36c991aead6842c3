"""A whole Oscar shop with the CRM in it, to try and to test against."""

from sandbox.celery import app as celery_app

__all__ = ["celery_app"]
