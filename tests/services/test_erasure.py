"""Erasing a person: what goes, what stays, and that nothing comes back."""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.utils import timezone
from oscar.core.loading import get_model
from oscar.test.factories import BillingAddressFactory, ShippingAddressFactory, UserFactory

from oscar_crm.exceptions import CRMError, ErasedError, ValidationError
from oscar_crm.models import (
    Activity,
    Change,
    Consent,
    Contact,
    ContactEmail,
    ContactUser,
    ContactWord,
    DuplicatePair,
    Erasure,
    Operation,
    OrderLink,
    ValueEntry,
)
from oscar_crm.queries.bulk import TAG, BulkAction, Target
from oscar_crm.queries.contacts import ContactFilter
from oscar_crm.queries.erasure import preview_of
from oscar_crm.queries.segments import members, search_in
from oscar_crm.services import bulk_changes, contacts, reconcile, tags
from oscar_crm.services.activities import add_note, delete_note, edit_note
from oscar_crm.services.consent import add_purpose, record_consent
from oscar_crm.services.erasure import erase_contact
from oscar_crm.services.integrity import check
from oscar_crm.services.orders import assign_order, sync_order
from oscar_crm.services.segments import create_segment
from oscar_crm.test.factories import (
    AccountContactFactory,
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    TagFactory,
    make_order,
    make_staff,
    refund_order,
)

pytestmark = pytest.mark.django_db
Order = get_model("order", "Order")

# Whatever the CRM could know of her, none of it a word that anybody else has.
SECRETS = (
    *("zerlina", "quastenflosser", "zq.private", "zq.work", "+49 7071 5550177", "70715550177"),
    *("kellergasse", "hinterhaus", "tubingen-sued", "72070", "quastenwerk", "oberquastin"),
    *("lilac-note", "amber-note", "violet-note", "indigo-remark", "teal-custom", "zq-merged"),
)


@pytest.fixture
def by() -> Any:
    return make_staff(first_name="Mara", last_name="Manager")


@pytest.fixture
def person(by: Any, germany: Any) -> Contact:
    """Somebody of whom everything that can be known is known, in two merged records."""
    user = UserFactory(email="zq.private@example.com", first_name="Zerlina")
    address = {"first_name": "Zerlina", "last_name": "Quastenflosser", "country": germany}
    first = make_order(
        "",
        "120.00",
        user=user,
        shipping_address=ShippingAddressFactory(**address, line1="Kellergasse 4"),
        billing_address=BillingAddressFactory(**address, line1="Kellergasse 4"),
    )
    second = make_order("ZQ.private@example.com", "80.00", shipping_address=None)
    for order in (first, second):
        sync_order(order)
    refund_order(second, "30.00")
    sync_order(second)
    contact = Contact.objects.get()
    values = {
        "first_name": "Zerlina", "last_name": "Quastenflosser", "job_title": "Oberquastin",
        "company_name": "Quastenwerk", "phone": "+49 7071 5550177", "line1": "Kellergasse 4",
        "line2": "Hinterhaus", "city": "Tubingen-Sued", "postcode": "72070", "country": "DE",
    }  # fmt: skip
    emails = ["zq.private@example.com", "zq.work@example.com"]
    contact = contacts.update_contact(contact, values, emails=emails, by=by)
    Contact.objects.filter(pk=contact.pk).update(custom={"colour": "teal-custom"})
    tags.tag_contact(contact, "Regular", by=by)
    add_note(contact, "lilac-note", by=by)
    edit_note(add_note(contact, "amber-note", by=by), "amber-note again", by=by)
    delete_note(add_note(contact, "violet-note", by=by), by=by)
    purpose = add_purpose("Newsletter", "May we write?", by=by)
    record_consent(contact, purpose, is_given=True, note="indigo-remark", by=by)
    assign_order(OrderLink.objects.latest("pk"), contact, by=by)
    AccountContactFactory(contact=contact, role="Oberquastin")
    merged = ContactFactory(first_name="zq-merged", emails=["zq-merged@example.com"])
    Contact.objects.filter(pk=merged.pk).update(merged_into=contact)
    other = ContactFactory()
    DuplicatePair.objects.create(
        area="contact", low_id=contact.pk, high_id=other.pk, score=90,
        reasons=[{"kind": "phone", "value": "70715550177"}],
    )  # fmt: skip
    with_name = Operation.objects.create(
        kind="bulk", summary="Told Zerlina Quastenflosser and others", finished_at=timezone.now()
    )
    Change.objects.create(
        operation=with_name, contact=contact, object_type="oscar_crm.Contact", object_id=contact.pk
    )
    contact.refresh_from_db()
    return contact


