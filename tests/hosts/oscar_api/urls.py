from django.urls import include, path

from tests.hosts.urls import urlpatterns as shop

urlpatterns = [path("api/", include("oscarapi.urls")), *shop]
