"""A real Celery worker: what it does, and what is left when it is killed.

The broker is a folder, or Redis when ``REDIS_URL`` is set. The worker is another process, so the
database must be one that several processes share: PostgreSQL, which ``make test`` runs as well.
"""

import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal as D
from typing import Any

import psutil
import pytest
from celery import Celery
from django.db import connection, transaction
from django.db.models import F, Sum

from oscar_crm import broker
from oscar_crm.models import Account, Contact, ContactEmail, Import, OrderLink, ValueEntry
from oscar_crm.services import imports, reconcile
from oscar_crm.services.imports import store
from oscar_crm.test.factories import ContactFactory, ImportFactory, make_order
from sandbox.celery import app as sandbox_app

pytestmark = pytest.mark.django_db(transaction=True)


def shared_database() -> str:
    """The database this test uses, as the worker's settings will have it."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    return json.dumps({name: connection.settings_dict[name] for name in names})


@pytest.fixture
def queue(settings, tmp_path) -> Iterator[dict[str, str]]:
    """A broker of this test's own; yields the environment in which a worker finds it."""
    if connection.vendor == "sqlite":
        pytest.skip("a worker needs a shared database; `make test` also runs on PostgreSQL")
    name = f"crm-{uuid.uuid4().hex}"
    redis = os.environ.get("REDIS_URL", "")
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE": shared_database(),
        "CELERY_BROKER_URL": redis or "filesystem://",
        "TEST_QUEUE": name,
    }
    # An app of its own: Celery's sender remembers the first queue it has ever used.
    app = Celery("test", broker=environment["CELERY_BROKER_URL"])
    app.conf.task_default_queue = name
    if not redis:
        folder = tmp_path / "queue"
        folder.mkdir()
        (tmp_path / "queue-control").mkdir()
        environment["TEST_BROKER_FOLDER"] = str(folder)
        app.conf.broker_transport_options = {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "control_folder": f"{folder}-control",
        }
    app.set_current()
    broker._forget()
    settings.OSCAR_CRM_ASYNC = True
    yield environment
    broker._forget()
    sandbox_app.set_current()


