"""Archive, tags, notes and the look-up over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oscar_crm.models import Activity, Contact, Tag
from oscar_crm.test.factories import ContactFactory, NoteFactory, OrderLinkFactory, TagFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def url(name: str, *args: Any) -> str:
    return str(reverse(f"dashboard:crm-{name}", args=args))


def test_archive_takes_a_contact_off_the_list_and_restore_brings_it_back(
    sales_client: Client,
) -> None:
    contact = ContactFactory(first_name="Ada")
    page = sales_client.post(url("contact-archive", contact.pk), follow=True).content.decode()
    assert "is archived" in page
    assert url("contact-restore", contact.pk) in page
    assert not sales_client.get(url("contact-list")).context["page"].rows
    page = sales_client.post(url("contact-restore", contact.pk), follow=True).content.decode()
    assert "is back on the lists" in page
    assert len(sales_client.get(url("contact-list")).context["page"].rows) == 1


@pytest.mark.parametrize("name", ["contact-archive", "contact-restore", "contact-tag-add"])
def test_a_link_cannot_change_anything(sales_client: Client, name: str) -> None:
    assert sales_client.get(url(name, ContactFactory().pk)).status_code == 405


def test_a_tag_is_added_by_name_and_removed_again(sales_client: Client) -> None:
    contact, known = ContactFactory(), TagFactory(name="VIP")
    sales_client.post(url("contact-tag-add", contact.pk), {"name": " vip "})
    page = sales_client.post(
        url("contact-tag-add", contact.pk), {"name": "New one"}, follow=True
    ).content.decode()
    assert "Tag “New one” added." in page
    assert sorted(contact.tags.values_list("name", flat=True)) == ["New one", "VIP"]
    sales_client.post(url("contact-tag-remove", contact.pk, known.pk))
    assert [tag.name for tag in contact.tags.all()] == ["New one"]
    assert Tag.objects.count() == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 51, "\x00"])
def test_a_bad_tag_name_is_told_with_and_without_htmx(sales_client: Client, name: str) -> None:
    contact = ContactFactory()
    target = url("contact-tag-add", contact.pk)
    says = "A tag needs a name of 1 to 50 characters."
    assert says in sales_client.post(target, {"name": name}, follow=True).content.decode()
    part = sales_client.post(target, {"name": name}, headers=HTMX)
    assert part.status_code == 200
    assert says in part.content.decode()
    assert not contact.tags.exists()


def test_only_who_may_make_tags_makes_one(log_in: Callable[..., Client]) -> None:
    contact, client = ContactFactory(), log_in("view_contact", "change_contact")
    TagFactory(name="VIP")
    target = url("contact-tag-add", contact.pk)
    assert "no such tag" in client.post(target, {"name": "New"}, follow=True).content.decode()
    client.post(target, {"name": " vip"})
    assert [tag.name for tag in contact.tags.all()] == ["VIP"]
    assert Tag.objects.count() == 1


def test_htmx_gets_the_row_of_tags_alone(sales_client: Client) -> None:
    contact = ContactFactory()
    part = sales_client.post(url("contact-tag-add", contact.pk), {"name": "VIP"}, headers=HTMX)
    text = part.content.decode()
    assert 'id="contact-tags"' in text
    assert "VIP" in text
    assert "<html" not in text
    page = sales_client.get(contact.get_absolute_url()).content.decode()
    assert "Tag “VIP” added." not in page  # said in place already


def test_a_note_is_added_changed_and_deleted(sales_client: Client) -> None:
    contact = ContactFactory()
    create = url("note-create", contact.pk)
    page = sales_client.post(create, {"body": "First\nline"}, follow=True).content.decode()
    assert "Note added." in page
    assert "First<br>line" in page
    note = Activity.objects.get()
    assert note.author_label == "Sam Sales"
    update = url("note-update", note.pk)
    assert "First" in sales_client.get(update).content.decode()
    page = sales_client.post(update, {"body": "Second"}, follow=True).content.decode()
    assert "Second" in page
    assert "edited" in page
    delete = url("note-delete", note.pk)
    assert "Second" in sales_client.get(delete).content.decode()
    assert Activity.objects.exists()
    assert "Note deleted." in sales_client.post(delete, follow=True).content.decode()
    assert not Activity.objects.exists()


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 20_001, "a\x00b"])
def test_a_bad_note_is_told_in_place(sales_client: Client, body: str) -> None:
    contact = ContactFactory()
    create = url("note-create", contact.pk)
    for headers in ({}, HTMX):
        response = sales_client.post(create, {"body": body}, headers=headers)
        assert response.status_code == 200
        assert response.context["note_form"].errors["body"]
        assert "error-block" in response.content.decode()
    note = NoteFactory(contact=contact)
    assert (
        "error-block"
        in sales_client.post(url("note-update", note.pk), {"body": body}).content.decode()
    )
    assert Activity.objects.get().body == note.body


def test_htmx_gets_the_timeline_alone(sales_client: Client) -> None:
    contact = ContactFactory()
    part = sales_client.post(url("note-create", contact.pk), {"body": "Hello"}, headers=HTMX)
    text = part.content.decode()
    assert 'id="timeline"' in text
    assert "Hello" in text
    assert "<html" not in text


def test_nothing_of_a_colleagues_contact_can_be_touched(sales_client: Client, manager: Any) -> None:
    note = NoteFactory(contact=ContactFactory(owner=manager))
    tag = TagFactory()
    note.contact.tags.add(tag)
    for target in (
        url("contact-archive", note.contact_id),
        url("contact-restore", note.contact_id),
        url("contact-tag-add", note.contact_id),
        url("contact-tag-remove", note.contact_id, tag.pk),
        url("note-create", note.contact_id),
        url("note-update", note.pk),
        url("note-delete", note.pk),
    ):
        assert sales_client.post(target, {"body": "x", "name": "x"}).status_code == 404
    assert Contact.objects.get().archived_at is None


def test_the_look_up_finds_what_the_user_may_see(sales_client: Client, manager: Any) -> None:
    ada = ContactFactory(
        first_name="Ada", last_name="Byron", company_name="Co", emails=["ada@example.com"]
    )
    ContactFactory(first_name="Ada", last_name="Hidden", owner=manager)
    OrderLinkFactory(contact=ada, number="A77")
    expected = {"id": ada.pk, "text": "Ada Byron · Co · ada@example.com"}
    for query in ({"q": "ada"}, {"q": "a77"}, {}, {"initial": f"{ada.pk},x,99"}):
        answer = sales_client.get(url("contact-lookup"), query).json()
        assert answer == {"results": [expected], "pagination": {"more": False}}


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 40, "٣"])
def test_a_bad_page_of_the_look_up_is_its_first_or_empty(sales_client: Client, page: str) -> None:
    ContactFactory()
    answer = sales_client.get(url("contact-lookup"), {"page": page, "q": ""})
    assert answer.status_code == 200


def test_the_look_up_comes_in_pages_and_stays_small(
    sales_client: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(25):
        ContactFactory()
    with django_assert_max_num_queries(6):
        first = sales_client.get(url("contact-lookup"), {"q": "first"}).json()
    second = sales_client.get(url("contact-lookup"), {"q": "first", "page": "2"}).json()
    assert (len(first["results"]), first["pagination"]["more"]) == (20, True)
    assert (len(second["results"]), second["pagination"]["more"]) == (5, False)
