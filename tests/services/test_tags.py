"""Tags on contacts, and what managers do with the tags themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oscar_crm.exceptions import TagNameTakenError, ValidationError
from oscar_crm.models import Change, Contact, Operation, Tag
from oscar_crm.services import tags as services
from oscar_crm.services.tags import (
    TAG_COLOURS,
    change_tag,
    create_tag,
    delete_tag,
    merge_tags,
    tag_contact,
    untag_contact,
)
from oscar_crm.services.undo import undo_operation
from oscar_crm.test.factories import (
    AccountFactory,
    ContactFactory,
    SegmentFactory,
    TagFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_staff(first_name="Sam", last_name="Sales")


def test_a_tag_is_made_once_whatever_its_spelling(staff):
    one, other = ContactFactory(), ContactFactory()

    tag_contact(one, " VIP ", by=staff)
    tag_contact(one, "vip", by=staff)
    tag_contact(other, "Vip", by=staff)

    assert Tag.objects.get().name == "VIP"
    assert Operation.objects.count() == 2


def test_new_tags_take_different_colours(staff):
    contact = ContactFactory()

    colours = {tag_contact(contact, f"tag {n}", by=staff).colour for n in range(5)}

    assert len(colours) == 5


@pytest.mark.parametrize("name", ["", "   ", "x" * 51, "\x00"])
def test_a_tag_needs_a_sensible_name(staff, name):
    with pytest.raises(ValidationError, match="1 to 50"):
        tag_contact(ContactFactory(), name, by=staff)


def test_taking_a_tag_off_keeps_the_tag(staff):
    contact = ContactFactory()
    tag = tag_contact(contact, "VIP", by=staff)

    untag_contact(contact, tag, by=staff)
    untag_contact(contact, tag, by=staff)

    assert not contact.tags.exists()
    assert Tag.objects.count() == 1
    assert Operation.objects.count() == 2


@pytest.mark.parametrize(
    ("colour", "text"), [("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#bcbd22", "#000000")]
)
def test_text_on_a_tag_is_readable(colour, text):
    assert Tag(colour=colour).text_colour == text


def test_a_tag_refuses_what_is_no_colour(staff):
    with pytest.raises(ValidationError, match="six digits"):
        tag_contact(ContactFactory(), "VIP", colour="red", by=staff)
    assert Tag(colour="red").text_colour == "#000000"


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@given(st.integers(0, 0xFFFFFF))
def test_the_text_on_a_tag_of_any_colour_can_be_read(number):
    tag = Tag(colour=f"#{number:06x}")

    assert contrast(tag.colour, tag.text_colour) >= 4.5


@pytest.mark.parametrize("colour", TAG_COLOURS)
def test_the_offered_colours_can_be_read(colour):
    assert contrast(colour, Tag(colour=colour).text_colour) >= 4.5


def test_a_tag_is_renamed_and_recoloured_wherever_it_is(staff):
    contact = ContactFactory(tags=[tag := TagFactory(name="VIP")])

    change_tag(tag, name=" Very  important ", colour="#000000", by=staff)

    kept = contact.tags.get()
    assert (kept.name, kept.key, kept.colour) == ("Very important", "very important", "#000000")


def test_a_change_of_nothing_leaves_no_trace(staff):
    tag = TagFactory(name="VIP")

    change_tag(tag, name="VIP", colour=tag.colour, by=staff)

    assert not Operation.objects.exists()


@pytest.mark.parametrize("name", ["vip", "VIP", " Víp "])
def test_two_tags_cannot_be_called_the_same(staff, name):
    vip = TagFactory(name="VIP")
    other = TagFactory(name="Press")

    for act in (
        lambda: create_tag(name, by=staff),
        lambda: change_tag(other, name=name, colour="#000000", by=staff),
    ):
        with pytest.raises(TagNameTakenError, match="“VIP” already") as refusal:
            act()
        assert refusal.value.pk == vip.pk
    assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "Press"}
    assert not Operation.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 51, "x" * 10_000, "\x00", "\ud800"])
def test_a_tag_cannot_be_made_without_a_sensible_name(staff, name):
    with pytest.raises(ValidationError, match="1 to 50"):
        create_tag(name, by=staff)


def test_a_new_tag_may_have_a_colour_of_its_own(staff):
    assert create_tag("x", "#abcdef", by=staff).colour == "#abcdef"
    with pytest.raises(ValidationError, match="six digits"):
        create_tag("y", "blue", by=staff)


def test_merging_two_tags_puts_the_one_wherever_the_other_was(staff):
    old, new = TagFactory(name="Old"), TagFactory(name="New")
    only_old, both, only_new = (ContactFactory(tags=tags) for tags in ([old], [old, new], [new]))
    account = AccountFactory(tags=[old])

    merge_tags(old, into=new, by=staff)

    assert not Tag.objects.filter(pk=old.pk).exists()
    for record in (only_old, both, only_new, account):
        assert list(record.tags.all()) == [new]


def test_a_merge_of_tags_is_journalled_row_by_row(staff):
    old, new = TagFactory(name="Old"), TagFactory(name="New")
    join = Contact.tags.through.objects
    both, only = ContactFactory(tags=[old, new]), ContactFactory(tags=[old])
    double, moved = join.get(contact=both, tag=old), join.get(contact=only)

    merge_tags(old, into=new, by=staff)

    assert Operation.objects.get().summary == "Tag “Old” merged into “New”"
    assert [
        (c.object_type, c.object_id, c.before, c.after, c.moved) for c in Change.objects.all()
    ] == [
        (
            "oscar_crm.Contact_tags",
            double.pk,
            {"contact": both.pk, "tag": old.pk},
            {},
            {},
        ),
        (
            "oscar_crm.Contact_tags",
            new.pk,
            {},
            {},
            {"field": "tag", "from": old.pk, "to": new.pk, "ids": [moved.pk]},
        ),
        (
            "oscar_crm.Tag",
            old.pk,
            {"name": "Old", "key": "old", "colour": "#1f77b4"},
            {},
            {},
        ),
    ]


def test_a_merge_of_many_rows_goes_in_slices(staff, monkeypatch):
    monkeypatch.setattr(services, "MOVED_AT_ONCE", 2)
    old, new = TagFactory(), TagFactory()
    for tags in [[old]] * 5 + [[old, new]] * 3:
        ContactFactory(tags=tags)

    merge_tags(old, into=new, by=staff)

    assert new.contacts.count() == 8
    moved = Change.objects.exclude(moved={}).order_by("pk")
    assert [len(change.moved["ids"]) for change in moved] == [2, 2, 1]


def test_the_queries_of_a_merge_do_not_depend_on_the_number_of_records(
    staff, django_assert_num_queries
):
    def queries(count):
        old, new = TagFactory(), TagFactory()
        for _ in range(count):
            ContactFactory(tags=[old])
            ContactFactory(tags=[old, new])
        with django_assert_num_queries(21):
            merge_tags(old, into=new, by=staff)

    queries(2)
    queries(20)


def test_a_tag_cannot_be_merged_with_itself(staff):
    tag = TagFactory()
    with pytest.raises(ValidationError, match="the same one"):
        merge_tags(tag, into=Tag.objects.get(), by=staff)
    assert Tag.objects.count() == 1


def test_a_tag_that_is_gone_meanwhile_is_said_to_be_gone(staff):
    tag, other = TagFactory(), TagFactory()
    Tag.objects.filter(pk=tag.pk).delete()
    for act in (
        lambda: merge_tags(tag, into=other, by=staff),
        lambda: merge_tags(other, into=tag, by=staff),
        lambda: change_tag(tag, name="x", colour="#000000", by=staff),
        lambda: delete_tag(tag, by=staff),
    ):
        with pytest.raises(ValidationError, match="meanwhile"):
            act()
    assert Tag.objects.get() == other
    assert not Operation.objects.exists()


def test_deleting_a_tag_takes_it_off_everything(staff):
    tag = TagFactory(name="Old")
    contact, account = ContactFactory(tags=[tag]), AccountFactory(tags=[tag])

    delete_tag(tag, by=staff)

    assert not contact.tags.exists()
    assert not account.tags.exists()
    assert Change.objects.get().before == {"name": "Old", "key": "old", "colour": "#1f77b4"}


def test_segments_follow_a_merge_of_tags_and_its_undo(staff):
    old, new = TagFactory(), TagFactory()
    wanted = {"version": 1, "conditions": {"tag": old.pk, "kind": "customer"}}
    segment = SegmentFactory(filter=wanted)

    merged = merge_tags(old, into=new, by=staff)

    segment.refresh_from_db()
    assert segment.filter["conditions"] == {"tag": new.pk, "kind": "customer"}
    assert undo_operation(merged, by=staff).refused == []
    segment.refresh_from_db()
    assert segment.filter == wanted
