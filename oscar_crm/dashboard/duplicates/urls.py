from django.urls import path

from oscar_crm.queries.areas import ACCOUNTS, CONTACTS

from . import views
from .hint_views import AccountHintView, ContactHintView
from .merge_views import MergeView
from .scan_views import ScanView

urlpatterns = [
    path("duplicates/", views.DuplicateListView.as_view(), name="crm-duplicate-list"),
    path("duplicates/scan/", ScanView.as_view(), name="crm-duplicate-scan"),
    path(
        "duplicates/<int:pk>/dismiss/",
        views.DuplicateDismissView.as_view(),
        name="crm-duplicate-dismiss",
    ),
    path(
        "duplicates/<int:pk>/restore/",
        views.DuplicateRestoreView.as_view(),
        name="crm-duplicate-restore",
    ),
    path("contacts/merge/", MergeView.as_view(area=CONTACTS), name="crm-contact-merge"),
    path("accounts/merge/", MergeView.as_view(area=ACCOUNTS), name="crm-account-merge"),
    path("contacts/hints/", ContactHintView.as_view(), name="crm-contact-hints"),
    path("accounts/hints/", AccountHintView.as_view(), name="crm-account-hints"),
]
_CONTACTS = ["oscar_crm.view_contact", "oscar_crm.merge_contacts"]
PERMISSIONS: dict[str, list[str]] = {
    # The tab of accounts asks for those of accounts beside them.
    "crm-duplicate-list": _CONTACTS,
    "crm-duplicate-scan": _CONTACTS,
    "crm-duplicate-dismiss": _CONTACTS,
    "crm-duplicate-restore": _CONTACTS,
    "crm-contact-merge": _CONTACTS,
    "crm-account-merge": ["oscar_crm.view_account", "oscar_crm.merge_accounts"],
    "crm-contact-hints": ["oscar_crm.view_contact", "oscar_crm.add_contact"],
    "crm-account-hints": ["oscar_crm.view_account", "oscar_crm.add_account"],
}
