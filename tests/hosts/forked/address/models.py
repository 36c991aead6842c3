from django.db import models
from oscar.apps.address.abstract_models import AbstractUserAddress


class UserAddress(AbstractUserAddress):
    company_name = models.CharField("company", max_length=100, blank=True)


from oscar.apps.address.models import *  # noqa: E402, F403
