"""The pages of tags and who may open them."""

from typing import Any

from django.urls import path

from . import views

VIEW = "oscar_crm.view_tag"

urlpatterns: list[Any] = [
    path("tags/", views.TagListView.as_view(), name="crm-tag-list"),
    path("tags/create/", views.TagCreateView.as_view(), name="crm-tag-create"),
    path("tags/<int:pk>/edit/", views.TagUpdateView.as_view(), name="crm-tag-update"),
    path("tags/<int:pk>/merge/", views.TagMergeView.as_view(), name="crm-tag-merge"),
    path("tags/<int:pk>/delete/", views.TagDeleteView.as_view(), name="crm-tag-delete"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-tag-list": [VIEW],
    "crm-tag-create": [VIEW, "oscar_crm.add_tag"],
    "crm-tag-update": [VIEW, "oscar_crm.change_tag"],
    "crm-tag-merge": [VIEW, "oscar_crm.change_tag", "oscar_crm.delete_tag"],
    "crm-tag-delete": [VIEW, "oscar_crm.delete_tag"],
}
