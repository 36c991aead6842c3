"""Who may open which page: every URL of the CRM against every kind of visitor."""

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from oscar_crm.dashboard.urls import PERMISSIONS, urlpatterns
from oscar_crm.test.factories import (
    ContactFactory,
    ExchangeRateFactory,
    ImportFactory,
    NoteFactory,
    OrderLinkFactory,
    TagFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Page:
    """What a URL asks for, and what the right person gets: the status of GET and of POST.

    ``record`` names the record in the address, ``""`` if there is none.
    """

    permissions: tuple[str, ...]
    get: int
    post: int
    record: str = ""
    data: dict[str, Any] = field(default_factory=dict)


SEE = ("view_contact",)
CHANGE = ("view_contact", "change_contact")
IMPORT = ("view_import", "add_import")
RATE = {"currency": "GBP", "rate": "1.15", "valid_from": "2025-01-31"}
PAGES = {
    "crm-overview": Page(SEE, get=200, post=405),
    "crm-sync": Page(("sync_orders",), get=200, post=302),
    "crm-contact-list": Page(SEE, get=200, post=405),
    "crm-contact-create": Page(
        (*SEE, "add_contact"), get=200, post=302, data={"first_name": "Ada", "kind": "lead"}
    ),
    "crm-contact-lookup": Page(SEE, get=200, post=405),
    "crm-contact-detail": Page(SEE, get=200, post=405, record="contact"),
    "crm-contact-update": Page(CHANGE, get=200, post=200, record="contact"),
    "crm-contact-archive": Page(CHANGE, get=405, post=302, record="contact"),
    "crm-contact-restore": Page(CHANGE, get=405, post=302, record="contact"),
    "crm-contact-timeline": Page(SEE, get=200, post=405, record="contact"),
    "crm-contact-tag-add": Page(CHANGE, get=405, post=302, record="contact", data={"name": "New"}),
    "crm-contact-tag-remove": Page(CHANGE, get=405, post=302, record="tagged"),
    "crm-note-create": Page(
        (*SEE, "add_activity"), get=405, post=302, record="contact", data={"body": "Hello"}
    ),
    "crm-note-update": Page(
        (*SEE, "change_activity"), get=200, post=302, record="note", data={"body": "Hello"}
    ),
    "crm-note-delete": Page((*SEE, "delete_activity"), get=200, post=302, record="note"),
    "crm-order-list": Page((*SEE, "view_orderlink"), get=200, post=405),
    "crm-order-assign": Page(
        (*SEE, "view_orderlink", "change_orderlink"),
        get=200,
        post=302,
        record="order",
        data={"email": "chosen@example.com"},
    ),
    "crm-rate-list": Page(("view_exchangerate",), get=200, post=405),
    "crm-rate-create": Page(
        ("view_exchangerate", "add_exchangerate"), get=200, post=302, data=RATE
    ),
    "crm-rate-update": Page(
        ("view_exchangerate", "change_exchangerate"), get=200, post=302, record="rate", data=RATE
    ),
    "crm-rate-delete": Page(
        ("view_exchangerate", "delete_exchangerate"), get=200, post=302, record="rate"
    ),
    "crm-import-list": Page(("view_import",), get=200, post=405),
    "crm-import-create": Page(IMPORT, get=200, post=200),
    "crm-import-detail": Page(("view_import",), get=200, post=405, record="import"),
    "crm-import-columns": Page(IMPORT, get=200, post=200, record="import"),
    **{
        f"crm-import-{name}": Page(IMPORT, get=405, post=302, record="import")
        for name in ("start", "step", "pause", "cancel", "erase")
    },
    "crm-import-undo": Page(IMPORT, get=200, post=302, record="import"),
    "crm-import-rows": Page(("view_import",), get=200, post=405, record="import"),
    "crm-import-rejected": Page(("view_import",), get=200, post=405, record="import"),
    "crm-contact-export": Page((*SEE, "export_contacts"), get=200, post=405),
    "crm-account-export": Page(("view_account", "export_accounts"), get=200, post=405),
}
EVERY = [pytest.param(name, page, id=name) for name, page in PAGES.items()]
WITH_RECORD = [param for param in EVERY if param.values[1].record]
OWNED = [param for param in WITH_RECORD if param.values[1].record != "rate"]
METHODS = ("get", "post")


@pytest.fixture
def owner() -> Any:
    return make_staff()


@pytest.fixture
def records(owner: Any) -> dict[str, list[int]]:
    """The parts of the address, by kind of record; all of one contact that ``owner`` owns."""
    tag = TagFactory()
    contact = ContactFactory(owner=owner, tags=[tag])
    ContactFactory(emails=["chosen@example.com"])
    return {
        "": [],
        "contact": [contact.pk],
        "tagged": [contact.pk, tag.pk],
        "note": [NoteFactory(contact=contact).pk],
        "order": [OrderLinkFactory(contact=contact).pk],
        "rate": [ExchangeRateFactory().pk],
        "import": [ImportFactory(actor=owner).pk],
    }


def ask(client: Client, method: str, name: str, page: Page, records: Any) -> HttpResponse:
    url = reverse(f"dashboard:{name}", args=records[page.record])
    response: HttpResponse = getattr(client, method)(url, page.data)
    return response


def test_every_url_is_in_the_matrix() -> None:
    names = [pattern.name for pattern in urlpatterns]
    assert len(set(names)) == len(names)
    assert set(names) == set(PAGES)


def test_every_url_says_who_may_open_it() -> None:
    wanted = {
        name: ["is_staff", *(f"oscar_crm.{codename}" for codename in page.permissions)]
        for name, page in PAGES.items()
    }
    assert wanted == PERMISSIONS


@pytest.mark.parametrize(("name", "page"), EVERY)
@pytest.mark.parametrize("method", METHODS)
def test_visitors_are_sent_to_the_login_page(
    client: Client, records: Any, name: str, page: Page, method: str
) -> None:
    response = ask(client, method, name, page, records)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("dashboard:login"))


