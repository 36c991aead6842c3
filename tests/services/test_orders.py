"""Whose an order is: it becomes a contact, or comes to one."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from oscar.core.loading import get_model
from oscar.test.factories import BillingAddressFactory, ShippingAddressFactory, UserFactory

from oscar_crm.models import Contact, ContactUser, OrderLink, ValueEntry
from oscar_crm.services.orders import assign_order, sync_order
from oscar_crm.test.factories import ContactFactory, make_order, make_staff, refund_order
from tests.shop import synced

pytestmark = pytest.mark.django_db


def dump():
    """All rows the sync writes, to compare before and after."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Contact, ContactUser, OrderLink, ValueEntry)
    ]


def test_a_guest_order_makes_a_contact_with_name_phone_address_and_value(germany):
    address = ShippingAddressFactory(
        first_name="Jürgen",
        last_name="Müller",
        line1="Hauptstr. 5",
        line4="Köln",
        postcode="50667",
        country=germany,
        phone_number="+49 221 1234567",
    )
    order = make_order("Juergen@Example.com", "120.00", shipping_address=address)

    contact = synced(order)

    assert contact.full_name == "Jürgen Müller"
    assert contact.primary_email == "Juergen@Example.com"
    assert contact.phone == "+492211234567"
    assert (contact.line1, contact.city, contact.country) == ("Hauptstr. 5", "Köln", "DE")
    contact.refresh_from_db()
    assert contact.lifetime_value == D("120.00")
    assert contact.orders_count == 1
    assert contact.kind == Contact.Kind.CUSTOMER
    assert contact.first_order_at == contact.last_order_at == order.date_placed


def test_a_contact_dates_from_the_order_that_made_it():
    placed = timezone.now() - timedelta(days=400)

    assert synced(make_order(date_placed=placed)).created_at == placed
    future = synced(make_order("b@example.com", date_placed=timezone.now() + timedelta(days=9)))
    assert future.created_at <= timezone.now()


def test_syncing_twice_changes_no_row():
    order = make_order(total="120.00")
    refund_order(order, "20.00")
    sync_order(order)
    before = dump()

    sync_order(order)
    assert dump() == before

    sync_order(order, force=True)
    OrderLink.objects.update(synced_at=before[2][0]["synced_at"])
    assert dump() == before


def test_two_orders_of_one_address_in_any_spelling_belong_to_one_contact():
    one = synced(make_order("Ada@Example.com", "10.00"))
    other = synced(make_order(" ada@example.COM", "5.50"))

    other.refresh_from_db()
    assert one == other
    assert other.lifetime_value == D("15.50")
    assert other.orders_count == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul@example.com", "istanbul@example.com"),
        ("ÜBER@example.com", "über@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
    ],
)
def test_addresses_meet_across_case_in_any_script(one, other):
    assert synced(make_order(one)) == synced(make_order(other))


def test_addresses_that_differ_in_an_accent_are_two_people():
    assert synced(make_order("jose@example.com")) != synced(make_order("josé@example.com"))


@pytest.mark.parametrize(
    "address",
    ["x" * 242 + "@example.com", "İ" * 242 + "@example.com", "ΐ" * 242 + "@example.com"],
    ids=["ascii", "dotted capital I", "iota with dialytika and tonos"],
)
def test_addresses_of_254_characters_are_kept_whole(address):
    assert len(address) == 254

    assert synced(make_order(address)).primary_email == address


@pytest.mark.parametrize("name", ["王小明", "Ольга", "Ωμέγα", "محمد", "O'Brien-Ñandú"])
def test_names_in_any_script_are_kept_and_found_by_search(name):
    from oscar_crm.queries.contacts import search

    address = ShippingAddressFactory(first_name=name, last_name="")

    contact = synced(make_order(shipping_address=address))

    assert contact.first_name == name
    assert list(search(Contact.objects.all(), name)) == [contact]


