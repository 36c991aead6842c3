"""Publishing never holds up the shop, whatever the broker does."""

import socket
import time
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.urls import reverse
from oscar.core.loading import get_model

from oscar_crm import broker, checks
from oscar_crm.models import Contact, OrderLink
from oscar_crm.services import reconcile
from oscar_crm.test.factories import make_order
from sandbox.celery import app
from tests.shop import buy_as_guest

# Far above the second that the limits add up to, far below the forty that Celery itself would wait.
PATIENCE = 5


@pytest.fixture
def use_broker(settings, monkeypatch):
    def use(url: str) -> None:
        settings.OSCAR_CRM_ASYNC = True
        monkeypatch.setattr(app.conf, "broker_url", url)
        monkeypatch.setattr(app.conf, "broker_write_url", url)
        broker._forget()

    yield use
    broker._forget()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A socket that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_the_time_limits_add_up_to_less_than_a_second():
    assert 3 * broker.STEP_TIMEOUT < 1


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_refusing_broker_is_given_up_and_the_log_says_so(use_broker, closed_port, scheme, caplog):
    use_broker(f"{scheme}://127.0.0.1:{closed_port}//")
    began = time.monotonic()

    assert broker.publish("oscar_crm.sync_order", 7) is False

    assert time.monotonic() - began < PATIENCE
    assert "oscar_crm.sync_order(7,) could not be queued" in caplog.text


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_silent_broker_is_given_up(use_broker, silent_port, scheme):
    use_broker(f"{scheme}://127.0.0.1:{silent_port}//")
    began = time.monotonic()

    assert broker.publish("oscar_crm.sync_order", 7) is False

    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
@pytest.mark.django_db(transaction=True)
def test_a_customer_buys_while_the_broker_is_silent_and_the_order_comes_in_later(
    client, use_broker, silent_port, scheme
):
    use_broker(f"{scheme}://127.0.0.1:{silent_port}//")

    response = buy_as_guest(client)

    assert response.url == reverse("checkout:thank-you")
    assert not OrderLink.objects.exists()
    reconcile.run()
    assert Contact.objects.get().orders_count == 1


@pytest.mark.django_db(transaction=True)
def test_a_customer_buys_while_the_broker_refuses_and_the_order_comes_in_later(
    client, use_broker, closed_port
):
    use_broker(f"redis://127.0.0.1:{closed_port}/0")

    response = buy_as_guest(client)

    assert response.url == reverse("checkout:thank-you")
    reconcile.run()
    assert Contact.objects.get().orders_count == 1


def test_a_broker_that_has_just_failed_is_left_alone_for_a_while(use_broker, closed_port):
    use_broker(f"redis://127.0.0.1:{closed_port}/0")
    broker.publish("oscar_crm.sync_order", 7)

    with patch.object(broker, "_producer") as attempt:
        assert broker.publish("oscar_crm.sync_order", 8) is False
        attempt.assert_not_called()
        broker._kept.rests_until = time.monotonic()
        assert broker.publish("oscar_crm.sync_order", 9) is True


def test_a_broker_that_comes_back_is_used_again(use_broker, closed_port):
    use_broker(f"redis://127.0.0.1:{closed_port}/0")
    assert broker.publish("oscar_crm.sync_order", 7) is False

    use_broker("memory://")

    assert broker.publish("oscar_crm.sync_order", 7) is True


def test_the_connection_is_kept_and_a_stale_one_replaced(use_broker):
    use_broker("memory://")
    broker.publish("oscar_crm.sync_order", 7)
    kept = broker._kept.producer
    broker.publish("oscar_crm.sync_order", 8)
    assert broker._kept.producer is kept

    with patch.object(kept, "publish", side_effect=OSError("connection reset")):
        assert broker.publish("oscar_crm.sync_order", 9) is True

    assert broker._kept.producer is not kept


def test_a_forked_process_does_not_share_its_parents_connection(use_broker, monkeypatch):
    use_broker("memory://")
    broker.publish("oscar_crm.sync_order", 7)
    parents = broker._kept.producer
    monkeypatch.setattr(broker.os, "getpid", lambda: -1)

    broker.publish("oscar_crm.sync_order", 8)

    assert broker._kept.producer is not parents


@pytest.mark.django_db
def test_work_is_queued_by_id_and_nothing_is_done_here(settings, on_commit):
    settings.OSCAR_CRM_ASYNC = True

    with patch.object(broker, "publish") as publish, on_commit():
        order = make_order()
    with patch.object(broker, "publish") as publish_deleted, on_commit():
        get_model("order", "Order").objects.get().delete()

    publish.assert_called_once_with("oscar_crm.sync_order", order.pk)
    publish_deleted.assert_called_once_with("oscar_crm.settle_deleted_orders")
    assert not OrderLink.objects.exists()


def test_async_without_a_broker_is_reported(settings, monkeypatch):
    settings.OSCAR_CRM_ASYNC = True
    monkeypatch.setattr(app.conf, "broker_url", None)
    assert [m.id for m in checks.check_celery(None)] == ["oscar_crm.E005"]

    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1/0")
    assert checks.check_celery(None) == []