def texts_of_the_crm() -> str:
    """Every text and JSON column of every table of the CRM, of every row."""
    found = []
    for model in apps.get_app_config("oscar_crm").get_models(include_auto_created=True):
        columns = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        rows = model._default_manager.values_list(*columns) if columns else ()
        found.extend(f"{model.__name__}: {row}" for row in rows)
    return "\n".join(found).casefold()


def known_of_her() -> list[str]:
    everything = texts_of_the_crm()
    return [secret for secret in SECRETS if secret in everything]


def totals() -> dict[str, Any]:
    """The shop's totals, as the ledger and the contacts' caches have them."""
    return {
        "ledger": ValueEntry.objects.aggregate(s=models.Sum("base_amount"))["s"],
        "cached": Contact.objects.aggregate(s=models.Sum("lifetime_value"))["s"],
        "orders": Contact.objects.aggregate(s=models.Sum("orders_count"))["s"],
        "links": OrderLink.objects.count(),
    }


def test_everything_is_known_before(person: Contact) -> None:
    assert known_of_her() == list(SECRETS)


def test_nothing_of_the_person_is_left_in_any_table(person: Contact, by: Any) -> None:
    erase_contact(person, by=by)

    assert known_of_her() == []


def test_nothing_comes_back_by_sync_rebuild_or_check(
    person: Contact, by: Any, crm_sync: Any, on_commit: Any
) -> None:
    before = totals()

    erase_contact(person, by=by)
    for order in Order.objects.all():
        sync_order(order, force=True)
    with on_commit():
        for order in Order.objects.all():
            order.save()  # Oscar's receivers
    crm_sync()
    crm_sync(rebuild=True)
    assert list(check(repair=True)) == []
    call_command("crm_check", verbosity=0)

    assert known_of_her() == []
    assert totals() == before
    assert before["ledger"] == Decimal("170.00")  # 120 + 80 - 30


def test_nothing_comes_back_when_the_shops_orders_change(
    person: Contact, by: Any, crm_sync: Any
) -> None:
    erase_contact(person, by=by)

    Order.objects.update(status="Complete")
    crm_sync()

    assert set(OrderLink.objects.filter(contact=person).values_list("status", flat=True)) == {
        "Complete"
    }
    assert known_of_her() == []


def test_the_orders_stay_with_an_anonymous_contact(person: Contact, by: Any) -> None:
    figures = (person.lifetime_value, person.orders_count, person.first_order_at)

    erase_contact(person, by=by)

    person.refresh_from_db()
    assert person.order_links.count() == 2
    assert (person.lifetime_value, person.orders_count, person.first_order_at) == figures
    assert str(person) == f"Erased contact {person.pk}"
    assert person.sort_name == person.name_key == person.phone_key == person.company_key == ""
    assert person.custom == {}
    assert not person.tags.exists()
    assert not ContactWord.objects.filter(contact=person).exists()


def test_a_new_order_of_the_same_person_makes_a_new_contact(person: Contact, by: Any) -> None:
    user = get_user()
    erase_contact(person, by=by)

    for link in (
        sync_order(make_order("", "15.00", user=user)),
        sync_order(make_order("zq.work@example.com", "16.00")),
    ):
        assert link is not None
        assert link.contact is not None
        assert link.contact_id != person.pk
        assert link.email

    person.refresh_from_db()
    assert person.orders_count == 2


def get_user() -> Any:
    return ContactUser.objects.get(user__isnull=False).user


