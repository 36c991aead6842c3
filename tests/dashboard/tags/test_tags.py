"""The pages of tags."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from oscar_crm.groups import MANAGER, PERMISSIONS, SALES
from oscar_crm.models import Contact, Tag
from oscar_crm.test.factories import AccountFactory, ContactFactory, TagFactory, make_staff

pytestmark = pytest.mark.django_db

LIST = "/dashboard/crm/tags/"
CREATE = f"{LIST}create/"


def url(name: str, tag: Tag) -> str:
    return reverse(f"dashboard:crm-tag-{name}", args=[tag.pk])


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make_staff(*PERMISSIONS[MANAGER]))
    return client


@pytest.fixture
def vip() -> Tag:
    tag: Tag = TagFactory(name="VIP", colour="#d62728")
    return tag


def test_the_list_tells_how_many_contacts_and_accounts_carry_a_tag(
    manager: Client, vip: Tag
) -> None:
    for _ in range(3):
        ContactFactory(tags=[vip])
    ContactFactory(tags=[vip], archived_at=timezone.now())
    AccountFactory(tags=[vip])
    TagFactory(name="Press")

    rows = manager.get(LIST).context["page"].rows

    assert [(t.name, t.contact_count, t.account_count) for t in rows] == [
        ("Press", 0, 0),
        ("VIP", 3, 1),
    ]


def test_the_counts_leave_out_what_others_own(client: Client, vip: Tag) -> None:
    ContactFactory(tags=[vip], owner=make_staff())
    ContactFactory(tags=[vip])
    AccountFactory(tags=[vip], owner=make_staff())
    client.force_login(make_staff(*PERMISSIONS[SALES]))

    (row,) = client.get(LIST).context["page"].rows

    assert (row.contact_count, row.account_count) == (1, 0)


def test_a_tag_leads_to_its_contacts(manager: Client, vip: Tag) -> None:
    ContactFactory(first_name="Tagged", tags=[vip])
    ContactFactory(first_name="Other")
    assert f"/dashboard/crm/contacts/?tag={vip.pk}" in manager.get(LIST).content.decode()

    rows = manager.get("/dashboard/crm/contacts/", {"tag": vip.pk}).context["page"].rows

    assert [contact.first_name for contact in rows] == ["Tagged"]


def test_without_the_permission_for_contacts_a_tag_leads_nowhere(client: Client, vip: Tag) -> None:
    client.force_login(make_staff("view_tag"))

    page = client.get(LIST).content.decode()

    assert "VIP" in page
    assert "contacts/?tag=" not in page


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_takes_a_fixed_number_of_queries(
    manager: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        ContactFactory(tags=[TagFactory()])
    with django_assert_max_num_queries(6):
        assert manager.get(LIST).status_code == 200


def test_the_list_is_walked_in_pages(manager: Client, settings: Any) -> None:
    settings.OSCAR_DASHBOARD_ITEMS_PER_PAGE = 2
    for name in "abc":
        TagFactory(name=name)
    first = manager.get(LIST)
    assert "3 tags" in first.content.decode()

    second = manager.get(LIST, {"after": first.context["page"].after})

    assert [tag.name for tag in second.context["page"].rows] == ["c"]


def test_an_empty_list_says_what_tags_are_for(manager: Client) -> None:
    page = manager.get(LIST).content.decode()

    assert "No tags yet" in page
    assert CREATE in page


def test_a_tag_is_made_with_a_colour_of_the_palette(manager: Client) -> None:
    response = manager.post(CREATE, {"name": "Press", "palette": "#2ca02c", "other": "#000000"})

    assert response.url == LIST
    assert "“Press” is saved" in told(response)
    assert Tag.objects.get().colour == "#2ca02c"


def test_a_tag_is_made_with_any_other_colour(manager: Client) -> None:
    manager.post(CREATE, {"name": "Press", "palette": "other", "other": "#abcdef"})

    assert Tag.objects.get().colour == "#abcdef"


def test_the_form_of_a_new_tag_offers_a_colour_few_have(manager: Client) -> None:
    TagFactory(colour="#1f77b4")

    assert manager.get(CREATE).context["form"]["palette"].value() == "#2ca02c"


def test_the_preview_shows_the_tag_and_saves_nothing(manager: Client) -> None:
    data = {"name": "Press", "palette": "other", "other": "#ffffff", "preview": "1"}

    page = manager.post(CREATE, data).content.decode()

    assert 'style="background-color: #ffffff; color: #000000">Press</span>' in page
    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 10_000}, "at most 50 characters"),
        ({"name": "\u200b"}, "1 to 50 characters"),
        ({"name": "vip"}, "There is a tag “VIP” already."),
        ({"palette": "#123456"}, "Select a valid choice"),
        ({"palette": ""}, "Choose a colour."),
        ({"palette": "other", "other": ""}, "Choose a colour."),
        ({"palette": "other", "other": "red"}, "six digits"),
    ],
)
def test_what_makes_no_tag_is_refused_with_the_reason(
    manager: Client, vip: Tag, data: dict[str, str], message: str
) -> None:
    good = {"name": "Press", "palette": "#2ca02c", "other": "#000000"}

    response = manager.post(CREATE, {**good, **data})

    assert message in response.content.decode()
    assert Tag.objects.get() == vip


def test_a_tag_is_renamed_and_recoloured(manager: Client, vip: Tag) -> None:
    form = manager.get(url("update", vip)).context["form"]
    assert (form["name"].value(), form["palette"].value()) == ("VIP", "#d62728")

    manager.post(url("update", vip), {"name": "Very important", "palette": "#2ca02c"})

    vip.refresh_from_db()
    assert (vip.name, vip.key, vip.colour) == ("Very important", "very important", "#2ca02c")


def test_a_colour_beyond_the_palette_is_shown_as_such(manager: Client) -> None:
    tag = TagFactory(colour="#abcdef")

    form = manager.get(url("update", tag)).context["form"]

    assert (form["palette"].value(), form["other"].value()) == ("other", "#abcdef")


def test_a_name_that_is_taken_offers_to_merge(manager: Client, vip: Tag) -> None:
    other = TagFactory(name="Important")

    page = manager.post(url("update", other), {"name": "vip", "palette": "#2ca02c"})

    assert f'href="{url("merge", other)}?into={vip.pk}"' in page.content.decode()
    other.refresh_from_db()
    assert other.name == "Important"


def test_who_may_not_delete_tags_is_not_offered_to_merge(client: Client, vip: Tag) -> None:
    client.force_login(make_staff("view_tag", "change_tag"))
    other = TagFactory(name="Important")

    page = client.post(url("update", other), {"name": "vip", "palette": "#2ca02c"})

    assert "Ask a manager to merge the two" in page.content.decode()


def test_two_tags_become_one(manager: Client, vip: Tag) -> None:
    other = TagFactory(name="Important")
    contact = ContactFactory(tags=[other])
    page = manager.get(url("merge", other), {"into": vip.pk})
    assert page.context["form"]["into"].value() == str(vip.pk)
    assert "is on 1 contact." in page.content.decode()

    response = manager.post(url("merge", other), {"into": vip.pk})

    assert "“Important” is now “VIP”" in told(response)
    assert list(contact.tags.all()) == [vip]


@pytest.mark.parametrize("into", ["", "itself", "999999", "x"])
def test_a_tag_is_merged_only_into_another(manager: Client, vip: Tag, into: str) -> None:
    response = manager.post(url("merge", vip), {"into": vip.pk if into == "itself" else into})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert Tag.objects.get() == vip


def test_deleting_says_how_many_lose_the_tag(manager: Client, vip: Tag) -> None:
    for _ in range(2):
        ContactFactory(tags=[vip])
    AccountFactory(tags=[vip])
    page = manager.get(url("delete", vip)).content.decode()
    assert "taken off 2 contacts and 1 account" in page
    assert Tag.objects.exists()

    response = manager.post(url("delete", vip))

    assert "“VIP” is deleted" in told(response)
    assert not Tag.objects.exists()
    assert not Contact.tags.through.objects.exists()


def test_who_may_only_look_gets_no_column_of_buttons(client: Client) -> None:
    TagFactory(name="VIP")
    client.force_login(make_staff("view_tag"))
    assert "Actions" not in client.get("/dashboard/crm/tags/").content.decode()

    client.force_login(make_staff("view_tag", "change_tag"))
    assert "Actions" in client.get("/dashboard/crm/tags/").content.decode()
