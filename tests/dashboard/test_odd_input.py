"""Every address of the CRM, with every parameter and field there is: never an error page."""

import base64
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oscar_crm.dashboard.urls import urlpatterns
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
    NoteFactory,
    OrderLinkFactory,
    SegmentFactory,
    TagFactory,
    ValueEntryFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


HUGE = "9" * 20
ODD = (HUGE, "1e400", "a\x00b", "0001-01-01", "é" * 10_000)
CURSORS = (
    *(cursor(value, 1) for value in (None, True, [], {}, "x", "a\x00", "\ud800", 1e308, 10**30)),
    *(cursor("0001-01-01T00:00:00+14:00", 1), cursor("9999-12-31T23:59:59-12:00", 1)),
    *(cursor("1", 10**30), cursor("1", -1), cursor("1", None), cursor("Infinity", 1)),
    *(cursor("2024-01-01T00:00:00", 3, 1), cursor("0001-01-01T00:00:00+14:00", 3, 1)),
    *(cursor("2024-01-01T00:00:00+00:00", 3, 10**30), cursor(1), "===", "!" * 9_000),
)
PARAMETERS = (
    *("q", "page", "initial", "run", "currency", "auto", "kind", "tag", "owner", "country"),
    *("value_min", "value_max", "ordered_from", "ordered_to", "created_from", "created_to"),
    *("with_orders", "unvalued", "archived", "bought", "bought_category", "voucher", "account"),
    *("spent_min", "spent_since", "average_min", "average_max", "idle_days", "abandoned_days"),
    *("untouched_months", "industry", "people", "parent", "contact", "site", "state", "segment"),
    *("sort", "area", "dismissed", "of", "ids", "into", "months", "purpose", "what", "from"),
    *("bought_text", "bought_category_text", "country_text", "account_text", "name"),
    *("custom_tier", "custom_size__min", "custom_size__max", "custom_born__min", "custom_ok"),
)
POSITIONS = ("after", "before", "older", "at")
FIELDS = (
    *("first_name", "last_name", "job_title", "company_name", "phone", "line1", "line2", "city"),
    *("postcode", "partner", "emails", "version", "body", "email", "rate", "valid_from", "label"),
    *("choices", "name_0", "fate_0", "palette", "other", "direction", "key", "website"),
    *("vat_number", "billing_country", "description", "parent_name", "account_name", "role"),
    *("is_primary", "from_date", "until_date", "query", "all", "confirm", "is_shared", "source"),
    *("at", "note", "text", "position", "is_active", "reason", "confirmation", "main_email"),
    *("value-phone", "value-owner", "value-parent", "value-custom:tier", "version-1", "run"),
    *("blank_shop_orders", "delete_shop_users", "create_anyway", "preview"),
)


@pytest.fixture
def records() -> dict[str, list[int]]:
    """The ids in the addresses, by the part of a URL's name that says what it is about."""
    for label, kind in (("Size", "number"), ("Born", "date"), ("Ok", "boolean")):
        CustomFieldFactory(label=label, kind=kind)
    field = CustomFieldFactory(label="Tier", kind="choice", choices=["Gold", "Silver"])
    tag = TagFactory()
    contact, other = ContactFactory(tags=[tag], phone="1"), ContactFactory(custom={"tier": "Gold"})
    account = AccountFactory(tags=[tag])
    link = ValueEntryFactory(link=OrderLinkFactory(contact=contact)).link
    update_contact(contact, {"phone": "2"}, custom={"tier": "Gold"}, by=None)
    pair = DuplicatePair.objects.create(
        area="contact", low_id=contact.pk, high_id=other.pk, score=90
    )
    return {
        "contact": [contact.pk],
        "contact tag": [contact.pk, tag.pk],
        "account": [account.pk],
        "account tag": [account.pk, tag.pk],
        "note": [NoteFactory(contact=contact).pk],
        "order": [link.pk],
        "duplicate": [pair.pk],
        "membership": [AccountContactFactory(account=account, contact=contact).pk],
        "operation": [Operation.objects.latest("pk").pk],
        "segment": [SegmentFactory().pk],
        "rate": [ExchangeRateFactory().pk],
        "tag": [tag.pk],
        "custom": [field.pk],
        "closed": [ClosedAccountFactory(contact=contact).pk],
        "erasure": [ErasureFactory(contact=contact).pk],
        "purpose": [ConsentPurposeFactory().pk],
        "consent": [contact.pk],
        "bulk": [Operation.objects.latest("pk").pk],
    }


