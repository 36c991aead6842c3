"""Set the sandbox's delivery charge without forking Oscar's shipping app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "sandbox.demo"
    label = "demo"
    verbose_name = "Sandbox demo"

    def ready(self) -> None:
        from oscar.core.loading import get_class

        from sandbox.demo.shipping import StandardDelivery

        get_class("shipping.repository", "Repository").methods = (StandardDelivery(),)
