"""The page of an account: facts, group, people, roll-up, timeline, buttons."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from oscar_crm.models import Account, AccountContact, Activity
from oscar_crm.services.account_figures import refresh_account_figures
from oscar_crm.services.accounts import update_account
from oscar_crm.services.memberships import add_membership
from oscar_crm.test.factories import (
    AccountContactFactory,
    AccountFactory,
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    TagFactory,
    ValueEntryFactory,
    make_staff,
)

pytestmark = pytest.mark.django_db
AT = datetime(2024, 6, 15, 12, tzinfo=UTC)


def url(name, *args):
    return reverse(f"dashboard:crm-{name}", args=args)


def order(account, amount, **fields):
    link = OrderLinkFactory(account=account, total=amount, placed_at=AT, **fields)
    ValueEntryFactory(link=link)
    return link


def test_the_page_shows_the_facts(manager_client, germany):
    account = AccountFactory(
        name="Acme",
        industry="Toys",
        website="https://acme.example",
        vat_number="DE136695976",
        billing_line1="Hauptstr. 1",
        billing_country="DE",
    )
    page = manager_client.get(account.get_absolute_url()).content.decode()

    for text in ("Toys", "https://acme.example", "DE136695976", "Hauptstr. 1", "Germany"):
        assert text in page


def test_orders_and_value_are_rolled_up_and_each_order_counts_once(manager_client):
    top = AccountFactory(name="Top")
    below = AccountFactory(name="Below", parent=top)
    lowest = AccountFactory(name="Lowest", parent=below)
    aside = AccountFactory(name="Aside")
    ada = ContactFactory()
    for account in (top, lowest):
        AccountContactFactory(account=account, contact=ada)
    order(top, 10, contact=ada)
    order(lowest, 20, contact=ada)
    order(lowest, 30)
    order(aside, 40)
    refresh_account_figures([top.pk, below.pk, lowest.pk, aside.pk])

    page = manager_client.get(top.get_absolute_url())

    rollup = page.context["family"].rollup
    assert (rollup.lifetime_value, rollup.orders_count, rollup.accounts) == (60, 3, 3)
    assert rollup.average == 20
    assert len(page.context["orders"]) == 3
    assert [child.name for child in page.context["children"]] == ["Below"]
    assert "of it €10.00 without sub-accounts" in page.content.decode()


def test_what_others_own_is_neither_shown_nor_counted(log_in, sales):
    other = make_staff()
    account = AccountFactory(
        name="Mine", owner=sales, parent=AccountFactory(name="Up", owner=other)
    )
    hidden = AccountFactory(name="Hidden child", parent=account, owner=other)
    stranger = ContactFactory(first_name="Stranger", owner=other)
    add_membership(account, stranger, by=other)
    order(hidden, 20)
    order(account, 5, contact=stranger, number="HIDDEN-1")
    refresh_account_figures([hidden.pk, account.pk])

    page = log_in(user=sales).get(account.get_absolute_url())

    text = page.content.decode()
    for word in ("Hidden child", "Stranger", "Up<", "HIDDEN-1"):
        assert word not in text
    assert page.context["family"].rollup.lifetime_value == 5


def test_a_loop_that_got_into_the_data_does_not_hang_the_page(manager_client):
    a = AccountFactory()
    b = AccountFactory(parent=a)
    Account.objects.filter(pk=a.pk).update(parent=b)

    assert manager_client.get(a.get_absolute_url()).context["family"].rollup.accounts <= 2


@pytest.mark.parametrize("count", [2, 60])
def test_the_page_takes_at_most_fifteen_queries_whatever_the_history(
    manager_client, manager, germany, django_assert_max_num_queries, count
):
    parent = AccountFactory()
    account = AccountFactory(parent=parent, tags=[TagFactory()])
    for number in range(count):
        child = AccountFactory(parent=account) if number % 2 else account
        contact = ContactFactory(first_name="", last_name="")
        AccountContactFactory(account=account, contact=contact)
        order(child, 10, contact=contact)
        NoteFactory(contact=None, account=account)
    update_account(
        account,
        {"owner": manager, "parent": None, "billing_country": "DE", "shipping_country": "FR"},
        by=manager,
    )
    with django_assert_max_num_queries(15):
        assert manager_client.get(account.get_absolute_url()).status_code == 200


def test_the_timeline_tells_of_people_orders_notes_and_changes(manager_client, manager):
    account = AccountFactory(name="Acme")
    ada = ContactFactory(first_name="Ada", last_name="Byron")
    order(None, 10, contact=ada, number="N-1")
    joined = add_membership(account, ada, by=manager)
    parent = AccountFactory(name="Above")
    update_account(account, {"industry": "Toys", "parent": parent}, by=manager)
    manager_client.post(url("account-note-create", account.pk), {"body": "Met at the fair."})
    manager_client.post(url("membership-update", joined.pk), {"role": "Buyer"})
    manager_client.post(url("membership-remove", joined.pk))

    page = manager_client.get(account.get_absolute_url()).content.decode()
    for text in (
        "Met at the fair.",
        "Industry set to “Toys”",
        "Parent company set to “Above”",
        "Joined Acme",
        "1 order now counts for Acme",
        "Role or dates at Acme changed",
        "Role set to “Buyer”",
        "Taken off the people of Acme",
        "1 order counts for Acme no longer",
    ):
        assert text in page, text
    contacts_page = manager_client.get(ada.get_absolute_url()).content.decode()
    assert "Joined Acme" in contacts_page


def test_orders_of_the_timeline_come_from_the_ledger(manager_client):
    account = AccountFactory()
    order(account, 10, number="N-1")

    assert "Order N-1 placed" in manager_client.get(account.get_absolute_url()).content.decode()


def test_older_items_come_a_page_at_a_time(manager_client):
    account = AccountFactory()
    for number in range(25):
        NoteFactory(contact=None, account=account, body=f"Note {number:02}", occurred_at=AT)
    older = manager_client.get(account.get_absolute_url()).context["timeline"].older

    address = url("account-timeline", account.pk)
    page = manager_client.get(address, {"older": older})
    assert "Note 00" in page.content.decode()
    part = manager_client.get(address, {"older": older}, headers={"HX-Request": "true"})
    assert "Note 00" in part.content.decode()
    assert "<html" not in part.content.decode()


def test_a_note_on_an_account_is_edited_and_deleted(manager_client):
    account = AccountFactory()
    manager_client.post(url("account-note-create", account.pk), {"body": "First"})
    note = Activity.objects.get()

    answer = manager_client.post(url("note-update", note.pk), {"body": "Second"})
    assert answer["Location"] == account.get_absolute_url()
    assert str(account) in manager_client.get(url("note-delete", note.pk)).content.decode()
    manager_client.post(url("note-delete", note.pk))
    assert not Activity.objects.exists()


def test_an_empty_note_is_refused_with_and_without_scripts(manager_client):
    address = url("account-note-create", AccountFactory().pk)
    for headers in ({}, {"HX-Request": "true"}):
        answer = manager_client.post(address, {"body": " "}, headers=headers)
        assert "Write something first." in answer.content.decode()


def test_tags_are_added_and_removed_in_place(manager_client):
    account = AccountFactory()
    answer = manager_client.post(
        url("account-tag-add", account.pk), {"name": "VIP"}, headers={"HX-Request": "true"}
    )
    assert 'id="account-tags"' in answer.content.decode()
    tag = account.tags.get()
    manager_client.post(url("account-tag-remove", account.pk, tag.pk))
    assert not account.tags.exists()
    answer = manager_client.post(url("account-tag-add", account.pk), {"name": " "}, follow=True)
    assert "A tag needs a name" in answer.content.decode()


def test_archive_and_restore(manager_client):
    account = AccountFactory(name="Acme")
    answer = manager_client.post(url("account-archive", account.pk), follow=True)
    assert "“Acme” is archived" in answer.content.decode()
    answer = manager_client.post(url("account-restore", account.pk), follow=True)
    assert "“Acme” is back on the lists." in answer.content.decode()


def test_more_people_than_fit_have_a_page_of_their_own(manager_client, settings):
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 20
    account = AccountFactory()
    for number in range(21):
        AccountContactFactory(account=account, contact__last_name=f"Number{number:02}")
    page = manager_client.get(account.get_absolute_url())
    assert (len(page.context["people"]), page.context["more_people"]) == (20, True)

    first = manager_client.get(url("account-people", account.pk))
    last = manager_client.get(url("account-people", account.pk), {"at": "end"})
    assert len(first.context["people"]) == 20
    assert len(last.context["people"]) == 20


def test_who_has_left_is_said_to_have_left(manager_client):
    membership = AccountContactFactory(until_date=date(2020, 1, 31))

    page = manager_client.get(membership.account.get_absolute_url()).content.decode()
    assert ">left<" in page
    assert AccountContact.objects.get().is_over


def test_all_orders_of_an_account_are_listed(manager_client):
    account = AccountFactory(name="Acme")
    order(account, 10, number="OURS-1")
    order(None, 10, number="OTHERS-1")

    page = manager_client.get(url("order-list"), {"account": account.pk}).content.decode()
    assert "OURS-1" in page
    assert "OTHERS-1" not in page
    assert "Orders of Acme" in page


def test_the_list_of_orders_does_not_name_an_account_of_others(log_in, sales):
    account = AccountFactory(name="Hidden Ltd", owner=make_staff())
    order(account, 10, number="OURS-1")

    page = log_in(user=sales).get(url("order-list"), {"account": account.pk})
    assert "Hidden Ltd" not in page.content.decode()
