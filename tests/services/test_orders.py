"""One order of the shop becomes a contact with a correct lifetime value."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from oscar.core.loading import get_model
from oscar.test.factories import BillingAddressFactory, ShippingAddressFactory, UserFactory

from oscar_crm.models import Contact, ContactUser, OrderLink, ValueEntry
from oscar_crm.services.orders import assign_order, settle_deleted_orders, sync_order
from oscar_crm.services.rates import set_rate
from oscar_crm.test.factories import ContactFactory, make_order, make_staff, refund_order

pytestmark = pytest.mark.django_db


def synced(order):
    return sync_order(order).contact


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


def test_a_cancelled_order_counts_as_nothing_and_the_customer_stays_one():
    order = make_order(status="Pending")
    contact = synced(order)

    order.set_status("Cancelled")
    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("0.00")
    assert contact.orders_count == 0
    assert contact.last_order_at is None
    assert contact.kind == Contact.Kind.CUSTOMER


def test_a_cancellation_is_dated_by_the_order_history():
    order = make_order(status="Pending")
    order.set_status("Cancelled")
    at = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    order.status_changes.update(date_created=at)

    sync_order(order)

    assert ValueEntry.objects.get(kind="cancelled").occurred_at == at


def test_a_reinstated_order_counts_again():
    order = make_order(status="Pending")
    order.set_status("Cancelled")
    contact = synced(order)
    get_model("order", "Order").objects.filter(pk=order.pk).update(status="Pending")

    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("120.00")


def test_a_shop_without_statuses_counts_its_orders(settings):
    settings.OSCAR_CRM_CANCELLED_STATUSES = []

    contact = synced(make_order(status=""))

    contact.refresh_from_db()
    assert contact.lifetime_value == D("120.00")


def test_an_order_awaiting_payment_counts_once_it_is_paid(settings):
    settings.OSCAR_CRM_UNCOUNTED_STATUSES = ["Pending"]
    order = make_order(status="Pending")
    contact = synced(order)
    contact.refresh_from_db()
    assert (contact.lifetime_value, contact.kind) == (D("0.00"), Contact.Kind.LEAD)

    order.set_status("Being processed")
    sync_order(order)

    contact.refresh_from_db()
    assert (contact.lifetime_value, contact.kind) == (D("120.00"), Contact.Kind.CUSTOMER)


def test_staff_decide_the_kind_of_a_partner_who_orders():
    contact = ContactFactory(kind=Contact.Kind.PARTNER, emails=["ada@example.com"])

    synced(make_order("ada@example.com"))

    contact.refresh_from_db()
    assert contact.kind == Contact.Kind.PARTNER


def test_refunds_of_all_sources_are_taken_off():
    order = make_order(total="120.00")
    contact = synced(order)
    refund_order(order, "20.00")
    refund_order(order, "10.00")

    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("90.00")


def test_a_refund_beyond_the_total_is_flagged_and_not_booked():
    order = make_order(total="120.00")
    refund_order(order, "150.00")

    link = sync_order(order)

    assert link.refund_excess == D("30.00")
    link.contact.refresh_from_db()
    assert link.contact.lifetime_value == D("0.00")


def test_a_refund_in_another_currency_is_flagged_and_not_booked():
    order = make_order(total="120.00")
    refund_order(order, "20.00", currency="GBP")

    link = sync_order(order)

    assert link.foreign_refund == "20.00 GBP"
    link.contact.refresh_from_db()
    assert link.contact.lifetime_value == D("120.00")


@pytest.mark.parametrize(
    ("tax", "shipping", "counted"),
    [
        (True, True, "119.00"),
        (False, True, "100.00"),
        (True, False, "107.10"),
        (False, False, "90.00"),
    ],
)
def test_tax_and_shipping_count_as_the_settings_say(settings, tax, shipping, counted):
    settings.OSCAR_CRM_VALUE_INCLUDES_TAX = tax
    settings.OSCAR_CRM_VALUE_INCLUDES_SHIPPING = shipping
    order = make_order(
        total="119.00",
        total_excl_tax=D("100.00"),
        shipping_incl_tax=D("11.90"),
        shipping_excl_tax=D("10.00"),
    )
    refund_order(order, "59.50")  # half of the total, so half of what counts

    contact = synced(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D(counted) / 2


def test_two_currencies_are_summed_in_base_currency_at_the_rate_of_the_order_day():
    set_rate("USD", D("0.90"), valid_from=date(2026, 1, 1))
    set_rate("USD", D("0.80"), valid_from=date(2026, 2, 1))
    january = datetime(2026, 1, 31, 12, tzinfo=UTC)
    synced(make_order(total="100.00"))
    synced(make_order(total="50.00", currency="USD", date_placed=january))
    contact = synced(make_order(total="10.00", currency="USD"))

    contact.refresh_from_db()
    # 100 + 50 × 0.90 + 10 × 0.80
    assert contact.lifetime_value == D("153.00")
    assert contact.currency_totals == {
        "EUR": {"amount": "100.00", "base": "100.00"},
        "USD": {"amount": "60.00", "base": "53.00"},
    }


def test_the_day_of_a_rate_is_the_shops_day(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    set_rate("USD", D("0.90"), valid_from=date(2026, 1, 1))
    set_rate("USD", D("0.80"), valid_from=date(2026, 2, 1))
    # Half past eleven at night in London is the first of February in Berlin.
    contact = synced(
        make_order(
            total="10.00", currency="USD", date_placed=datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
        )
    )

    contact.refresh_from_db()
    assert contact.lifetime_value == D("8.00")


def test_what_has_no_rate_is_shown_apart_and_counted_once_it_has_one():
    contact = synced(make_order(total="50.00", currency="USD"))
    contact.refresh_from_db()
    assert contact.lifetime_value == D("0.00")
    assert contact.unvalued_orders == 1
    assert contact.currency_totals == {"USD": {"amount": "50.00", "base": None}}
    assert contact.orders_count == 1

    set_rate("USD", D("0.9"), valid_from=timezone.localdate())

    contact.refresh_from_db()
    assert contact.lifetime_value == D("45.00")
    assert contact.unvalued_orders == 0


@pytest.mark.parametrize("currency", ["", "XXX", "BITCOIN"])
def test_an_unknown_currency_is_no_obstacle(currency):
    contact = synced(make_order(total="50.00", currency=currency))

    contact.refresh_from_db()
    assert contact.unvalued_orders == 1
    assert contact.currency_totals == {currency: {"amount": "50.00", "base": None}}


def test_a_rate_corrected_later_values_the_order_anew_refunds_included():
    set_rate("USD", D("0.90"), valid_from=date(2026, 1, 1))
    order = make_order(total="100.00", currency="USD")
    refund_order(order, "25.00")
    contact = synced(order)

    set_rate("USD", D("0.50"), valid_from=date(2026, 1, 1))

    contact.refresh_from_db()
    assert contact.lifetime_value == D("37.50")


def test_changing_the_base_currency_values_everything_anew(settings):
    set_rate("USD", D("0.50"), valid_from=date(2026, 1, 1))
    order = make_order(total="100.00", currency="USD")
    contact = synced(order)
    settings.OSCAR_CRM_CURRENCY = "USD"

    sync_order(order)

    contact.refresh_from_db()
    assert contact.lifetime_value == D("100.00")


def test_an_order_deleted_in_the_shop_leaves_its_history_and_no_value():
    order = make_order()
    contact = synced(order)
    order.delete()

    assert settle_deleted_orders() == 1

    contact.refresh_from_db()
    assert (contact.lifetime_value, contact.orders_count) == (D("0.00"), 0)
    link = OrderLink.objects.get()
    assert link.order is None
    assert link.deleted_at is not None
    assert [e.kind for e in link.entries.order_by("pk")] == ["placed", "cancelled"]
    assert settle_deleted_orders() == 0


def test_an_order_deleted_after_a_refund_leaves_no_value():
    order = make_order(total="120.00")
    refund_order(order, "20.00")
    contact = synced(order)
    order.delete()

    settle_deleted_orders()

    contact.refresh_from_db()
    assert contact.lifetime_value == D("0.00")
    assert [e.amount for e in ValueEntry.objects.order_by("pk")] == [
        D("120.00"),
        D("-20.00"),
        D("-100.00"),
    ]


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
