"""Staff, logged in."""

from typing import Any

import pytest
from django.test import Client

from oscar_crm.groups import MANAGER, PERMISSIONS, SALES
from oscar_crm.test.factories import make_staff


@pytest.fixture
def manager(db: None) -> Any:
    return make_staff(*PERMISSIONS[MANAGER], first_name="Mara", last_name="Manager")


@pytest.fixture
def sales(db: None) -> Any:
    return make_staff(*PERMISSIONS[SALES], first_name="Sam", last_name="Sales")


@pytest.fixture
def manager_client(manager: Any, client: Client) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def sales_client(sales: Any) -> Client:
    client = Client()
    client.force_login(sales)
    return client
