"""Changing many contacts at once, and who may."""

from typing import Any

from django.urls import path

from . import views

CHANGE = ["oscar_crm.view_contact", "oscar_crm.change_contact"]

urlpatterns: list[Any] = [
    path("contacts/bulk/", views.ContactBulkView.as_view(), name="crm-contact-bulk"),
    path("contacts/bulk/<int:pk>/", views.BulkRunView.as_view(), name="crm-bulk-run"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-contact-bulk": CHANGE,
    "crm-bulk-run": CHANGE,
}
