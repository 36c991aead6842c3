"""All URLs of the CRM in Oscar's dashboard, flat, and who may open them.

Each area lists its own. A view without an entry in ``PERMISSIONS`` is for superusers only.
"""

from typing import Any

from .accounts import urls as accounts
from .contacts import urls as contacts
from .duplicates import urls as duplicates
from .imports import urls as imports
from .operations import urls as operations
from .orders import urls as orders
from .overview import urls as overview
from .rates import urls as rates

AREAS = (overview, contacts, accounts, duplicates, imports, operations, orders, rates)

urlpatterns: list[Any] = [pattern for area in AREAS for pattern in area.urlpatterns]
PERMISSIONS: dict[str, list[str]] = {
    name: ["is_staff", *permissions]
    for area in AREAS
    for name, permissions in area.PERMISSIONS.items()
}
