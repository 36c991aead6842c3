"""Managers, logged in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from oscar_crm.groups import MANAGER, PERMISSIONS, SALES
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
def desk(manager: Any, log_in: Callable[..., Client]) -> Client:
    """A manager's browser."""
    return log_in(user=manager)


@pytest.fixture
def sales_desk(db: None, log_in: Callable[..., Client]) -> Client:
    return log_in(*PERMISSIONS[SALES])
