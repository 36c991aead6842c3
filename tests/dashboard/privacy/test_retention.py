"""Closed shop accounts and untouched contacts: the lists, and the decision to keep."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oscar.test.factories import UserFactory

from oscar_crm.models import Contact, ContactUser
from oscar_crm.services.contacts import update_contact
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import (
    ClosedAccountFactory,
    ConsentFactory,
    ContactFactory,
    NoteFactory,
    OrderLinkFactory,
    make_order,
)

pytestmark = pytest.mark.django_db
ERASERS = ("view_contact", "erase_contacts")


def url(name: str, *args: Any) -> str:
    return str(reverse(f"dashboard:crm-{name}", args=args))


def listed(client: Client, name: str, **query: Any) -> list[Any]:
    page = client.get(url(name), query).context.get("page")
    return list(page.rows) if page else []


def old_contact(**fields: Any) -> Contact:
    """Made and last edited three years ago."""
    contact = ContactFactory(**fields)
    then = timezone.now() - timedelta(days=3 * 365)
    Contact.objects.filter(pk=contact.pk).update(created_at=then, updated_at=then)
    return contact


def test_a_customer_who_deletes_the_account_is_proposed(desk: Client) -> None:
    user = UserFactory(email="ada@example.com")
    contact = sync_order(make_order("", user=user)).contact
    assert listed(desk, "closed-account-list") == []

    user.delete()  # what Oscar's "Delete profile" does

    (joined,) = listed(desk, "closed-account-list")
    assert joined.contact == contact
    assert str(joined) == "ada@example.com"


def test_an_account_deleted_with_sql_is_noticed_by_the_check(desk: Client, capsys: Any) -> None:
    contact, user = ContactFactory(), UserFactory()
    ContactUser.objects.create(contact=contact, user=user, basis="staff")
    users = get_user_model()._default_manager.filter(pk=user.pk)
    users._raw_delete(users.db)

    call_command("crm_check", repair=True)

    assert f"Contact {contact.pk}: its shop account was deleted" in capsys.readouterr().out
    assert len(listed(desk, "closed-account-list")) == 1
    assert ContactUser.objects.get().user_id is None


def test_whoever_is_kept_is_not_proposed_again(desk: Client) -> None:
    joined = ClosedAccountFactory()
    keep = url("closed-account-keep", joined.pk)

    page = desk.post(keep, follow=True)

    assert "stays, although the shop account is closed" in page.content.decode()
    assert page.context["page"].rows == []
    assert desk.post(keep).status_code == 404  # decided already
    timeline = desk.get(joined.contact.get_absolute_url()).content.decode()
    assert "Kept although the shop account was closed" in timeline


def test_whoever_is_erased_is_not_proposed_again(desk: Client) -> None:
    joined = ClosedAccountFactory()
    desk.post(url("contact-erase", joined.contact.pk), {"confirmation": "ERASE"})
    assert listed(desk, "closed-account-list") == []


def test_nobody_elses_contacts_are_proposed(log_in: Callable[..., Client], manager: Any) -> None:
    hidden = ClosedAccountFactory(contact=old_contact(owner=manager))
    mine = ClosedAccountFactory(contact=old_contact())
    client = log_in(*ERASERS)

    assert listed(client, "closed-account-list") == [mine]
    assert listed(client, "untouched-list", months=12) == [mine.contact]
    assert client.post(url("closed-account-keep", hidden.pk)).status_code == 404


@pytest.mark.parametrize(
    "touch",
    [
        lambda c: OrderLinkFactory(contact=c),
        lambda c: NoteFactory(contact=c),
        lambda c: ConsentFactory(contact=c),
        lambda c: update_contact(c, {"phone": "1"}, by=None),
        lambda c: Contact.objects.filter(pk=c.pk).update(created_at=timezone.now()),
        lambda c: Contact.objects.filter(pk=c.pk).update(last_order_at=timezone.now()),
        lambda c: Contact.objects.filter(pk=c.pk).update(erased_at=timezone.now()),
    ],
    ids=["order", "note", "consent", "edit", "made", "ordered", "erased"],
)
def test_whoever_was_touched_is_not_proposed(desk: Client, touch: Callable[[Contact], Any]) -> None:
    quiet, busy = old_contact(), old_contact()
    touch(busy)
    assert listed(desk, "untouched-list", months=12) == [quiet]


def test_the_setting_proposes_and_without_it_nobody_is(desk: Client, settings: Any) -> None:
    contact = old_contact()
    assert listed(desk, "untouched-list") == []
    settings.OSCAR_CRM_RETENTION_MONTHS = 24
    assert listed(desk, "untouched-list") == [contact]
    settings.OSCAR_CRM_RETENTION_MONTHS = 48
    assert listed(desk, "untouched-list") == []


def test_whoever_ordered_longest_ago_comes_first(desk: Client) -> None:
    never, recent, long_ago = old_contact(), old_contact(), old_contact()
    for contact, years in ((recent, 2), (long_ago, 5)):
        at = timezone.now() - timedelta(days=365 * years)
        Contact.objects.filter(pk=contact.pk).update(last_order_at=at)
    assert listed(desk, "untouched-list", months=12) == [long_ago, recent, never]


@pytest.mark.parametrize("months", ["", "0", "-1", "x", "1201", "9" * 30])
def test_a_bad_number_of_months_is_told(desk: Client, months: str) -> None:
    page = desk.get(url("untouched-list"), {"months": months})
    assert page.status_code == 200
    assert page.context["form"].errors["months"]


@pytest.mark.parametrize("name", ["closed-account-list", "untouched-list"])
def test_the_lists_cost_the_same_for_any_length(
    desk: Client, settings: Any, django_assert_max_num_queries: Any, name: str
) -> None:
    settings.OSCAR_CRM_RETENTION_MONTHS = 12
    for count in (2, 12):
        for _number in range(count):
            ClosedAccountFactory(contact=old_contact())
        with django_assert_max_num_queries(9):
            rows = listed(desk, name)
    assert len(rows) == 14
