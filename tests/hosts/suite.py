"""What must hold in every host; run for each of them by ``run.py``."""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import override_settings
from django.urls import NoReverseMatch, resolve, reverse
from oscar.apps.dashboard.nav import _dashboard_url_names_to_config

from oscar_crm.models import Contact, Operation, OrderLink
from oscar_crm.queries.changes import display_name
from oscar_crm.test.factories import make_order, refund_order
from tests.hosts.shopping import ADDRESS, buy, client_of, make_manager, make_user

pytestmark = pytest.mark.django_db

GUEST = "grace@guests.example"
LISTS = ("overview", "contact-list", "contact-create", "order-list", "rate-list", "sync")


def contact_of(order: Any) -> Contact:
    return Contact.objects.get(order_links__order=order)


@pytest.fixture
def guest_order(on_commit):
    with on_commit():
        return buy(client_of(), guest=GUEST)


@pytest.fixture
def customer(db):
    return make_user("ada@customers.example")


@pytest.fixture
def order(on_commit, customer):
    with on_commit():
        return buy(client_of(customer))


@pytest.mark.parametrize("name", LISTS)
def test_the_pages_answer_in_an_empty_crm(desk, name):
    assert desk.get(reverse(f"dashboard:crm-{name}")).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_the_pages_answer_after_a_sale(desk, order, guest_order, name):
    assert desk.get(reverse(f"dashboard:crm-{name}")).status_code == 200


def test_a_guest_becomes_a_contact(guest_order):
    contact = contact_of(guest_order)

    assert contact.primary_email == GUEST
    assert contact.full_name == "Grace Hopper"
    assert contact.kind == Contact.Kind.CUSTOMER
    assert contact.lifetime_value == guest_order.total_incl_tax > 0


def test_a_customer_becomes_a_contact_known_by_the_account(order, customer):
    contact = contact_of(order)

    assert contact.primary_email == "ada@customers.example"
    assert [account.user_id for account in contact.shop_accounts.all()] == [customer.pk]
    assert contact.lifetime_value == order.total_incl_tax > 0


def test_the_company_is_read_where_the_shop_asks_for_it(guest_order):
    asked = hasattr(guest_order.shipping_address, "company_name")

    assert contact_of(guest_order).company_name == (ADDRESS["company_name"] if asked else "")


def test_the_contacts_page_shows_account_and_order(desk, order, customer):
    page = desk.get(contact_of(order).get_absolute_url())

    assert page.status_code == 200
    assert customer.email in page.content.decode()
    assert str(order.number) in page.content.decode()


def test_a_registration_makes_a_prospect(on_commit):
    client = client_of()
    form = {"email": "new@customers.example", "password1": "a-long-Phrase"}

    with on_commit():
        client.post(reverse("customer:register"), {**form, "password2": form["password1"]})

    contact = Contact.objects.get(emails__address="new@customers.example")
    assert contact.kind == Contact.Kind.LEAD
    assert contact.shop_accounts.get().user.email == "new@customers.example"


def test_cancelling_in_oscars_dashboard_takes_the_value_back(on_commit, owner, order):
    page = reverse("dashboard:order-detail", args=[order.number])

    with on_commit():
        owner.post(page, {"order_action": "change_order_status", "new_status": "Cancelled"})

    order.refresh_from_db()
    assert order.status == "Cancelled"
    assert contact_of(order).lifetime_value == 0


def test_a_refund_is_taken_off(on_commit, order):
    with on_commit():
        refund_order(order, "4.00")

    assert contact_of(order).lifetime_value == order.total_incl_tax - Decimal("4.00")


def test_past_orders_are_brought_in_once(crm_sync, customer):
    with override_settings(OSCAR_CRM_SYNC_ORDERS=False):
        make_order("old@guests.example", "30.00")
        make_order("", "50.00", user=customer)

    crm_sync()
    first = list(Contact.objects.order_by("pk").values())
    crm_sync()

    assert sorted(contact["lifetime_value"] for contact in first) == [30, 50]
    assert list(Contact.objects.order_by("pk").values()) == first


def test_oscars_order_page_has_the_panel(owner, order, guest_order):
    for one in (order, guest_order):
        page = owner.get(reverse("dashboard:order-detail", args=[one.number]))

        assert page.status_code == 200
        assert contact_of(one).get_absolute_url() in page.content.decode()


def test_oscars_customer_page_has_the_panel(owner, order):
    try:
        url = reverse("dashboard:user-detail", args=[order.user_id])
    except NoReverseMatch:
        pytest.skip("Oscar has no customer page for such keys")

    page = owner.get(url)

    assert page.status_code == 200
    assert contact_of(order).get_absolute_url() in page.content.decode()


