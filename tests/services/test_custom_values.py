"""Values of custom fields: what is acceptable, how it is kept, and what the journal says."""

from datetime import date
from decimal import Decimal

import pytest

from oscar_crm import timeline_wording
from oscar_crm.exceptions import EditConflictError, ValidationError
from oscar_crm.models import Change, Contact, Operation
from oscar_crm.queries.changes import names_of
from oscar_crm.queries.timeline import contact_timeline
from oscar_crm.services.contacts import create_contact, update_contact
from oscar_crm.test.factories import ContactFactory, CustomFieldFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_staff(first_name="Sam", last_name="Sales")


@pytest.fixture
def fields():
    return [
        CustomFieldFactory(label="Hobby"),
        CustomFieldFactory(label="Budget", kind="number"),
        CustomFieldFactory(label="Birthday", kind="date"),
        CustomFieldFactory(label="Tier", kind="choice", choices=["Gold", "Silver"]),
        CustomFieldFactory(label="Catalogue", kind="boolean"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("hobby", " chess ", "chess"),
        ("hobby", "\u200b", None),
        ("budget", Decimal("1200.50"), "1200.5"),
        ("budget", "1e3", "1000"),
        ("budget", -0.5, "-0.5"),
        ("budget", Decimal("-0.000"), "0"),
        ("budget", 100, "100"),
        ("birthday", date(1815, 12, 10), "1815-12-10"),
        ("birthday", "1815-12-10", "1815-12-10"),
        ("tier", "Gold", "Gold"),
        ("catalogue", False, False),
        ("catalogue", True, True),
    ],
)
def test_values_are_kept_in_one_form(staff, fields, key, value, stored):
    contact = update_contact(ContactFactory(), {}, custom={key: value}, by=staff)

    assert Contact.objects.get(pk=contact.pk).custom.get(key) == stored


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("hobby", "x" * 1001, "1,000 characters"),
        ("hobby", "a\x00b", "cannot be kept"),
        ("hobby", "\ud800", "cannot be kept"),
        ("budget", "much", "not a number"),
        ("budget", "NaN", "not a number"),
        ("budget", "9" * 12, "not a number"),
        ("budget", "1e999999", "not a number"),
        ("budget", "0.00001", "4 decimal places"),
        ("birthday", "31.12.2026", "not a day"),
        ("birthday", "2026-02-30", "not a day"),
        ("tier", "Bronze", "“Bronze” is not one"),
        ("catalogue", "perhaps", "yes or no"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(staff, fields, key, value, message):
    contact = ContactFactory()

    with pytest.raises(ValidationError, match=message) as refusal:
        update_contact(contact, {"first_name": "New"}, custom={key: value}, by=staff)

    assert refusal.value.field == f"custom_{key}"
    contact.refresh_from_db()
    assert (contact.custom, contact.version) == ({}, 1)


def test_an_unknown_field_is_refused(staff):
    with pytest.raises(ValidationError, match="no field “shoe_size”"):
        create_contact({"first_name": "Ada"}, custom={"shoe_size": "40"}, by=staff)
    assert not Contact.objects.exists()


def test_fields_that_are_not_named_keep_their_values(staff, fields):
    contact = ContactFactory(custom={"hobby": "chess", "tier": "Gold", "gone": "x"})

    update_contact(contact, {}, custom={"hobby": "", "tier": "Silver"}, by=staff)

    contact.refresh_from_db()
    assert contact.custom == {"tier": "Silver", "gone": "x"}


def test_a_removed_choice_may_stay_but_not_be_given_anew(staff, fields):
    old, other = ContactFactory(custom={"tier": "Bronze"}), ContactFactory()

    update_contact(old, {"first_name": "New"}, custom={"tier": "Bronze"}, by=staff)
    with pytest.raises(ValidationError):
        update_contact(other, {}, custom={"tier": "Bronze"}, by=staff)

    old.refresh_from_db()
    assert (old.first_name, old.custom) == ("New", {"tier": "Bronze"})


def test_a_value_is_version_checked_like_any_field(staff, fields):
    contact = ContactFactory()
    update_contact(contact, {}, custom={"hobby": "chess"}, version=1, by=staff)

    with pytest.raises(EditConflictError):
        update_contact(contact, {}, custom={"hobby": "go"}, version=1, by=staff)
    contact.refresh_from_db()
    assert (contact.custom, contact.version) == ({"hobby": "chess"}, 2)


def test_saving_the_same_values_leaves_no_trace(staff, fields):
    contact = ContactFactory(custom={"budget": "5", "catalogue": False})

    update_contact(contact, {}, custom={"budget": Decimal("5.0"), "catalogue": False}, by=staff)

    assert not Operation.objects.exists()


def lines(contact, fields):
    (item, *_older) = contact_timeline(contact).items
    return timeline_wording.lines_of(item, names_of(item.changes, custom=fields))


def test_the_timeline_names_fields_and_values_in_words(staff, fields):
    contact = ContactFactory(custom={"hobby": "chess", "catalogue": True})

    custom = {"hobby": "", "budget": "1234.5", "birthday": "2026-05-01", "catalogue": False}
    update_contact(contact, {}, custom=custom, by=staff)

    assert sorted(lines(contact, fields)) == [
        "Birthday set to “May 1, 2026”",
        "Budget set to “1,234.5”",
        "Catalogue changed from “Yes” to “No”",
        "Hobby “chess” removed",
    ]


def test_the_timeline_survives_a_deleted_field(staff, fields):
    contact = ContactFactory()
    update_contact(contact, {}, custom={"hobby": "chess", "catalogue": True}, by=staff)

    assert lines(contact, []) == ["Hobby set to “chess”", "Catalogue set to “Yes”"]


def test_a_new_contact_brings_its_values_into_the_journal(staff, fields):
    create_contact({"first_name": "Ada"}, custom={"tier": "Gold"}, by=staff)

    assert Change.objects.get().after["custom"] == {"tier": "Gold"}
