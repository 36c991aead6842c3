"""Downloading a list as it is filtered and sorted."""

import io

import pytest
from django.contrib.auth.models import Permission
from openpyxl import load_workbook

from oscar_crm.dashboard.imports import exports
from oscar_crm.models import Operation
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.stored_filters import to_json
from oscar_crm.test.factories import AccountFactory, ContactFactory, SegmentFactory, make_staff

from .conftest import RIGHTS, url

pytestmark = pytest.mark.django_db


def lines(response) -> list[str]:
    content: str = b"".join(response.streaming_content).decode()
    return content.removeprefix("\ufeff").splitlines()


def test_the_page_offers_columns_and_keeps_the_filter(desk):
    ContactFactory(kind="partner")
    page = desk.get(
        url("contact-list-export"), {"kind": "partner", "sort": "name"}
    ).content.decode()

    assert "1 records" in page
    assert '<input type="hidden" name="kind" value="partner">' in page
    assert 'value="lifetime_value"' in page


def test_a_list_comes_as_it_is_filtered_and_sorted(desk):
    for name, kind in (("B", "partner"), ("A", "partner"), ("C", "customer")):
        ContactFactory(first_name="", last_name=name, kind=kind)

    response = desk.get(
        url("contact-list-export"),
        {"kind": "partner", "sort": "-name", "format": "csv", "columns": ["last_name", "kind"]},
    )

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    assert lines(response) == ["Last name,Kind", "B,partner", "A,partner"]


def test_a_workbook_has_the_same_rows(desk):
    ContactFactory(last_name="Byron")

    response = desk.get(url("contact-list-export"), {"format": "xlsx", "columns": ["last_name"]})

    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert [[cell.value for cell in row] for row in sheet] == [["Last name"], ["Byron"]]


def test_too_many_rows_for_a_workbook_are_told(desk, monkeypatch):
    monkeypatch.setattr(exports, "MOST_XLSX_ROWS", 1)
    for _ in range(2):
        ContactFactory()

    response = desk.get(url("contact-list-export"), {"format": "xlsx"}, follow=True)

    assert "Choose CSV" in response.content.decode()


def test_a_column_that_does_not_exist_is_told(desk):
    response = desk.get(
        url("contact-list-export"), {"format": "csv", "columns": ["password"]}, follow=True
    )

    assert "There is no column “password”." in response.content.decode()


def test_accounts_are_exported_as_well(desk):
    AccountFactory(name="Acme")

    response = desk.get(url("account-list-export"), {"format": "csv", "columns": ["name"]})

    assert lines(response) == ["Name", "Acme"]


def test_records_of_others_are_in_no_file(client):
    ContactFactory(last_name="Hidden", owner=make_staff())
    client.force_login(make_staff(*RIGHTS))

    response = client.get(url("contact-list-export"), {"format": "csv", "columns": ["last_name"]})

    assert lines(response) == ["Last name"]


def test_an_export_stands_in_the_journal(desk, manager):
    lines(desk.get(url("contact-list-export"), {"format": "csv"}))

    operation = Operation.objects.get(kind="export_list")
    assert operation.actor == manager
    assert operation.state["area"] == "contact"


def test_the_list_leads_to_its_export(desk):
    ContactFactory(kind="partner")

    page = desk.get(url("contact-list"), {"kind": "partner"}).content.decode()

    assert f"{url('contact-list-export')}?kind=partner" in page


def test_a_segment_is_exported_as_the_list_shows_it(desk, manager):
    ContactFactory(last_name="Partner", kind="partner")
    ContactFactory(last_name="Customer", kind="customer")
    segment = SegmentFactory(filter=to_json(ContactFilter(kind="partner")), owner=manager)
    manager.user_permissions.add(*Permission.objects.filter(codename="view_segment"))

    response = desk.get(
        url("contact-list-export"),
        {"segment": segment.pk, "format": "csv", "columns": ["last_name"]},
    )

    assert lines(response) == ["Last name", "Partner"]
