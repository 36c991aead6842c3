"""Custom fields in filters: on SQLite and PostgreSQL alike, numbers as numbers."""

from decimal import Decimal

import pytest

from oscar_crm.models import Contact, CustomField
from oscar_crm.queries.contacts import ContactFilter, filtered_contacts
from oscar_crm.queries.custom_fields import (
    definitions,
    definitions_from,
    matching,
    typed,
    values_of,
    with_definitions,
)
from oscar_crm.services.custom_fields import create_field
from oscar_crm.test.factories import ContactFactory, CustomFieldFactory, make_staff

pytestmark = pytest.mark.django_db


def found(key, **condition):
    rows = Contact.objects.filter(matching({key: condition}))
    return sorted(rows.values_list("first_name", flat=True))


def make(key, **values):
    for name, value in values.items():
        ContactFactory(first_name=name, custom={} if value is None else {key: value})


def test_numbers_are_compared_as_numbers():
    make("budget", nine="9", ten="10", less="-2.5", none=None, odd="much", huge="99999999999.9999")

    assert found("budget", kind="number", min="10") == ["huge", "ten"]
    assert found("budget", kind="number", max="9.0") == ["less", "nine"]
    assert found("budget", kind="number", min="-2.5", max="9") == ["less", "nine"]
    assert found("budget", kind="number", min="99999999999.9999") == ["huge"]


def test_dates_are_compared_as_days_with_both_ends_included():
    make("born", old="0999-12-31", may="2026-05-01", june="2026-06-01", none=None)

    assert found("born", kind="date", min="2026-05-01", max="2026-05-31") == ["may"]
    assert found("born", kind="date", max="2026-05-01") == ["may", "old"]


@pytest.mark.parametrize("typed_in", ["über", "ÜBER", "r_1", "(a)", "x%", ".", "\\", "ber_1(a)x%."])
def test_a_text_is_found_by_a_part_whatever_its_case(typed_in):
    make("hobby", hit="Über_1(a)x%.\\", miss="U", none=None)

    assert found("hobby", kind="text", **{"is": typed_in}) == ["hit"]


def test_choices_are_found_by_their_whole_name():
    make("tier", gold="Gold", other="Golden", none=None)

    assert found("tier", kind="choice", **{"is": "Gold"}) == ["gold"]


def test_no_is_not_the_same_as_not_given():
    make("news", yes=True, no=False, none=None)

    assert found("news", kind="boolean", **{"is": True}) == ["yes"]
    assert found("news", kind="boolean", **{"is": False}) == ["no"]


@pytest.mark.parametrize("key", ["in", "contains", "isnull", "regex", "date", "year", "field_2024"])
def test_a_key_may_be_called_like_a_lookup(key):
    make(key, hit="x", miss="y")

    assert found(key, kind="text", **{"is": "x"}) == ["hit"]
    assert found(key, kind="choice", **{"is": "x"}) == ["hit"]


@pytest.mark.parametrize(
    "conditions",
    [
        {"tier": {}},
        {"tier": "Gold"},
        {"tier": {"kind": "choice"}},
        {"x'); DROP TABLE": {"kind": "text", "is": "x"}},
        {"2024": {"kind": "text", "is": "x"}},
    ],
)
def test_a_condition_nobody_understands_lets_nothing_through(conditions):
    make("tier", gold="Gold")

    assert not Contact.objects.filter(matching(conditions)).exists()


def test_several_conditions_have_to_hold_together_and_only_for_what_one_may_see():
    user = make_staff("view_contact")
    both = {"tier": "Gold", "budget": "5"}
    ContactFactory(first_name="hit", custom=both, owner=user)
    ContactFactory(first_name="hidden", custom=both, owner=make_staff())
    ContactFactory(first_name="half", custom={"tier": "Gold"}, owner=user)

    wanted = ContactFilter(
        custom={"tier": {"kind": "choice", "is": "Gold"}, "budget": {"kind": "number", "min": "1"}}
    )
    assert [c.first_name for c in filtered_contacts(user, wanted)] == ["hit"]


def test_definitions_come_along_with_other_rows(django_assert_num_queries):
    create_field("contact", label="Tier", kind="choice", choices=["a'b", 'c"d', "é"], by=None)
    create_field("contact", label="Ämne 'x'", kind="text", by=None)
    create_field("account", label="Other", kind="text", by=None)
    expected = definitions("contact")
    ContactFactory()

    with django_assert_num_queries(1):
        row = with_definitions(Contact.objects.all(), "contact").get()
        brought = definitions_from(row, "contact")

    assert [(f.pk, f.label, f.kind, f.choices) for f in brought] == [
        (f.pk, f.label, f.kind, f.choices) for f in expected
    ]


def test_definitions_come_along_where_there_are_none():
    ContactFactory()

    row = with_definitions(Contact.objects.all(), "contact").get()

    assert definitions_from(row, "contact") == []
    assert definitions_from(None, "contact") == []


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        ("number", "1.5", Decimal("1.5")),
        ("number", "much", "much"),
        ("date", "soon", "soon"),
        ("boolean", "perhaps", "perhaps"),
        ("text", "", None),
        ("text", None, None),
    ],
)
def test_what_does_not_fit_its_kind_is_read_as_text(kind, stored, value):
    assert typed(CustomField(kind=kind), stored) == value


def test_a_records_values_stand_in_the_order_of_the_fields():
    for label in ("b", "a"):
        CustomFieldFactory(label=label)
    contact = ContactFactory(custom={"a": "1", "gone": "2"})

    values = values_of(contact, definitions("contact"))

    assert [(v.field.key, v.value) for v in values] == [("b", None), ("a", "1")]