def test_an_order_without_email_and_account_is_listed_with_the_reason():
    link = sync_order(make_order(""))

    assert link.contact is None
    assert link.problem == OrderLink.Problem.NO_EMAIL
    assert ValueEntry.objects.get().contact is None


def test_an_order_with_an_unusable_address_is_listed_with_the_reason():
    assert sync_order(make_order("nobody")).problem == OrderLink.Problem.BAD_EMAIL


def test_an_order_gets_its_contact_once_it_has_an_address():
    order = make_order("")
    sync_order(order)
    get_model("order", "Order").objects.filter(pk=order.pk).update(guest_email="ada@example.com")

    link = sync_order(order)

    assert link.problem == ""
    link.contact.refresh_from_db()
    assert link.contact.lifetime_value == D("120.00")


def test_the_link_is_trusted_when_the_order_changes_hands():
    order = make_order("ada@example.com")
    contact = synced(order)
    get_model("order", "Order").objects.filter(pk=order.pk).update(guest_email="eve@example.com")

    assert synced(order) == contact


def test_an_account_without_address_becomes_a_contact_found_by_account():
    user = UserFactory(email="", first_name="Ada", last_name="Byron")

    contact = synced(make_order("", user=user))

    assert contact.full_name == "Ada Byron"
    assert synced(make_order("", user=user)) == contact


def test_an_account_decides_before_the_address():
    user = UserFactory(email="ada@example.com")
    contact = synced(make_order("", user=user))
    user.email = "new@example.com"
    user.save()

    assert synced(make_order("", user=user)) == contact
    assert {e.address for e in contact.emails.all()} == {"ada@example.com", "new@example.com"}


def test_a_changed_profile_address_never_takes_one_from_another_contact():
    other = synced(make_order("grace@example.com"))
    user = UserFactory(email="ada@example.com")
    contact = synced(make_order("", user=user))
    user.email = "grace@example.com"
    user.save()

    assert synced(make_order("", user=user)) == contact
    assert [e.address for e in other.emails.all()] == ["grace@example.com"]


def test_an_order_of_a_logged_in_customer_proves_the_account():
    contact = synced(make_order("", user=UserFactory(email="ada@example.com")))

    assert contact.shop_accounts.get().basis == ContactUser.Basis.ORDERED


def test_an_account_that_joins_a_guests_contact_proves_nothing():
    guest = synced(make_order("ada@example.com"))

    contact = synced(make_order("", user=UserFactory(email="ada@example.com")))

    assert contact == guest
    assert contact.shop_accounts.get().basis == ContactUser.Basis.EMAIL


def test_a_deleted_account_keeps_its_contact_and_address():
    user = UserFactory(email="ada@example.com")
    order = make_order("", user=user)
    contact = synced(order)

    user.delete()
    link = sync_order(order)

    assert link.contact == contact
    assert link.email == "ada@example.com"
    assert contact.shop_accounts.get().user is None


def test_an_order_of_a_deleted_account_is_listed_with_the_reason():
    user = UserFactory(email="ada@example.com")
    order = make_order("", user=user)
    OrderLink.objects.all().delete()
    user.delete()

    assert sync_order(order).problem == OrderLink.Problem.NO_EMAIL


def test_a_shared_address_belongs_to_several_people_told_apart_by_name():
    def order_of(first_name):
        address = ShippingAddressFactory(first_name=first_name, last_name="Roe")
        return make_order("info@example.com", shipping_address=address)

    ada, bob = synced(order_of("Ada")), synced(order_of("Bob"))

    assert ada != bob
    assert synced(order_of("ADA")) == ada


def test_an_address_declared_shared_later_still_finds_its_contact(settings):
    contact = synced(make_order("family@example.com"))
    settings.OSCAR_CRM_SHARED_ADDRESSES = ["family@example.com"]

    assert synced(make_order("family@example.com")) == contact


