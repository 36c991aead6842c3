"""The journal forgets after its time; the commands tell and do it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.utils import timezone

from oscar_crm import tasks
from oscar_crm.days import FIRST_DAY, months_ago, start_of_day
from oscar_crm.models import Change, Contact, Operation
from oscar_crm.services import contacts, reconcile
from oscar_crm.services.erasure import erase_contact
from oscar_crm.services.retention import prune_journal
from oscar_crm.test.factories import ContactFactory, make_staff


def test_months_ago_is_the_same_day_or_the_months_last() -> None:
    today = timezone.localdate()
    assert months_ago(12).date() in {
        today.replace(year=today.year - 1, day=day) for day in {today.day, min(today.day, 28)}
    }
    assert months_ago(1200 * 12) == start_of_day(FIRST_DAY)


@pytest.fixture
def old(db: None) -> Operation:
    """An edit of two years ago, beside one of today and a check of all orders."""
    contact, by = ContactFactory(), make_staff()
    contacts.update_contact(contact, {"phone": "1"}, by=by)
    before = Operation.objects.get()
    reconcile.run()
    then = timezone.now() - timedelta(days=730)
    Operation.objects.update(started_at=then)
    Change.objects.update(at=then)
    contacts.update_contact(contact, {"phone": "2"}, by=by)
    return before


def test_old_acts_go_with_their_changes_and_new_ones_stay(old: Operation) -> None:
    assert prune_journal(12) == 1

    assert not Operation.objects.filter(pk=old.pk).exists()
    assert Change.objects.get().after == {"phone": "2"}
    assert Contact.objects.get().phone == "2"
    assert prune_journal(12) == 0


def test_the_last_check_erasures_and_what_is_under_way_stay(old: Operation) -> None:
    by = make_staff()
    erase_contact(ContactFactory(), by=by)
    unfinished = reconcile.start(rebuild=True)
    then = timezone.now() - timedelta(days=730)
    Operation.objects.update(started_at=then)

    prune_journal(12)

    kinds = Operation.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["reconcile", "erase", "reconcile"]
    assert Operation.objects.filter(pk=unfinished.pk).exists()


def test_the_command_prunes_by_the_setting(old: Operation, settings: Any, capsys: Any) -> None:
    call_command("crm_prune_journal")
    assert "keeps everything" in capsys.readouterr().out
    settings.OSCAR_CRM_JOURNAL_MONTHS = 12
    call_command("crm_prune_journal", dry_run=True)
    assert "1 acts are older" in capsys.readouterr().out
    assert Operation.objects.filter(pk=old.pk).exists()
    call_command("crm_prune_journal")
    assert "1 acts older than 12 months deleted" in capsys.readouterr().out
    assert not Operation.objects.filter(pk=old.pk).exists()


def test_the_task_prunes_by_the_setting(old: Operation, settings: Any) -> None:
    tasks.prune_journal()
    assert Operation.objects.filter(pk=old.pk).exists()
    settings.OSCAR_CRM_JOURNAL_MONTHS = 12
    tasks.prune_journal()
    assert not Operation.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db
def test_the_command_counts_untouched_contacts_and_changes_nothing(
    settings: Any, capsys: Any
) -> None:
    then = timezone.now() - timedelta(days=730)
    for _number in range(2):
        contact = ContactFactory()
        Contact.objects.filter(pk=contact.pk).update(created_at=then, updated_at=then)
    ContactFactory()
    call_command("crm_retention")
    assert "nobody is proposed" in capsys.readouterr().out
    settings.OSCAR_CRM_RETENTION_MONTHS = 12
    call_command("crm_retention")
    assert "2 contacts untouched for 12 months" in capsys.readouterr().out
    call_command("crm_retention", months=36)
    assert "0 contacts untouched for 36 months" in capsys.readouterr().out
    assert Contact.objects.filter(erased_at=None).count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("months", [0, -1, 1201])
def test_a_bad_number_of_months_is_refused(months: int) -> None:
    with pytest.raises(CommandError, match="from 1 to 1200"):
        call_command("crm_retention", months=months)


@pytest.mark.parametrize("value", [0, -3, "36", 1.5, True, 1201])
def test_a_setting_that_is_no_number_of_months_is_an_error(settings: Any, value: Any) -> None:
    settings.OSCAR_CRM_JOURNAL_MONTHS = value
    assert [error.id for error in run_checks()].count("oscar_crm.E006") == 1
