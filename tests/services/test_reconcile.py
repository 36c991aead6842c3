"""The reconciliation finds whatever the signals missed."""

from datetime import UTC, date, datetime
from decimal import Decimal as D
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from oscar.core.loading import get_model

from oscar_crm.models import Contact, ContactWord, Operation, OrderLink, ValueEntry
from oscar_crm.services import reconcile
from oscar_crm.services.buyers import person_of_order
from oscar_crm.services.orders import sync_order
from oscar_crm.test.factories import make_order, refund_order

pytestmark = pytest.mark.django_db
BUYER = "oscar_crm.services.intake.person_of_order"


def orders():
    return get_model("order", "Order").objects


def value():
    return Contact.objects.get().lifetime_value


def test_missing_orders_are_brought_in():
    make_order("ada@example.com", "10.00")
    make_order("bob@example.com", "20.00")
    make_order("")

    summary = reconcile.run()

    assert (summary.checked, summary.linked, summary.without_contact) == (3, 3, 1)
    assert sorted(Contact.objects.values_list("lifetime_value", flat=True)) == [D("10"), D("20")]


def test_running_it_twice_changes_nothing():
    refund_order(make_order("ada@example.com", "10.00"), "3.00")
    make_order("")
    reconcile.run()
    rows = [list(m.objects.order_by("pk").values()) for m in (Contact, OrderLink, ValueEntry)]

    summary = reconcile.run()

    assert (summary.unchanged, summary.linked, summary.updated) == (2, 0, 0)
    again = [list(m.objects.order_by("pk").values()) for m in (Contact, OrderLink, ValueEntry)]
    assert again == rows


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"status": "Cancelled"}, "0.00"), ({"total_incl_tax": D("70.00")}, "70.00")],
)
def test_what_update_changed_is_found(change, expected):
    order = make_order(total="120.00", status="Pending")
    sync_order(order)
    orders().filter(pk=order.pk).update(**change)

    assert reconcile.run().updated == 1
    assert value() == D(expected)


def test_a_refund_written_behind_djangos_back_is_found():
    order = make_order(total="120.00")
    source = refund_order(order, "20.00")
    sync_order(order)
    type(source).objects.update(amount_refunded=D("50.00"))

    reconcile.run()

    assert value() == D("70.00")


def test_orders_deleted_behind_djangos_back_are_found():
    order = make_order()
    sync_order(order)
    orders().filter(pk=order.pk)._raw_delete("default")

    assert reconcile.run().deleted == 1
    assert value() == D("0.00")


def test_a_setting_that_changes_what_counts_takes_effect(settings):
    sync_order(make_order(total="119.00", total_excl_tax=D("100.00")))
    settings.OSCAR_CRM_VALUE_INCLUDES_TAX = False

    reconcile.run()

    assert value() == D("100.00")


def test_the_dry_run_tells_what_a_run_would_do_and_writes_nothing():
    changed, gone = make_order("a@example.com"), make_order("b@example.com")
    for order in (changed, gone, make_order("c@example.com")):
        sync_order(order)
    orders().filter(pk=changed.pk).update(status="Cancelled")
    gone.delete()
    make_order("new@example.com")
    operations = Operation.objects.count()

    foreseen = reconcile.dry_run()

    assert not OrderLink.objects.filter(email="new@example.com").exists()
    assert Operation.objects.count() == operations
    done = reconcile.run()
    names = ("checked", "linked", "updated", "unchanged", "deleted")
    assert {n: getattr(foreseen, n) for n in names} == {n: getattr(done, n) for n in names}
    assert (foreseen.linked, foreseen.updated, foreseen.deleted) == (1, 1, 1)


def test_since_leaves_older_orders_alone():
    make_order("old@example.com", date_placed=datetime(2026, 1, 1, tzinfo=UTC))
    make_order("new@example.com", date_placed=datetime(2026, 3, 1, tzinfo=UTC))

    reconcile.run(since=date(2026, 2, 1))

    assert [c.primary_email for c in Contact.objects.all()] == ["new@example.com"]