@pytest.fixture
def start_worker(queue) -> Iterator[Callable[[], "psutil.Process"]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> psutil.Process:
        command = [sys.executable, "-m", "celery", "-A", "sandbox.celery", "worker"]
        process = subprocess.Popen(
            [*command, "--concurrency=2", "--loglevel=ERROR", "--without-mingle"],
            env={**os.environ, **queue, "C_FORCE_ROOT": "1"},
        )
        started.append(process)
        return psutil.Process(process.pid)

    yield start
    for process in started:
        if process.poll() is None:  # else a test has killed it
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
            process.wait()


def wait_until(is_true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "the worker did not get there"
        time.sleep(0.05)


def wait_until_quiet() -> None:
    """Until the worker has brought in nothing for two seconds."""
    before = -1
    while (count := OrderLink.objects.count()) != before:
        before = count
        time.sleep(2)


def no_half_fact() -> None:
    """Each order is wholly in the CRM or not at all, and the figures agree with the ledger.

    Looked at in one snapshot: other workers go on meanwhile.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert OrderLink.objects.count() == ValueEntry.objects.count()
        assert not OrderLink.objects.filter(contact=None).exists()
        assert Contact.objects.count() == ContactEmail.objects.count()
        for contact in Contact.objects.annotate(ledger=Sum("value_entries__base_amount")):
            assert contact.lifetime_value == contact.ledger


def test_a_worker_brings_orders_in(start_worker):
    start_worker()

    order = make_order(total="120.00")

    wait_until(lambda: OrderLink.objects.filter(order=order).exists())
    assert Contact.objects.get().lifetime_value == D("120.00")


def test_workers_killed_at_ten_random_moments_leave_no_half_fact_and_lose_nothing(start_worker):
    orders = [make_order(f"c{n % 40}@example.com", "10.00") for n in range(200)]
    worker = start_worker()
    wait_until(lambda: OrderLink.objects.exists())
    rng = random.Random()

    for _ in range(10):
        time.sleep(rng.uniform(0.01, 0.25))
        children = worker.children()
        if children:
            rng.choice(children).kill()
        no_half_fact()

    wait_until_quiet()
    no_half_fact()
    reconcile.run()  # a broker may lose what a killed worker held; this finds it
    assert OrderLink.objects.count() == len(orders)
    assert not Contact.objects.exclude(orders_count=5).exists()
    assert not Contact.objects.exclude(lifetime_value=F("orders_count") * 10).exists()


def test_a_database_that_restarts_under_the_worker_costs_a_retry_and_nothing_else(start_worker):
    start_worker()
    first = make_order("first@example.com")
    wait_until(lambda: OrderLink.objects.filter(order=first).exists())

    with connection.cursor() as cursor:  # what a client sees of a restart: its connection is gone
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    orders = [make_order(f"c{n}@example.com") for n in range(5)]

    wait_until(lambda: OrderLink.objects.filter(order__in=orders).count() == 5)
    no_half_fact()


PEOPLE = 600
IMPORTED = [
    ("First name", "Last name", "E-mail", "Company", "Tags", "City"),
    *(
        ("Ada", f"Byron {n}", f"p{n}@example.com", f"Company {n % 7}", "Fair", f"City {n}")
        for n in range(PEOPLE)
    ),
]


def checked_import() -> Import:
    made = ImportFactory(rows=IMPORTED)
    imports.set_columns(made, made.columns, imports.Options(companies="make"))
    imports.start_import(imports.run(made))
    return made


def imported_people() -> list[tuple[Any, ...]]:
    """Everybody with all that the import wrote, without keys and times."""
    people = Contact.objects.order_by("last_name", "pk").prefetch_related(
        "emails", "tags", "memberships__account", "words"
    )
    return [
        (
            *(one.first_name, one.last_name, one.city, one.version, one.sort_name),
            tuple(email.address for email in one.emails.all()),
            tuple(tag.name for tag in one.tags.all()),
            tuple(row.account.name for row in one.memberships.all()),
            len(one.words.all()),
        )
        for one in people
    ]


def start_afresh() -> None:
    Account.objects.all().delete()
    Contact.objects.all().delete()
    for number in range(0, PEOPLE, 10):
        ContactFactory(first_name="Old", last_name=f"{number}", emails=[f"p{number}@example.com"])


def no_half_block() -> None:
    """What is written and how far the import says it has got agree, in one snapshot."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        counts = Import.objects.latest("pk").counts
        made = Contact.objects.filter(source=Contact.Source.IMPORT)
        assert made.count() == counts.get("create", 0)
        assert ContactEmail.objects.filter(contact__in=made).count() == made.count()


def test_an_import_whose_worker_is_killed_five_times_ends_as_an_undisturbed_one(
    start_worker, monkeypatch
):
    start_afresh()
    imports.run(checked_import())
    undisturbed = imported_people()
    monkeypatch.setattr(store, "BLOCK_ROWS", 4)  # 150 transactions
    start_afresh()
    made = checked_import()
    rng = random.Random()

    for _ in range(5):
        before = place_of(made)
        broker.publish("oscar_crm.work_on_import", made.pk)
        worker = start_worker()
        wait_until(lambda before=before: place_of(made) > before)
        time.sleep(rng.uniform(0, 0.1))
        processes = [worker, *worker.children(recursive=True)]
        for process in processes:
            process.kill()
        # A broker may hand the next message to a worker that is not quite dead yet.
        psutil.wait_procs(processes, timeout=10)
        no_half_block()

    broker.publish("oscar_crm.work_on_import", made.pk)
    start_worker()
    wait_until(lambda: Import.objects.get(pk=made.pk).state == Import.State.DONE)
    assert imported_people() == undisturbed


def place_of(made: Import) -> int:
    """How far an import has got; the whole file once it is done."""
    made.refresh_from_db()
    assert made.state == Import.State.RUNNING, "it was done before its worker was killed"
    return made.place
