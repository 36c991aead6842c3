from django.urls import path

from .views import RateCreateView, RateDeleteView, RateListView, RateUpdateView

urlpatterns = [
    path("rates/", RateListView.as_view(), name="crm-rate-list"),
    path("rates/create/", RateCreateView.as_view(), name="crm-rate-create"),
    path("rates/<int:pk>/edit/", RateUpdateView.as_view(), name="crm-rate-update"),
    path("rates/<int:pk>/delete/", RateDeleteView.as_view(), name="crm-rate-delete"),
]
_VIEW = "oscar_crm.view_exchangerate"
PERMISSIONS: dict[str, list[str]] = {
    "crm-rate-list": [_VIEW],
    "crm-rate-create": [_VIEW, "oscar_crm.add_exchangerate"],
    "crm-rate-update": [_VIEW, "oscar_crm.change_exchangerate"],
    "crm-rate-delete": [_VIEW, "oscar_crm.delete_exchangerate"],
}
