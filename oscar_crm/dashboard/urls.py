"""All URLs of the CRM in Oscar's dashboard, flat, and who may open them.

Each area lists its own. A view without an entry in ``PERMISSIONS`` is for superusers only.
"""

from typing import Any

from .accounts import urls as accounts
from .bulk import urls as bulk
from .contacts import urls as contacts
from .custom_fields import urls as custom_fields
from .duplicates import urls as duplicates
from .imports import urls as imports
from .operations import urls as operations
from .orders import urls as orders
from .overview import urls as overview
from .privacy import urls as privacy
from .rates import urls as rates
from .search import urls as search
from .segments import urls as segments
from .tags import urls as tags

AREAS = (
    *(overview, search, contacts, accounts, bulk, segments, duplicates, operations, orders, rates),
    *(tags, custom_fields, privacy, imports),
)

urlpatterns: list[Any] = [pattern for area in AREAS for pattern in area.urlpatterns]
PERMISSIONS: dict[str, list[str]] = {
    name: ["is_staff", *permissions]
    for area in AREAS
    for name, permissions in area.PERMISSIONS.items()
}
