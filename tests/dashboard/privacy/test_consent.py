"""Recording consent and keeping its purposes over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from oscar_crm.models import Consent, ConsentPurpose
from oscar_crm.test.factories import ConsentFactory, ConsentPurposeFactory, ContactFactory

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return str(reverse(f"dashboard:crm-{name}", args=args))


def text_of(response: Any) -> str:
    return str(response.content.decode())


def form_of(purpose: ConsentPurpose, **values: str) -> dict[str, str]:
    at = timezone.localtime() - timedelta(days=1)
    return {
        "purpose": str(purpose.pk), "what": "given", "source": "paper",
        "at": f"{at:%Y-%m-%dT%H:%M}", "note": "Fair", **values,
    }  # fmt: skip


def test_consent_is_recorded_and_shown_with_its_history(sales_desk: Client) -> None:
    contact, purpose = ContactFactory(), ConsentPurposeFactory(name="Newsletter")
    target = url("consent-create", contact.pk)

    page = sales_desk.post(target, form_of(purpose), follow=True)
    assert "Recorded: consent given to “Newsletter”." in text_of(page)
    page = sales_desk.post(target, form_of(purpose, what="withdrawn", source="phone"), follow=True)

    (state,) = page.context["consents"]
    assert not state.is_given
    assert [entry.source for entry in state.history] == ["phone", "paper"]
    text = text_of(page)
    assert "On paper" in text
    assert "Consent given to “Newsletter”, version 1" in text  # on the timeline


def test_the_form_comes_filled_in(sales_desk: Client) -> None:
    contact, purpose = ContactFactory(), ConsentPurposeFactory()
    query = {"purpose": purpose.pk, "what": "withdrawn"}

    form = sales_desk.get(url("consent-create", contact.pk), query).context["form"]

    assert (form.initial["purpose"], form.initial["what"]) == (purpose.pk, "withdrawn")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"purpose": "999999"}, "purpose"),
        ({"purpose": "x"}, "purpose"),
        ({"purpose": "9" * 30}, "purpose"),
        ({"what": ""}, "what"),
        ({"what": "maybe"}, "what"),
        ({"source": "hearsay"}, "source"),
        ({"at": ""}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2999-12-31T00:00"}, "at"),
        ({"at": "0001-01-01T00:00"}, "at"),
        ({"at": "9999-12-31T23:59"}, "at"),
        ({"note": "x" * 256}, "note"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_bad_input_is_told_at_its_field(
    sales_desk: Client, values: dict[str, str], field: str
) -> None:
    contact, purpose = ContactFactory(), ConsentPurposeFactory()

    page = sales_desk.post(url("consent-create", contact.pk), form_of(purpose) | values)

    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert not Consent.objects.exists()


@pytest.mark.parametrize("query", [{"purpose": "x"}, {"purpose": "9" * 40}, {"what": "\x00"}])
def test_a_bad_address_shows_an_empty_form(sales_desk: Client, query: dict[str, str]) -> None:
    page = sales_desk.get(url("consent-create", ContactFactory().pk), query)
    assert page.status_code == 200


def test_the_consents_of_a_colleagues_contact_are_not_found(
    sales_desk: Client, manager: Any
) -> None:
    contact, purpose = ContactFactory(owner=manager), ConsentPurposeFactory()
    assert sales_desk.post(url("consent-create", contact.pk), form_of(purpose)).status_code == 404
    assert not Consent.objects.exists()


def test_whoever_may_not_see_consent_sees_no_card(log_in: Callable[..., Client]) -> None:
    consent = ConsentFactory()
    page = text_of(log_in("view_contact").get(consent.contact.get_absolute_url()))
    assert "consent-heading" not in page


def test_a_purpose_is_made_changed_and_put_out_of_use(desk: Client) -> None:
    desk.post(url("purpose-create"), {"name": "Newsletter", "text": "May we?"})
    purpose = ConsentPurpose.objects.get()
    edit = url("purpose-update", purpose.pk)
    assert desk.get(edit).context["form"].initial["text"] == "May we?"

    page = desk.post(
        edit, {"name": "News", "text": "May we, weekly?", "position": "2"}, follow=True
    )

    assert "“News” is saved." in text_of(page)
    purpose.refresh_from_db()
    assert (purpose.name, purpose.position, purpose.is_active) == ("News", 2, False)
    assert "out of use" in text_of(page)
    assert "May we?" in text_of(desk.get(edit))  # the old version stays to be read


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "NEWSLETTER"}, "name"),
        ({"text": ""}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"position": "-1"}, "position"),
        ({"position": "first"}, "position"),
        ({"position": "9" * 30}, "position"),
    ],
)
def test_a_bad_purpose_is_told_at_its_field(
    desk: Client, values: dict[str, str], field: str
) -> None:
    ConsentPurposeFactory(name="Newsletter")
    page = desk.post(url("purpose-create"), {"name": "Phone", "text": "T", **values})
    assert page.context["form"].errors[field]
    assert ConsentPurpose.objects.count() == 1


def test_a_used_purpose_is_not_deleted(desk: Client) -> None:
    used, unused = ConsentFactory().text.purpose, ConsentPurposeFactory()
    assert "Put the purpose out of use instead" in text_of(desk.get(url("purpose-delete", used.pk)))

    for purpose in (used, unused):
        desk.post(url("purpose-delete", purpose.pk))

    assert list(ConsentPurpose.objects.all()) == [used]


def test_the_list_of_purposes_costs_the_same_for_any_length(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    for count in (2, 10):
        for purpose in ConsentPurposeFactory.create_batch(count):
            ConsentFactory(purpose=purpose)
        with django_assert_max_num_queries(9):
            page = desk.get(url("purpose-list"))
    assert len(page.context["rows"]) == 12
