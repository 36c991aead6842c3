"""Checking caches against the ledger and the ledger against the orders."""

from decimal import Decimal as D
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from oscar.core.loading import get_model

from oscar_crm.models import Contact, ValueEntry
from oscar_crm.services.integrity import check
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import make_order, refund_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    placed = make_order(total="120.00", number="100001")
    refund_order(placed, "20.00")
    sync_order(placed)
    return placed


def wrong_figure(order):
    Contact.objects.update(lifetime_value=D("7.00"))


def wrong_amount(order):
    ValueEntry.objects.filter(kind="refunded").update(amount=D("-1.00"), base_amount=D("-1.00"))


def missing_entry(order):
    ValueEntry.objects.filter(kind="refunded").delete()


def wrong_contact(order):
    other = sync_order(make_order("other@example.com", "1.00")).contact
    ValueEntry.objects.filter(link__order=order).update(contact=other)


def deleted_order(order):
    order.sources.all().delete()
    get_model("order", "Order").objects.filter(pk=order.pk)._raw_delete("default")


FAULTS = [wrong_figure, wrong_amount, missing_entry, wrong_contact, deleted_order]


def test_a_sound_crm_has_no_findings(order):
    assert list(check()) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_a_fault_is_found_told_and_repaired(order, fault):
    fault(order)

    assert list(check())
    assert list(check()), "looking must not repair"
    assert all(finding.is_repaired for finding in check(repair=True))
    assert list(check()) == []


def test_what_could_not_be_repaired_is_not_called_repaired(order):
    missing_entry(order)

    with patch("oscar_crm.services.orders.sync_order", side_effect=ValueError):
        assert next(finding.is_repaired for finding in check(repair=True)) is False


def test_the_command_says_what_it_found_and_fails_until_it_is_repaired(order, capsys):
    call_command("crm_check")
    assert "Everything is as it should be." in capsys.readouterr().out

    wrong_figure(order)
    with pytest.raises(CommandError, match="crm_check --repair"):
        call_command("crm_check")
    call_command("crm_check", repair=True)

    assert "1 found and repaired." in capsys.readouterr().out
    assert Contact.objects.get().lifetime_value == D("100.00")
