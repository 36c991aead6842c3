"""The pages about consent, access and erasure, and who may open them."""

from typing import Any

from django.urls import path

from . import consent, erase, export, purposes, retention

VIEW = "oscar_crm.view_contact"
ERASE = [VIEW, "oscar_crm.erase_contacts"]
PURPOSES = "oscar_crm.view_consentpurpose"

urlpatterns: list[Any] = [
    path(
        "contacts/<int:pk>/consents/",
        consent.ConsentCreateView.as_view(),
        name="crm-consent-create",
    ),
    path(
        "contacts/<int:pk>/export/", export.ContactExportView.as_view(), name="crm-contact-export"
    ),
    path("contacts/<int:pk>/erase/", erase.ContactEraseView.as_view(), name="crm-contact-erase"),
    path(
        "privacy/closed-accounts/",
        retention.ClosedAccountListView.as_view(),
        name="crm-closed-account-list",
    ),
    path(
        "privacy/closed-accounts/<int:pk>/keep/",
        retention.ClosedAccountKeepView.as_view(),
        name="crm-closed-account-keep",
    ),
    path("privacy/untouched/", retention.UntouchedListView.as_view(), name="crm-untouched-list"),
    path("privacy/erase/", erase.SeveralEraseView.as_view(), name="crm-several-erase"),
    path("privacy/certificates/", erase.ErasureListView.as_view(), name="crm-erasure-list"),
    path(
        "privacy/certificates/<int:pk>/",
        erase.ErasureDetailView.as_view(),
        name="crm-erasure-detail",
    ),
    path("privacy/purposes/", purposes.PurposeListView.as_view(), name="crm-purpose-list"),
    path(
        "privacy/purposes/create/",
        purposes.PurposeCreateView.as_view(),
        name="crm-purpose-create",
    ),
    path(
        "privacy/purposes/<int:pk>/edit/",
        purposes.PurposeUpdateView.as_view(),
        name="crm-purpose-update",
    ),
    path(
        "privacy/purposes/<int:pk>/delete/",
        purposes.PurposeDeleteView.as_view(),
        name="crm-purpose-delete",
    ),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-consent-create": [VIEW, "oscar_crm.view_consent", "oscar_crm.add_consent"],
    "crm-contact-export": [VIEW, "oscar_crm.export_contacts"],
    "crm-contact-erase": ERASE,
    "crm-closed-account-list": ERASE,
    "crm-closed-account-keep": ERASE,
    "crm-untouched-list": ERASE,
    "crm-several-erase": ERASE,
    "crm-erasure-list": [VIEW, "oscar_crm.view_erasure"],
    "crm-erasure-detail": [VIEW, "oscar_crm.view_erasure"],
    "crm-purpose-list": [PURPOSES],
    "crm-purpose-create": [PURPOSES, "oscar_crm.add_consentpurpose"],
    "crm-purpose-update": [PURPOSES, "oscar_crm.change_consentpurpose"],
    "crm-purpose-delete": [PURPOSES, "oscar_crm.delete_consentpurpose"],
}
