"""URLs of the sandbox: Oscar at the root, Django's admin beside it, media while developing."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

oscar: Any = apps.get_app_config("oscar")

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("", include(oscar.urls[0])),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
