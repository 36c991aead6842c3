from oscar.apps.dashboard.orders import views


class OrderDetailView(views.OrderDetailView):
    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "greeting": "Hello from the shop"}
