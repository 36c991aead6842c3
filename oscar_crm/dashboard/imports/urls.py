"""The pages of imports and exports, and who may open them."""

from typing import Any

from django.urls import path

from . import exports, views

SEE = ["oscar_crm.view_import"]
DO = [*SEE, "oscar_crm.add_import"]


def _of(name: str, view: Any) -> Any:
    return path(f"imports/<int:pk>/{name}/", view.as_view(), name=f"crm-import-{name}")


urlpatterns: list[Any] = [
    path("imports/", views.ImportListView.as_view(), name="crm-import-list"),
    path("imports/create/", views.ImportCreateView.as_view(), name="crm-import-create"),
    path("imports/<int:pk>/", views.ImportDetailView.as_view(), name="crm-import-detail"),
    _of("columns", views.ImportColumnsView),
    _of("start", views.ImportStartView),
    _of("step", views.ImportStepView),
    _of("pause", views.ImportPauseView),
    _of("cancel", views.ImportCancelView),
    _of("undo", views.ImportUndoView),
    _of("erase", views.ImportEraseView),
    _of("rows", views.ImportRowsView),
    _of("rejected", views.ImportRejectedView),
    path("export/contacts/", exports.ContactExportView.as_view(), name="crm-contact-list-export"),
    path("export/accounts/", exports.AccountExportView.as_view(), name="crm-account-list-export"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-import-list": SEE,
    "crm-import-create": DO,
    "crm-import-detail": SEE,
    "crm-import-columns": DO,
    "crm-import-start": DO,
    "crm-import-step": DO,
    "crm-import-pause": DO,
    "crm-import-cancel": DO,
    "crm-import-undo": DO,
    "crm-import-erase": DO,
    "crm-import-rows": SEE,
    "crm-import-rejected": SEE,
    "crm-contact-list-export": ["oscar_crm.view_contact", "oscar_crm.export_contacts"],
    "crm-account-list-export": ["oscar_crm.view_account", "oscar_crm.export_accounts"],
}
