"""The pages of custom fields, and the fields on the pages of contacts."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from oscar_crm.groups import MANAGER, PERMISSIONS
from oscar_crm.models import Contact, CustomField, Segment
from oscar_crm.services.contacts import update_contact
from oscar_crm.test.factories import ContactFactory, CustomFieldFactory, make_staff

pytestmark = pytest.mark.django_db

LIST = "/dashboard/crm/custom-fields/"
CREATE = f"{LIST}create/"
CONTACTS = "/dashboard/crm/contacts/"
NEW = f"{CONTACTS}create/"


def url(name: str, field: CustomField) -> str:
    return reverse(f"dashboard:crm-custom-field-{name}", args=[field.pk])


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def user() -> Any:
    return make_staff(*PERMISSIONS[MANAGER], first_name="Mara")


@pytest.fixture
def manager(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def tier() -> CustomField:
    field: CustomField = CustomFieldFactory(
        label="Tier", kind="choice", choices=["Gold", "Silver"], position=0
    )
    return field


@pytest.fixture
def fields(tier: CustomField) -> list[CustomField]:
    return [
        tier,
        CustomFieldFactory(label="Budget", kind="number", position=1),
        CustomFieldFactory(label="Born", kind="date", position=2),
        CustomFieldFactory(label="Catalogue", kind="boolean", position=3),
        CustomFieldFactory(label="Hobby", position=4),
    ]


def test_a_field_is_added_and_stands_in_the_form_without_a_migration(manager: Client) -> None:
    data = {"area": "contact", "label": "Tier", "kind": "choice", "choices": "Gold\r\n\r\nSilver"}

    response = manager.post(CREATE, data)

    assert response.url == LIST
    assert "“Tier” is saved" in told(response)
    field = manager.get(NEW).context["form"].fields["custom_tier"]
    assert [value for value, _label in field.choices] == ["", "Gold", "Silver"]


def test_the_list_shows_the_fields_of_each_area_in_order(
    manager: Client, fields: list[CustomField]
) -> None:
    CustomFieldFactory(area="account", label="Rating")

    groups = manager.get(LIST).context["groups"]

    assert [[field.label for field in group["fields"]] for group in groups] == [
        ["Tier", "Budget", "Born", "Catalogue", "Hobby"],
        ["Rating"],
    ]


def test_a_field_is_moved_by_its_buttons(manager: Client, fields: list[CustomField]) -> None:
    manager.post(url("move", fields[1]), {"direction": "up"})
    manager.post(url("move", fields[2]), {"direction": "down"})

    labels = [field.label for field in CustomField.objects.all()]
    assert labels == ["Budget", "Tier", "Catalogue", "Born", "Hobby"]


@pytest.mark.parametrize(
    ("data", "field", "message"),
    [
        ({"label": ""}, "label", "required"),
        ({"label": "x" * 10_000}, "label", "at most 100"),
        ({"label": "tier"}, "label", "already"),
        ({"kind": "colour"}, "kind", "valid choice"),
        ({"area": "shop"}, "area", "valid choice"),
        ({"kind": "choice", "choices": " \n "}, "choices", "at least one"),
        ({"kind": "choice", "choices": "a\nA"}, "choices", "twice"),
        ({"kind": "choice", "choices": "x" * 20_000}, "choices", "at most"),
    ],
)
def test_what_makes_no_field_is_refused_at_its_place(
    manager: Client, tier: CustomField, data: dict[str, str], field: str, message: str
) -> None:
    good = {"area": "contact", "label": "New", "kind": "text", "choices": ""}

    form = manager.post(CREATE, {**good, **data}).context["form"]

    assert message in " ".join(form.errors[field])
    assert CustomField.objects.get() == tier


def test_choices_are_renamed_removed_and_added_in_one_go(
    manager: Client, tier: CustomField
) -> None:
    gold, silver = (ContactFactory(custom={"tier": name}) for name in ("Gold", "Silver"))
    data = {
        **{"label": "Group", "name_0": "Platinum", "fate_0": ""},
        **{"name_1": "Silver", "fate_1": "0", "choices": "Iron"},
    }

    assert manager.post(url("update", tier), data).status_code == 302

    tier.refresh_from_db()
    assert (tier.label, tier.choices) == ("Group", ["Platinum", "Iron"])
    for contact in (gold, silver):
        contact.refresh_from_db()
        assert contact.custom == {"tier": "Platinum"}


def test_a_choice_in_use_is_removed_only_by_saying_what_becomes_of_it(
    manager: Client, tier: CustomField
) -> None:
    contact = ContactFactory(custom={"tier": "Gold"})
    data = {"label": "Tier", "name_0": "Gold", "fate_0": "unused", "name_1": "Silver"}
    page = manager.post(url("update", tier), data).content.decode()
    assert "“Gold” is in use" in page

    manager.post(url("update", tier), {**data, "fate_0": "keep"})

    page = manager.get(contact.get_absolute_url()).content.decode()
    assert "<dd>Gold</dd>" in page
    form = manager.get(f"{contact.get_absolute_url()}edit/").context["form"]
    assert ("Gold", "Gold (no longer a choice)") in form.fields["custom_tier"].choices


def test_a_field_is_deleted_after_saying_how_many_values_go(
    manager: Client, tier: CustomField
) -> None:
    contact = ContactFactory(custom={"tier": "Gold"})
    assert "It is filled in once" in manager.get(url("delete", tier)).content.decode()

    manager.post(url("delete", tier))

    contact.refresh_from_db()
    assert contact.custom == {}
    assert "<dt>Tier</dt>" not in manager.get(contact.get_absolute_url()).content.decode()


def test_a_field_that_a_segment_uses_is_not_deleted(manager: Client, tier: CustomField) -> None:
    custom = {"tier": {"kind": "choice", "is": "Gold"}}
    wanted = {"version": 1, "conditions": {"custom": custom}}
    Segment.objects.create(name="Best", key="best", filter=wanted, is_shared=True)
    Segment.objects.create(name="Secret", key="secret", filter=wanted, owner=make_staff())
    page = manager.get(url("delete", tier)).content.decode()
    assert "<li>Best</li>" in page
    assert "1 private one of a colleague" in page
    assert "Secret" not in page

    response = manager.post(url("delete", tier))

    assert "“Best”" in told(response)
    assert CustomField.objects.exists()


GIVEN = {
    "custom_tier": "Gold",
    "custom_budget": "1234.50",
    "custom_born": "1990-05-01",
    "custom_catalogue": "no",
    "custom_hobby": " chess ",
}


def test_values_are_given_in_the_form_and_shown_on_the_page(
    manager: Client, fields: list[CustomField]
) -> None:
    response = manager.post(NEW, {"kind": "lead", "first_name": "Ada", **GIVEN})

    contact = Contact.objects.get()
    assert contact.custom == {
        "tier": "Gold",
        "budget": "1234.5",
        "born": "1990-05-01",
        "catalogue": False,
        "hobby": "chess",
    }
    page = manager.get(response.url).content.decode()
    for text in ("Gold", "1,234.5", "May 1, 1990", "<dd>No</dd>", "chess"):
        assert text in page


def edit(client: Client, contact: Contact) -> tuple[str, dict[str, Any]]:
    """The form's address, and what the browser would send back from it."""
    address = f"{contact.get_absolute_url()}edit/"
    form = client.get(address).context["form"]
    values = {field.name: field.value() for field in form}
    return address, {name: "" if value is None else value for name, value in values.items()}


