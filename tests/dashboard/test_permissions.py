"""Who may open which page: every URL of the CRM against every kind of visitor."""

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from oscar_crm.dashboard.urls import PERMISSIONS, urlpatterns
from oscar_crm.models import DuplicatePair, Operation
from oscar_crm.services.contacts import update_contact
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ClosedAccountFactory,
    ConsentPurposeFactory,
    ContactFactory,
    CustomFieldFactory,
    ErasureFactory,
    ExchangeRateFactory,
    ImportFactory,
    NoteFactory,
    OrderLinkFactory,
    SegmentFactory,
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
SEGMENT = ("view_contact", "view_segment")
MERGE = ("view_contact", "merge_contacts")
SEE_ACCOUNT = ("view_account",)
CHANGE_ACCOUNT = ("view_account", "change_account")
SEE_BOTH = ("view_contact", "view_account")
JOIN = (*SEE_BOTH, "change_account")
SEES_ALL = {"view_all_contacts", "view_all_accounts"}
FIELDS = ("view_customfield",)
NEW_FIELD = {"area": "contact", "label": "Tier", "kind": "text"}
TAG = {"name": "New", "palette": "#1f77b4"}
ERASE = ("view_contact", "erase_contacts")
CONFIRMED = {"confirmation": "ERASE"}
PURPOSE = {"name": "Newsletter", "text": "May we write to you?"}
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
    "crm-account-list": Page(SEE_ACCOUNT, get=200, post=405),
    "crm-account-create": Page(
        (*SEE_ACCOUNT, "add_account"), get=200, post=302, data={"name": "Acme"}
    ),
    "crm-account-lookup": Page(SEE_ACCOUNT, get=200, post=405),
    "crm-account-detail": Page(SEE_ACCOUNT, get=200, post=405, record="account"),
    "crm-account-update": Page(CHANGE_ACCOUNT, get=200, post=200, record="account"),
    "crm-account-archive": Page(CHANGE_ACCOUNT, get=405, post=302, record="account"),
    "crm-account-restore": Page(CHANGE_ACCOUNT, get=405, post=302, record="account"),
    "crm-account-timeline": Page(SEE_ACCOUNT, get=200, post=405, record="account"),
    "crm-account-tag-add": Page(
        CHANGE_ACCOUNT, get=405, post=302, record="account", data={"name": "New"}
    ),
    "crm-account-tag-remove": Page(CHANGE_ACCOUNT, get=405, post=302, record="tagged account"),
    "crm-account-note-create": Page(
        (*SEE_ACCOUNT, "add_activity"), get=405, post=302, record="account", data={"body": "Hi"}
    ),
    "crm-account-people": Page(SEE_BOTH, get=200, post=405, record="account"),
    "crm-account-person-add": Page(
        JOIN, get=200, post=302, record="account", data={"email": "chosen@example.com"}
    ),
    "crm-contact-company-add": Page(
        JOIN, get=200, post=302, record="contact", data={"account_name": "Chosen"}
    ),
    "crm-membership-update": Page(JOIN, get=200, post=302, record="membership"),
    "crm-membership-end": Page(
        JOIN, get=200, post=302, record="membership", data={"until_date": "2025-01-31"}
    ),
    "crm-membership-remove": Page(JOIN, get=200, post=302, record="membership"),
    "crm-company-list": Page(SEE_BOTH, get=200, post=405),
    "crm-company-accept": Page((*JOIN, "add_account"), get=405, post=302, data={"key": "waiting"}),
    "crm-company-dismiss": Page(JOIN, get=405, post=302, data={"key": "waiting"}),
    "crm-duplicate-list": Page(MERGE, get=200, post=405),
    "crm-duplicate-scan": Page(MERGE, get=200, post=302),
    "crm-duplicate-dismiss": Page(MERGE, get=405, post=302, record="pair"),
    "crm-duplicate-restore": Page(MERGE, get=405, post=302, record="pair"),
    "crm-contact-merge": Page(MERGE, get=200, post=200),
    "crm-account-merge": Page(("view_account", "merge_accounts"), get=200, post=200),
    "crm-contact-hints": Page((*SEE, "add_contact"), get=405, post=200),
    "crm-account-hints": Page(("view_account", "add_account"), get=405, post=200),
    "crm-operation-list": Page(SEE, get=200, post=405),
    "crm-operation-detail": Page(SEE, get=200, post=405, record="operation"),
    "crm-operation-undo": Page(CHANGE, get=200, post=302, record="operation"),
    "crm-contact-bulk": Page(CHANGE, get=405, post=302),
    "crm-account-bulk": Page((*SEE_ACCOUNT, "change_account"), get=405, post=302),
    "crm-contact-bulk-run": Page(CHANGE, get=200, post=302, record="bulk"),
    "crm-account-bulk-run": Page(
        (*SEE_ACCOUNT, "change_account"), get=200, post=302, record="account bulk"
    ),
    "crm-segment-list": Page(SEGMENT, get=200, post=405),
    "crm-segment-create": Page(
        (*SEGMENT, "add_segment"), get=200, post=302, data={"name": "New", "kind": "lead"}
    ),
    "crm-segment-update": Page(
        (*SEGMENT, "change_segment"),
        get=200,
        post=302,
        record="segment",
        data={"name": "New", "kind": "lead"},
    ),
    "crm-segment-duplicate": Page((*SEGMENT, "add_segment"), get=405, post=302, record="segment"),
    "crm-segment-count": Page(SEGMENT, get=405, post=302, record="segment"),
    "crm-segment-delete": Page((*SEGMENT, "delete_segment"), get=200, post=302, record="segment"),
    "crm-product-lookup": Page(SEE, get=200, post=405),
    "crm-category-lookup": Page(SEE, get=200, post=405),
    "crm-country-lookup": Page(SEE, get=200, post=405),
    "crm-order-list": Page((*SEE, "view_orderlink"), get=200, post=405),
    "crm-order-assign": Page(
        (*SEE, "view_orderlink", "change_orderlink"),
        get=200,
        post=302,
        record="order",
        data={"email": "chosen@example.com"},
    ),
    "crm-tag-list": Page(("view_tag",), get=200, post=405),
    "crm-tag-create": Page(("view_tag", "add_tag"), get=200, post=302, data=TAG),
    "crm-tag-update": Page(("view_tag", "change_tag"), get=200, post=302, record="tag", data=TAG),
    "crm-tag-merge": Page(
        ("view_tag", "change_tag", "delete_tag"), get=200, post=200, record="tag"
    ),
    "crm-tag-delete": Page(("view_tag", "delete_tag"), get=200, post=302, record="tag"),
    "crm-custom-field-list": Page(FIELDS, get=200, post=405),
    "crm-custom-field-create": Page(
        (*FIELDS, "add_customfield"), get=200, post=302, data=NEW_FIELD
    ),
    "crm-custom-field-update": Page(
        (*FIELDS, "change_customfield"), get=200, post=302, record="field", data={"label": "New"}
    ),
    "crm-custom-field-move": Page(
        (*FIELDS, "change_customfield"), get=405, post=302, record="field"
    ),
    "crm-custom-field-delete": Page(
        (*FIELDS, "delete_customfield"), get=200, post=302, record="field"
    ),
    "crm-search": Page(SEE, get=200, post=405),
    "crm-search-suggestions": Page(SEE, get=200, post=405),
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
    "crm-consent-create": Page(
        (*SEE, "view_consent", "add_consent"), get=200, post=200, record="contact"
    ),
    "crm-contact-export": Page((*SEE, "export_contacts"), get=405, post=200, record="contact"),
    "crm-contact-erase": Page(ERASE, get=200, post=302, record="contact", data=CONFIRMED),
    "crm-closed-account-list": Page(ERASE, get=200, post=405),
    "crm-closed-account-keep": Page(ERASE, get=405, post=302, record="closed"),
    "crm-untouched-list": Page(ERASE, get=200, post=405),
    "crm-several-erase": Page(ERASE, get=302, post=302),
    "crm-erasure-list": Page((*SEE, "view_erasure"), get=200, post=405),
    "crm-erasure-detail": Page((*SEE, "view_erasure"), get=200, post=405, record="erasure"),
    "crm-purpose-list": Page(("view_consentpurpose",), get=200, post=405),
    "crm-purpose-create": Page(
        ("view_consentpurpose", "add_consentpurpose"), get=200, post=302, data=PURPOSE
    ),
    "crm-purpose-update": Page(
        ("view_consentpurpose", "change_consentpurpose"),
        get=200,
        post=302,
        record="purpose",
        data=PURPOSE,
    ),
    "crm-purpose-delete": Page(
        ("view_consentpurpose", "delete_consentpurpose"), get=200, post=302, record="purpose"
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
    "crm-contact-list-export": Page((*SEE, "export_contacts"), get=200, post=405),
    "crm-account-list-export": Page(("view_account", "export_accounts"), get=200, post=405),
}
EVERY = [pytest.param(name, page, id=name) for name, page in PAGES.items()]
WITH_RECORD = [param for param in EVERY if param.values[1].record]
SHARED = ("rate", "tag", "field", "purpose")  # records that belong to nobody
OWNED = [param for param in WITH_RECORD if param.values[1].record not in SHARED]
# What is one's own stays so whatever others may see.
PRIVATE = ("segment", "bulk", "account bulk")
NOT_PRIVATE = [param for param in OWNED if param.values[1].record not in PRIVATE]
METHODS = ("get", "post")


