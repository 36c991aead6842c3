from django.urls import path

from .views import OrderAssignView, OrderListView

urlpatterns = [
    path("orders/", OrderListView.as_view(), name="crm-order-list"),
    path("orders/<int:pk>/assign/", OrderAssignView.as_view(), name="crm-order-assign"),
]
PERMISSIONS: dict[str, list[str]] = {
    "crm-order-list": ["oscar_crm.view_contact", "oscar_crm.view_orderlink"],
    "crm-order-assign": [
        "oscar_crm.view_contact",
        "oscar_crm.view_orderlink",
        "oscar_crm.change_orderlink",
    ],
}
