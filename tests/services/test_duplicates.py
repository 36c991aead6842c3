"""Possible duplicates: what makes a pair, what does not, and what staff decided."""

import pytest
from django.utils import timezone

from oscar_crm.likeness import Facts, likeness, names_alike
from oscar_crm.models import Contact, ContactUser, DuplicatePair, Operation
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.queries.contacts import visible_to
from oscar_crm.queries.duplicates import hints_for_account, hints_for_contact, with_twins
from oscar_crm.services import duplicates
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.duplicates import dismiss_pair, restore_pair
from oscar_crm.services.merge import merge_records
from oscar_crm.test.factories import AccountFactory, ContactFactory, make_staff

pytestmark = pytest.mark.django_db


def scan():
    duplicates.run()
    return [
        (pair.low_id, pair.high_id, [reason["kind"] for reason in pair.reasons])
        for pair in DuplicatePair.objects.order_by("pk")
    ]


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (
            {"emails": ["ada@gmail.com"], "last_name": "Byron", "first_name": "Ada"},
            {"emails": ["a.da+shop@googlemail.com"], "last_name": "Byron", "first_name": "Ada"},
            ["alias", "name"],
        ),
        (
            {"phone": "+49 221 123456", "first_name": "Ada", "last_name": "Byron"},
            {"phone": "0049221123456", "first_name": "Ada", "last_name": "Byron"},
            ["phone", "name"],
        ),
        (
            {"first_name": "Jürgen", "last_name": "Müller", "company_name": "Müller GmbH"},
            {"first_name": "Juergen", "last_name": "Mueller", "company_name": "mueller gmbh & co."},
            ["name", "company"],
        ),
        (
            {"first_name": "Katharina", "last_name": "Meyer", "emails": ["k@acme.example"]},
            {"first_name": "Katarina", "last_name": "Meyer", "emails": ["meyer@acme.example"]},
            ["similar_name", "domain"],
        ),
        (
            {
                "first_name": "Ada",
                "last_name": "Byron",
                "emails": ["a@acme.de", "b@acme.de.example"],
            },
            {"first_name": "Ada", "last_name": "Byrom", "emails": ["c@acme.de"]},
            ["similar_name", "domain"],
        ),
        (
            {"first_name": "Ada", "last_name": "Byron", "postcode": "50667"},
            {"first_name": "A.", "last_name": "Byron", "postcode": "50667"},
            ["similar_name", "postcode"],
        ),
        (
            {"first_name": "Ada", "last_name": "Byron", "emails": ["info@acme.example"]},
            {"first_name": "Ada", "last_name": "Byrom", "emails": ["info@acme.example"]},
            ["similar_name", "shared", "domain"],
        ),
    ],
)
def test_two_contacts_that_may_be_one_are_found(one, other, reasons):
    low, high = (ContactFactory(**{"emails": [], **values}) for values in (one, other))
    ContactFactory()

    assert scan() == [(low.pk, high.pk, reasons)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A public mail provider is no evidence, nor is a name alone.
        ({"emails": ["ada.b@gmail.com"]}, {"emails": ["byron@gmail.com"]}),
        ({"last_name": "Byron"}, {"last_name": "Byron"}),
        # One office, two people.
        (
            {"first_name": "Ada", "last_name": "Byron", "phone": "+49 221 123456"},
            {"first_name": "Charles", "last_name": "Babbage", "phone": "+49 221 123456"},
        ),
        (
            {"first_name": "Ada", "last_name": "Byron", "company_name": "Acme"},
            {"first_name": "Charles", "last_name": "Babbage", "company_name": "Acme"},
        ),
        ({"phone": "110"}, {"phone": "110"}),
    ],
)
def test_two_contacts_that_are_not_one_are_not_paired(one, other):
    for values in (one, other):
        base = {"first_name": "Ada", "last_name": "Byron", "emails": []}
        ContactFactory(**{**base, **values})

    assert scan() == []


def test_a_profile_address_of_another_contact_makes_a_pair():
    owner = ContactFactory(emails=["ada@example.com"], first_name="", last_name="")
    user = make_staff(is_staff=False, email="Ada@example.com")
    account = ContactUser.objects.create(
        contact=ContactFactory(emails=[]), user=user, basis="ordered"
    )

    assert scan() == [(owner.pk, account.contact_id, ["profile"])]


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({"name": "Müller GmbH"}, {"name": "mueller"}, ["name"]),
        (
            {"name": "Acme Tools Ltd", "vat_number": "DE 123.456.789"},
            {"name": "Acme", "vat_number": "DE123456789"},
            ["vat"],
        ),
        (
            {"name": "Acme Widgets", "website": "https://www.acme.de/x"},
            {"name": "Acme Widget", "website": "acme.de"},
            ["web", "similar_name"],
        ),
        (
            {"name": "Acme Widgets", "phone": "0221 123456"},
            {"name": "Acme Widget", "phone": "0221/123456"},
            ["phone", "similar_name"],
        ),
    ],
)
def test_two_accounts_that_may_be_one_are_found(one, other, reasons):
    low, high = AccountFactory(**one), AccountFactory(**other)
    AccountFactory(name="Something else")

    assert scan() == [(low.pk, high.pk, reasons)]


def test_a_pair_has_a_score_and_what_both_have_in_common():
    for phone in ("+49 221 123456", "0049 221 123456"):
        ContactFactory(first_name="Ada", last_name="Byron", phone=phone, emails=[])

    scan()

    pair = DuplicatePair.objects.get()
    # Phone 0.6 and name 0.6, taken together: 1 - 0.4 × 0.4.
    assert pair.score == 84
    assert {"kind": "phone", "value": "49221123456"} in pair.reasons


