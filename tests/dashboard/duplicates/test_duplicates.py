"""Duplicates over HTTP: the queue, the search for them, hints, comparing and merging."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from oscar_crm.models import Contact, DuplicatePair, Operation
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.services import duplicates
from oscar_crm.services.merge import merge_records
from oscar_crm.test.factories import AccountFactory, ContactFactory, OrderLinkFactory, make_staff

pytestmark = pytest.mark.django_db
LIST = "/dashboard/crm/duplicates/"
SCAN = "/dashboard/crm/duplicates/scan/"
MERGE = "/dashboard/crm/contacts/merge/"
CREATE = "/dashboard/crm/contacts/create/"
HINTS = "/dashboard/crm/contacts/hints/"
ADA = {"first_name": "Ada", "last_name": "Byron", "phone": "0221 123456"}


@pytest.fixture
def twins(db: None) -> list[Contact]:
    found = [
        ContactFactory(**ADA, city="Köln", emails=["ada@gmail.com"]),
        ContactFactory(**{**ADA, "first_name": "A."}, city="Bonn", emails=["byron@web.de"]),
    ]
    duplicates.run()
    return found


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def ids(*records: Any) -> str:
    return ",".join(str(record.pk) for record in records)


def test_the_queue_says_why_two_may_be_one(manager_client: Client, twins: list[Contact]) -> None:
    page = manager_client.get(LIST).content.decode()

    assert "similar names" in page
    assert "same phone number" in page
    assert "76 % alike" in page  # 1 - 0.4 × 0.6
    assert "ada@gmail.com" in page


def test_a_pair_with_a_hidden_side_is_not_shown(log_in: Any, twins: list[Contact]) -> None:
    Contact.objects.filter(pk=twins[1].pk).update(owner=make_staff())
    client = log_in("view_contact", "merge_contacts")
    pair = DuplicatePair.objects.get()

    page = client.get(LIST).content.decode()
    assert "Ada Byron" not in page
    assert "byron@web.de" not in page
    for name in ("dismiss", "restore"):
        address = reverse(f"dashboard:crm-duplicate-{name}", args=[pair.pk])
        assert client.post(address).status_code == 404
    answer = client.get(f"{LIST}?of={twins[0].pk}").content.decode()
    assert "byron@web.de" not in answer


def test_a_pair_is_dismissed_and_taken_back(manager_client: Client, twins: list[Contact]) -> None:
    pair = DuplicatePair.objects.get()
    answer = manager_client.post(reverse("dashboard:crm-duplicate-dismiss", args=[pair.pk]))
    assert "no duplicate" in told(answer)
    assert "Ada Byron" not in manager_client.get(LIST).content.decode()
    assert "Mara Manager" in manager_client.get(f"{LIST}?dismissed=1").content.decode()

    manager_client.post(reverse("dashboard:crm-duplicate-restore", args=[pair.pk]))

    assert "Ada Byron" in manager_client.get(LIST).content.decode()


def test_the_tab_of_accounts_needs_its_own_permission(log_in: Any) -> None:
    client = log_in("view_contact", "merge_contacts")

    assert client.get(f"{LIST}?area=account").status_code == 403
    assert client.get(f"{LIST}?area=nonsense").status_code == 200


@pytest.mark.parametrize("count", [2, 6])
def test_the_queue_takes_the_same_queries_for_any_number(
    manager_client: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    for n in range(count):
        for _ in range(2):
            ContactFactory(first_name="Ada", last_name=f"B{n}", phone=f"022112345{n}", emails=[])
    duplicates.run()

    with django_assert_max_num_queries(12):
        page = manager_client.get(LIST)
    assert page.content.decode().count("% alike") == count


def test_the_search_goes_on_step_by_step(manager_client: Client) -> None:
    ContactFactory(**ADA)
    ContactFactory(**ADA)
    assert "Start" in manager_client.get(SCAN).content.decode()

    answer = manager_client.post(SCAN)
    run = Operation.objects.get(kind="duplicates")
    while run.finished_at is None:
        answer = manager_client.post(SCAN, {"run": run.pk}, headers={"Accept": "application/json"})
        run.refresh_from_db()

    assert answer.json()["finished"] is True
    assert answer.json()["text"] == "2 records compared."
    assert (
        "See the possible duplicates" in manager_client.get(answer.json()["page"]).content.decode()
    )
    assert DuplicatePair.objects.count() == 1


@pytest.mark.parametrize("run", ["999999", "x", "-1"])
def test_a_search_that_does_not_exist_is_not_found(manager_client: Client, run: str) -> None:
    assert manager_client.get(SCAN, {"run": run}).status_code == 404
    assert manager_client.post(SCAN, {"run": run}).status_code == 404


def test_a_contacts_page_tells_of_its_possible_duplicates(
    manager_client: Client, sales_client: Client, twins: list[Contact]
) -> None:
    page = manager_client.get(twins[0].get_absolute_url()).content.decode()
    assert "1 possible duplicate" in page
    assert f"{LIST}?area=contact&amp;of={twins[0].pk}" in page
    assert (
        "possible duplicate" not in sales_client.get(twins[0].get_absolute_url()).content.decode()
    )


def test_records_are_compared_field_by_field(manager_client: Client, twins: list[Contact]) -> None:
    page = manager_client.get(MERGE, {"ids": ids(*twins)}).content.decode()

    assert "Köln" in page
    assert "Bonn" in page
    assert "Alike:" in page
    assert "same phone number" in page
    assert "Not a duplicate" in page


def test_merging_takes_the_chosen_values_and_offers_undo(
    manager_client: Client, twins: list[Contact]
) -> None:
    one, other = twins
    data = {
        "ids": ids(one, other),
        "into": one.pk,
        "value-city": other.pk,
        "main_email": other.emails.get().pk,
        f"version-{one.pk}": 1,
        f"version-{other.pk}": 1,
    }

    answer = manager_client.post(MERGE, data)

    one.refresh_from_db()
    assert answer.url == one.get_absolute_url()
    assert (one.city, one.primary_email) == ("Bonn", "byron@web.de")
    operation = Operation.objects.get(kind="merge")
    assert reverse("dashboard:crm-operation-detail", args=[operation.pk]) in told(answer)
    timeline = manager_client.get(one.get_absolute_url()).content.decode()
    assert "Merged: A. Byron into Ada Byron" in timeline


def test_the_address_of_a_merged_contact_leads_to_the_one_that_stays(
    manager_client: Client, log_in: Any, twins: list[Contact]
) -> None:
    one, other = twins
    merge_records(CONTACTS, one.pk, [other.pk], by=None)

    assert manager_client.get(other.get_absolute_url()).url == one.get_absolute_url()
    Contact.objects.filter(pk=one.pk).update(owner=make_staff())
    assert log_in("view_contact").get(other.get_absolute_url()).status_code == 404


def test_a_merged_contact_is_nowhere_to_be_seen(
    manager_client: Client, twins: list[Contact]
) -> None:
    one, other = twins
    merge_records(CONTACTS, one.pk, [other.pk], by=None)

    for address in ("contacts/", "contacts/?archived=on", "contacts/lookup/", "duplicates/"):
        assert "A. Byron" not in manager_client.get(f"/dashboard/crm/{address}").content.decode()
    edit = reverse("dashboard:crm-contact-update", args=[other.pk])
    assert manager_client.get(edit).status_code == 404


def test_records_one_may_not_see_are_neither_compared_nor_merged(
    log_in: Any, twins: list[Contact]
) -> None:
    one, other = twins
    Contact.objects.filter(pk=other.pk).update(owner=make_staff())
    client = log_in("view_contact", "merge_contacts")
    gone = client.get(MERGE, {"ids": f"{one.pk},999999"})

    hidden = client.get(MERGE, {"ids": ids(one, other)})
    assert (hidden.status_code, gone.status_code) == (404, 404)
    answer = client.post(MERGE, {"ids": ids(one, other), "into": one.pk})
    assert answer.status_code == 404
    assert not Operation.objects.filter(kind="merge").exists()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("", "Choose 2 to 5"),
        ("1", "Choose 2 to 5"),
        ("1,1", "with itself"),
        ("1,2,3,4,5,6", "Choose 2 to 5"),
        ("x,<b>", "Choose 2 to 5"),
        ("9" * 300, "Choose 2 to 5"),
    ],
)
def test_odd_choices_of_records_are_refused_in_words(
    manager_client: Client, asked: str, says: str
) -> None:
    for answer in (
        manager_client.get(MERGE, {"ids": asked}),
        manager_client.post(MERGE, {"ids": asked, "into": "1"}),
    ):
        assert answer.status_code == 200
        assert says in answer.content.decode()


@pytest.mark.parametrize("into", ["", "0", "999999", "x"])
def test_the_record_that_stays_is_one_of_them(
    manager_client: Client, twins: list[Contact], into: str
) -> None:
    answer = manager_client.post(MERGE, {"ids": ids(*twins), "into": into})

    assert "Choose the record that stays" in answer.content.decode()
    assert not Contact.objects.exclude(merged_into=None).exists()


def test_what_somebody_changed_meanwhile_is_looked_at_again(
    manager_client: Client, twins: list[Contact]
) -> None:
    one, other = twins
    data = {"ids": ids(*twins), "into": one.pk, f"version-{other.pk}": 7}

    answer = manager_client.post(MERGE, data).content.decode()

    assert "meanwhile" in answer
    assert not Contact.objects.exclude(merged_into=None).exists()


def test_comparing_five_takes_few_queries(
    manager_client: Client, django_assert_max_num_queries: Any
) -> None:
    contacts = ContactFactory.create_batch(5)
    for contact in contacts:
        OrderLinkFactory(contact=contact)

    with django_assert_max_num_queries(14):
        manager_client.get(MERGE, {"ids": ids(*contacts)})


def test_creating_asks_first_where_the_contact_may_be_there(
    sales_client: Client, twins: list[Contact]
) -> None:
    data = {**ADA, "kind": "lead"}

    question = sales_client.post(CREATE, data).content.decode()
    assert "One of these may be the same" in question
    assert twins[0].get_absolute_url() in question
    assert Contact.objects.count() == 2

    sales_client.post(CREATE, {**data, "create_anyway": "1"})
    assert Contact.objects.count() == 3


def test_creating_a_stranger_asks_nothing(sales_client: Client, twins: list[Contact]) -> None:
    sales_client.post(CREATE, {"first_name": "Zed", "kind": "lead", "emails": "z@gmail.com"})

    assert Contact.objects.count() == 3


def test_hints_while_typing_name_nobody_one_may_not_see(
    sales_client: Client, twins: list[Contact]
) -> None:
    Contact.objects.filter(pk=twins[1].pk).update(owner=make_staff())

    page = sales_client.post(HINTS, {**ADA, "emails": "byron@web.de"}).content.decode()

    assert twins[0].get_absolute_url() in page
    assert twins[1].get_absolute_url() not in page
    assert "byron@web.de" not in page


@pytest.mark.parametrize("value", ["", "x" * 10_000, "\x00", "a\n" * 500, "🦄"])
def test_hints_take_any_text(sales_client: Client, value: str) -> None:
    ContactFactory(**ADA)
    names = ("first_name", "last_name", "phone", "postcode", "emails", "company_name")

    assert sales_client.post(HINTS, dict.fromkeys(names, value)).status_code == 200


def test_hints_for_an_account(log_in: Any) -> None:
    account = AccountFactory(name="Müller GmbH")
    client = log_in("view_account", "add_account")

    page = client.post("/dashboard/crm/accounts/hints/", {"name": "mueller"}).content.decode()

    assert account.get_absolute_url() in page
    assert "legal form aside" in page


def test_accounts_are_compared_and_merged(log_in: Any) -> None:
    one, other = AccountFactory(name="Müller GmbH"), AccountFactory(name="Mueller")
    client = log_in("view_account", "merge_accounts")
    page = client.get("/dashboard/crm/accounts/merge/", {"ids": ids(one, other)})
    assert "Müller GmbH" in page.content.decode()

    client.post(
        "/dashboard/crm/accounts/merge/",
        {"ids": ids(one, other), "into": one.pk, "value-name": other.pk},
    )

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.name, other.merged_into) == ("Mueller", one)