def test_the_home_page_and_the_navigation_lead_to_the_crm(desk, order):
    page = desk.get(reverse("dashboard:index"))

    assert page.status_code == 200
    assert page.content.decode().count(reverse("dashboard:crm-contact-list")) >= 2


def test_every_url_of_the_dashboard_belongs_to_one_app():
    _dashboard_url_names_to_config.cache_clear()
    owners = _dashboard_url_names_to_config()  # raises when two apps use one name

    crm = apps.get_app_config("oscar_crm")
    ours = {name for name, config in owners.items() if config is crm}
    assert ours == set(crm.permissions_map)
    assert all(name.startswith("crm-") for name in ours)
    for name in ours:
        assert resolve(reverse_any(f"dashboard:{name}")).url_name == name


def reverse_any(name: str) -> str:
    """The URL of that name with as many numbers as it wants."""
    for numbers in ([], [1], [1, 2]):
        try:
            return reverse(name, args=numbers)
        except NoReverseMatch:
            continue
    raise NoReverseMatch(name)


def test_a_contact_can_be_given_to_a_colleague_and_found_by_owner(desk, manager):
    colleague = make_manager(first_name="Sam", last_name="Sales")
    values = {"kind": "lead", "first_name": "Joan", "last_name": "Clarke"}

    desk.post(reverse("dashboard:crm-contact-create"), {**values, "owner": colleague.pk})
    contact = Contact.objects.get(last_name="Clarke")
    edit = reverse("dashboard:crm-contact-update", args=[contact.pk])
    assert contact.owner == colleague
    found = desk.get(reverse("dashboard:crm-contact-list"), {"owner": colleague.pk})
    assert "Joan Clarke" in found.content.decode()

    version = {"version": contact.version}
    assert desk.get(edit).status_code == 200
    desk.post(edit, {**values, **version, "owner": manager.pk})

    contact.refresh_from_db()
    assert contact.owner == manager
    mine = desk.get(reverse("dashboard:crm-contact-list"), {"owner": "me"})
    assert "Joan Clarke" in mine.content.decode()
    page = desk.get(contact.get_absolute_url()).content.decode()
    assert display_name(colleague) in page  # the history tells whose it was


def test_a_note_keeps_its_author(desk, manager, order):
    contact = contact_of(order)

    desk.post(reverse("dashboard:crm-note-create", args=[contact.pk]), {"body": "Called back."})

    assert contact.activities.get().author == manager
    assert "Called back." in desk.get(contact.get_absolute_url()).content.decode()


def test_what_staff_do_is_remembered_with_their_name(desk, manager, order, guest_order):
    contact, link = contact_of(order), guest_order.crm_link
    for action, values in (("archive", {}), ("restore", {}), ("tag-add", {"name": "VIP"})):
        desk.post(reverse(f"dashboard:crm-contact-{action}", args=[contact.pk]), values)
    assign = reverse("dashboard:crm-order-assign", args=[link.pk])
    desk.post(assign, {"email": contact.primary_email})

    kinds = Operation.Kind
    expected = {kinds.ARCHIVE, kinds.RESTORE, kinds.TAG, kinds.ASSIGN_ORDER}
    assert set(Operation.objects.filter(actor=manager).values_list("kind", flat=True)) == expected
    assert contact_of(guest_order) == contact
    assert desk.get(contact.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("what", ["user", "order", "product", "partner"])
def test_what_the_shop_deletes_leaves_the_history(on_commit, desk, order, what):
    contact, total = contact_of(order), order.total_incl_tax
    line = order.lines.get()
    doomed = {"user": order.user, "order": order, "product": line.product, "partner": line.partner}

    with on_commit():
        doomed[what].delete()

    contact.refresh_from_db()
    assert contact.lifetime_value == (0 if what == "order" else total)
    assert OrderLink.objects.get(contact=contact).number == str(order.number)
    assert desk.get(contact.get_absolute_url()).status_code == 200


def test_an_employee_who_leaves_leaves_the_contacts(desk, manager, order):
    contact = contact_of(order)
    colleague = make_manager()
    Contact.objects.filter(pk=contact.pk).update(owner=colleague)
    client_of(colleague).post(
        reverse("dashboard:crm-note-create", args=[contact.pk]), {"body": "Called back."}
    )

    colleague.delete()

    contact.refresh_from_db()
    assert contact.owner is None
    assert contact.activities.get().author_label
    assert desk.get(contact.get_absolute_url()).status_code == 200


def test_the_system_checks_find_nothing():
    call_command("check", fail_level="WARNING")
