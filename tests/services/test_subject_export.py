"""The export of everything held on a person."""

import json
import tracemalloc
from datetime import date
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest
from oscar.test.factories import BillingAddressFactory, ShippingAddressFactory, UserFactory
from oscar.test.factories import create_order as create_shop_order

from oscar_crm.exceptions import ErasedError
from oscar_crm.models import Change, Contact, CustomField, Operation, OrderLink
from oscar_crm.services import contacts, tags
from oscar_crm.services.activities import add_note
from oscar_crm.services.consent import add_purpose, record_consent
from oscar_crm.services.erasure import erase_contact
from oscar_crm.services.orders import assign_order, sync_order
from oscar_crm.services.subject_export import export_subject
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    OrderLinkFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Any:
    return make_staff(first_name="Mara", last_name="Manager")


def exported(contact: Contact, by: Any) -> tuple[dict[str, Any], str]:
    """The file for machines, read, and the page."""
    with export_subject(contact, by=by) as file, ZipFile(file) as archive:
        assert archive.testzip() is None
        data, page = (
            archive.read(f"contact-{contact.pk}/personal-data.{kind}").decode()
            for kind in ("json", "html")
        )
    return json.loads(data), page


@pytest.fixture
def known(by: Any, germany: Any) -> Contact:
    """A contact with something of every kind."""
    user = UserFactory(email="ada@example.com", first_name="Ada", last_name="Byron")
    order = create_shop_order(
        user=user,
        shipping_address=ShippingAddressFactory(line1="Engine Lane 1", country=germany),
        billing_address=BillingAddressFactory(line1="Bill Street 2", country=germany),
    )
    contact = sync_order(order).contact
    values = {"first_name": "Ada", "last_name": "Byron", "phone": "+44 20 1234"}
    contact = contacts.update_contact(contact, values, by=by)
    CustomField.objects.create(area="contact", key="shoe", label="Shoe size", kind="number")
    Contact.objects.filter(pk=contact.pk).update(custom={"shoe": "38"})
    tags.tag_contact(contact, "VIP", by=by)
    add_note(contact, "Asked for an <b>invoice</b>.", by=by)
    purpose = add_purpose("Newsletter", "May we write to you?", by=by)
    record_consent(contact, purpose, is_given=True, note="On paper", by=by)
    AccountContactFactory(
        contact=contact, account=AccountFactory(name="Engines Ltd"), from_date=date(2025, 1, 31)
    )
    merged = ContactFactory(first_name="Augusta", emails=["augusta@example.com"])
    Contact.objects.filter(pk=merged.pk).update(merged_into=contact)
    return Contact.objects.get(pk=contact.pk)


def test_the_export_holds_everything(known: Contact, by: Any) -> None:
    data, _page = exported(known, by)

    record, merged = data["records"]
    contact = record["contact"][0]
    assert (contact["first_name"], contact["phone"]) == ("Ada", "+44 20 1234")
    assert contact["custom"] == {"Shoe size": "38"}
    assert contact["tags"] == ["VIP"]
    assert [row["address"] for row in record["ContactEmail"]] == ["ada@example.com"]
    assert record["ContactUser"][0]["account_email"] == "ada@example.com"
    order = record["OrderLink"][0]
    assert order["email"] == "ada@example.com"
    assert order["shipping_address"]["line1"] == "Engine Lane 1"
    assert order["billing_address"]["line1"] == "Bill Street 2"
    assert [line["quantity"] for line in order["lines"]] == [1]
    assert Decimal(order["lines"][0]["price"]) == Decimal(order["total"])
    assert record["ValueEntry"][0]["kind"] == "Order placed"
    assert record["Activity"][0]["body"] == "Asked for an <b>invoice</b>."
    assert record["AccountContact"][0]["account"] == "Engines Ltd"
    assert record["AccountContact"][0]["from_date"] == "2025-01-31"
    consent = record["Consent"][0]
    assert (consent["is_given"], consent["note"]) == (True, "On paper")
    assert consent["wording"] == "May we write to you?"
    assert {"tag": "VIP"} in [change["after"] for change in record["Change"]]
    assert merged["contact"][0]["first_name"] == "Augusta"
    assert merged["ContactEmail"][0]["address"] == "augusta@example.com"


def test_the_page_tells_the_same_to_people_and_escapes_what_was_typed(
    known: Contact, by: Any
) -> None:
    _data, page = exported(known, by)

    for part in (
        *("Ada", "+44 20 1234", "Shoe size", "VIP", "Engine Lane 1", "Bill Street 2"),
        *("Engines Ltd", "May we write to you?", "Augusta", "augusta@example.com"),
        "Asked for an &lt;b&gt;invoice&lt;/b&gt;.",
    ):
        assert part in page
    assert "<b>invoice</b>" not in page
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")


def test_the_export_is_journalled_without_its_content(known: Contact, by: Any) -> None:
    exported(known, by)

    change = Change.objects.filter(contact=known).latest("pk")
    assert change.operation.kind == Operation.Kind.EXPORT
    assert change.operation.actor_label == "Mara Manager"
    assert change.before == change.after == {}


def test_nothing_of_other_people_is_in_it(known: Contact, by: Any) -> None:
    other = ContactFactory(first_name="Charles", emails=["charles@example.com"])
    add_note(other, "Charles was here.", by=by)
    assign_order(OrderLinkFactory(number="OTHERS1"), other, by=by)

    data, page = exported(known, by)

    for text in (json.dumps(data), page):
        assert "harles" not in text
        assert "OTHERS1" not in text


def test_an_empty_contact_has_an_export(by: Any) -> None:
    contact = ContactFactory(first_name="", last_name="", emails=[])

    data, page = exported(contact, by)

    assert data["records"][0]["OrderLink"] == []
    assert "Nothing is held." in page


def test_an_erased_contact_has_none(known: Contact, by: Any) -> None:
    erase_contact(known, by=by)

    with pytest.raises(ErasedError):
        export_subject(known, by=by)


def peak_of(contact: Contact, by: Any) -> int:
    """How much memory an export took, in bytes."""
    tracemalloc.start()
    export_subject(contact, by=by).close()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def add_orders(contact: Contact, count: int) -> None:
    sample = OrderLinkFactory.build(contact=contact, email="ada@example.com")
    names = ("contact", "email", "placed_at", "currency")
    fields = {name: getattr(sample, name) for name in names}
    OrderLink.objects.bulk_create(
        OrderLink(**fields, number=f"M{number}", total=10) for number in range(count)
    )


def test_memory_does_not_grow_with_the_orders(by: Any) -> None:
    few, many = ContactFactory(), ContactFactory()
    add_orders(few, 1000)
    add_orders(many, 2400)
    peak_of(few, by)  # templates and the like are loaded

    assert peak_of(many, by) < peak_of(few, by) * 1.3


def test_a_contact_with_many_orders_is_exported_in_chunks(
    by: Any, django_assert_max_num_queries: Any
) -> None:
    contact = ContactFactory()
    add_orders(contact, 10_000)

    # Twice (page and data) 20 chunks, each with the shop's orders, and what else there is.
    with django_assert_max_num_queries(2 * (20 * 2 + 20)):
        data, _page = exported(contact, by)
    assert len(data["records"][0]["OrderLink"]) == 10_000
