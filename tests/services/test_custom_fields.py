"""What managers do with custom fields, and what becomes of the values."""

import pytest

from oscar_crm.exceptions import FieldInUseError, ValidationError
from oscar_crm.models import Change, CustomField, Operation, Segment
from oscar_crm.services import custom_fields as services
from oscar_crm.services.custom_fields import (
    EMPTY,
    KEEP,
    UNUSED,
    change_field,
    create_field,
    delete_field,
    move_field,
)
from oscar_crm.test.factories import (
    AccountFactory,
    ContactFactory,
    CustomFieldFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return make_staff(first_name="Mara", last_name="Manager")


@pytest.fixture
def tier():
    return CustomFieldFactory(label="Tier", kind="choice", choices=["Gold", "Silver", "Bronze"])


def having(*values):
    return [ContactFactory(custom={"tier": value}) for value in values]


def values_of(contacts):
    for contact in contacts:
        contact.refresh_from_db()
    return [contact.custom.get("tier") for contact in contacts]


def keys(area="contact"):
    return [field.key for field in CustomField.objects.filter(area=area)]


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Price group", "price_group"),
        ("Größe (cm)", "grosse_cm"),
        ("2nd phone", "field_2nd_phone"),
        ("名", "field"),
        ("__", "field"),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_fields_key_comes_from_its_label(manager, label, key):
    field = create_field("contact", label=label, kind="text", by=manager)

    assert (field.key, field.label) == (key, label)


def test_the_key_stays_when_the_label_changes(manager):
    field = create_field("contact", label="Tier", kind="text", by=manager)

    change_field(field, label="Price group", by=manager)

    field.refresh_from_db()
    assert (field.key, field.label) == ("tier", "Price group")


def test_a_new_field_never_shows_the_values_of_a_deleted_one(manager):
    delete_field(create_field("contact", label="Tier", kind="text", by=manager), by=manager)

    assert create_field("contact", label="Tier", kind="date", by=manager).key == "tier_2"


def test_fields_of_two_areas_may_be_called_the_same(manager):
    for area in ("contact", "account"):
        create_field(area, label="Tier", kind="text", by=manager)

    assert keys("contact") == keys("account") == ["tier"]


@pytest.mark.parametrize("label", ["tier", " TIER ", "Tíer"])
def test_two_fields_of_an_area_cannot_be_called_the_same(manager, tier, label):
    with pytest.raises(ValidationError, match="already"):
        create_field("contact", label=label, kind="text", by=manager)
    assert keys() == ["tier"]


@pytest.mark.parametrize("label", ["", " ", "\u200b", "x" * 101, "x" * 10_000, "a\x00b", "\ud800"])
def test_a_field_needs_a_sensible_name(manager, label):
    with pytest.raises(ValidationError, match="1 to 100"):
        create_field("contact", label=label, kind="text", by=manager)
    assert not CustomField.objects.exists()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ([], "at least one"),
        (["a", " A "], "twice"),
        (["x" * 101], "1 to 100"),
        (["\u200b"], "1 to 100"),
        ([str(n) for n in range(101)], "100 choices at most"),
    ],
)
def test_choices_that_cannot_be_told_apart_are_refused(manager, choices, message):
    with pytest.raises(ValidationError, match=message):
        create_field("contact", label="x", kind="choice", choices=choices, by=manager)


@pytest.mark.parametrize(("area", "kind"), [("shop", "text"), ("contact", "colour")])
def test_an_unknown_area_or_type_is_refused(manager, area, kind):
    with pytest.raises(ValidationError, match="no such type"):
        create_field(area, label="x", kind=kind, by=manager)


def test_an_area_has_fifty_fields_at_most(manager):
    for number in range(50):
        CustomFieldFactory(label=f"f{number}")

    with pytest.raises(ValidationError, match="50 fields at most"):
        create_field("contact", label="one more", kind="text", by=manager)
    assert create_field("account", label="first", kind="text", by=manager).pk


