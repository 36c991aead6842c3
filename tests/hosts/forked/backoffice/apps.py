from oscar.apps.dashboard import apps


class BackOfficeConfig(apps.DashboardConfig):
    name = "tests.hosts.forked.backoffice"

    def get_urls(self):
        from django.urls import path

        return [*super().get_urls(), path("hello/", self.index_view.as_view(), name="hello")]
