"""Staff, logged in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from oscar_crm.groups import MANAGER, PERMISSIONS, READ_ONLY, SALES
from oscar_crm.test.factories import make_staff


@pytest.fixture
def log_in(db: None) -> Callable[..., Client]:
    """``log_in("view_contact")``, or with ``user=``, a client of its own for each."""

    def make(*codenames: str, user: Any = None) -> Client:
        client = Client()
        client.force_login(user or make_staff(*codenames))
        return client

    return make


@pytest.fixture
def manager(db: None) -> Any:
    return make_staff(*PERMISSIONS[MANAGER], first_name="Mara", last_name="Manager")


@pytest.fixture
def sales(db: None) -> Any:
    return make_staff(*PERMISSIONS[SALES], first_name="Sam", last_name="Sales")


@pytest.fixture
def reader(db: None) -> Any:
    return make_staff(*PERMISSIONS[READ_ONLY], first_name="Rita", last_name="Reader")


@pytest.fixture
def manager_client(manager: Any, log_in: Callable[..., Client]) -> Client:
    return log_in(user=manager)


@pytest.fixture
def sales_client(sales: Any, log_in: Callable[..., Client]) -> Client:
    return log_in(user=sales)


@pytest.fixture
def reader_client(reader: Any, log_in: Callable[..., Client]) -> Client:
    return log_in(user=reader)
