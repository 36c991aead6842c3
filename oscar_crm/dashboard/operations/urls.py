from django.urls import path

from .views import OperationDetailView, OperationListView, OperationUndoView

urlpatterns = [
    path("operations/", OperationListView.as_view(), name="crm-operation-list"),
    path("operations/<int:pk>/", OperationDetailView.as_view(), name="crm-operation-detail"),
    path("operations/<int:pk>/undo/", OperationUndoView.as_view(), name="crm-operation-undo"),
]
_VIEW = "oscar_crm.view_contact"
PERMISSIONS: dict[str, list[str]] = {
    "crm-operation-list": [_VIEW],
    "crm-operation-detail": [_VIEW],
    # Beside it whoever undoes needs what the operation's records ask for.
    "crm-operation-undo": [_VIEW, "oscar_crm.change_contact"],
}
