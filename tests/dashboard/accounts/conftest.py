"""Staff, logged in: as for the contact pages."""

from tests.dashboard.contacts.conftest import (  # noqa: F401
    log_in,
    manager,
    manager_client,
    reader,
    reader_client,
    sales,
    sales_client,
)
