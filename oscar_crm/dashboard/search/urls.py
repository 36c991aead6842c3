"""The search over all areas and who may use it; each group has a permission of its own."""

from typing import Any

from django.urls import path

from . import views

VIEW = "oscar_crm.view_contact"

urlpatterns: list[Any] = [
    path("search/", views.SearchView.as_view(), name="crm-search"),
    path("search/suggestions/", views.SuggestionsView.as_view(), name="crm-search-suggestions"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-search": [VIEW],
    "crm-search-suggestions": [VIEW],
}
