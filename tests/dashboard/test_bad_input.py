"""Whatever stands in an address or a form: a page, an error beside the field or 404, never 500."""

from itertools import product
from time import monotonic
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oscar_crm.dashboard.urls import urlpatterns
from oscar_crm.models import (
    Activity,
    Contact,
    CustomField,
    ExchangeRate,
    OrderLink,
    Tag,
    ValueEntry,
)
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.figures import refresh_figures
from oscar_crm.services.orders import sync_order
from oscar_crm.services.tags import tag_contact
from oscar_crm.test.factories import (
    ContactFactory,
    CustomFieldFactory,
    ExchangeRateFactory,
    NoteFactory,
    OrderLinkFactory,
    TagFactory,
    ValueEntryFactory,
    make_order,
    make_staff,
)

pytestmark = pytest.mark.django_db

HUGE = "9" * 20
NUMBERS = (HUGE, f"-{HUGE}", "9" * 5000, "0E+999999999")
VALUES = (
    *(*NUMBERS, "", "-1", "1.5", "1e400", "NaN", "a\x00b"),
    *("<script>alert(1)</script>", "\u200b", "0001-01-01", "9999-12-31", "é" * 5000, "²"),
    *(" ".join(f"a{i}" for i in range(60)), ",".join([HUGE] * 30)),
)
PARAMETERS = {
    "crm-sync": ("run", "currency"),
    "crm-contact-list": (
        *("q", "kind", "tag", "owner", "value_min", "value_max", "ordered_from", "ordered_to"),
        *("created_from", "created_to", "archived", "sort", "at", "after", "before"),
        *("custom_hobby", "custom_tier", "custom_born__min", "custom_budget__min"),
        *("custom_born__max", "custom_budget__max"),
    ),
    "crm-contact-lookup": ("q", "page", "initial"),
    "crm-contact-detail": ("older",),
    "crm-order-list": ("q", "site", "state", "contact", "at", "after"),
    "crm-rate-list": ("currency", "before"),
    "crm-tag-list": ("before", "after", "at"),
    "crm-tag-merge": ("into",),
    "crm-custom-field-create": ("area",),
    "crm-search": ("q",),
    "crm-search-suggestions": ("q",),
    "crm-rate-create": ("currency", "valid_from"),
}
CONTACT = {"kind": "lead", "first_name": "Ada"}
ODD_FIELDS = (
    *("label", "kind", "choices", "area", "name_0", "fate_0", "palette", "other", "into"),
    *("custom_budget", "custom_born", "custom_tier", "custom_hobby", "direction"),
    *("first_name", "emails", "email", "contact", "body", "name", "rate", "valid_from"),
)
CUSTOM = {f"custom_{key}": "" for key in ("budget", "born", "tier", "hobby")}
RATE = {"currency": "USD", "rate": "1.15", "valid_from": "2025-01-31"}
FORMS = {
    "crm-sync": {"run": "", "currency": "USD"},
    "crm-contact-create": {
        **CONTACT,
        **CUSTOM,
        "emails": "",
        "phone": "",
        "owner": "",
        "country": "",
    },
    "crm-contact-update": {**CONTACT, **CUSTOM, "version": "1", "emails": "", "owner": ""},
    "crm-note-create": {"body": "Hello"},
    "crm-note-update": {"body": "Hello"},
    "crm-contact-tag-add": {"name": "New"},
    "crm-order-assign": {"contact": "", "email": "nobody@example.com"},
    "crm-tag-create": {"name": "x", "palette": "other", "other": "#123456"},
    "crm-tag-update": {"name": "x", "palette": "other", "other": "#123456"},
    "crm-tag-merge": {"into": ""},
    "crm-custom-field-create": {"area": "contact", "label": "x", "kind": "choice", "choices": "a"},
    "crm-custom-field-update": {"label": "x", "name_0": "a", "fate_0": "", "choices": ""},
    "crm-custom-field-move": {"direction": "up"},
    "crm-rate-create": RATE,
    "crm-rate-update": RATE,
}