@pytest.fixture
def owner() -> Any:
    return make_staff()


@pytest.fixture
def records(owner: Any) -> dict[str, list[int]]:
    """The parts of the address, by kind of record; all of one contact that ``owner`` owns."""
    tag = TagFactory()
    contact = ContactFactory(owner=owner, tags=[tag])
    other = ContactFactory(emails=["chosen@example.com"])
    pair = DuplicatePair.objects.create(
        area="contact", low_id=contact.pk, high_id=other.pk, score=90
    )
    account = AccountFactory(owner=owner, tags=[tag])
    ContactFactory(company_name="Waiting Ltd")
    AccountFactory(name="Chosen")
    return {
        "pair": [pair.pk],
        "": [],
        "contact": [contact.pk],
        "tagged": [contact.pk, tag.pk],
        "note": [NoteFactory(contact=contact).pk],
        "account": [account.pk],
        "tagged account": [account.pk, tag.pk],
        "membership": [AccountContactFactory(contact=contact, account=account).pk],
        "order": [OrderLinkFactory(contact=contact).pk],
        "operation": [_operation(contact, by=owner).pk],
        "segment": [SegmentFactory(owner=owner, is_shared=False).pk],
        "bulk": [_bulk_change("contact", by=owner).pk],
        "account bulk": [_bulk_change("account", by=owner).pk],
        "rate": [ExchangeRateFactory().pk],
        "tag": [TagFactory().pk],
        "field": [CustomFieldFactory().pk],
        "closed": [ClosedAccountFactory(contact=contact).pk],
        "erasure": [ErasureFactory(contact=contact).pk],
        "purpose": [ConsentPurposeFactory().pk],
        "import": [ImportFactory(actor=owner).pk],
    }


