"""Changing many contacts or accounts at once, and who may."""

from typing import Any

from django.urls import path

from oscar_crm.queries.areas import ACCOUNTS, CONTACTS

from . import views

CONTACT = ["oscar_crm.view_contact", "oscar_crm.change_contact"]
ACCOUNT = ["oscar_crm.view_account", "oscar_crm.change_account"]

urlpatterns: list[Any] = [
    path("contacts/bulk/", views.ContactBulkView.as_view(), name="crm-contact-bulk"),
    path("accounts/bulk/", views.AccountBulkView.as_view(), name="crm-account-bulk"),
    path(
        "contacts/bulk/<int:pk>/",
        views.BulkRunView.as_view(area=CONTACTS),
        name="crm-contact-bulk-run",
    ),
    path(
        "accounts/bulk/<int:pk>/",
        views.BulkRunView.as_view(area=ACCOUNTS),
        name="crm-account-bulk-run",
    ),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-contact-bulk": CONTACT,
    "crm-account-bulk": ACCOUNT,
    "crm-contact-bulk-run": CONTACT,
    "crm-account-bulk-run": ACCOUNT,
}
