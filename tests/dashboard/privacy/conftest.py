"""Managers, logged in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from oscar_crm.groups import PERMISSIONS, SALES


@pytest.fixture
def desk(manager: Any, log_in: Callable[..., Client]) -> Client:
    """A manager's browser."""
    return log_in(user=manager)


@pytest.fixture
def sales_desk(db: None, log_in: Callable[..., Client]) -> Client:
    return log_in(*PERMISSIONS[SALES])