@pytest.fixture
def records() -> dict[str, int]:
    """Ids by the part of a URL's name that says what it is about."""
    contact = ContactFactory(tags=[TagFactory()])
    link = ValueEntryFactory(link=OrderLinkFactory(contact=contact, currency="USD")).link
    note, rate = NoteFactory(contact=contact), ExchangeRateFactory()
    for label, kind in (("Budget", "number"), ("Born", "date"), ("Hobby", "text")):
        CustomFieldFactory(label=label, kind=kind)
    tier = CustomFieldFactory(label="Tier", kind="choice", choices=["Gold", "Silver"])
    return {
        "contact": contact.pk,
        "note": note.pk,
        "order": link.pk,
        "rate": rate.pk,
        "tag": TagFactory().pk,
        "custom": tier.pk,
    }


@pytest.fixture
def shop_owner(client: Client) -> Client:
    client.force_login(make_staff(is_superuser=True))
    client.raise_request_exception = False
    return client


def address(name: str, records: dict[str, int]) -> str:
    _crm, area, *_rest = name.split("-")
    about = "contact" if name == "crm-note-create" else area
    is_of_record = not name.endswith(
        ("-list", "-lookup", "-create", "-sync", "-overview", "search", "-suggestions")
    )
    args = [records[about]] if is_of_record or name == "crm-note-create" else []
    return reverse(f"dashboard:{name}", args=args)


@pytest.mark.parametrize("name", PARAMETERS)
def test_no_query_string_breaks_a_page(shop_owner: Client, records: Any, name: str) -> None:
    url = address(name, records)
    queries = [dict.fromkeys(PARAMETERS[name], value) for value in VALUES]
    queries += [{parameter: value} for parameter in PARAMETERS[name] for value in NUMBERS]
    broken = [query for query in queries if shop_owner.get(url, query).status_code >= 500]
    assert broken == []


