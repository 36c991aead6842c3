"""How the CRM enters an Oscar project: one line in INSTALLED_APPS."""

from typing import Any

from django.core import checks as django_checks
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _
from oscar.core.application import OscarDashboardConfig


class CRMConfig(OscarDashboardConfig):
    """Serves the dashboard URLs, attaches them to Oscar, and listens to Oscar's orders."""

    default = True  # OscarDashboardConfig is imported here too; Django must not be left in doubt
    name = "oscar_crm"
    label = "oscar_crm"
    verbose_name = _("CRM")
    default_auto_field = "django.db.models.BigAutoField"
    namespace = "dashboard"
    default_permissions = ["is_superuser"]

    def ready(self) -> None:
        from . import checks
        from .dashboard import attach
        from .groups import create_groups

        self._connect_signals()
        post_migrate.connect(create_groups, sender=self, dispatch_uid="oscar_crm.groups")
        for check in checks.ALL:
            django_checks.register(check)
        attach.attach(self)

    def _connect_signals(self) -> None:
        from oscar.apps.customer.signals import user_registered
        from oscar.apps.order.signals import order_placed, order_status_changed

        from .signals import receivers

        wiring: tuple[tuple[Any, Any, str | None], ...] = (
            (order_placed, receivers.on_order, None),
            (order_status_changed, receivers.on_order, None),
            (user_registered, receivers.on_user_registered, None),
            (post_save, receivers.on_order_saved, "order.Order"),
            (post_save, receivers.on_source_saved, "payment.Source"),
            (post_save, receivers.on_transaction_saved, "payment.Transaction"),
            (post_delete, receivers.on_order_deleted, "order.Order"),
        )
        for signal, receiver, model in wiring:
            uid = f"oscar_crm.{receiver.__name__}"
            if model is None:
                signal.connect(receiver, dispatch_uid=uid)
            else:  # the model may be loaded later, and a fork may provide it
                signal.connect(receiver, sender=model, dispatch_uid=uid)

    @property
    def permissions_map(self) -> dict[str, list[str]]:
        """URL name → permissions. Read with the URLs: views must not be imported before."""
        from .dashboard.urls import PERMISSIONS

        return PERMISSIONS

    def get_urls(self) -> list[Any]:
        from .dashboard.urls import urlpatterns

        urls: list[Any] = self.post_process_urls(list(urlpatterns))
        return urls
