"""``crm_setup`` explains and repairs the installation."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from oscar_crm.groups import MANAGER, OSCARS_GROUP, PERMISSIONS, SALES
from oscar_crm.models import Contact, ExchangeRate, Operation
from oscar_crm.services import reconcile
from oscar_crm.services.installation import inspect
from oscar_crm.test.factories import make_order

pytestmark = pytest.mark.django_db


def codenames(name):
    held = Permission.objects.filter(group__name=name, content_type__app_label="oscar_crm")
    return set(held.values_list("codename", flat=True))


def left_to_do(*, repair=False):
    return [step.name for step in list(inspect(repair=repair)) if step.advice]


@pytest.fixture
def oscars_group():
    group, _ = Group.objects.get_or_create(name=OSCARS_GROUP)
    return group


def test_a_sound_installation_needs_nothing(capsys):
    reconcile.run()

    call_command("crm_setup")

    assert "!" not in capsys.readouterr().out


def test_taken_permissions_are_told_and_given_back():
    Group.objects.get(name=SALES).permissions.clear()
    Group.objects.get(name=MANAGER).delete()
    reconcile.run()

    assert left_to_do() == ["Groups"]
    assert codenames(SALES) == set()

    assert left_to_do(repair=True) == []
    assert codenames(SALES) == set(PERMISSIONS[SALES])
    assert codenames(MANAGER) == set(PERMISSIONS[MANAGER])


def test_oscars_group_gets_the_crm_where_it_sees_orders(oscars_group):
    oscars_group.permissions.add(
        Permission.objects.get(content_type__app_label="order", codename="view_order")
    )

    list(inspect(repair=True))

    assert codenames(OSCARS_GROUP) == set(PERMISSIONS[MANAGER])


def test_oscars_group_gets_nothing_where_it_holds_nothing(oscars_group):
    list(inspect(repair=True))

    assert codenames(OSCARS_GROUP) == set()


def test_missing_rates_are_named_and_left_to_a_person(capsys):
    make_order(currency="USD")

    with pytest.raises(CommandError, match="Left to do, see above: 1"):
        call_command("crm_setup")

    assert "1 orders in USD have no rate" in capsys.readouterr().out
    assert not ExchangeRate.objects.exists()


def test_orders_never_brought_in_are_brought_in():
    make_order()

    assert left_to_do() == ["Orders"]
    list(inspect(repair=True))

    assert Contact.objects.get().orders_count == 1


def test_groups_the_shop_has_declined_are_not_made(settings):
    settings.OSCAR_CRM_CREATE_GROUPS = False
    Group.objects.all().delete()

    list(inspect(repair=True))

    assert not Group.objects.exists()


def test_running_it_twice_changes_nothing():
    list(inspect(repair=True))
    operations = Operation.objects.count()

    list(inspect(repair=True))

    assert Operation.objects.count() == operations


def test_only_explaining_changes_nothing():
    make_order()
    Group.objects.all().delete()

    with pytest.raises(CommandError):
        call_command("crm_setup", explain_only=True)

    assert not Contact.objects.exists()
    assert not Group.objects.exists()


def test_celery_without_a_broker_is_told(settings, monkeypatch):
    from sandbox.celery import app

    settings.OSCAR_CRM_ASYNC = True
    monkeypatch.setattr(app.conf, "broker_url", None)

    assert "CELERY_BROKER_URL" in next(step.advice for step in inspect(repair=False))