def test_fields_are_moved_up_and_down_and_not_beyond_the_ends(manager):
    one, two, three = (
        create_field("contact", label=label, kind="text", by=manager)
        for label in ("one", "two", "three")
    )
    orders = []
    for field, up in [(three, True), (three, True), (three, True), (one, False), (two, False)]:
        move_field(field, up=up, by=manager)
        orders.append(keys())

    assert orders == [
        ["one", "three", "two"],
        ["three", "one", "two"],
        ["three", "one", "two"],
        ["three", "two", "one"],
        ["three", "one", "two"],
    ]


def test_values_follow_a_renamed_choice(manager, tier):
    contacts = having("Gold", "Silver", "Gold")

    change_field(tier, label="Tier", renamed={"Gold": " Platinum "}, by=manager)

    assert values_of(contacts) == ["Platinum", "Silver", "Platinum"]
    tier.refresh_from_db()
    assert tier.choices == ["Platinum", "Silver", "Bronze"]


def test_two_choices_may_swap_their_names(manager, tier):
    contacts = having("Gold", "Silver")

    change_field(tier, label="Tier", renamed={"Gold": "Silver", "Silver": "Gold"}, by=manager)

    assert values_of(contacts) == ["Silver", "Gold"]


def test_other_values_of_a_record_stay_when_a_choice_is_renamed(manager, tier):
    contact = ContactFactory(custom={"tier": "Gold", "note": "Gold 'x' \\ \" é"})

    change_field(tier, label="Tier", renamed={"Gold": 'It\'s \\ "new"'}, by=manager)

    contact.refresh_from_db()
    assert contact.custom == {"tier": 'It\'s \\ "new"', "note": "Gold 'x' \\ \" é"}


@pytest.mark.parametrize(
    ("fate", "expected"),
    [(KEEP, ["Gold", "Silver"]), (EMPTY, [None, "Silver"]), ("Silver", ["Silver", "Silver"])],
)
def test_a_choice_is_removed_by_saying_what_becomes_of_its_values(manager, tier, fate, expected):
    contacts = having("Gold", "Silver")

    change_field(tier, label="Tier", removed={"Gold": fate}, by=manager)

    assert values_of(contacts) == expected
    tier.refresh_from_db()
    assert tier.choices == ["Silver", "Bronze"]


def test_a_choice_in_use_is_not_simply_removed(manager, tier):
    contacts = having("Gold")

    change_field(tier, label="Tier", removed={"Bronze": UNUSED}, by=manager)
    with pytest.raises(ValidationError, match="“Gold” is in use"):
        change_field(tier, label="Other", removed={"Gold": UNUSED}, by=manager)

    tier.refresh_from_db()
    assert (tier.label, tier.choices) == ("Tier", ["Gold", "Silver"])
    assert values_of(contacts) == ["Gold"]


def test_a_choice_cannot_become_one_that_goes_as_well(manager, tier):
    contacts = having("Gold", "Silver")

    with pytest.raises(ValidationError, match="goes as well"):
        change_field(tier, label="Tier", removed={"Silver": EMPTY, "Gold": "Silver"}, by=manager)
    assert values_of(contacts) == ["Gold", "Silver"]


def test_values_of_a_removed_choice_follow_the_new_name_of_the_other(manager, tier):
    contacts = having("Gold", "Silver")

    change_field(
        tier, label="Tier", removed={"Gold": "Silver"}, renamed={"Silver": "Gold"}, by=manager
    )

    assert values_of(contacts) == ["Gold", "Gold"]
    tier.refresh_from_db()
    assert tier.choices == ["Gold", "Bronze"]


def test_new_choices_come_last(manager, tier):
    change_field(tier, label="Tier", added=["Iron"], by=manager)

    tier.refresh_from_db()
    assert tier.choices == ["Gold", "Silver", "Bronze", "Iron"]


def test_a_renamed_choice_cannot_be_called_like_another(manager, tier):
    with pytest.raises(ValidationError, match="“silver” is there twice"):
        change_field(tier, label="Tier", renamed={"Bronze": "silver"}, by=manager)


