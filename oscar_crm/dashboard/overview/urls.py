from django.urls import path

from .views import OverviewView, SyncView

urlpatterns = [
    path("", OverviewView.as_view(), name="crm-overview"),
    path("sync/", SyncView.as_view(), name="crm-sync"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-overview": ["oscar_crm.view_contact"],
    "crm-sync": ["oscar_crm.sync_orders"],
}
