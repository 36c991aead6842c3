"""Saving, changing, copying, counting and deleting segments."""

from typing import Any

import pytest
from django.core.management import call_command

from oscar_crm.exceptions import SegmentInUseError, TookTooLongError, ValidationError
from oscar_crm.models import Change, Contact, Operation, Segment
from oscar_crm.queries import segments as queries
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.services.segments import (
    count_segment,
    count_segments,
    create_segment,
    delete_segment,
    duplicate_segment,
    try_count,
    update_segment,
)
from oscar_crm.tasks import count_segments as count_task
from oscar_crm.test.factories import ContactFactory, SegmentFactory, make_staff

pytestmark = pytest.mark.django_db
GERMANS = ContactFilter(country="DE")


@pytest.fixture
def staff(db: None) -> Any:
    return make_staff(first_name="Sam", last_name="Sales")


def test_a_filter_is_saved_under_a_name_and_journalled(staff: Any) -> None:
    segment = create_segment("  Our   Germans ", GERMANS, by=staff)
    segment.refresh_from_db()
    assert (segment.name, segment.owner_label, segment.is_shared) == (
        "Our Germans",
        "Sam Sales",
        False,
    )
    assert segment.filter["conditions"] == {"country": "DE"}
    change = Change.objects.get()
    assert (change.operation.kind, change.object_id) == (Operation.Kind.SETTING, segment.pk)
    assert change.before == {}
    assert change.after["name"] == "Our Germans"


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 101, "x" * 10_000, "\x00"])
def test_a_name_that_is_none_is_refused_and_nothing_is_saved(staff: Any, name: str) -> None:
    with pytest.raises(ValidationError) as error:
        create_segment(name, GERMANS, by=staff)
    assert error.value.field == "name"
    assert not Segment.objects.exists()
    assert not Operation.objects.exists()


def test_a_segment_of_everybody_is_refused(staff: Any) -> None:
    with pytest.raises(ValidationError, match="at least one filter"):
        create_segment("All", ContactFilter(sort="name"), by=staff)


def test_one_person_has_a_name_once_however_it_is_written(staff: Any) -> None:
    create_segment("Über", GERMANS, by=staff)
    with pytest.raises(ValidationError, match="of this name"):
        create_segment("ÜBER", GERMANS, by=staff)


def test_two_people_may_have_private_segments_of_one_name(staff: Any) -> None:
    create_segment("VIP", GERMANS, by=staff)
    create_segment("VIP", GERMANS, by=make_staff())
    assert Segment.objects.count() == 2


def test_only_one_of_a_name_is_shared(staff: Any) -> None:
    create_segment("VIP", GERMANS, by=staff, is_shared=True)
    mine = create_segment("VIP", GERMANS, by=(other := make_staff()))
    with pytest.raises(ValidationError, match="of this name"):
        update_segment(mine, "VIP", GERMANS, is_shared=True, by=other)
    mine.refresh_from_db()
    assert not mine.is_shared


def test_a_change_is_journalled_with_what_differs(staff: Any) -> None:
    segment = create_segment("VIP", GERMANS, by=staff)
    update_segment(segment, "VIPs", GERMANS, is_shared=True, by=staff)
    change = Change.objects.latest("pk")
    assert change.before == {"name": "VIP", "is_shared": False}
    assert change.after == {"name": "VIPs", "is_shared": True}


def test_saving_unchanged_leaves_no_trace(staff: Any) -> None:
    segment = create_segment("VIP", GERMANS, by=staff)
    update_segment(segment, "VIP", GERMANS, is_shared=False, by=staff)
    assert Change.objects.count() == 1


def test_a_new_filter_forgets_the_count_and_a_new_name_keeps_it(staff: Any) -> None:
    segment = create_segment("VIP", GERMANS, by=staff)
    count_segment(segment)
    segment = update_segment(segment, "Very", GERMANS, is_shared=False, by=staff)
    assert segment.count == 0
    segment = update_segment(segment, "Very", ContactFilter(kind="lead"), is_shared=False, by=staff)
    assert segment.count is None


def test_a_copy_is_private_and_finds_a_free_name(staff: Any) -> None:
    segment = create_segment("x" * 100, GERMANS, by=make_staff(), is_shared=True)
    first, second = (duplicate_segment(segment, by=staff) for _ in range(2))
    assert first.name == "x" * 93 + " (copy)"
    assert second.name == "x" * 91 + " (copy 2)"
    assert (first.owner, first.is_shared, first.filter) == (staff, False, segment.filter)


def test_deleting_keeps_the_contacts_and_is_journalled(staff: Any) -> None:
    segment = create_segment("VIP", GERMANS, by=staff)
    ContactFactory(country="DE")
    delete_segment(segment, by=staff)
    delete_segment(segment, by=staff)  # twice does nothing
    assert not Segment.objects.exists()
    assert Contact.objects.count() == 1
    assert Change.objects.latest("pk").before["name"] == "VIP"


def test_a_segment_that_is_needed_cannot_be_deleted(staff: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries, "_USES", [])
    segment = create_segment("VIP", GERMANS, by=staff)

    @queries.register_use
    def uses(one: Segment) -> list[str]:
        return ["price book “Winter”"] if one.pk == segment.pk else []

    queries.register_use(uses)
    assert queries.uses_of(segment) == ["price book “Winter”"]
    with pytest.raises(SegmentInUseError, match="Winter"):
        delete_segment(segment, by=staff)
    assert Segment.objects.exists()


def test_a_count_is_of_all_contacts_on_the_list(staff: Any) -> None:
    segment = create_segment("Germans", GERMANS, by=staff)
    ContactFactory(country="DE", owner=make_staff())
    ContactFactory(country="DE", archived_at="2026-01-01T00:00Z")
    ContactFactory(country="DE", merged_into=ContactFactory(country="FR"))
    assert count_segment(segment) == 1
    segment.refresh_from_db()
    assert segment.count == 1
    assert segment.counted_at is not None


def test_a_count_of_a_filter_that_was_changed_meanwhile_is_not_kept(staff: Any) -> None:
    segment = create_segment("Germans", GERMANS, by=staff)
    update_segment(segment, "Leads", ContactFilter(kind="lead"), is_shared=False, by=staff)
    count_segment(segment)  # with the old filter in hand
    segment.refresh_from_db()
    assert segment.count is None


def test_the_command_counts_all(staff: Any, capsys: Any) -> None:
    ContactFactory(country="DE")
    SegmentFactory(conditions={"country": "DE"})
    SegmentFactory(conditions={"bought": 999}, filter="garbage")
    call_command("crm_count_segments")
    assert capsys.readouterr().out == "2 segments counted.\n"
    assert list(Segment.objects.order_by("pk").values_list("count", flat=True)) == [1, 0]


def test_the_task_counts_those_it_is_given() -> None:
    first, second = SegmentFactory(), SegmentFactory()
    count_task([first.pk])
    assert Segment.objects.get(count__isnull=False) == first
    count_segments()
    second.refresh_from_db()
    assert second.count == 0


def test_what_takes_too_long_keeps_the_last_count(monkeypatch: Any) -> None:
    segment = SegmentFactory(count=5)

    def give_up(one: Segment) -> Any:
        raise TookTooLongError

    monkeypatch.setattr("oscar_crm.services.segments.members", give_up)
    assert not try_count(segment)
    segment.refresh_from_db()
    assert segment.count == 5