def test_what_was_merged_into_the_person_is_erased_as_well(person: Contact, by: Any) -> None:
    erase_contact(person, by=by)

    merged = Contact.objects.get(merged_into=person)
    assert merged.erased_at is not None
    assert not ContactEmail.objects.filter(contact__in=[person, merged]).exists()


def test_other_people_keep_everything(person: Contact, by: Any) -> None:
    other = ContactFactory(first_name="Ada", emails=["ada@example.com"], tags=[TagFactory()])
    add_note(other, "Likes tea.", by=by)
    contacts.update_contact(other, {"phone": "1"}, by=by)

    erase_contact(person, by=by)

    other.refresh_from_db()
    assert (other.first_name, other.primary_email) == ("Ada", "ada@example.com")
    assert other.tags.count() == other.activities.count() == 1
    assert not Change.objects.filter(contact=other, is_erased=True).exists()


def test_the_journal_keeps_who_and_when_without_values(person: Contact, by: Any) -> None:
    count = Change.objects.filter(contact=person).count()

    erase_contact(person, by=by)

    changes = Change.objects.filter(contact=person)
    assert changes.count() == count + 1
    assert all(change.is_erased for change in changes)
    *old, newest = changes.order_by("pk")
    assert all(change.before == change.after == {} for change in old)
    assert newest.operation.kind == Operation.Kind.ERASE
    assert newest.operation.actor_label == "Mara Manager"


def test_consents_stay_as_proof_without_their_remark(person: Contact, by: Any) -> None:
    erase_contact(person, by=by)

    consent = Consent.objects.get(contact=person)
    assert consent.note == ""
    assert (consent.is_given, consent.text.version, consent.source) == (True, 1, "staff")


def test_the_certificate_counts_what_was_done(person: Contact, by: Any) -> None:
    erasure = erase_contact(person, reason=" Asked by letter ", by=by)

    assert erasure.counts == {
        "Contact": 2,  # and the one merged into it
        "ContactEmail": 3,
        "ContactUser": 1,
        "OrderLink": 2,
        "Activity": 2,  # of three notes one was deleted before
        "AccountContact": 1,
        "Consent": 1,
        "Tag": 1,
        "DuplicatePair": 1,
        # Edits, tag, notes (three made, one changed, one deleted), consent, assigned order, bulk.
        "Change": 10,
    }
    assert erasure.choices == {"orders": False, "users": False}
    assert (erasure.reason, erasure.actor_label) == ("Asked by letter", "Mara Manager")


def test_the_shops_orders_are_left_alone_unless_asked(person: Contact, by: Any) -> None:
    erase_contact(person, by=by)

    assert Order.objects.filter(guest_email="ZQ.private@example.com").exists()
    assert Order.objects.filter(shipping_address__line1="Kellergasse 4").exists()
    assert get_user_by_email() is not None


def get_user_by_email() -> Any:
    users = ContactUser._meta.get_field("user").remote_field.model._default_manager
    return users.filter(email="zq.private@example.com").first()


def test_the_shops_orders_are_blanked_on_demand(person: Contact, by: Any) -> None:
    erasure = erase_contact(person, blank_shop_orders=True, by=by)

    assert not Order.objects.exclude(guest_email="").exists()
    order = Order.objects.get(shipping_address__isnull=False)
    for address in (order.shipping_address, order.billing_address):
        assert (address.first_name, address.last_name, address.line1) == ("", "", "")
        assert address.postcode == address.search_text == ""
        assert address.country_id == "DE"
    assert erasure.counts["orders"] == 1
    assert erasure.counts["addresses"] == 2
    sync_order(order, force=True)
    assert known_of_her() == []


def test_an_address_that_somebody_elses_order_shares_stays_there(person: Contact, by: Any) -> None:
    mine = Order.objects.get(shipping_address__isnull=False)
    theirs = make_order("other@example.com", shipping_address=mine.shipping_address)
    sync_order(theirs)

    erase_contact(person, blank_shop_orders=True, by=by)

    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert theirs.shipping_address.line1 == "Kellergasse 4"
    assert mine.shipping_address is None
    assert mine.billing_address.line1 == ""


