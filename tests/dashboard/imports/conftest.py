"""Somebody who imports, and the whole way of a file through the pages."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from oscar_crm.models import Import
from oscar_crm.test.factories import make_staff

RIGHTS = (
    *("view_import", "add_import", "view_contact", "add_contact", "change_contact"),
    *("view_account", "add_account", "change_account", "export_contacts", "export_accounts"),
)


@pytest.fixture
def manager(db: None) -> Any:
    return make_staff(
        *RIGHTS, "view_all_contacts", "view_all_accounts", first_name="Mara", last_name="Boss"
    )


@pytest.fixture
def desk(client: Client, manager: Any) -> Client:
    """The manager's browser."""
    client.force_login(manager)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"dashboard:crm-{name}", args=args)


def upload_file(rows: Sequence[Sequence[str]], name: str = "list.csv") -> SimpleUploadedFile:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return SimpleUploadedFile(name, text.getvalue().encode(), content_type="text/csv")


@pytest.fixture
def upload(desk: Client) -> Callable[..., Import]:
    """``upload(rows)`` sends the form of the upload page."""

    def do(rows: Any, **data: Any) -> Import:
        file = upload_file(rows) if isinstance(rows, list) else rows
        response = desk.post(url("import-create"), {"area": "contact", "file": file, **data})
        assert response.status_code == 302, response.context["form"].errors
        return Import.objects.latest("pk")

    return do


@pytest.fixture
def choose(desk: Client) -> Callable[..., Any]:
    """``choose(import)`` sends the form of the columns as it is shown, some fields changed."""

    def do(made: Import, **changed: Any) -> Any:
        form = desk.get(url("import-columns", made.pk)).context["form"]
        data = {field.name: field.value() or "" for field in form}
        return desk.post(url("import-columns", made.pk), {**data, **changed})

    return do


@pytest.fixture
def work(desk: Client) -> Callable[..., dict[str, Any]]:
    """``work(import)`` makes steps as the page's script does; the last answer."""

    def do(made: Import) -> dict[str, Any]:
        for _ in range(50):
            response = desk.post(
                url("import-step", made.pk), {"go": "1"}, headers={"Accept": "application/json"}
            )
            state: dict[str, Any] = json.loads(response.content)
            if state["finished"] or state["paused"]:
                break
        made.refresh_from_db()
        return state

    return do
