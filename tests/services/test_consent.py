"""Purposes, their texts, and the history of consents."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from oscar_crm.exceptions import ValidationError
from oscar_crm.models import Change, Consent, ConsentPurpose, ConsentText, Contact, Operation
from oscar_crm.queries.consent import consent_state, consenting, withdrawn
from oscar_crm.services.consent import (
    add_purpose,
    change_purpose,
    delete_purpose,
    record_consent,
)
from oscar_crm.services.erasure import erase_contact
from oscar_crm.test.factories import ContactFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Any:
    return make_staff(first_name="Sam", last_name="Sales")


@pytest.fixture
def newsletter(by: Any) -> ConsentPurpose:
    return add_purpose("Newsletter", "May we write to you?", by=by)


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def change(purpose: ConsentPurpose, by: Any, **values: Any) -> ConsentPurpose:
    kept = {"name": purpose.name, "text": purpose.texts.first().text, "position": 0}
    return change_purpose(purpose, **{**kept, "is_active": True, **values}, by=by)


def test_a_changed_text_is_a_new_version_and_the_old_one_stays(
    newsletter: ConsentPurpose, by: Any
) -> None:
    change(newsletter, by, text="May we write to you each week?")

    assert list(newsletter.texts.order_by("version").values_list("version", "text")) == [
        (1, "May we write to you?"),
        (2, "May we write to you each week?"),
    ]


def test_the_same_text_is_no_new_version_and_no_journal(
    newsletter: ConsentPurpose, by: Any
) -> None:
    count = Change.objects.count()

    change(newsletter, by)

    assert ConsentText.objects.count() == 1
    assert Change.objects.count() == count


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        ("", "T", "name"),
        (" \u200b", "T", "name"),
        ("x" * 101, "T", "name"),
        (" NEWSletter ", "T", "name"),
        ("Phone", " ", "text"),
        ("Phone", "x" * 20_001, "text"),
    ],
)
def test_a_bad_purpose_is_refused(
    newsletter: ConsentPurpose, by: Any, name: str, text: str, field: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        add_purpose(name, text, by=by)

    assert refusal.value.field == field
    assert ConsentPurpose.objects.count() == ConsentText.objects.count() == 1


def test_a_purpose_is_deleted_only_while_nobody_was_asked(
    newsletter: ConsentPurpose, by: Any
) -> None:
    delete_purpose(add_purpose("Mistake", "…", by=by), by=by)
    record_consent(ContactFactory(), newsletter, is_given=False, by=by)

    with pytest.raises(ValidationError, match="out of use"):
        delete_purpose(newsletter, by=by)
    assert list(ConsentPurpose.objects.all()) == [newsletter]


def test_out_of_use_consent_is_withdrawn_but_not_given(newsletter: ConsentPurpose, by: Any) -> None:
    contact = ContactFactory()
    newsletter = change(newsletter, by, is_active=False)

    with pytest.raises(ValidationError, match="out of use"):
        record_consent(contact, newsletter, is_given=True, by=by)
    record_consent(contact, newsletter, is_given=False, by=by)
    assert Consent.objects.count() == 1


def test_consent_is_added_to_the_history_and_the_timeline(
    newsletter: ConsentPurpose, by: Any
) -> None:
    contact = ContactFactory()

    consent = record_consent(
        contact, newsletter, is_given=True, source="paper", note="Fair", at=days_ago(1), by=by
    )

    assert (consent.source, consent.note, consent.recorded_by_label) == (
        "paper", "Fair", "Sam Sales",
    )  # fmt: skip
    change = Change.objects.get(contact=contact)
    assert change.operation.kind == Operation.Kind.CONSENT
    assert change.after["purpose"] == "Newsletter"


def test_consent_refers_to_the_text_of_its_day(newsletter: ConsentPurpose, by: Any) -> None:
    contact = ContactFactory()
    newsletter.texts.update(created_at=days_ago(10))
    change(newsletter, by, text="Second")
    newsletter.texts.filter(version=2).update(created_at=days_ago(5))

    versions = [
        record_consent(contact, newsletter, is_given=True, at=days_ago(d), by=by).text.version
        for d in (20, 7, 1)
    ]

    assert versions == [1, 1, 2]


def test_a_withdrawal_refers_to_the_consent_it_withdraws(
    newsletter: ConsentPurpose, by: Any
) -> None:
    contact = ContactFactory()
    newsletter.texts.update(created_at=days_ago(10))
    record_consent(contact, newsletter, is_given=True, at=days_ago(7), by=by)
    change(newsletter, by, text="Second")

    assert record_consent(contact, newsletter, is_given=False, by=by).text.version == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"at": timezone.now() + timedelta(hours=1)}, "at"),
        ({"at": timezone.now() - timedelta(days=365 * 70)}, "at"),
        ({"source": "hearsay"}, "source"),
        ({"note": "x" * 256}, "note"),
    ],
)
def test_a_bad_consent_is_refused(
    newsletter: ConsentPurpose, by: Any, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        record_consent(ContactFactory(), newsletter, is_given=True, by=by, **values)

    assert refusal.value.field == field
    assert not Consent.objects.exists()


HISTORIES = {
    "never asked": ([], None),
    "given": ([(3, True)], True),
    "withdrawn": ([(3, True), (2, False)], False),
    "given again": ([(3, True), (2, False), (1, True)], True),
    "entered late": ([(1, True), (2, False)], True),
    "at the same time, the later entry holds": ([(1, True), (1, False)], False),
}


@pytest.mark.parametrize("case", HISTORIES)
def test_the_newest_of_a_purpose_holds(newsletter: ConsentPurpose, by: Any, case: str) -> None:
    history, holds = HISTORIES[case]
    contact, now = ContactFactory(), timezone.now()
    other = add_purpose("Phone", "May we call?", by=by)
    record_consent(ContactFactory(), other, is_given=True, by=by)
    for days, is_given in history:
        at = now - timedelta(days=days)
        record_consent(contact, newsletter, is_given=is_given, at=at, by=by)

    found = Contact.objects.filter(pk=contact.pk)
    assert found.filter(consenting(newsletter)).exists() == (holds is True)
    assert found.filter(withdrawn(newsletter.pk)).exists() == (holds is False)
    state = next(s for s in consent_state(contact) if s.pk == newsletter.pk)
    assert (state.is_given if state.current else None) is holds
    assert len(state.history) == len(history)


def test_whoever_was_erased_consents_to_nothing(newsletter: ConsentPurpose, by: Any) -> None:
    contact = ContactFactory()
    record_consent(contact, newsletter, is_given=True, by=by)

    erase_contact(contact, by=by)

    assert not Contact.objects.filter(consenting(newsletter)).exists()


def test_the_state_of_a_contact_is_one_query(
    newsletter: ConsentPurpose, by: Any, django_assert_num_queries: Any
) -> None:
    contact = ContactFactory()
    retired = add_purpose("Retired", "…", by=by)
    change(retired, by, is_active=False)
    change(newsletter, by, text="Second")
    for is_given in (True, False, True):
        record_consent(contact, newsletter, is_given=is_given, by=by)
    record_consent(ContactFactory(), newsletter, is_given=False, by=by)

    with django_assert_num_queries(1):
        (state,) = consent_state(contact)
    assert [entry.is_given for entry in state.history] == [True, False, True]
    assert {entry.version for entry in state.history} <= {1, 2}


def test_two_people_cannot_make_one_purpose_twice(by: Any) -> None:
    add_purpose("Newsletter", "One", by=by)
    with pytest.raises(ValidationError, match="already"):
        add_purpose("newsletter", "Two", by=by)