def test_deleting_a_field_takes_its_values_along_in_slices(manager, tier, monkeypatch):
    monkeypatch.setattr(services, "RECORDS_AT_ONCE", 2)
    contacts = having("Gold", "Gold", "Silver", "Old", "Gold")
    other = ContactFactory(custom={"note": "kept"})
    account = AccountFactory(custom={"tier": "kept"})

    assert delete_field(tier, by=manager) == 5

    assert values_of(contacts) == [None] * 5
    other.refresh_from_db()
    account.refresh_from_db()
    assert (other.custom, account.custom) == ({"note": "kept"}, {"tier": "kept"})
    assert not CustomField.objects.exists()


def test_the_queries_of_a_deletion_do_not_depend_on_the_number_of_records(
    manager, django_assert_num_queries
):
    def queries(count):
        field = CustomFieldFactory(label=f"f{count}")
        for _ in range(count):
            ContactFactory(custom={field.key: "x"})
        with django_assert_num_queries(12):
            delete_field(field, by=manager)

    queries(2)
    queries(20)


def segment(name, condition, **fields):
    return Segment.objects.create(
        name=name,
        key=name,
        filter={"version": 1, "conditions": {"custom": {"tier": condition}}},
        **fields,
    )


def test_a_field_that_segments_use_is_not_deleted(manager, tier):
    contacts = having("Gold")
    segment("Best", {"kind": "choice", "is": "Gold"}, is_shared=True)
    segment("Mine", {"kind": "choice", "is": "Gold"}, owner=manager)
    segment("Secret", {"kind": "choice", "is": "Gold"}, owner=make_staff())

    with pytest.raises(FieldInUseError, match=r"“Best”, “Mine”, 1 private one") as refusal:
        delete_field(tier, by=manager)

    assert "Secret" not in str(refusal.value)
    assert values_of(contacts) == ["Gold"]
    assert not Operation.objects.exists()


def test_a_choice_that_a_segment_uses_is_not_removed(manager, tier):
    segment("Best", {"kind": "choice", "is": "Gold"}, is_shared=True)

    change_field(tier, label="Tier", removed={"Silver": EMPTY}, by=manager)
    with pytest.raises(FieldInUseError, match="“Best”"):
        change_field(tier, label="Tier", removed={"Gold": EMPTY}, by=manager)


def test_segments_follow_a_renamed_choice(manager, tier):
    best = segment("Best", {"kind": "choice", "is": "Gold"}, is_shared=True)
    other = segment("Other", {"kind": "choice", "is": "Silver"}, is_shared=True)

    change_field(tier, label="Tier", renamed={"Gold": "Silver", "Silver": "Gold"}, by=manager)

    best.refresh_from_db()
    other.refresh_from_db()
    assert best.filter["conditions"]["custom"]["tier"]["is"] == "Silver"
    assert other.filter["conditions"]["custom"]["tier"]["is"] == "Gold"


def test_a_field_that_is_gone_meanwhile_is_said_to_be_gone(manager, tier):
    CustomField.objects.filter(pk=tier.pk).delete()
    for act in (
        lambda: change_field(tier, label="x", by=manager),
        lambda: move_field(tier, up=True, by=manager),
        lambda: delete_field(tier, by=manager),
    ):
        with pytest.raises(ValidationError, match="meanwhile"):
            act()


def test_what_managers_do_is_journalled(manager):
    field = create_field("contact", label="Tier", kind="choice", choices=["A"], by=manager)
    change_field(field, label="Tier", by=manager)  # nothing differs
    field = change_field(field, label="Group", renamed={"A": "B"}, by=manager)
    delete_field(field, by=manager)

    assert [o.summary for o in Operation.objects.order_by("pk")] == [
        "Field “Tier” made",
        "Field “Group” changed",
        "Field “Group” deleted",
    ]
    changed = Change.objects.order_by("pk")[1]
    assert (changed.before["choices"], changed.after["choices"]) == (["A"], ["B"])
