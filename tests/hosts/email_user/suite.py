"""A user is called by the e-mail address where there is nothing else."""

import pytest
from django.urls import reverse

from oscar_crm.models import Contact
from tests.hosts.shopping import make_manager

pytestmark = pytest.mark.django_db


def test_owners_are_called_by_their_addresses(desk):
    sam = make_manager(email="sam@example.com")
    Contact.objects.create(first_name="Joan", owner=sam)

    for name in ("contact-list", "contact-create"):
        page = desk.get(reverse(f"dashboard:crm-{name}")).content.decode()
        assert "sam@example.com" in page
