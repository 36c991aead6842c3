"""The pages of custom fields and who may open them."""

from typing import Any

from django.urls import path

from . import views

VIEW = "oscar_crm.view_customfield"
CHANGE = [VIEW, "oscar_crm.change_customfield"]
NAME = "crm-custom-field"

urlpatterns: list[Any] = [
    path("custom-fields/", views.FieldListView.as_view(), name=f"{NAME}-list"),
    path("custom-fields/create/", views.FieldCreateView.as_view(), name=f"{NAME}-create"),
    path("custom-fields/<int:pk>/edit/", views.FieldUpdateView.as_view(), name=f"{NAME}-update"),
    path("custom-fields/<int:pk>/move/", views.FieldMoveView.as_view(), name=f"{NAME}-move"),
    path("custom-fields/<int:pk>/delete/", views.FieldDeleteView.as_view(), name=f"{NAME}-delete"),
]
PERMISSIONS: dict[str, list[str]] = {
    f"{NAME}-list": [VIEW],
    f"{NAME}-create": [VIEW, "oscar_crm.add_customfield"],
    f"{NAME}-update": CHANGE,
    f"{NAME}-move": CHANGE,
    f"{NAME}-delete": [VIEW, "oscar_crm.delete_customfield"],
}
