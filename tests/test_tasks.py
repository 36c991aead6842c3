"""The Celery tasks, run where the test runs; tests/test_worker.py has a real worker."""

from unittest.mock import patch

import pytest
from celery.exceptions import Retry
from oscar.test.factories import UserFactory

from oscar_crm import tasks
from oscar_crm.models import Contact, OrderLink
from oscar_crm.services.orders import sync_order
from oscar_crm.signals import receivers
from oscar_crm.test.factories import make_order

pytestmark = pytest.mark.django_db
SYNC = "oscar_crm.services.orders.sync_order"


def test_every_task_and_its_inline_twin_have_one_name():
    inline = set(receivers.INLINE) - {"sync_order_of_source"}

    assert {f"oscar_crm.{name}" for name in inline} <= set(tasks.sync_order.app.tasks)


def test_an_order_is_synced_by_id():
    tasks.sync_order(make_order().pk)

    assert Contact.objects.get().orders_count == 1


def test_an_order_that_is_gone_meanwhile_is_no_failure():
    tasks.sync_order(12345)


def test_a_failure_is_tried_again_later_and_later():
    order = make_order()
    delays = []
    with patch(SYNC, side_effect=ValueError("odd")):
        for retries in range(tasks.RETRIES):
            tasks.sync_order.push_request(retries=retries, called_directly=False)
            try:
                failing = patch.object(tasks.sync_order, "retry", side_effect=Retry())
                with failing as retry, pytest.raises(Retry):
                    tasks.sync_order.run(order.pk)
                delays.append(retry.call_args.kwargs["countdown"])
            finally:
                tasks.sync_order.pop_request()

    assert delays == [5, 10, 20, 40, 80, 160]


def test_the_failure_of_the_last_retry_is_written_on_the_link():
    order = make_order()
    tasks.sync_order.push_request(retries=tasks.RETRIES)
    try:
        with patch(SYNC, side_effect=ValueError("odd")):
            tasks.sync_order.run(order.pk)
    finally:
        tasks.sync_order.pop_request()

    assert OrderLink.objects.get().problem_detail == "ValueError"


def test_a_deleted_order_is_settled():
    order = make_order()
    sync_order(order)
    order.delete()

    tasks.settle_deleted_orders()

    assert Contact.objects.get().lifetime_value == 0


def test_a_registration_is_joined_by_id():
    user = UserFactory(email="ada@example.com")

    tasks.join_user(user.pk)
    tasks.join_user(user.pk)
    tasks.join_user(12345)

    assert Contact.objects.get().primary_email == "ada@example.com"


def test_the_scheduled_reconciliation_brings_in_what_was_missed():
    make_order()

    tasks.reconcile()

    assert Contact.objects.get().orders_count == 1
