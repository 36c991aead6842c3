from typing import Any

import pytest
from django.test import Client

from tests.hosts.shopping import client_of, make_manager


@pytest.fixture
def manager(db: None) -> Any:
    return make_manager()


@pytest.fixture
def desk(manager: Any) -> Client:
    """The browser of somebody of the group "CRM manager"."""
    return client_of(manager)


@pytest.fixture
def owner(db: None) -> Client:
    """The browser of the shop's owner, who may do everything."""
    return client_of(make_manager(is_superuser=True))