@pytest.mark.parametrize("name", FORMS)
def test_no_input_breaks_a_form(shop_owner: Client, records: Any, name: str) -> None:
    url = address(name, records)
    broken = [
        (field, value[:40])
        for field in FORMS[name]
        for value in (VALUES if field in ODD_FIELDS else NUMBERS)
        if shop_owner.post(url, {**FORMS[name], field: value}).status_code >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("pk", [int(HUGE), 2**63, 0])
def test_an_impossible_id_in_the_address_is_not_found(
    shop_owner: Client, records: Any, pk: int
) -> None:
    with_id = [str(p.name) for p in urlpatterns if str(p.pattern).count("<int:") == 1]
    for name, method in product(with_id, ("get", "post")):
        response = getattr(shop_owner, method)(reverse(f"dashboard:{name}", args=[pk]))
        assert response.status_code in (404, 405), name
    url = reverse("dashboard:crm-contact-tag-remove", args=[records["contact"], pk])
    assert shop_owner.post(url).status_code == 404


def test_a_tag_of_megabytes_is_refused_at_once(shop_owner: Client, records: Any) -> None:
    """Putting accents in order takes a time that grows with the square of their number."""
    url = reverse("dashboard:crm-contact-tag-add", args=[records["contact"]])
    began = monotonic()
    response = shop_owner.post(url, {"name": "a" + "\u0300\u0316" * 100_000}, follow=True)
    assert "1 to 50 characters" in response.content.decode()
    assert monotonic() - began < 5


def test_a_note_of_megabytes_is_refused(shop_owner: Client, records: Any) -> None:
    url = reverse("dashboard:crm-note-create", args=[records["contact"]])
    assert shop_owner.post(url, {"body": "x" * 2_000_000}).status_code == 200
    assert shop_owner.post(url, {"body": "x" * 10_000_000}).status_code == 400
    assert Activity.objects.count() == 1


@pytest.mark.parametrize("nothing", ["\u200b", "\u2060\u200d", " \u3000 ", "\u202e"])
def test_what_cannot_be_seen_is_neither_a_name_nor_a_note(
    shop_owner: Client, records: Any, nothing: str
) -> None:
    create = reverse("dashboard:crm-contact-create")
    page = shop_owner.post(create, {"kind": "lead", "first_name": nothing}).content.decode()
    assert "Give at least a name" in page
    note = address("crm-note-create", records)
    assert "Write something first." in shop_owner.post(note, {"body": nothing}).content.decode()
    assert Contact.objects.count() == Activity.objects.count() == 1


@pytest.mark.parametrize("name", ["x", "👍", "ي", "王", "\u202eabc"])
def test_the_shortest_name_of_any_script_can_be_searched_for(shop_owner: Client, name: str) -> None:
    shop_owner.post(reverse("dashboard:crm-contact-create"), {"kind": "lead", "first_name": name})
    found = shop_owner.get(reverse("dashboard:crm-contact-list"), {"q": name}).context["page"]
    assert [contact.first_name for contact in found.rows] == [name]


@pytest.mark.parametrize("currency", ["", "BITCOIN", "eur"])
def test_an_order_in_no_known_currency_is_shown_as_it_is(
    shop_owner: Client, germany: Any, currency: str
) -> None:
    link = sync_order(make_order(currency=currency))
    assert link is not None
    pages = [reverse(f"dashboard:crm-{name}") for name in ("order-list", "rate-list", "overview")]
    for url in (link.contact.get_absolute_url(), *pages):
        page = shop_owner.get(url)
        assert page.status_code == 200
        assert "€120.00" not in page.content.decode()


def test_a_rate_that_makes_an_order_worth_more_than_fits_is_refused(
    shop_owner: Client, germany: Any
) -> None:
    sync_order(make_order(total="9999999.99", currency="USD"))
    create = reverse("dashboard:crm-rate-create")
    page = shop_owner.post(create, {**RATE, "rate": "9999999999"}).content.decode()
    assert "worth a trillion" in page
    assert not ExchangeRate.objects.exists()
    assert shop_owner.get(reverse("dashboard:crm-contact-list")).status_code == 200


SCRIPT = "<script>alert(1)</script>"


def test_markup_in_stored_values_is_only_text(shop_owner: Client, records: Any) -> None:
    contact = Contact.objects.get(pk=records["contact"])
    names = ("first_name", "last_name", "job_title", "company_name", "line1", "city", "state")
    update_contact(contact, dict.fromkeys(names, SCRIPT), emails=[f"{SCRIPT}@x.example"], by=None)
    tag_contact(contact, SCRIPT, by=None)
    CustomField.objects.filter(kind="text").update(label=SCRIPT)
    CustomField.objects.filter(kind="choice").update(label=SCRIPT, choices=[SCRIPT])
    update_contact(contact, {}, custom={"hobby": SCRIPT, "tier": SCRIPT}, by=None)
    Activity.objects.update(body=SCRIPT, author_label=SCRIPT)
    OrderLink.objects.update(
        **{"number": SCRIPT, "email": SCRIPT, "status": SCRIPT, "currency": "<i>"},
        **{"problem": "failed", "problem_detail": SCRIPT, "foreign_refund": SCRIPT},
    )
    ValueEntry.objects.update(currency="<i>", base_amount=None)
    refresh_figures([contact.pk])
    pages = ("crm-overview", "crm-contact-list", "crm-contact-detail", "crm-contact-update")
    more = ("crm-order-list", "crm-order-assign", "crm-note-update", "crm-note-delete")
    ours = ("crm-tag-list", "crm-tag-update", "crm-tag-merge", "crm-tag-delete")
    fields = ("crm-custom-field-list", "crm-custom-field-update", "crm-custom-field-delete")
    Tag.objects.filter(pk=records["tag"]).update(name=SCRIPT)
    for name in ("crm-search", "crm-search-suggestions"):
        page = shop_owner.get(address(name, records), {"q": "<script>alert"}).content.decode()
        assert SCRIPT not in page, name
        assert "alert" in page, name
    for name in (*pages, *more, *ours, *fields, "crm-rate-list"):
        page = shop_owner.get(address(name, records)).content.decode()
        assert SCRIPT not in page, name
        assert "<i>" not in page, name
