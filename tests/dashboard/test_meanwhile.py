"""Somebody else was quicker: what a page says then, instead of breaking."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oscar_crm.exceptions import MergedError
from oscar_crm.models import Activity
from oscar_crm.services import accounts, contacts
from oscar_crm.test.factories import (
    AccountFactory,
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db
WORDS = "was merged into another record meanwhile"


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(make_staff(is_superuser=True))
    return client


def refuse(*args: Any, **kwargs: Any) -> None:
    raise MergedError(WORDS)


def test_a_contact_that_was_merged_is_told_on_its_page(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(contacts, "archive_contact", refuse)
    url = reverse("dashboard:crm-contact-archive", args=[ContactFactory().pk])
    assert WORDS in client.post(url, follow=True).content.decode()


def test_an_account_that_was_merged_is_told_on_its_page(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(accounts, "archive_account", refuse)
    url = reverse("dashboard:crm-account-archive", args=[AccountFactory().pk])
    assert WORDS in client.post(url, follow=True).content.decode()


def test_an_order_is_not_assigned_to_who_was_merged(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("oscar_crm.dashboard.orders.views.assign_order", refuse)
    url = reverse("dashboard:crm-order-assign", args=[OrderLinkFactory().pk])
    assert WORDS in client.post(url, {"contact": ContactFactory().pk}).content.decode()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_note_that_is_gone_is_told(client: Client, monkeypatch: Any, act: str) -> None:
    note = NoteFactory()

    def found_and_then_gone(*args: Any, **kwargs: Any) -> Activity:
        Activity.objects.all().delete()
        return note

    monkeypatch.setattr("oscar_crm.dashboard.contacts.notes.get_object_or_404", found_and_then_gone)
    url = reverse(f"dashboard:crm-note-{act}", args=[note.pk])
    page = client.post(url, {"body": "Hello"}, follow=True).content.decode()
    assert "Somebody else has deleted this note meanwhile." in page