def test_scanning_twice_changes_nothing():
    for _ in range(2):
        ContactFactory(phone="+49 221 123456", first_name="Ada", last_name="Byron")

    assert scan() == scan()


def test_a_pair_that_does_not_match_any_more_disappears():
    values = {"first_name": "Ada", "last_name": "Byron", "emails": []}
    one, _ = (ContactFactory(phone="0221 123456", **values) for _ in "ab")
    scan()
    update_contact(one, {"phone": ""}, by=None)

    assert scan() == []


def test_what_was_dismissed_stays_so_until_it_is_taken_back():
    for _ in range(2):
        ContactFactory(phone="0221 123456", first_name="Ada", last_name="Byron")
    scan()
    pair = DuplicatePair.objects.get()
    dismiss_pair(pair, by=make_staff(first_name="Sam", last_name="Sales"))

    scan()
    pair.refresh_from_db()
    assert pair.dismissed_at is not None
    assert pair.dismissed_by_label == "Sam Sales"

    restore_pair(pair)
    pair.refresh_from_db()
    assert pair.dismissed_at is None


@pytest.mark.parametrize("field", ["archived_at", "erased_at"])
def test_what_is_put_away_is_not_paired(field):
    for _ in range(2):
        contact = ContactFactory(phone="0221 123456", first_name="Ada", last_name="Byron")
    Contact.objects.filter(pk=contact.pk).update(**{field: timezone.now()})

    assert scan() == []


def test_merged_contacts_are_paired_no_more():
    one, other = (
        ContactFactory(phone="0221 123456", first_name="Ada", last_name="Byron") for _ in "ab"
    )
    scan()
    merge_records(CONTACTS, one.pk, [other.pk], by=None)

    assert scan() == []


def test_a_block_that_is_too_big_is_skipped(monkeypatch):
    for _ in range(60):
        ContactFactory(phone="0221 123456", first_name="", last_name="", emails=[])

    assert scan() == []


def test_many_namesakes_are_compared_only_where_they_share_more():
    namesakes = [
        ContactFactory(first_name="Ada", last_name="Byron", postcode=f"{n // 2}", emails=[])
        for n in range(80)
    ]

    assert len(scan()) == len(namesakes) // 2


def test_a_scan_goes_on_where_it_was_cut_off():
    contacts = [
        ContactFactory(phone="0221 123456", first_name="Ada", last_name="Byron") for _ in range(3)
    ]
    run = duplicates.start()
    duplicates.step(run, size=1)

    assert duplicates.start() == run
    summary = duplicates.run()

    assert (summary.total, summary.checked, summary.found) == (3, 3, 3)
    assert Operation.objects.get().finished_at is not None
    assert DuplicatePair.objects.count() == len(contacts)


def test_two_who_step_one_scan_at_once_count_once():
    ContactFactory.create_batch(2)
    run = duplicates.start()
    mine = Operation.objects.get(pk=run.pk)
    duplicates.step(run, size=1)
    duplicates._save_progress(mine, ("contact", 0), [1], 0)

    assert duplicates.summary_of(run).checked == 1


def test_a_contact_tells_how_many_duplicates_one_may_see():
    mine, hidden, dismissed = (
        ContactFactory(phone="0221 123456", first_name="Ada", last_name="Byron") for _ in "abc"
    )
    Contact.objects.filter(pk=hidden.pk).update(owner=make_staff())
    scan()
    dismiss_pair(DuplicatePair.objects.get(low_id=mine.pk, high_id=dismissed.pk), by=None)
    seller = make_staff("view_contact", "merge_contacts")
    manager = make_staff("view_contact", "view_all_contacts", "merge_contacts")

    def twins(user):
        return getattr(
            with_twins(user, visible_to(user), pk=mine.pk).get(pk=mine.pk), "twins", None
        )

    assert twins(seller) is None
    assert twins(manager) == 1
    assert twins(make_staff("view_contact", "view_all_contacts")) is None


def test_a_hint_while_typing_names_only_who_one_may_see():
    ada = ContactFactory(first_name="Ada", last_name="Byron", phone="0221 123456")
    ContactFactory(first_name="Ada", last_name="Byron", phone="0221 123456", owner=make_staff())
    typed = {"first_name": "ADA", "last_name": "byron", "phone": "0221/123456"}

    hints = hints_for_contact(make_staff("view_contact"), typed, [])

    assert [hint.record for hint in hints] == [ada]


def test_the_same_address_is_a_hint_whatever_the_name():
    ada = ContactFactory(first_name="Ada", last_name="Byron", emails=["ada@example.com"])
    typed = {"first_name": "Somebody", "last_name": "Else"}

    (hint,) = hints_for_contact(make_staff("view_contact"), typed, ["ADA@example.com"])

    assert (hint.record, hint.likeness.score) == (ada, 100)


def test_an_account_is_hinted_at_by_name_without_its_legal_form():
    account = AccountFactory(name="Müller GmbH")

    (hint,) = hints_for_account(make_staff("view_account"), {"name": "mueller"})

    assert hint.record == account


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("byron ada", "byron ada", 100, 100),
        ("ada byron", "ada byrom", 85, 99),
        ("a byron", "ada byron", 85, 99),
        ("a b", "ada byron", 0, 50),
        ("ada", "ada byron", 0, 84),
        ("charles byron", "ada byron", 0, 84),
        ("", "ada", 0, 0),
        ("x" * 10_000, "x" * 10_000, 100, 100),
    ],
)
def test_how_alike_names_are(one, other, least, most):
    assert least <= names_alike(one, other) <= most


def test_evidence_adds_up_and_never_beyond_100():
    one = Facts(name="ada byron", phone="1", vat="2", web="3", company="4", postcode="5")

    assert likeness(one, one).score == 100
    assert likeness(one, Facts()).score == 0
