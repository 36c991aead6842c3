from django.db import models
from oscar.apps.address.abstract_models import AbstractBillingAddress, AbstractShippingAddress
from oscar.apps.order.abstract_models import AbstractOrder


class Order(AbstractOrder):
    purchase_order = models.CharField(max_length=50, blank=True)


class ShippingAddress(AbstractShippingAddress):
    company_name = models.CharField("company", max_length=100, blank=True)


class BillingAddress(AbstractBillingAddress):
    company_name = models.CharField("company", max_length=100, blank=True)


from oscar.apps.order.models import *  # noqa: E402, F403
