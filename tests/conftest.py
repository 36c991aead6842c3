"""Fixtures shared by all tests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from oscar.core.loading import get_model

from oscar_crm.models import Contact


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """``with on_commit():`` runs what the block registered, as a real commit would."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def germany(db: None) -> Any:
    countries = get_model("address", "Country")._default_manager
    return countries.create(
        iso_3166_1_a2="DE", iso_3166_1_a3="DEU", name="Germany", printable_name="Germany"
    )


@pytest.fixture
def contact_by_email() -> Callable[[str], Contact]:
    return lambda address: Contact.objects.get(emails__address=address)


@pytest.fixture
def crm_sync(capsys: Any) -> Callable[..., str]:
    """Run ``crm_sync_orders`` and return what it printed."""

    def run(**options: Any) -> str:
        call_command("crm_sync_orders", verbosity=0, **options)
        return str(capsys.readouterr().out)

    return run
