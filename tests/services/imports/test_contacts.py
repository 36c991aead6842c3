"""Importing contacts: who a row is, what it changes, what is refused."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oscar_crm.models import Account, Change, Contact, ContactEmail, CustomField, Import, Tag
from oscar_crm.queries.contacts import search, visible_to
from oscar_crm.services import imports
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.imports import store
from oscar_crm.test.factories import AccountFactory, ContactFactory, TagFactory, make_staff

from .conftest import csv_file, texts

pytestmark = pytest.mark.django_db
HEADERS = ["First name", "Last name", "E-mail", "Phone", "Company", "City"]
ADA = ["Ada", "Byron", "ada@example.com", "+49 221 12345", "Engines Ltd", "Köln"]
BEN = ["Ben", "Abel", "ben@example.com", "", "", ""]


def test_a_dry_run_writes_nothing(check):
    made = check([HEADERS, ADA, BEN])

    assert made.state == Import.State.CHECKED
    assert made.counts["create"] == 2
    assert not Contact.objects.exists()
    assert not Change.objects.exists()


def test_a_run_makes_contacts_with_everything_in_the_row(bring_in):
    made = bring_in([HEADERS, ADA])

    ada = Contact.objects.get()
    assert made.state == Import.State.DONE
    assert (ada.first_name, ada.last_name, ada.city) == ("Ada", "Byron", "Köln")
    assert (ada.phone, ada.company_name) == ("+49 221 12345", "Engines Ltd")
    assert ada.primary_email == "ada@example.com"
    assert (ada.kind, ada.source) == (Contact.Kind.LEAD, Contact.Source.IMPORT)


def test_imported_contacts_are_found_like_any_other(bring_in, manager):
    bring_in([HEADERS, ADA])

    for query in ("byr", "engines", "ada@example.com", "0221 12345", "+49221"):
        assert search(visible_to(manager), query).count() == 1, query


def test_the_run_does_exactly_what_the_dry_run_has_shown(check):
    ContactFactory(first_name="Ada", last_name="Old", emails=["ada@example.com"])
    bad = ["Cleo", "", "no address", "", "", ""]
    made = check([HEADERS, ADA, BEN, bad])
    shown = dict(made.counts)

    imports.start_import(made)
    imports.run(made)

    assert made.counts == shown
    assert shown == {"create": 1, "update": 1, "refused": 1, "remarks": 0}


def test_the_differences_are_told_cell_by_cell(check):
    known = ContactFactory(first_name="Ada", last_name="Byron", emails=["ADA@example.com"])
    made = check([["First name", "Last name", "E-mail", "City"], ["Ada", "King", ADA[2], "Bonn"]])

    row = made.rows.get()
    assert (row.row, row.object_id) == (2, known.pk)
    assert row.changes == [
        {"field": "last_name", "before": "Byron", "after": "King"},
        {"field": "city", "before": "", "after": "Bonn"},
    ]


def test_blank_cells_never_empty_a_field(bring_in):
    ContactFactory(first_name="Ada", city="Köln", emails=["ada@example.com"])

    made = bring_in([["First name", "E-mail", "City"], ["Ada", "ada@example.com", ""]])

    assert made.counts["unchanged"] == 1
    assert Contact.objects.get().city == "Köln"


def test_an_update_counts_as_an_edit_and_is_found_by_its_new_name(bring_in, manager):
    ada = ContactFactory(first_name="Ada", last_name="Byron", emails=["ada@example.com"])

    bring_in([["Last name", "E-mail"], ["Lovelace", "ada@example.com"]])

    ada.refresh_from_db()
    assert ada.version == 2
    assert ada.sort_name == "lovelace ada"
    assert search(visible_to(manager), "lovel").get() == ada
    assert not search(visible_to(manager), "byron").exists()


def test_importing_a_file_twice_changes_nothing(bring_in):
    bring_in([HEADERS, ADA, BEN])
    made = bring_in([HEADERS, ADA, BEN])

    assert made.counts["unchanged"] == 2
    assert Contact.objects.count() == 2
    assert made.operation is None


@pytest.mark.parametrize(("mode", "created", "updated"), [("create", 1, 0), ("update", 0, 1)])
def test_only_new_ones_or_only_known_ones(bring_in, mode, created, updated):
    ContactFactory(first_name="Ben", last_name="Old", emails=["ben@example.com"])

    made = bring_in([HEADERS, ADA, BEN], mode=mode)

    assert (made.counts.get("create", 0), made.counts.get("update", 0)) == (created, updated)
    assert made.counts["skip"] == 1


def test_addresses_are_added_and_none_is_taken_away(bring_in):
    ada = ContactFactory(first_name="Ada", last_name="B", emails=["ada@example.com"])

    bring_in([["E-mail", "E-mail 2"], ["ada@example.com", "ada@home.example; ADA@example.com"]])

    assert [e.address for e in ada.emails.all()] == ["ada@example.com", "ada@home.example"]
    assert ada.emails.get(is_primary=True).address == "ada@example.com"


def test_an_address_of_many_people_is_matched_by_name_as_well(bring_in):
    known = ContactFactory(first_name="Ada", last_name="Byron", emails=["info@example.com"])

    made = bring_in(
        [
            ["First name", "Last name", "E-mail", "City"],
            ["Ada", "Byron", "info@example.com", "Köln"],
            ["Ben", "Abel", "info@example.com", "Bonn"],
        ]
    )

    assert (made.counts["update"], made.counts["create"]) == (1, 1)
    known.refresh_from_db()
    assert known.city == "Köln"
    assert ContactEmail.objects.filter(shared_key="info@example.com").count() == 2


def test_a_row_without_an_address_is_matched_by_name_and_company(bring_in):
    known = ContactFactory(first_name="Jürgen", last_name="Müller", company_name="Acme GmbH")

    bring_in(
        [
            ["First name", "Last name", "E-mail", "Company", "City"],
            ["Juergen", "Mueller", "", "ACME", "Ulm"],
        ]
    )

    known.refresh_from_db()
    assert known.city == "Ulm"


def test_two_of_one_name_are_not_guessed_between(bring_in):
    for _ in range(2):
        ContactFactory(first_name="Ada", last_name="Byron", company_name="X")

    made = bring_in([["First name", "Last name", "Company"], ["Ada", "Byron", "X"]], match="name")

    assert made.counts["refused"] == 1
    assert "2 records match this row" in texts(made)[0]


def test_ids_of_another_system_find_their_contacts_again(bring_in):
    headers = ["ID", "First name", "E-mail"]
    bring_in([headers, ["101", "Ada", "ada@example.com"]], match="external_id", source="old")

    made = bring_in(
        [headers, ["101", "Augusta", "new@example.com"]], match="external_id", source="old"
    )

    assert made.counts["update"] == 1
    assert Contact.objects.get().first_name == "Augusta"
    assert Contact.objects.get().external_id == "old:101"


def test_ids_of_two_systems_that_are_alike_are_two_people(bring_in):
    headers = ["ID", "First name"]
    bring_in([headers, ["101", "Ada"]], match="external_id", source="hubspot")
    bring_in([headers, ["101", "Ben"]], match="external_id", source="salesforce")

    assert Contact.objects.count() == 2


def test_a_contact_keeps_the_id_of_the_system_it_came_from_first(bring_in):
    ContactFactory(external_id="hubspot:7", emails=["ada@example.com"])

    made = bring_in(
        [["ID", "E-mail"], ["9", "ada@example.com"]], match="external_id", source="mailchimp"
    )

    assert Contact.objects.get().external_id == "hubspot:7"
    assert made.counts["remarks"] == 1


def test_the_same_person_twice_in_one_file_is_taken_once(bring_in):
    made = bring_in([HEADERS, ADA, BEN, ["Ada", "Other", "ADA@example.com", "", "", ""]])

    assert (made.counts["create"], made.counts["refused"]) == (2, 1)
    assert texts(made, 4) == ["The same person as in row 2. Only that row is taken."]
    assert Contact.objects.get(emails__address="ada@example.com").last_name == "Byron"


def test_the_same_person_twice_is_seen_across_blocks(bring_in, monkeypatch):
    monkeypatch.setattr(store, "BLOCK_ROWS", 1)
    made = bring_in([HEADERS, ADA, BEN, ADA])

    assert (made.counts["create"], made.counts["refused"]) == (2, 1)


@pytest.mark.parametrize("size", [1, 1000])
def test_two_rows_that_are_one_contact_are_seen(bring_in, monkeypatch, size):
    monkeypatch.setattr(store, "BLOCK_ROWS", size)
    ContactFactory(emails=["one@example.com", "two@example.com"])

    made = bring_in([["E-mail", "City"], ["one@example.com", "A"], ["two@example.com", "B"]])

    assert (made.counts["update"], made.counts["refused"]) == (1, 1)
    assert Contact.objects.get().city == "A"


def test_addresses_of_two_contacts_in_one_row_are_refused(bring_in):
    for address in ("one@example.com", "two@example.com"):
        ContactFactory(emails=[address])

    made = bring_in([["E-mail", "E-mail 2"], ["one@example.com", "two@example.com"]])

    assert texts(made) == ["The addresses belong to two different contacts."]


def test_a_match_one_may_not_see_is_refused_and_tells_nothing(bring_in, limited):
    owner = make_staff()
    hidden = ContactFactory(
        first_name="Secret", last_name="Name", emails=["hidden@example.com"], owner=owner
    )

    made = bring_in(
        [["First name", "E-mail", "City"], ["X", "hidden@example.com", "Bonn"]], by=limited
    )

    assert texts(made) == ["This contact is in the CRM already. Ask a manager."]
    row = made.rows.get()
    assert (row.object_id, row.changes, row.label) == (None, [], "X")
    hidden.refresh_from_db()
    assert hidden.city == ""


def test_a_name_does_not_tell_of_contacts_one_may_not_see(bring_in, limited):
    ContactFactory(first_name="Ada", last_name="Byron", owner=make_staff(), emails=[])

    made = bring_in([["First name", "Last name"], ["Ada", "Byron"]], match="name", by=limited)

    assert made.counts == {"create": 1, "remarks": 0}


def test_an_address_of_a_hidden_contact_is_not_moved_by_an_id(bring_in, limited):
    ContactFactory(emails=["hidden@example.com"], owner=make_staff())
    ContactFactory(external_id="x:1", emails=[])

    made = bring_in(
        [["ID", "E-mail"], ["x:1", "hidden@example.com"]], match="external_id", by=limited
    )

    assert texts(made) == ["This contact is in the CRM already. Ask a manager."]


def test_tags_are_put_on_and_made_if_need_be(bring_in):
    TagFactory(name="VIP", key="vip")
    ada = ContactFactory(emails=["ada@example.com"], tags=[TagFactory(name="Old", key="old")])

    bring_in([["E-mail", "Tags"], ["ada@example.com", "vip; New"]], tags=("Fair",))

    assert sorted(ada.tags.values_list("name", flat=True)) == ["Fair", "New", "Old", "VIP"]
    assert Tag.objects.count() == 4


def test_an_owner_is_found_by_address_and_a_stranger_is_left_out(bring_in):
    sam = make_staff(email="sam@example.com")
    rows = [["First name", "Owner"], ["Ada", "SAM@example.com"], ["Ben", "Nobody Here"]]

    made = bring_in(rows, match="name")

    assert Contact.objects.get(first_name="Ada").owner == sam
    assert Contact.objects.get(first_name="Ben").owner is None
    assert texts(made) == ["No member of staff is called “Nobody Here”."]


def test_new_contacts_get_the_chosen_owner_and_kind(bring_in, manager):
    bring_in([["First name"], ["Ada"]], match="name", owner=str(manager.pk), kind="partner")

    ada = Contact.objects.get()
    assert (ada.owner, ada.kind) == (manager, "partner")


@pytest.mark.parametrize(
    ("choice", "accounts", "joined"), [("text", 1, 0), ("join", 1, 1), ("make", 2, 2)]
)
def test_companies_are_joined_or_made_as_chosen(bring_in, choice, accounts, joined):
    AccountFactory(name="Acme GmbH")
    rows = [["First name", "Company"], ["Ada", "ACME"], ["Ben", "Other Ltd"]]

    bring_in(rows, match="name", companies=choice)

    assert Account.objects.count() == accounts
    contacts = Contact.objects.filter(memberships__is_primary=True)
    assert contacts.count() == joined


def test_one_account_is_made_for_all_who_name_it(bring_in, monkeypatch):
    monkeypatch.setattr(store, "BLOCK_ROWS", 2)
    rows = [["First name", "Company"], *([name, "Acme GmbH"] for name in "ABCDE")]

    made = bring_in(rows, match="name", companies="make")

    account = Account.objects.get()
    assert account.memberships.count() == 5
    assert made.counts["accounts"] == 1


def test_a_hidden_account_is_neither_joined_nor_made_again(bring_in, limited):
    AccountFactory(name="Secret GmbH", owner=make_staff())

    made = bring_in(
        [["First name", "Company"], ["Ada", "Secret"]], match="name", companies="make", by=limited
    )

    assert Account.objects.count() == 1
    assert "ask a manager" in texts(made)[0]
    assert Contact.objects.get().company_name == "Secret"


def test_custom_fields_are_columns_like_any_other(bring_in):
    CustomField.objects.create(area="contact", key="size", label="Shoe size", kind="number")
    CustomField.objects.create(area="contact", key="since", label="Since", kind="date")
    CustomField.objects.create(area="contact", key="vip", label="Important", kind="boolean")
    CustomField.objects.create(
        area="contact", key="tier", label="Tier", kind="choice", choices=["Gold", "Silver"]
    )

    bring_in(
        [
            ["First name", "Shoe size", "Since", "Important", "Tier"],
            ["Ada", "42,5", "31.12.2020", "ja", "gold"],
        ],
        match="name",
    )

    assert Contact.objects.get().custom == {
        "size": "42.5",
        "since": "2020-12-31",
        "vip": True,
        "tier": "Gold",
    }


def test_dates_of_a_column_are_read_alike(bring_in):
    """The 25th proves that the day stands first, for the rows above it as well."""
    CustomField.objects.create(area="contact", key="since", label="Since", kind="date")
    rows = [["First name", "Since"], ["Ada", "03/04/2020"], ["Ben", "25/12/2020"]]

    bring_in(rows, match="name", day_order="mdy")

    assert Contact.objects.get(first_name="Ada").custom["since"] == "2020-04-03"


def test_a_column_that_mixes_two_orders_is_not_guessed(bring_in):
    CustomField.objects.create(area="contact", key="since", label="Since", kind="date")
    rows = [["First name", "Since"], ["A", "25/12/2020"], ["B", "12/25/2020"], ["C", "03/04/2020"]]

    made = bring_in(rows, match="name")

    assert made.counts["create"] == 2
    assert "two ways" in texts(made, 4)[0]


def test_a_phone_number_gets_the_country_that_was_chosen(bring_in):
    bring_in([["First name", "Phone"], ["Ada", "0221 123456"]], match="name", region="DE")

    assert Contact.objects.get().phone == "+49 221 123456"


def test_without_a_country_a_phone_number_stays_as_written(bring_in):
    bring_in([["First name", "Phone"], ["Ada", "0221 123456"]], match="name")

    assert Contact.objects.get().phone == "0221 123456"


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("E-mail", "not an address", "is not an e-mail address"),
        ("E-mail", "ada@example.com/byron@example.com", "is not an e-mail address"),
        ("Country", "Atlantis", "“Atlantis” is not a country."),
        ("First name", "x" * 10_000, "is 10,000 characters long; 255 are possible."),
        ("Phone", "1" * 65, "is 65 characters long; 64 are possible."),
        ("Tags", "t" * 51, "cannot be a tag"),
    ],
)
def test_a_wrong_cell_is_told_with_row_and_column(bring_in, column, cell, message):
    rows = [["Last name", column], ["Right", ""], ["Wrong", cell]]

    made = bring_in(rows, match="name")

    row = made.rows.get()
    assert (row.row, row.outcome) == (3, "refused")
    assert row.remarks[0]["column"] == 1
    assert message in row.remarks[0]["text"]
    assert Contact.objects.get().last_name == "Right"


def test_every_mistake_of_a_row_is_told(bring_in):
    made = bring_in([["E-mail", "Country"], ["no", "Nowhere"]])

    assert [remark["column"] for remark in made.rows.get().remarks] == [0, 1]


def test_a_row_with_more_cells_than_headers_is_refused(bring_in):
    made = bring_in([["First name", "City"], ["Ada", "Köln", "oops"], ["Ben"]], match="name")

    assert (made.counts["refused"], made.counts["create"]) == (1, 1)
    assert "a cell more than there are headers" in texts(made)[0]


def test_a_row_with_nothing_of_a_person_is_refused(bring_in):
    made = bring_in([["First name", "City"], ["", "Köln"], ["", ""]], match="name")

    assert texts(made) == ["Give at least a name, a company or an e-mail address."]


def test_the_number_of_queries_does_not_depend_on_the_rows(check):
    def queries(count: int, start: int) -> int:
        rows = [[f"A{n}", f"B{n}", f"a{n}@example.com", "", "", ""] for n in range(start, count)]
        made = check([HEADERS, *rows])
        imports.start_import(made)
        with CaptureQueriesContext(connection) as captured:
            imports.step(made)
        return len(captured)

    few = queries(3, 0)
    assert queries(30, 10) <= few
    assert few <= 40


def test_what_somebody_takes_meanwhile_is_planned_anew(check, monkeypatch):
    """The address comes into the CRM after the block was planned and before it is written."""
    made = check([HEADERS, ADA])
    imports.start_import(made)
    from oscar_crm.services.imports import engine

    real, left = engine.decide, [1]

    def slow(*args: Any) -> Any:
        decisions = real(*args)
        if left.pop() if left else 0:
            ContactEmail.objects.create(
                contact=ContactFactory(emails=[]), address=ADA[2], match_key=ADA[2]
            )
        return decisions

    monkeypatch.setattr(engine, "decide", slow)
    imports.run(made)

    assert made.state == Import.State.DONE
    assert Contact.objects.get(emails__address=ADA[2]).city == "Köln"


def test_a_right_that_is_lost_stops_the_import_with_the_reason(check, manager):
    made = check([HEADERS, ADA])
    imports.start_import(made)
    manager.user_permissions.clear()

    imports.run(made)

    assert made.is_paused
    assert "must be allowed" in made.problem
    assert not Contact.objects.exists()


def test_a_paused_import_goes_on_where_it_stopped(check, monkeypatch):
    monkeypatch.setattr(store, "BLOCK_ROWS", 1)
    made = check([HEADERS, ADA, BEN])
    imports.start_import(made)
    imports.step(made)

    imports.pause_import(made)
    imports.run(made)
    assert Contact.objects.count() == 1
    imports.resume_import(made)
    imports.run(made)

    assert Contact.objects.count() == 2
    assert made.state == Import.State.DONE


def test_a_cancelled_import_keeps_what_it_wrote_and_can_be_taken_back(check, monkeypatch, manager):
    monkeypatch.setattr(store, "BLOCK_ROWS", 1)
    made = check([HEADERS, ADA, BEN])
    imports.start_import(made)
    imports.step(made)

    imports.cancel_import(made)
    assert Contact.objects.count() == 1
    imports.start_undo(made, by=manager)
    imports.run(made)

    assert not Contact.objects.exists()


def test_own_choices_are_remembered_for_files_with_the_same_headers(check, upload):
    rows = [["Who", "Mail address"], ["Ada", "ada@example.com"]]
    check(rows, columns=["first_name", "emails"], tags=("Fair",), match="email")

    again = upload(csv_file(rows))

    assert again.columns == ["first_name", "emails"]
    assert again.options["tags"] == ["Fair"]


def test_an_edit_by_staff_is_journalled_after_an_import(bring_in, manager):
    bring_in([HEADERS, ADA])
    ada = Contact.objects.get()

    update_contact(ada, {"city": "Bonn"}, by=manager)

    versions = Change.objects.filter(object_id=ada.pk, object_type="oscar_crm.Contact")
    assert list(versions.order_by("pk").values_list("version", flat=True)) == [1, 2]