def test_the_shop_account_is_deleted_on_demand(person: Contact, by: Any) -> None:
    erasure = erase_contact(person, delete_shop_users=True, by=by)

    assert get_user_by_email() is None
    assert erasure.counts["users"] == 1
    assert Order.objects.filter(user=None).count() == 2


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_an_account_of_staff_is_never_deleted(person: Contact, by: Any, right: str) -> None:
    user = get_user()
    setattr(user, right, True)
    user.save()

    with pytest.raises(ValidationError, match="belongs to staff"):
        erase_contact(person, delete_shop_users=True, by=by)

    assert known_of_her() == list(SECRETS)
    assert not Erasure.objects.exists()
    erase_contact(person, by=by)  # without the account it works
    assert get_user_by_email() is not None


def test_segments_that_search_for_the_person_find_nobody(person: Contact, by: Any) -> None:
    mine = create_segment(
        "Zerlina Quastenflosser", ContactFilter(q="zq.private@example.com"), by=by
    )
    other = create_segment("Everybody called Zerlina", ContactFilter(q="zerlina"), by=by)
    bulk = bulk_changes.start(
        BulkAction(TAG, tag=TagFactory().pk),
        Target(filter=ContactFilter(q="Zerlina Quastenflosser")),
        by=by,
    )
    assert [one.pk for one in preview_of([person]).segments] == [mine.pk]

    erasure = erase_contact(person, by=by)

    mine.refresh_from_db()
    bulk.refresh_from_db()
    told = [mine.name, mine.filter, bulk.state, *Operation.objects.values_list("summary")]
    told += Change.objects.filter(object_id=mine.pk).values_list("before", "after")
    assert "quastenflosser" not in str(told).casefold()
    assert "zq.private" not in str(told).casefold()
    assert not members(mine).exists()
    assert not bulk_changes.finish(bulk).changed
    assert erasure.counts["Segment"] == 1
    other.refresh_from_db()
    assert (other.name, search_in(other.filter)) == ("Everybody called Zerlina", "zerlina")


def test_a_second_erasure_is_refused(person: Contact, by: Any) -> None:
    erase_contact(person, by=by)

    with pytest.raises(ErasedError, match="already"):
        erase_contact(person, by=by)
    assert Erasure.objects.count() == 1


def test_a_merged_record_is_not_erased_alone(person: Contact, by: Any) -> None:
    with pytest.raises(ValidationError, match="merged into another"):
        erase_contact(Contact.objects.get(merged_into=person), by=by)


def test_a_reason_that_is_too_long_changes_nothing(person: Contact, by: Any) -> None:
    with pytest.raises(ValidationError):
        erase_contact(person, reason="x" * 256, by=by)
    assert not Erasure.objects.exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda c, by: contacts.update_contact(c, {"first_name": "Zerlina"}, by=by),
        lambda c, by: tags.tag_contact(c, "VIP", by=by),
        lambda c, by: contacts.archive_contact(c, by=by),
        lambda c, by: add_note(c, "It was her.", by=by),
        lambda c, by: record_consent(c, add_purpose("P", "T", by=by), is_given=True, by=by),
    ],
    ids=["edit", "tag", "archive", "note", "consent"],
)
def test_an_erased_contact_is_not_filled_again(person: Contact, by: Any, act: Any) -> None:
    erase_contact(person, by=by)

    with pytest.raises(CRMError, match="was erased"):
        act(person, by)
    assert not Activity.objects.filter(contact=person).exists()


def test_an_erasure_costs_the_same_number_of_queries_however_many_orders(
    by: Any, django_assert_max_num_queries: Any
) -> None:
    contact = ContactFactory()
    OrderLinkFactory.create_batch(40, contact=contact, email="ada@example.com")
    NoteFactory.create_batch(10, contact=contact)

    with django_assert_max_num_queries(75):
        erase_contact(contact, blank_shop_orders=True, delete_shop_users=True, by=by)


def test_a_reconciliation_cut_off_by_an_erasure_goes_on(person: Contact, by: Any) -> None:
    opened = reconcile.start(rebuild=True)
    reconcile.step(opened, size=1)

    erase_contact(person, by=by)
    while opened.finished_at is None:
        reconcile.step(opened)

    assert known_of_her() == []