def test_a_present_does_not_give_the_buyer_the_recipients_phone_and_address():
    billing = BillingAddressFactory(first_name="Ada", last_name="Byron", line1="Mine 1")
    shipping = ShippingAddressFactory(
        first_name="Bob", last_name="Roe", line1="His 2", phone_number="+4930123456"
    )

    contact = synced(make_order(billing_address=billing, shipping_address=shipping))

    assert contact.full_name == "Ada Byron"
    assert contact.line1 == "Mine 1"
    assert contact.phone == ""


def test_the_company_name_comes_from_the_address_field_of_the_setting(settings):
    settings.OSCAR_CRM_COMPANY_FIELDS = ["line3"]

    contact = synced(make_order(shipping_address=ShippingAddressFactory(line3="Acme GmbH")))

    assert contact.company_name == "Acme GmbH"


def test_a_later_order_fills_what_is_empty_and_overwrites_nothing():
    address = ShippingAddressFactory(first_name="Ada", last_name="Byron", line1="Old 1")
    contact = synced(make_order(shipping_address=None, billing_address=None))
    assert contact.full_name == ""

    synced(make_order(shipping_address=address))
    moved = ShippingAddressFactory(first_name="Ada", last_name="Byron", line1="New 2")
    synced(make_order(shipping_address=moved))

    contact.refresh_from_db()
    assert contact.full_name == "Ada Byron"
    assert contact.line1 == "Old 1"


def test_staff_decide_the_kind_of_a_partner_who_orders():
    contact = ContactFactory(kind=Contact.Kind.PARTNER, emails=["ada@example.com"])

    synced(make_order("ada@example.com"))

    contact.refresh_from_db()
    assert contact.kind == Contact.Kind.PARTNER


def test_a_new_order_brings_a_contact_back_from_the_archive_an_old_one_does_not():
    contact = ContactFactory(emails=["ada@example.com"], archived_at=timezone.now())

    synced(make_order("ada@example.com", date_placed=timezone.now() - timedelta(days=9)))
    contact.refresh_from_db()
    assert contact.is_archived

    synced(make_order("ada@example.com", date_placed=timezone.now() + timedelta(seconds=1)))
    contact.refresh_from_db()
    assert not contact.is_archived


def test_an_order_whose_products_are_gone_is_synced():
    order = make_order()
    order.lines.create(
        partner_name="Gone",
        title="Gone",
        quantity=1,
        num_allocated=0,
        product=None,
        stockrecord=None,
        line_price_incl_tax=D("120"),
        line_price_excl_tax=D("120"),
        line_price_before_discounts_incl_tax=D("120"),
        line_price_before_discounts_excl_tax=D("120"),
    )

    contact = synced(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("120.00")


def test_an_order_assigned_by_hand_moves_with_its_value_and_stays():
    order = make_order("ada@example.com", "120.00")
    wrong = synced(order)
    right = ContactFactory()

    assign_order(order.crm_link, right, by=make_staff())
    sync_order(order, force=True)

    wrong.refresh_from_db()
    right.refresh_from_db()
    assert (wrong.lifetime_value, wrong.orders_count) == (D("0.00"), 0)
    assert (right.lifetime_value, right.orders_count) == (D("120.00"), 1)


def test_the_order_of_an_unlinked_guest_can_be_assigned():
    link = sync_order(make_order(""))
    contact = ContactFactory()

    assign_order(link, contact, by=make_staff())

    contact.refresh_from_db()
    link.refresh_from_db()
    assert contact.lifetime_value == D("120.00")
    assert link.problem == ""


def test_a_shop_user_can_be_deleted_whatever_the_crm_knows():
    user = UserFactory(email="ada@example.com")
    contact = synced(make_order("", user=user))
    Contact.objects.filter(pk=contact.pk).update(owner=user)

    user.delete()

    contact.refresh_from_db()
    assert contact.owner is None
    assert not get_user_model().objects.filter(email="ada@example.com").exists()


def test_a_name_of_invisible_characters_is_no_name():
    address = ShippingAddressFactory(first_name="\u200b", last_name="")

    contact = synced(make_order("ada@example.com", shipping_address=address))

    assert str(contact) == "ada@example.com"
