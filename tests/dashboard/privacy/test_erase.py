"""The pages of erasure and export over HTTP."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse
from oscar.test.factories import UserFactory

from oscar_crm.models import Contact, ContactUser, Erasure
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import (
    ContactFactory,
    ErasureFactory,
    NoteFactory,
    OrderLinkFactory,
    make_order,
    make_staff,
)

pytestmark = pytest.mark.django_db
ERASERS = ("view_contact", "erase_contacts", "view_erasure")


def url(name: str, *args: Any) -> str:
    return str(reverse(f"dashboard:crm-{name}", args=args))


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_preview_says_what_goes_and_what_stays_and_changes_nothing(desk: Client) -> None:
    contact = sync_order(make_order("ada@example.com")).contact
    NoteFactory.create_batch(3, contact=contact)

    page = desk.get(url("contact-erase", contact.pk))

    assert ("Notes", "3") in page.context["going"]
    assert ("E-mail addresses", "1") in page.context["going"]
    kinds = {kind.model: (kind.count, why) for kind, why in page.context["staying"]}
    assert kinds["OrderLink"][0] == 1
    assert "the law wants orders kept" in kinds["OrderLink"][1]
    assert Contact.objects.get().erased_at is None


def test_the_typed_word_erases_and_leads_to_the_certificate(desk: Client, manager: Any) -> None:
    contact = ContactFactory(first_name="Zerlina")

    page = desk.post(
        url("contact-erase", contact.pk),
        {"confirmation": " erase ", "reason": "Asked"},
        follow=True,
    )

    erasure = Erasure.objects.get()
    assert page.redirect_chain == [(url("erasure-detail", erasure.pk), 302)]
    assert str(erasure.reference) in text_of(page)
    assert "Mara Manager" in text_of(page)
    assert "Zerlina" not in text_of(page)


@pytest.mark.parametrize("typed", ["", "yes", "ERASED", "x" * 51])
def test_without_the_word_nothing_is_erased(desk: Client, typed: str) -> None:
    contact = ContactFactory(first_name="Ada")

    page = desk.post(url("contact-erase", contact.pk), {"confirmation": typed})

    assert page.status_code == 200
    assert page.context["form"].errors["confirmation"]
    assert Contact.objects.get().first_name == "Ada"


def test_the_choices_beyond_the_crm_are_offered_only_where_there_is_something(
    desk: Client,
) -> None:
    alone = ContactFactory()
    buyer = sync_order(make_order("", user=UserFactory(email="b@example.com"))).contact

    fields = [
        set(desk.get(url("contact-erase", contact.pk)).context["form"].fields)
        for contact in (alone, buyer)
    ]

    beyond = {"blank_shop_orders", "delete_shop_users"}
    assert [found & beyond for found in fields] == [set(), beyond]


def test_an_account_of_staff_is_not_offered_for_deletion(desk: Client) -> None:
    user = UserFactory(email="boss@example.com", is_staff=True)
    contact = sync_order(make_order("", user=user)).contact

    page = desk.get(url("contact-erase", contact.pk))

    assert "delete_shop_users" not in page.context["form"].fields
    assert "belongs to staff" in text_of(page)


def test_an_account_that_became_staff_meanwhile_is_refused_in_words(desk: Client) -> None:
    contact = sync_order(make_order("", user=UserFactory(email="b@example.com"))).contact
    ContactUser.objects.create(contact=contact, user=UserFactory(is_staff=True), basis="staff")

    page = desk.post(
        url("contact-erase", contact.pk), {"confirmation": "ERASE", "delete_shop_users": "on"}
    )

    assert "belongs to staff and is not deleted here" in text_of(page)
    assert Contact.objects.get(pk=contact.pk).erased_at is None


def test_an_erased_contact_leads_back_to_its_page(desk: Client) -> None:
    contact = ContactFactory()
    desk.post(url("contact-erase", contact.pk), {"confirmation": "ERASE"})

    for page in (
        desk.get(url("contact-erase", contact.pk), follow=True),
        desk.post(url("contact-erase", contact.pk), {"confirmation": "ERASE"}, follow=True),
        desk.post(url("contact-export", contact.pk), follow=True),
        desk.post(url("contact-archive", contact.pk), follow=True),
        desk.post(url("contact-tag-add", contact.pk), {"name": "VIP"}, follow=True),
        desk.post(url("note-create", contact.pk), {"body": "Her again"}, follow=True),
    ):
        assert page.redirect_chain[-1][0] == contact.get_absolute_url()
        assert "was erased" in text_of(page)
    assert Erasure.objects.count() == 1


def test_the_page_of_an_erased_contact_offers_nothing_to_fill_in(desk: Client) -> None:
    contact = ContactFactory()
    desk.post(url("contact-erase", contact.pk), {"confirmation": "ERASE"})

    page = text_of(desk.get(contact.get_absolute_url()))

    assert "belongs to nobody" in page
    for gone in ("contact-update", "contact-archive", "contact-tag-add", "note-create"):
        assert f'"{url(gone, contact.pk)}"' not in page
    assert url("erasure-detail", Erasure.objects.get().pk) in page


def test_several_are_erased_with_one_preview_and_one_confirmation(desk: Client) -> None:
    chosen = ContactFactory.create_batch(3)
    kept = ContactFactory(first_name="Kept")
    ids = [contact.pk for contact in chosen]

    page = desk.get(url("several-erase"), {"contact": ids})
    assert [contact.pk for contact in page.context["preview"].contacts] == ids
    page = desk.post(url("several-erase"), {"contact": ids, "confirmation": "ERASE"}, follow=True)

    assert "The personal data of 3 contacts is erased." in text_of(page)
    assert Erasure.objects.count() == 3
    assert Contact.objects.get(erased_at=None) == kept


@pytest.mark.parametrize("ids", [[], ["x"], ["999999"], ["9" * 40], ["-1"], ["\x00"]])
def test_nobody_chosen_is_told(desk: Client, ids: list[str]) -> None:
    page = desk.get(url("several-erase"), {"contact": ids}, follow=True)
    assert "Choose at least one contact" in text_of(page)


def test_more_than_fifty_are_refused(desk: Client) -> None:
    ContactFactory()
    page = desk.post(
        url("several-erase"), {"contact": range(51), "confirmation": "ERASE"}, follow=True
    )
    assert "at most 50" in text_of(page)
    assert not Erasure.objects.exists()


def test_the_contacts_of_others_are_never_erased_together_with_ones_own(
    log_in: Callable[..., Client], manager: Any
) -> None:
    hidden = ContactFactory(owner=manager, first_name="Hidden")
    mine = ContactFactory(first_name="Mine")
    client = log_in(*ERASERS)
    ids = {"contact": [hidden.pk, mine.pk]}

    page = text_of(client.get(url("several-erase"), ids))
    assert "Mine" in page
    assert "Hidden" not in page
    client.post(url("several-erase"), {**ids, "confirmation": "ERASE"})

    hidden.refresh_from_db()
    assert hidden.first_name == "Hidden"


def test_certificates_of_others_are_not_listed(log_in: Callable[..., Client], manager: Any) -> None:
    hidden = ErasureFactory(contact=ContactFactory(owner=manager), reason="A hidden reason")
    mine = ErasureFactory()
    orphan = ErasureFactory(contact=None)

    page = text_of(log_in(*ERASERS).get(url("erasure-list")))

    assert str(mine.reference) in page
    for certificate in (hidden, orphan):
        assert str(certificate.reference) not in page
    assert "hidden reason" not in page


def test_a_list_of_certificates_costs_the_same_for_any_length(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    ErasureFactory.create_batch(3)
    with django_assert_max_num_queries(9):
        desk.get(url("erasure-list"))
    ErasureFactory.create_batch(12)
    with django_assert_max_num_queries(9):
        desk.get(url("erasure-list"))


def test_a_preview_costs_the_same_for_any_number(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    for count in (2, 30):
        found = ContactFactory.create_batch(count)
        for contact in found:
            OrderLinkFactory.create_batch(2, contact=contact)
        with django_assert_max_num_queries(30):
            desk.get(url("several-erase"), {"contact": [contact.pk for contact in found]})


def test_the_export_is_a_zip_with_a_safe_name(desk: Client) -> None:
    contact = ContactFactory(first_name='Ada"; rm -rf /', last_name="../../etc")

    answer = desk.post(url("contact-export", contact.pk))

    assert answer["Content-Type"] == "application/zip"
    assert answer["Cache-Control"] == "no-store"
    assert f'attachment; filename="contact-{contact.pk}-' in answer["Content-Disposition"]
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:
        assert sorted(archive.namelist()) == [
            f"contact-{contact.pk}/personal-data.html",
            f"contact-{contact.pk}/personal-data.json",
        ]


def test_the_menu_shows_only_what_one_may_do(desk: Client, log_in: Callable[..., Client]) -> None:
    contact = ContactFactory()
    targets = {url("contact-export", contact.pk), url("contact-erase", contact.pk)}

    def offered(client: Client) -> set[str]:
        page = text_of(client.get(contact.get_absolute_url()))
        return {target for target in targets if target in page}

    assert offered(desk) == targets
    assert offered(log_in("view_contact")) == set()
    assert offered(log_in("view_contact", "export_contacts")) == {url("contact-export", contact.pk)}


def test_the_contact_page_stays_within_its_queries(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    contact = sync_order(make_order("ada@example.com")).contact
    with django_assert_max_num_queries(15):
        desk.get(contact.get_absolute_url())


def test_whoever_may_not_see_certificates_stays_on_the_contact(
    log_in: Callable[..., Client],
) -> None:
    contact = ContactFactory()
    client = log_in(user=make_staff("view_contact", "erase_contacts"))
    page = client.post(url("contact-erase", contact.pk), {"confirmation": "ERASE"}, follow=True)
    assert page.redirect_chain == [(contact.get_absolute_url(), 302)]


def test_no_order_is_given_to_an_erased_contact(desk: Client) -> None:
    contact, link = ContactFactory(), OrderLinkFactory(contact=None)
    desk.post(url("contact-erase", contact.pk), {"confirmation": "ERASE"})

    page = desk.post(url("order-assign", link.pk), {"contact": contact.pk})

    assert page.context["form"].errors["contact"]
    assert desk.get(url("contact-lookup")).json()["results"] == []
