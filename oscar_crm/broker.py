"""Publishing Celery tasks without ever holding up the shop.

Celery's own way retries for many seconds when a broker refuses and waits for ever when it accepts
and then says nothing. A customer is waiting here: one attempt, on a connection with its own time
limits, and then the reconciliation takes over.
"""

import logging
import os
import threading
import time
from typing import Any

logger = logging.getLogger("oscar_crm")

# Seconds for each step of talking to the broker. A silent one costs three of them at most: the
# connection kept from the last time, and two attempts at a fresh one.
STEP_TIMEOUT = 0.25
# Seconds for which a broker that has just failed is left alone: one checkout publishes more than
# once, and one customer shall not wait more than once.
REST = 5


class _Kept(threading.local):
    """The producer of this thread, reused while the broker stays up and the process the same."""

    producer: Any = None
    pid: int = 0
    rests_until: float = 0


_kept = _Kept()


def publish(task_name: str, *args: Any) -> bool:
    """Queue a task; False, with a line in the log, if the broker does not take it in a second."""
    from celery import current_app

    if time.monotonic() < _kept.rests_until:
        return False
    was_kept = _kept.producer is not None and _kept.pid == os.getpid()
    for is_last in (False, True) if was_kept else (True,):
        try:
            producer = _producer(current_app)
            current_app.send_task(
                task_name,
                args=args,
                producer=producer,
                retry=False,
                # Nobody asks for a result; preparing for one takes a third of the time.
                ignore_result=True,
                # What monitors show. Celery looks for secrets and length, and ours are ids.
                argsrepr=repr(args),
                kwargsrepr="{}",
            )
        except Exception as error:  # noqa: BLE001 - brokers' libraries raise of every kind
            _forget()
            if is_last:
                _kept.rests_until = time.monotonic() + REST
                logger.warning(
                    "%s%r could not be queued (%s); the next reconciliation will do it",
                    task_name,
                    args,
                    error,
                )
        else:
            return True
    return False


def _producer(app: Any) -> Any:
    if _kept.producer is None or _kept.pid != os.getpid():
        connection = app.connection_for_write(connect_timeout=STEP_TIMEOUT)
        connection.transport_options = {**connection.transport_options, **_limits()}
        # Left to itself the connection sleeps two seconds between its attempts.
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
        _kept.producer = app.amqp.Producer(connection.channel(), auto_declare=False)
        _kept.pid = os.getpid()
    return _kept.producer


def _limits() -> dict[str, Any]:
    """Time limits as kombu's transports know them; each ignores the others' names."""
    return {
        "socket_timeout": STEP_TIMEOUT,
        "socket_connect_timeout": STEP_TIMEOUT,
        "retry_on_timeout": False,
        "connect_timeout": STEP_TIMEOUT,
        "read_timeout": STEP_TIMEOUT,
        "write_timeout": STEP_TIMEOUT,
    }


def _forget() -> None:
    producer, _kept.producer, _kept.rests_until = _kept.producer, None, 0
    if producer is not None and producer.connection is not None:
        producer.connection.collect()  # drops the socket without another word to the broker