def _operation(contact: Any, *, by: Any) -> Operation:
    update_contact(contact, {"phone": "1"}, by=by)
    return Operation.objects.latest("pk")


def _bulk_change(area: str, *, by: Any) -> Operation:
    progress = {"total": 1, "done": 0, "changed": 0}
    action = {"kind": "archive", "tag": 0, "owner": ""}
    state = {"area": area, "action": action, "ids": [], "filter": None, "within": None}
    state |= {"after": 0, "upto": 0, "progress": progress}
    return Operation.objects.create(kind=Operation.Kind.BULK, actor=by, state=state)


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
        others = {*page.permissions, *SEES_ALL} - {missing}
        client.force_login(make_staff(*others))
        assert ask(client, method, name, page, records).status_code == 403, missing


@pytest.mark.parametrize(("name", "page"), EVERY)
@pytest.mark.parametrize("method", METHODS)
def test_customers_are_refused_whatever_their_permissions(
    client: Client, records: Any, name: str, page: Page, method: str
) -> None:
    client.force_login(make_staff(*page.permissions, *SEES_ALL, is_staff=False))
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


@pytest.mark.parametrize(("name", "page"), NOT_PRIVATE)
def test_who_sees_all_records_reaches_the_records_of_others(
    client: Client, records: Any, name: str, page: Page
) -> None:
    client.force_login(make_staff(*page.permissions, *SEES_ALL))
    assert ask(client, "get", name, page, records).status_code == page.get


@pytest.mark.parametrize(("name", "page"), WITH_RECORD)
def test_a_record_that_does_not_exist_is_not_found(
    client: Client, records: Any, name: str, page: Page
) -> None:
    client.force_login(make_staff(*page.permissions, *SEES_ALL))
    gone = {page.record: [999_999 for _ in records[page.record]]}
    expected = 405 if page.get == 405 else 404
    assert ask(client, "get", name, page, gone).status_code == expected


def test_lists_and_look_ups_do_not_tell_of_the_records_of_others(
    client: Client, owner: Any
) -> None:
    hidden = ContactFactory(owner=owner, first_name="Hidden", emails=["hidden@example.com"])
    OrderLinkFactory(contact=hidden, number="HIDDEN1", email="hidden@example.com")
    NoteFactory(contact=hidden, body="A hidden note")
    secret = AccountFactory(owner=owner, name="Secret Ltd")
    NoteFactory(contact=None, account=secret, body="A hidden note")
    client.force_login(make_staff(*SEE_BOTH, "view_orderlink", "view_activity"))
    pages = (
        *("crm-contact-list", "crm-contact-lookup", "crm-order-list", "crm-overview"),
        *("crm-account-list", "crm-account-lookup", "crm-company-list"),
        *("crm-search", "crm-search-suggestions"),
    )
    queries = ({}, {"state": "linked"}, {"page_limit": "5"}, {"q": "hidden@example.com"})
    for name, query in product(pages, queries):
        page = client.get(reverse(f"dashboard:{name}"), query).content.decode()
        page = page.replace(query.get("q", "-"), "")  # what was typed is shown again
        assert "Hidden" not in page
        assert "hidden@example.com" not in page
        assert "HIDDEN1" not in page
        assert "hidden note" not in page
        assert "Secret Ltd" not in page