@pytest.mark.parametrize(("name", "page"), EVERY)
@pytest.mark.parametrize("method", METHODS)
def test_staff_who_lack_one_permission_are_refused(
    client: Client, records: Any, name: str, page: Page, method: str
) -> None:
    for missing in page.permissions:
        others = {*page.permissions, "view_all_contacts"} - {missing}
        client.force_login(make_staff(*others))
        assert ask(client, method, name, page, records).status_code == 403, missing


@pytest.mark.parametrize(("name", "page"), EVERY)
@pytest.mark.parametrize("method", METHODS)
def test_customers_are_refused_whatever_their_permissions(
    client: Client, records: Any, name: str, page: Page, method: str
) -> None:
    client.force_login(make_staff(*page.permissions, "view_all_contacts", is_staff=False))
    assert ask(client, method, name, page, records).status_code == 403


@pytest.mark.parametrize(("name", "page"), EVERY)
@pytest.mark.parametrize("method", METHODS)
def test_the_right_permissions_suffice(
    client: Client, records: Any, owner: Any, name: str, page: Page, method: str
) -> None:
    own_and_unowned = make_staff(*page.permissions)
    owner.user_permissions.set(own_and_unowned.user_permissions.all())
    client.force_login(owner)
    expected = page.get if method == "get" else page.post
    assert ask(client, method, name, page, records).status_code == expected


@pytest.mark.parametrize(("name", "page"), OWNED)
@pytest.mark.parametrize("method", METHODS)
def test_the_records_of_others_are_not_found(
    client: Client, records: Any, name: str, page: Page, method: str
) -> None:
    client.force_login(make_staff(*page.permissions))
    expected = 404 if (page.get, page.post)[METHODS.index(method)] != 405 else 405
    assert ask(client, method, name, page, records).status_code == expected


@pytest.mark.parametrize(("name", "page"), OWNED)
def test_who_sees_all_contacts_reaches_the_records_of_others(
    client: Client, records: Any, name: str, page: Page
) -> None:
    client.force_login(make_staff(*page.permissions, "view_all_contacts"))
    assert ask(client, "get", name, page, records).status_code == page.get


@pytest.mark.parametrize(("name", "page"), WITH_RECORD)
def test_a_record_that_does_not_exist_is_not_found(
    client: Client, records: Any, name: str, page: Page
) -> None:
    client.force_login(make_staff(*page.permissions, "view_all_contacts"))
    gone = {page.record: [999_999 for _ in records[page.record]]}
    expected = 405 if page.get == 405 else 404
    assert ask(client, "get", name, page, gone).status_code == expected


def test_lists_and_look_ups_do_not_tell_of_the_records_of_others(
    client: Client, owner: Any
) -> None:
    hidden = ContactFactory(owner=owner, first_name="Hidden", emails=["hidden@example.com"])
    OrderLinkFactory(contact=hidden, number="HIDDEN1", email="hidden@example.com")
    NoteFactory(contact=hidden, body="A hidden note")
    client.force_login(make_staff("view_contact", "view_orderlink", "view_activity"))
    pages = ("crm-contact-list", "crm-contact-lookup", "crm-order-list", "crm-overview")
    for name, query in product(pages, ({}, {"state": "linked"}, {"page_limit": "5"})):
        page = client.get(reverse(f"dashboard:{name}"), query).content.decode()
        assert "hidden@example.com" not in page
        assert "HIDDEN1" not in page
        assert "hidden note" not in page
