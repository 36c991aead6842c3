"""Looking back at what was done, and undoing it, over HTTP."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from oscar_crm.models import Contact, Operation
from oscar_crm.queries.areas import CONTACTS
from oscar_crm.queries.bulk import BulkAction, Target
from oscar_crm.services.bulk_changes import run_at_once
from oscar_crm.services.contacts import create_contact, update_contact
from oscar_crm.services.merge import merge_records
from oscar_crm.services.orders import assign_order
from oscar_crm.services.tags import tag_contact
from oscar_crm.services.undo import undo_operation
from oscar_crm.test.factories import (
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db
LIST = "/dashboard/crm/operations/"


def url(operation: Operation, name: str = "detail") -> str:
    return str(reverse(f"dashboard:crm-operation-{name}", args=[operation.pk]))


def latest() -> Operation:
    return Operation.objects.latest("pk")


def test_an_operation_says_who_did_what_to_whom(manager_client: Client, sales: Any) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Byron", phone="1")
    update_contact(contact, {"phone": "2", "owner": sales}, by=sales)

    page = manager_client.get(url(latest())).content.decode()

    assert "Sam Sales" in page
    assert "Ada Byron" in page
    assert "Phone changed from “1” to “2”" in page
    assert "Owner set to “Sam Sales”" in page


def test_undo_asks_first_and_tells_what_came_back(sales_client: Client, sales: Any) -> None:
    contact = ContactFactory(phone="1")
    update_contact(contact, {"phone": "2"}, by=sales)
    operation = latest()
    assert url(operation, "undo") in sales_client.get(url(operation)).content.decode()

    question = sales_client.get(url(operation, "undo")).content.decode()
    assert "Undo this?" in question
    answer = sales_client.post(url(operation, "undo"), follow=True).content.decode()

    contact.refresh_from_db()
    assert contact.phone == "1"
    assert "1 row is as it was" in answer
    assert url(operation, "undo") not in answer


def test_what_could_not_be_undone_is_named(sales_client: Client, sales: Any) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Byron", phone="1", city="Bonn")
    update_contact(contact, {"phone": "2", "city": "Köln"}, by=sales)
    operation = latest()
    update_contact(contact, {"phone": "3"}, by=sales)

    page = sales_client.post(url(operation, "undo"), follow=True).content.decode()

    assert "What was left as it is" in page
    assert "phone: has been changed since" in page
    contact.refresh_from_db()
    assert (contact.phone, contact.city) == ("3", "Bonn")


def test_when_nothing_can_be_undone_the_page_says_so(sales_client: Client, sales: Any) -> None:
    contact = ContactFactory(phone="1")
    update_contact(contact, {"phone": "2"}, by=sales)
    operation = latest()
    update_contact(contact, {"phone": "3"}, by=sales)

    page = sales_client.post(url(operation, "undo")).content.decode()

    assert "Nothing could be undone" in page
    operation.refresh_from_db()
    assert operation.undone_by is None


def test_undoing_twice_is_refused_in_words(sales_client: Client, sales: Any) -> None:
    update_contact(ContactFactory(phone="1"), {"phone": "2"}, by=sales)
    operation = latest()
    sales_client.post(url(operation, "undo"))

    answer = sales_client.post(url(operation, "undo"), follow=True).content.decode()

    assert "undone already" in answer


def test_others_do_not_find_an_operation(sales_client: Client, manager: Any) -> None:
    update_contact(ContactFactory(phone="1"), {"phone": "2"}, by=manager)

    for name in ("detail", "undo"):
        assert sales_client.get(url(latest(), name)).status_code == 404
    assert sales_client.post(url(latest(), "undo")).status_code == 404
    assert url(latest()) not in sales_client.get(LIST).content.decode()


def test_undo_needs_the_permissions_of_what_was_changed(log_in: Any) -> None:
    sales = make_staff("view_contact", "change_contact")
    merge_records(CONTACTS, ContactFactory().pk, [ContactFactory().pk], by=sales)
    client = log_in(user=sales)

    assert url(latest(), "undo") not in client.get(url(latest())).content.decode()
    assert client.get(url(latest(), "undo")).status_code == 403
    assert client.post(url(latest(), "undo")).status_code == 403


def test_records_one_may_not_see_are_not_named(log_in: Any) -> None:
    seller = make_staff("view_contact", "change_contact")
    contact = ContactFactory(first_name="Hidden", last_name="Person", phone="1", owner=seller)
    other = ContactFactory(first_name="Also", last_name="Hidden", owner=seller)
    update_contact(contact, {"phone": "secret"}, by=seller)
    edit = latest()
    merge_records(CONTACTS, contact.pk, [other.pk], by=None)
    Operation.objects.filter(kind="merge").update(actor=seller)
    Contact.objects.update(owner=make_staff())
    client = log_in(user=seller)

    for operation in (edit, latest()):
        page = client.get(url(operation)).content.decode()
        assert "a contact you may not see" in page
        assert "secret" not in page
    assert "Hidden Person" not in client.get(url(edit)).content.decode()


def test_refused_rows_one_may_not_see_are_not_named(log_in: Any) -> None:
    seller = make_staff("view_contact", "change_contact")
    contact = ContactFactory(first_name="Hidden", last_name="Person", phone="1")
    update_contact(contact, {"phone": "2"}, by=seller)
    edit = latest()
    update_contact(contact, {"phone": "3", "owner": make_staff()}, by=None)

    page = log_in(user=seller).post(url(edit, "undo")).content.decode()

    assert "a contact you may not see" in page
    assert "Hidden Person" not in page


def test_what_is_somebody_elses_by_now_is_left_alone(log_in: Any) -> None:
    seller = make_staff("view_contact", "change_contact", "merge_contacts")
    contact = ContactFactory(phone="1", owner=seller)
    update_contact(contact, {"phone": "2"}, by=seller)
    edit = latest()
    merge_records(CONTACTS, contact.pk, [ContactFactory(owner=seller).pk], by=seller)
    merge = latest()
    Contact.objects.update(owner=make_staff())
    client = log_in(user=seller)

    answers = [
        client.post(url(operation, "undo"), follow=True).content.decode()
        for operation in (edit, merge)
    ]

    assert "belongs to somebody else by now" in answers[0]
    assert "Ask a manager" in answers[1]
    contact.refresh_from_db()
    assert contact.phone == "2"
    assert contact.merged.exists()


def test_giving_something_away_can_be_taken_back_as_long_as_they_have_it(log_in: Any) -> None:
    seller, colleague = make_staff("view_contact", "change_contact"), make_staff()
    contacts = [ContactFactory(owner=seller) for _ in range(2)]
    client = log_in(user=seller)
    for contact in contacts:
        update_contact(contact, {"owner": colleague}, by=seller)
    first, second = Operation.objects.order_by("pk")
    Contact.objects.filter(pk=contacts[1].pk).update(owner=make_staff())

    client.post(url(first, "undo"))
    client.post(url(second, "undo"))

    owners = [Contact.objects.get(pk=contact.pk).owner for contact in contacts]
    assert owners[0] == seller
    assert owners[1] not in (seller, colleague)


def test_orders_and_notes_need_their_own_permissions(log_in: Any) -> None:
    reader = make_staff("view_contact", "view_all_contacts")
    link = OrderLinkFactory(number="SECRET1")
    assign_order(link, ContactFactory(), by=None)

    page = log_in(user=reader).get(url(latest())).content.decode()

    assert "SECRET1" not in page


def test_a_page_takes_the_same_queries_for_one_change_as_for_many(
    manager_client: Client, manager: Any, django_assert_max_num_queries: Any
) -> None:
    contacts = ContactFactory.create_batch(8, emails=[])
    NoteFactory.create_batch(5, contact=contacts[1])
    merge_records(CONTACTS, contacts[0].pk, [c.pk for c in contacts[1:5]], by=manager)

    with django_assert_max_num_queries(18):
        manager_client.get(url(latest()))


@pytest.mark.parametrize("count", [1, 15])
def test_the_list_takes_the_same_queries_for_any_number(
    manager_client: Client,
    manager: Any,
    settings: Any,
    django_assert_max_num_queries: Any,
    count: int,
) -> None:
    for _ in range(count):
        update_contact(ContactFactory(), {"phone": "2"}, by=manager)
    for _ in range(count):
        merge_records(CONTACTS, ContactFactory().pk, [ContactFactory().pk], by=manager)
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 40

    with django_assert_max_num_queries(13):
        page = manager_client.get(LIST)
    assert page.content.decode().count("Details changed") >= count


def test_the_list_says_whom_it_was_about(sales_client: Client, sales: Any) -> None:
    contact = ContactFactory(first_name="Ada", last_name="Byron", phone="1")
    update_contact(contact, {"phone": "2"}, by=sales)

    page = sales_client.get(LIST).content.decode()

    assert f'<a href="{contact.get_absolute_url()}">Ada Byron</a>' in page


def test_the_list_names_one_of_many_and_counts_the_others(
    manager_client: Client, manager: Any
) -> None:
    contacts = ContactFactory.create_batch(3, first_name="Ada", last_name="Byron")
    ids = tuple(contact.pk for contact in contacts)
    run_at_once(BulkAction("archive"), Target(ids=ids), by=manager, summary="Archive 3")

    page = manager_client.get(LIST).content.decode()

    assert page.count("Ada Byron") == 1
    assert "and 2 more" in page


def test_the_list_does_not_name_whom_one_may_not_see(log_in: Any) -> None:
    seller = make_staff("view_contact", "change_contact")
    contact = ContactFactory(first_name="Hidden", last_name="Person", phone="1", owner=seller)
    update_contact(contact, {"phone": "2"}, by=seller)
    Contact.objects.update(owner=make_staff())

    page = log_in(user=seller).get(LIST).content.decode()

    assert "a contact you may not see" in page
    assert "Hidden Person" not in page
    assert contact.get_absolute_url() not in page


def test_the_list_follows_a_merge_over_several_steps(manager_client: Client, manager: Any) -> None:
    first, second, third = (ContactFactory(last_name=name) for name in ("One", "Two", "Three"))
    update_contact(first, {"phone": "2"}, by=manager)
    merge_records(CONTACTS, second.pk, [first.pk], by=manager)
    merge_records(CONTACTS, third.pk, [second.pk], by=manager)

    page = manager_client.get(LIST).content.decode()

    assert str(first) in page
    assert "a contact you may not see" not in page


def test_the_list_tells_the_time_in_full_on_hover(sales_client: Client, sales: Any) -> None:
    update_contact(ContactFactory(phone="1"), {"phone": "2"}, by=sales)

    moment = date_format(localtime(latest().started_at), "DATETIME_FORMAT")

    assert f'title="{moment}"' in sales_client.get(LIST).content.decode()


def test_the_list_is_empty_at_first(sales_client: Client) -> None:
    assert "Nothing to look back at" in sales_client.get(LIST).content.decode()


def test_every_kind_of_change_is_told_in_words(manager_client: Client, manager: Any) -> None:
    contact = create_contact({"last_name": "Byron"}, emails=["a@example.com"], by=manager)
    tag_contact(contact, "VIP", by=manager)
    assert "Tag “VIP” added" in manager_client.get(url(latest())).content.decode()
    undo_operation(latest(), by=manager)

    page = manager_client.get(url(latest())).content.decode()

    assert "Tag “VIP” removed" in page
    creation = manager_client.get(url(Operation.objects.earliest("pk"))).content.decode()
    assert "made" in creation
