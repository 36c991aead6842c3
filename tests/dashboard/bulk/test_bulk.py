"""Ticking contacts and changing them together, over HTTP."""

from typing import Any

import pytest
from django.test import Client

from oscar_crm.models import Contact, Operation, Tag
from oscar_crm.services import bulk_changes
from oscar_crm.test.factories import ContactFactory, SegmentFactory, TagFactory, make_staff

pytestmark = pytest.mark.django_db
URL = "/dashboard/crm/contacts/bulk/"
CONTACTS = "/dashboard/crm/contacts/"


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def tag(db: None) -> Tag:
    return TagFactory(name="VIP")


def names(tag: Tag) -> list[str]:
    return sorted(Contact.objects.filter(tags=tag).values_list("first_name", flat=True))


def test_the_preview_says_how_many_and_who_and_changes_nothing(
    manager_client: Client, tag: Tag
) -> None:
    ada, bob = ContactFactory(first_name="Ada"), ContactFactory(tags=[tag])
    response = manager_client.post(URL, {"what": f"tag:{tag.pk}", "ids": [ada.pk, bob.pk]})
    page = response.content.decode()
    for text in (
        "Put the tag “VIP” on",
        "1 contact will be changed",
        "1 is like that already",
        "Ada",
    ):
        assert text in page
    assert names(tag) == [bob.first_name]
    assert not Operation.objects.exists()


def test_ticked_contacts_are_changed_and_the_way_back_is_shown(
    manager_client: Client, tag: Tag
) -> None:
    ada = ContactFactory(first_name="Ada")
    ContactFactory()
    data = {"what": f"tag:{tag.pk}", "ids": [ada.pk], "query": "kind=lead", "confirm": "1"}
    response = manager_client.post(URL, data, follow=True)
    operation = Operation.objects.get()
    assert names(tag) == ["Ada"]
    assert response.redirect_chain == [(f"{CONTACTS}?kind=lead", 302)]
    assert "1 contact changed" in said(response)
    assert f"/dashboard/crm/operations/{operation.pk}/" in response.content.decode()
    assert operation.summary == "Put the tag “VIP” on"


def test_all_of_a_filtered_list_are_changed_beyond_the_page(
    manager_client: Client, tag: Tag, settings: Any
) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for _ in range(5):
        ContactFactory(kind="partner", first_name="P")
    ContactFactory(kind="lead")
    data = {"what": f"tag:{tag.pk}", "all": "on", "query": "kind=partner", "confirm": "1"}
    manager_client.post(URL, data)
    assert names(tag) == ["P"] * 5


def test_all_of_a_segment_are_changed(manager_client: Client, tag: Tag) -> None:
    segment = SegmentFactory(conditions={"country": "DE"})
    ContactFactory(country="DE", first_name="German", kind="partner")
    ContactFactory(country="DE", first_name="Lead")
    ContactFactory(country="FR", kind="partner")
    query = f"segment={segment.pk}&kind=partner"
    manager_client.post(URL, {"what": f"tag:{tag.pk}", "all": "on", "query": query, "confirm": "1"})
    assert names(tag) == ["German"]


def test_anothers_private_segment_is_not_found(manager_client: Client, sales: Any) -> None:
    private = SegmentFactory(owner=sales, is_shared=False)
    data = {"what": "archive", "all": "on", "query": f"segment={private.pk}", "confirm": "1"}
    assert manager_client.post(URL, data).status_code == 404


def test_guessed_ids_of_hidden_contacts_are_neither_shown_nor_touched(
    sales_client: Client, sales: Any, manager: Any, tag: Tag
) -> None:
    mine = ContactFactory(first_name="Mine", owner=sales)
    hidden = ContactFactory(first_name="Hidden", owner=manager)
    data = {"what": f"tag:{tag.pk}", "ids": [mine.pk, hidden.pk]}
    assert "Hidden" not in sales_client.post(URL, data).content.decode()
    sales_client.post(URL, {**data, "confirm": "1"})
    sales_client.post(URL, {"what": "archive", "all": "on", "confirm": "1"})
    assert names(tag) == ["Mine"]
    hidden.refresh_from_db()
    assert hidden.archived_at is None


def test_a_restricted_user_is_offered_no_colleagues(
    sales_client: Client, sales: Any, manager: Any
) -> None:
    mine = ContactFactory(owner=sales)
    page = sales_client.get(CONTACTS).content.decode()
    assert "Mara Manager" not in page
    response = sales_client.post(
        URL, {"what": f"owner:{manager.pk}", "ids": [mine.pk], "confirm": "1"}, follow=True
    )
    assert "no longer possible" in said(response)
    mine.refresh_from_db()
    assert mine.owner == sales


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"what": "archive"}, "Tick the contacts first"),
        ({"what": "archive", "ids": ["x", "-1", "1" * 40]}, "Tick the contacts first"),
        ({"ids": ["1"]}, "Choose what is to be done"),
        ({"what": "explode", "ids": ["1"]}, "no longer possible"),
        ({"what": "tag:999", "ids": ["1"]}, "no longer possible"),
        ({"what": "owner:999", "ids": ["1"]}, "no longer possible"),
        ({"what": "archive", "all": "on", "query": "value_min=abc"}, "Correct the filters"),
        ({"what": "archive", "all": "on", "query": "x" * 9_000}, "at most 8000"),
    ],
)
def test_what_cannot_be_done_is_told_on_the_list(
    manager_client: Client, data: dict[str, Any], error: str
) -> None:
    contact = ContactFactory()
    response = manager_client.post(URL, {**data, "confirm": "1"}, follow=True)
    assert error in said(response)
    contact.refresh_from_db()
    assert contact.archived_at is None
    assert not Operation.objects.exists()