def test_the_form_sends_back_what_it_shows(manager: Client, fields: list[CustomField]) -> None:
    manager.post(NEW, {"kind": "lead", "first_name": "Ada", **GIVEN})
    contact = Contact.objects.get()
    before = dict(contact.custom)

    address, data = edit(manager, contact)
    assert data["custom_catalogue"] == "no"
    assert manager.post(address, data).status_code == 302

    contact.refresh_from_db()
    assert (contact.custom, contact.version) == (before, 1)


def test_values_are_taken_away_in_the_form(manager: Client, fields: list[CustomField]) -> None:
    contact = ContactFactory(custom={"tier": "Gold", "catalogue": True, "hobby": "chess"})
    address, data = edit(manager, contact)

    manager.post(address, {**data, "custom_tier": "", "custom_catalogue": "", "custom_hobby": ""})

    contact.refresh_from_db()
    assert contact.custom == {}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("custom_budget", "much", "Enter a number"),
        ("custom_budget", "1" * 30, "no more than 15 digits"),
        ("custom_budget", "0.12345", "no more than 4 decimal places"),
        ("custom_born", "31.12.2026", "Write it as 2026-12-31"),
        ("custom_tier", "Bronze", "Choose one of the list"),
        ("custom_catalogue", "perhaps", "Choose one of the list"),
        ("custom_hobby", "x" * 10_000, "at most 1000 characters"),
        ("custom_hobby", "a\x00b", "Null characters"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_beside_its_field(
    manager: Client, fields: list[CustomField], name: str, value: str, message: str
) -> None:
    form = manager.post(NEW, {"kind": "lead", "first_name": "Ada", name: value}).context["form"]

    assert message in " ".join(form.errors[name])
    assert not Contact.objects.exists()


def test_a_conflict_tells_the_stored_values_by_label(
    manager: Client, user: Any, fields: list[CustomField]
) -> None:
    contact = ContactFactory(custom={"tier": "Gold"})
    address, data = edit(manager, contact)
    update_contact(contact, {}, custom={"tier": "Silver", "catalogue": True}, by=user)

    page = manager.post(address, data).content.decode()

    assert "Tier is now: Silver" in page
    assert "Catalogue is now: Yes" in page
    assert "Budget is now" not in page


def test_the_timeline_names_the_field_not_its_key(
    manager: Client, user: Any, tier: CustomField
) -> None:
    contact = ContactFactory()
    update_contact(contact, {}, custom={"tier": "Gold"}, by=user)
    CustomField.objects.update(label="Price group")

    assert "Price group set to “Gold”" in manager.get(contact.get_absolute_url()).content.decode()


def names(response: Any) -> list[str]:
    return sorted(contact.first_name for contact in response.context["page"].rows)


@pytest.mark.parametrize(
    ("query", "expected", "chip"),
    [
        ({"custom_tier": "Gold"}, ["rich"], "Tier: Gold"),
        ({"custom_budget__min": "50"}, ["rich"], "Budget from: 50"),
        ({"custom_budget__max": "50"}, ["poor"], "Budget to: 50"),
        ({"custom_born__min": "1990-01-01"}, ["poor"], "Born from: 01/01/1990"),
        ({"custom_catalogue": "yes"}, ["rich"], "Catalogue: Yes"),
        ({"custom_catalogue": "no"}, ["poor"], "Catalogue: No"),
        ({"custom_hobby": "CHE"}, ["rich"], "Hobby: CHE"),
    ],
)
def test_the_list_is_narrowed_down_by_custom_fields(
    manager: Client,
    fields: list[CustomField],
    query: dict[str, str],
    expected: list[str],
    chip: str,
) -> None:
    rich = {"tier": "Gold", "budget": "100", "born": "1980-01-01", "catalogue": True}
    ContactFactory(first_name="rich", custom={**rich, "hobby": "chess"})
    poor = {"tier": "Silver", "budget": "9", "born": "1995-01-01", "catalogue": False}
    ContactFactory(first_name="poor", custom=poor)
    ContactFactory(first_name="none")

    response = manager.get(CONTACTS, query)

    assert names(response) == expected
    assert [(chip.text, chip.query) for chip in response.context["chips"]] == [(chip, "?")]
    assert response.context["panel_open"]


def test_a_range_that_ends_before_it_begins_is_said_to_be_wrong(
    manager: Client, fields: list[CustomField]
) -> None:
    query = {"custom_budget__min": "5", "custom_budget__max": "4"}

    form = manager.get(CONTACTS, query).context["form"]

    assert "below the beginning" in " ".join(form.errors["custom_budget__max"])


def test_the_values_of_others_contacts_are_not_found(
    client: Client, fields: list[CustomField]
) -> None:
    ContactFactory(custom={"hobby": "secret"}, owner=make_staff())
    client.force_login(make_staff("view_contact"))

    assert names(client.get(CONTACTS, {"custom_hobby": "secret"})) == []


@pytest.mark.parametrize("count", [0, 50])
def test_pages_of_contacts_cost_no_query_more_with_custom_fields(
    manager: Client, user: Any, django_assert_max_num_queries: Any, count: int
) -> None:
    contact = ContactFactory(owner=user)
    for number in range(count):
        CustomFieldFactory(label=f"f{number}", kind="choice", choices=["a"])
    update_contact(contact, {}, custom={f"f{n}": "a" for n in range(count)}, by=user)
    for address, most in [
        (CONTACTS, 10),
        (contact.get_absolute_url(), 14),
        (f"{contact.get_absolute_url()}edit/", 10),
    ]:
        with django_assert_max_num_queries(most):
            assert manager.get(address).status_code == 200
