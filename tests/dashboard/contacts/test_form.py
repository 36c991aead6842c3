"""Making and changing contacts over HTTP."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from oscar_crm.models import Contact, Operation
from oscar_crm.test.factories import ContactFactory, make_staff

pytestmark = pytest.mark.django_db
CREATE = "/dashboard/crm/contacts/create/"


def edit_url(contact: Contact) -> str:
    return str(reverse("dashboard:crm-contact-update", args=[contact.pk]))


def edit_data(client: Client, contact: Contact, **changes: Any) -> dict[str, Any]:
    """What the browser sends back from the edit page, with some fields typed over."""
    form = client.get(edit_url(contact)).context["form"]
    values = {field.name: field.value() for field in form}
    return {k: "" if v is None else v for k, v in {**values, **changes}.items()}


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_a_contact_is_made_with_addresses_and_owner(
    sales_client: Client, sales: Any, germany: Any
) -> None:
    form = sales_client.get(CREATE).context["form"]
    assert form["owner"].value() == sales.pk
    data = {
        "kind": "partner",
        "first_name": "Ada",
        "last_name": "Byron",
        "phone": "(0171) 23 45",
        "emails": "ada@example.com\r\n\r\n  Two@Example.com ;\r\n",
        "owner": sales.pk,
        "country": "DE",
        "city": "Köln",
    }
    response = sales_client.post(CREATE, data)
    contact = Contact.objects.get()
    assert response.url == contact.get_absolute_url()
    assert "Ada Byron" in told(response)
    assert [e.address for e in contact.emails.all()] == ["ada@example.com", "Two@Example.com"]
    assert contact.primary_email == "ada@example.com"
    assert (contact.phone, contact.country, contact.owner) == ("(0171) 23 45", "DE", sales)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("first_name", "x" * 10_000, "at most 255 characters"),
        ("first_name", "a\x00b", "Null characters"),
        ("emails", "a\x00b@example.com", "Null characters"),
        ("emails", "not an address", "is not an e-mail address"),
        ("emails", "a" * 250 + "@example.com", "is not an e-mail address"),
        ("emails", "\n".join(f"a{n}@example.com" for n in range(51)), "50 e-mail addresses"),
        ("phone", "1" * 65, "at most 64 characters"),
        ("kind", "alien", "valid choice"),
        ("country", "XX", "valid choice"),
        ("owner", "999999", "valid choice"),
    ],
)
def test_bad_input_is_told_at_its_field_and_the_input_kept(
    sales_client: Client, field: str, value: str, says: str
) -> None:
    data = {"kind": "lead", "first_name": "Ada", "job_title": "Countess", field: value}
    response = sales_client.post(CREATE, data)
    assert response.status_code == 200
    assert says in " ".join(response.context["form"].errors[field])
    assert "Countess" in response.content.decode()
    assert not Contact.objects.exists()


def test_a_contact_needs_a_name_a_company_or_an_address(sales_client: Client) -> None:
    response = sales_client.post(CREATE, {"kind": "lead", "phone": "123"})
    assert "at least a name" in " ".join(response.context["form"].errors["first_name"])
    assert sales_client.post(CREATE, {"kind": "lead", "company_name": "Co"}).status_code == 302


def test_only_active_staff_can_own_contacts_and_a_former_owner_stays(
    manager_client: Client, manager: Any
) -> None:
    former = make_staff(first_name="Former", is_active=False)
    make_staff(first_name="Shopper", is_staff=False)
    form = manager_client.get(CREATE).context["form"]
    assert list(form.fields["owner"].queryset) == [manager]
    contact = ContactFactory(owner=former)
    response = manager_client.post(
        edit_url(contact), edit_data(manager_client, contact, job_title="Boss")
    )
    assert response.status_code == 302
    contact.refresh_from_db()
    assert contact.owner == former


def test_a_country_the_shop_does_not_know_survives_an_edit(manager_client: Client) -> None:
    contact = ContactFactory(country="ZZ")
    manager_client.post(edit_url(contact), edit_data(manager_client, contact, city="Oz"))
    contact.refresh_from_db()
    assert (contact.country, contact.city) == ("ZZ", "Oz")


def test_saving_without_a_change_writes_nothing(manager_client: Client) -> None:
    contact = ContactFactory(phone=" +49 (0) 171-5 ", emails=["a@example.com", "b@example.com"])
    Contact.objects.filter(pk=contact.pk).update(phone="+49 (0) 171-5")
    data = edit_data(manager_client, contact)
    assert manager_client.post(edit_url(contact), data).status_code == 302
    contact.refresh_from_db()
    assert contact.version == 1
    assert not Operation.objects.exists()


def test_an_address_of_another_contact_is_named_with_a_link(sales_client: Client) -> None:
    other = ContactFactory(first_name="<Eve>", emails=["eve@example.com"])
    data = {"kind": "lead", "first_name": "Ada", "emails": "EVE@example.com"}
    response = sales_client.post(CREATE, data)
    page = response.content.decode()
    assert f'<a href="{other.get_absolute_url()}">&lt;Eve&gt; ' in page
    assert Contact.objects.count() == 1


def test_an_address_of_a_hidden_contact_gives_nothing_away(
    sales_client: Client, manager: Any
) -> None:
    ContactFactory(first_name="Hidden", owner=manager, emails=["eve@example.com"])
    data = {"kind": "lead", "first_name": "Ada", "emails": "eve@example.com"}
    page = sales_client.post(CREATE, data).content.decode()
    assert "already in the CRM: ask a manager" in page
    assert "Hidden" not in page


def test_two_editors_the_second_is_told_and_may_save_again(
    manager_client: Client, sales_client: Client
) -> None:
    contact = ContactFactory(first_name="Ada", phone="1", job_title="")
    mine = edit_data(manager_client, contact, phone="2")
    theirs = edit_data(sales_client, contact, phone="3", job_title="Boss")
    assert sales_client.post(edit_url(contact), theirs).status_code == 302
    response = manager_client.post(edit_url(contact), mine)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Somebody else changed this contact" in page
    assert "Phone is now: 3" in page
    assert "Job title is now: Boss" in page
    assert response.context["form"]["phone"].value() == "2"
    contact.refresh_from_db()
    assert contact.phone == "3"
    again = {**mine, "version": response.context["form"]["version"].value()}
    assert manager_client.post(edit_url(contact), again).status_code == 302
    contact.refresh_from_db()
    assert contact.phone == "2"


def test_giving_a_contact_away_says_that_it_leaves_the_list(
    sales_client: Client, sales: Any, manager: Any
) -> None:
    contact = ContactFactory(owner=sales)
    assert "leaves your list" in sales_client.get(edit_url(contact)).content.decode()
    data = edit_data(sales_client, contact, owner=manager.pk)
    response = sales_client.post(edit_url(contact), data)
    assert response.url == reverse("dashboard:crm-contact-list")
    assert "has left your list" in told(response)


def test_cancel_leads_back_without_script(manager_client: Client) -> None:
    contact = ContactFactory()
    page = manager_client.get(edit_url(contact)).content.decode()
    assert f'class="btn btn-secondary" href="{contact.get_absolute_url()}"' in page
    assert "history.go" not in page


def test_a_colleagues_contact_cannot_be_changed(sales_client: Client, manager: Any) -> None:
    contact = ContactFactory(owner=manager)
    assert sales_client.get(edit_url(contact)).status_code == 404
    assert sales_client.post(edit_url(contact), {"first_name": "X"}).status_code == 404


def test_readers_get_no_form(reader_client: Client) -> None:
    contact = ContactFactory()
    assert reader_client.get(CREATE).status_code == 403
    assert reader_client.get(edit_url(contact)).status_code == 403