def test_nothing_to_change_is_said(manager_client: Client, tag: Tag) -> None:
    contact = ContactFactory(tags=[tag])
    data = {"what": f"tag:{tag.pk}", "ids": [contact.pk]}
    assert "Nothing has to be changed" in manager_client.post(URL, data).content.decode()
    response = manager_client.post(URL, {**data, "confirm": "1"}, follow=True)
    assert "Nothing had to be changed" in said(response)


def test_who_may_not_change_contacts_has_no_boxes(client: Client) -> None:
    client.force_login(make_staff("view_contact"))
    ContactFactory()
    page = client.get(CONTACTS).content.decode()
    assert "crm-bulk" not in page
    assert 'name="ids"' not in page


def test_an_owner_from_the_list_is_given_the_contacts(manager_client: Client) -> None:
    successor = make_staff(first_name="Nora", last_name="Next")
    gone = make_staff(first_name="Gone", is_active=False)
    contact = ContactFactory()
    page = manager_client.get(CONTACTS).content.decode()
    assert f'value="owner:{successor.pk}"' in page
    assert f'value="owner:{gone.pk}"' not in page
    manager_client.post(URL, {"what": f"owner:{successor.pk}", "ids": [contact.pk], "confirm": "1"})
    contact.refresh_from_db()
    assert contact.owner == successor


@pytest.fixture
def long(monkeypatch: Any) -> list[Contact]:
    """Three contacts are too many to be changed at once, and a step changes two."""
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    monkeypatch.setattr("oscar_crm.dashboard.bulk.views.STEP_SIZE", 2)
    return [ContactFactory() for _ in range(3)]


def begin(client: Client, tag: Tag) -> Operation:
    response = client.post(URL, {"what": f"tag:{tag.pk}", "all": "on", "confirm": "1"})
    operation = Operation.objects.get()
    assert response["Location"] == f"{URL}{operation.pk}/?auto=1"
    return operation


def test_many_contacts_are_changed_step_by_step(
    manager_client: Client, tag: Tag, long: list[Contact]
) -> None:
    preview = manager_client.post(URL, {"what": f"tag:{tag.pk}", "all": "on"})
    assert "step by step" in preview.content.decode()
    operation = begin(manager_client, tag)
    page = f"{URL}{operation.pk}/"
    assert "data-starts-itself" in manager_client.get(f"{page}?auto=1").content.decode()
    first = manager_client.post(page, headers={"accept": "application/json"}).json()
    assert (first["percent"], first["finished"], len(names(tag))) == (66, False, 2)
    assert "2 of 3 contacts" in first["text"]
    assert "is not finished" in manager_client.get(CONTACTS).content.decode()
    assert "is not finished" in manager_client.get("/dashboard/crm/segments/").content.decode()
    response = manager_client.post(page, follow=True)  # without JavaScript
    assert "3 contacts changed" in response.content.decode()
    assert f"/dashboard/crm/operations/{operation.pk}/" in response.content.decode()
    assert "is not finished" not in manager_client.get(CONTACTS).content.decode()
    assert manager_client.post(page, headers={"accept": "application/json"}).json()["finished"]


def test_a_worker_is_asked_as_well(
    manager_client: Client, tag: Tag, long: list[Contact], settings: Any, monkeypatch: Any
) -> None:
    settings.OSCAR_CRM_ASYNC = True
    published: list[Any] = []
    monkeypatch.setattr("oscar_crm.broker.publish", lambda *args: published.append(args))
    operation = begin(manager_client, tag)
    assert published == [("oscar_crm.bulk_change", operation.pk)]


def test_only_who_began_a_change_goes_on_with_it(
    manager_client: Client, sales_client: Client, tag: Tag, long: list[Contact]
) -> None:
    operation = begin(manager_client, tag)
    for method in ("get", "post"):
        response = getattr(sales_client, method)(f"{URL}{operation.pk}/")
        assert response.status_code == 404


def test_the_timeline_tells_of_it(manager_client: Client, tag: Tag) -> None:
    contact = ContactFactory()
    for what in (f"tag:{tag.pk}", "archive", "restore", f"untag:{tag.pk}", "owner:"):
        manager_client.post(URL, {"what": what, "ids": [contact.pk], "confirm": "1"})
    page = manager_client.get(contact.get_absolute_url()).content.decode()
    for text in ("Tag “VIP” added", "Tag “VIP” removed", "Contact archived", "Contact restored"):
        assert text in page


def test_two_to_five_contacts_are_sent_to_be_merged(manager_client: Client) -> None:
    ids = [ContactFactory().pk for _ in range(6)]
    response = manager_client.post(URL, {"what": "merge", "ids": ids[:3]})
    assert response["Location"] == f"{CONTACTS}merge/?ids={ids[0]},{ids[1]},{ids[2]}"
    for wrong in (ids[:1], ids):
        response = manager_client.post(URL, {"what": "merge", "ids": wrong}, follow=True)
        assert "Tick two to five" in said(response)


def test_the_way_back_leads_nowhere_else(manager_client: Client) -> None:
    response = manager_client.post(URL, {"query": "https://evil.example/?a=b"})
    assert response["Location"].startswith(f"{CONTACTS}?")