@pytest.fixture
def shop_owner(client: Client) -> Client:
    client.force_login(make_staff(is_superuser=True, email="owner@example.com"))
    client.raise_request_exception = False
    return client


def address(pattern: Any, records: dict[str, list[int]]) -> str:
    about = str(pattern.name).split("-")[1]
    number = str(pattern.pattern).count("<int:")
    args = records[f"{about} tag" if number == 2 else about] if number else []
    return reverse(f"dashboard:{pattern.name}", args=args)


EVERY = [
    pytest.param(pattern, id=str(pattern.name))
    for pattern in urlpatterns
    if not str(pattern.name).startswith("crm-import")  # files: tests/dashboard/imports
]
LISTS = [param for param in EVERY if str(param.id).endswith(("-list", "-people", "-detail"))]
SORTS = {"crm-contact-list": ("name", "-value"), "crm-account-list": ("name", "-last_order")}
# Forms that are accepted as they stand; one field at a time is replaced by something odd.
MEMBERSHIP = {"role": "Buyer", "from_date": "2024-01-01", "until_date": "2024-02-01"}
FORMS: dict[str, dict[str, str]] = {
    "crm-account-create": {
        **{"name": "Acme", "website": "acme.example", "vat_number": "", "currency": "EUR"},
        **{"phone": "1", "owner": "", "parent": "", "parent_name": "", "billing_country": ""},
    },
    "crm-account-update": {"name": "Acme", "version": "1", "owner": "", "parent": ""},
    "crm-account-note-create": {"body": "Hello"},
    "crm-account-tag-add": {"name": "New"},
    "crm-account-person-add": {**MEMBERSHIP, "contact": "", "email": "chosen@example.com"},
    "crm-contact-company-add": {**MEMBERSHIP, "account": "", "account_name": "Chosen"},
    "crm-membership-update": MEMBERSHIP,
    "crm-membership-end": {"until_date": "2024-02-01"},
    "crm-company-accept": {"key": "chosen", "contact": ""},
    "crm-contact-bulk": {"what": "archive", "ids": "", "all": "on", "query": "", "confirm": "1"},
    "crm-segment-create": {"name": "New", "kind": "lead", "bought": "", "idle_days": ""},
    "crm-segment-update": {"name": "New", "kind": "lead", "spent_min": "", "account": ""},
    "crm-contact-merge": {"ids": "", "into": "", "main_email": "", "value-phone": ""},
    "crm-consent-create": {"purpose": "", "what": "given", "source": "staff", "at": "2024-01-01"},
    "crm-purpose-create": {"name": "News", "text": "May we?", "position": "1"},
    "crm-contact-erase": {"reason": "", "confirmation": "ERASER"},
    "crm-several-erase": {"contact": "", "confirmation": "ERASER", "reason": ""},
}


@pytest.mark.parametrize("pattern", EVERY)
def test_no_query_string_and_no_form_breaks_a_page(
    shop_owner: Client, records: Any, pattern: Any
) -> None:
    url = address(pattern, records)
    broken = [
        (method, value[:40])
        for value in ODD
        for method, names in (("get", PARAMETERS), ("post", (*PARAMETERS, *FIELDS)))
        if getattr(shop_owner, method)(url, dict.fromkeys(names, value)).status_code >= 500
    ]
    assert broken == []
    assert shop_owner.post(url).status_code < 500


@pytest.mark.parametrize("name", FORMS)
def test_no_single_field_breaks_a_form(shop_owner: Client, records: Any, name: str) -> None:
    ContactFactory(emails=["chosen@example.com"])
    AccountFactory(name="Chosen")
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    url, form = address(pattern, records), dict(FORMS[name])
    people = f"{records['contact'][0]},{records['contact'][0] + 1}"
    known = {"ids": people, "into": people.split(",")[0], "purpose": records["purpose"][0]}
    form |= {key: str(value) for key, value in known.items() if key in form}
    broken = [
        (field, value[:40])
        for field in form
        for value in (*ODD, "\u200b")
        if shop_owner.post(url, {**form, field: value}).status_code >= 500
    ]
    assert broken == []
    assert shop_owner.post(url, form).status_code < 500


@pytest.mark.parametrize("pattern", LISTS)
def test_no_forged_position_breaks_a_list(shop_owner: Client, records: Any, pattern: Any) -> None:
    url = address(pattern, records)
    broken = [
        (value, sort)
        for value in CURSORS
        for sort in SORTS.get(str(pattern.name), ("",))
        if shop_owner.get(url, {"after": value, "older": value, "sort": sort}).status_code >= 500
    ]
    assert broken == []
