"""How the CRM enters a project: app config, checks, groups, migrations."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Q
from django.test import override_settings
from django.urls import reverse
from oscar.core.application import OscarDashboardConfig

from oscar_crm import checks, groups
from oscar_crm.apps import CRMConfig
from oscar_crm.dashboard import attach

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_INDEX = [
    field
    for model in apps.get_app_config("oscar_crm").get_models()
    for field in model._meta.local_fields
    if field.many_to_one and not field.db_index
]


def ids(messages):
    return [message.id for message in messages]


def test_the_app_config_is_ours_and_ready_ran():
    config = apps.get_app_config("oscar_crm")

    assert type(config) is CRMConfig
    assert isinstance(config, OscarDashboardConfig)
    assert reverse("dashboard:crm-overview") == "/dashboard/crm/"


def test_attaching_twice_adds_nothing_twice(settings):
    attach.attach(apps.get_app_config("oscar_crm"))
    attach.attach(apps.get_app_config("oscar_crm"))

    assert settings.OSCAR_DASHBOARD_NAVIGATION.count(attach.NAVIGATION) == 1
    urls = [str(u.pattern) for u in apps.get_app_config("dashboard").get_urls()]
    assert urls.count("crm/") == 1


class Dashboard:
    def get_urls(self):
        return []


@pytest.mark.parametrize(("wanted", "urls"), [(True, 1), (False, 0)])
def test_urls_and_navigation_can_be_declined(settings, monkeypatch, wanted, urls):
    dashboard = Dashboard()
    crm = apps.get_app_config("oscar_crm")
    monkeypatch.setattr(attach, "apps", SimpleNamespace(app_configs={"dashboard": dashboard}))
    settings.OSCAR_CRM_ATTACH_URLS = wanted
    settings.OSCAR_DASHBOARD_NAVIGATION = []

    attach.attach(crm)

    assert len(dashboard.get_urls()) == urls
    assert len(settings.OSCAR_DASHBOARD_NAVIGATION) == urls


def test_the_sandbox_passes_the_checks():
    assert checks.check_app_order(None) == []
    assert checks.check_currency(None) == []
    assert checks.check_statuses(None) == []


def test_a_wrong_app_order_is_reported(monkeypatch):
    configs = list(apps.get_app_configs())
    last = [*configs[1:], configs[0]]
    monkeypatch.setattr(checks.apps, "get_app_configs", lambda: last)

    assert ids(checks.check_app_order(None)) == ["oscar_crm.E001"]
    assert "first line" in checks.check_app_order(None)[0].hint


def test_a_missing_dashboard_is_reported(monkeypatch):
    ours = [apps.get_app_config("oscar_crm")]
    monkeypatch.setattr(checks.apps, "get_app_configs", lambda: ours)

    assert ids(checks.check_app_order(None)) == ["oscar_crm.E002"]


@pytest.mark.parametrize("currency", ["EURO", "eur", "€", "ZZZ"])
def test_a_bad_currency_is_reported(currency):
    with override_settings(OSCAR_CRM_CURRENCY=currency):
        assert ids(checks.check_currency(None)) == ["oscar_crm.E003"]
    with override_settings(OSCAR_DEFAULT_CURRENCY=currency):
        assert "OSCAR_DEFAULT_CURRENCY" in checks.check_currency(None)[0].msg


def test_an_unknown_status_is_reported_with_the_known_ones():
    with override_settings(OSCAR_CRM_CANCELLED_STATUSES=["Canceled"]):
        (message,) = checks.check_statuses(None)

    assert message.id == "oscar_crm.W001"
    assert "Being processed, Cancelled, Complete" in message.hint


def test_a_string_instead_of_a_list_of_statuses_is_reported():
    with override_settings(OSCAR_CRM_UNCOUNTED_STATUSES="Pending"):
        assert ids(checks.check_statuses(None)) == ["oscar_crm.E004"]


def test_a_shop_without_statuses_is_not_bothered():
    with override_settings(OSCAR_ORDER_STATUS_PIPELINE={}, OSCAR_CRM_CANCELLED_STATUSES=["X"]):
        assert checks.check_statuses(None) == []


def codenames(name):
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


@pytest.mark.django_db
def test_the_three_groups_come_with_the_app():
    for name, wanted in groups.PERMISSIONS.items():
        assert codenames(name) == set(wanted)
    assert "view_all_contacts" not in codenames("CRM sales")


@pytest.mark.django_db
def test_a_group_that_the_shop_has_changed_is_left_alone():
    Group.objects.get(name="CRM sales").permissions.clear()

    groups.create_groups(apps.get_app_config("oscar_crm"), using="default")

    assert codenames("CRM sales") == set()


@pytest.mark.django_db
def test_groups_can_be_declined(settings):
    Group.objects.all().delete()
    settings.OSCAR_CRM_CREATE_GROUPS = False

    groups.create_groups(apps.get_app_config("oscar_crm"), using="default")

    assert not Group.objects.exists()


def manage(database, *args):
    """Run the sandbox's manage.py with its own database; tests themselves skip migrations."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database}"}
    return subprocess.run(
        [sys.executable, ROOT / "sandbox" / "manage.py", *args],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_migrations_match_the_models_and_can_be_replayed_and_undone(tmp_path):
    database = tmp_path / "replay.sqlite3"

    assert "No changes" in manage(database, "makemigrations", "oscar_crm", "--check", "--dry-run")
    assert "Applying oscar_crm.0001_initial... OK" in manage(database, "migrate", "oscar_crm")
    assert "Unapplying oscar_crm" in manage(database, "migrate", "oscar_crm", "zero")


def test_the_migrations_need_only_early_ones_of_other_apps():
    for file in (ROOT / "oscar_crm" / "migrations").glob("0*.py"):
        module = import_module(f"oscar_crm.migrations.{file.stem}")
        others = [d for d in module.Migration.dependencies if d[0] != "oscar_crm"]
        assert {name for _, name in others} <= {"0001_initial", "__first__"}


@pytest.mark.django_db
def test_no_constraint_of_the_database_points_out_of_the_crm():
    with connection.cursor() as cursor:
        for model in apps.get_app_config("oscar_crm").get_models(include_auto_created=True):
            table = model._meta.db_table
            constraints = connection.introspection.get_constraints(cursor, table)
            targets = {c["foreign_key"][0] for c in constraints.values() if c["foreign_key"]}
            assert all(target.startswith("oscar_crm_") for target in targets), table


@pytest.mark.parametrize("field", WITHOUT_INDEX, ids=str)
def test_a_foreign_key_without_an_index_has_another_that_begins_with_it(field):
    meta = field.model._meta
    begins = [
        index
        for index in (*meta.indexes, *meta.constraints)
        if (getattr(index, "fields", None) or [""])[0] == field.name
    ]

    assert any(index.condition in (None, Q(**{f"{field.name}__isnull": False})) for index in begins)