def test_rebuild_repairs_figures_entries_and_search_words():
    order = make_order(total="120.00")
    sync_order(order)
    Contact.objects.update(lifetime_value=D("1.00"), orders_count=7, sort_name="?")
    ValueEntry.objects.all().delete()
    ContactWord.objects.all().delete()

    reconcile.run()
    assert value() == D("1.00")  # nothing of the order has changed

    reconcile.run(rebuild=True)
    contact = Contact.objects.get()
    assert (contact.lifetime_value, contact.orders_count) == (D("120.00"), 1)
    assert contact.sort_name == "byron ada"
    assert contact.words.filter(word="byron").exists()


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(reconcile, "CHUNK", 2)
    for number in range(6):
        make_order(f"c{number}@example.com")
    opened = reconcile.start()
    reconcile.step(opened, size=2)
    killed = patch("oscar_crm.services.reconcile._sync_chunk", side_effect=KeyboardInterrupt)
    with killed, pytest.raises(KeyboardInterrupt):
        reconcile.step(opened, size=2)

    with patch(BUYER, wraps=person_of_order) as bring_in:
        summary = reconcile.run()

    assert bring_in.call_count == 4
    assert (summary.checked, summary.linked) == (6, 6)
    assert Operation.objects.filter(kind="reconcile").count() == 1


def test_two_callers_stepping_one_run_count_every_order_once():
    for number in range(4):
        make_order(f"c{number}@example.com")
    opened, same = reconcile.start(), reconcile.start()
    assert opened == same
    stale = Operation.objects.get(pk=opened.pk)
    state = dict(stale.state)

    reconcile.step(opened, size=2)
    late = reconcile._save_progress(stale, state["after"], [99], reconcile.Summary(checked=2))

    assert late.checked == 2


def test_one_odd_order_does_not_keep_the_others_out():
    odd, fine = make_order("odd@example.com"), make_order("fine@example.com")

    def buyer(order):
        if order.pk == odd.pk:
            raise ValueError("odd")
        return person_of_order(order)

    with patch(BUYER, buyer):
        summary = reconcile.run()

    assert (summary.failed, summary.linked) == (1, 1)
    assert OrderLink.objects.get(order=odd).problem_detail == "ValueError"
    assert OrderLink.objects.get(order=fine).contact is not None
    assert reconcile.run().linked == 1
    assert OrderLink.objects.get(order=odd).problem == ""


def test_the_last_complete_run_is_remembered():
    from oscar_crm.queries.reconcile import last_complete

    assert last_complete() is None
    reconcile.run(since=date(2026, 1, 1))
    assert last_complete() is None
    reconcile.run()
    assert last_complete() is not None


def test_the_command_prints_a_summary_in_words(crm_sync):
    make_order("ada@example.com")
    make_order("")

    printed = crm_sync()

    assert "2 orders checked" in printed
    assert "2 brought in" in printed
    assert "1 without a contact" in printed
    assert "2 unchanged" in crm_sync()


def test_the_command_fails_when_an_order_failed(crm_sync):
    make_order()
    with patch(BUYER, side_effect=ValueError), pytest.raises(CommandError, match="1 orders"):
        call_command("crm_sync_orders", verbosity=0)


def test_the_command_refuses_a_day_that_is_none():
    with pytest.raises(CommandError, match="Write it like"):
        call_command("crm_sync_orders", since="yesterday")


def test_checking_a_thousand_known_orders_takes_a_few_queries_per_chunk(
    django_assert_max_num_queries,
):
    for _ in range(30):
        make_order("ada@example.com")
    reconcile.run()
    opened = reconcile.start()

    with django_assert_max_num_queries(12):
        reconcile.step(opened)


def test_a_backfill_lets_postgresql_see_how_the_tables_have_grown(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("`make test` also runs PostgreSQL")
    monkeypatch.setattr(reconcile, "CHUNK", 2)
    monkeypatch.setattr(reconcile, "FIRST_STATISTICS", 2)
    for number in range(4):
        make_order(f"c{number}@example.com")

    def known_rows():
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'oscar_crm_orderlink'")
            return cursor.fetchone()[0]

    with CaptureQueriesContext(connection) as captured:
        reconcile.run()

    assert known_rows() >= 2
    assert sum("ANALYZE" in query["sql"] for query in captured) == 5  # once for each table
