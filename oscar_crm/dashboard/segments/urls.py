"""The segment pages and who may open them; the look-ups of the filters."""

from typing import Any

from django.urls import path

from . import lookups, views

SEE = ["oscar_crm.view_contact", "oscar_crm.view_segment"]

urlpatterns: list[Any] = [
    path("segments/", views.SegmentListView.as_view(), name="crm-segment-list"),
    path("segments/create/", views.SegmentCreateView.as_view(), name="crm-segment-create"),
    path("segments/<int:pk>/edit/", views.SegmentUpdateView.as_view(), name="crm-segment-update"),
    path(
        "segments/<int:pk>/duplicate/",
        views.SegmentDuplicateView.as_view(),
        name="crm-segment-duplicate",
    ),
    path("segments/<int:pk>/count/", views.SegmentCountView.as_view(), name="crm-segment-count"),
    path("segments/<int:pk>/delete/", views.SegmentDeleteView.as_view(), name="crm-segment-delete"),
    path("lookups/products/", lookups.ProductLookupView.as_view(), name="crm-product-lookup"),
    path("lookups/categories/", lookups.CategoryLookupView.as_view(), name="crm-category-lookup"),
    path("lookups/countries/", lookups.CountryLookupView.as_view(), name="crm-country-lookup"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-segment-list": SEE,
    "crm-segment-create": [*SEE, "oscar_crm.add_segment"],
    "crm-segment-update": [*SEE, "oscar_crm.change_segment"],
    "crm-segment-duplicate": [*SEE, "oscar_crm.add_segment"],
    "crm-segment-count": SEE,
    "crm-segment-delete": [*SEE, "oscar_crm.delete_segment"],
    "crm-product-lookup": ["oscar_crm.view_contact"],
    "crm-category-lookup": ["oscar_crm.view_contact"],
    "crm-country-lookup": ["oscar_crm.view_contact"],
}
