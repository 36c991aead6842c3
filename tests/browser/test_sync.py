"""Bringing orders in step by step: pausing, failing, going on, and without JavaScript."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from playwright.sync_api import Page, expect

from oscar_crm.models import Contact, OrderLink, ValueEntry
from oscar_crm.services import reconcile
from tests.browser.conftest import Visit
from tests.browser.lived_in import past_orders
from tests.browser.presses import press, says

URL = "/dashboard/crm/sync/"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Callable[..., None]:
    """Make steps of one order; ``steps(seconds=…, failing=…)`` slows them or breaks some."""
    monkeypatch.setattr("oscar_crm.dashboard.overview.views.STEP_SIZE", 1)
    real = reconcile.step

    def arrange(*, seconds: float = 0, failing: int = 0) -> None:
        left = [failing]

        def step(*args: Any, **kwargs: Any) -> Any:
            time.sleep(seconds)
            if left[0] and OrderLink.objects.count() == 2:
                left[0] -= 1
                raise OperationalError("database is locked")
            return real(*args, **kwargs)

        monkeypatch.setattr(reconcile, "step", step)

    return arrange


def percent(page: Page) -> int:
    return int(page.locator("[role=progressbar]").get_attribute("aria-valuenow") or 0)


def test_a_run_can_be_paused_and_continued(desk: Page, steps: Callable[..., None]) -> None:
    past_orders(8)
    steps(seconds=0.2)
    desk.goto(URL)
    press(desk, "Start")
    expect(desk.locator(".crm-sync-text")).to_contain_text(re.compile("[1-7] of 8 orders"))
    press(desk, "Pause")
    says(desk, "Paused. Press Continue to go on.")
    stopped_at = percent(desk)
    assert 0 < stopped_at < 100
    desk.wait_for_timeout(500)
    assert percent(desk) == stopped_at
    steps(seconds=0)
    press(desk, "Continue")
    says(desk, "8 orders brought in.")
    expect(desk.locator("h2")).to_have_text("Done")


def test_a_paused_run_stays_paused_when_the_page_is_loaded_again(
    desk: Page, steps: Callable[..., None]
) -> None:
    past_orders(8)
    steps(seconds=0.2)
    desk.goto("/dashboard/crm/")
    press(desk, "Bring in past orders (8 found)")
    press(desk, "Pause")
    says(desk, "Paused. Press Continue to go on.")
    desk.reload()
    expect(desk.locator("#crm-sync button")).to_have_text("Continue")
    done = OrderLink.objects.count()
    desk.wait_for_timeout(600)
    assert OrderLink.objects.count() == done < 8


def test_a_step_that_fails_is_told_and_can_be_tried_again(
    desk: Page, steps: Callable[..., None]
) -> None:
    past_orders(4)
    steps(failing=1)
    desk.goto(URL)
    press(desk, "Start")
    says(desk, "That step did not succeed")
    assert OrderLink.objects.count() == 2
    press(desk, "Continue")
    says(desk, "4 orders brought in.")


def test_a_lost_connection_is_told_and_can_be_tried_again(
    desk: Page, steps: Callable[..., None]
) -> None:
    past_orders(3)
    desk.goto(URL)
    desk.route(f"**{URL}", lambda route: route.abort())
    press(desk, "Start")
    says(desk, "the server could not be reached")
    desk.unroute(f"**{URL}")
    press(desk, "Continue")
    says(desk, "3 orders brought in.")


def test_who_was_signed_out_meanwhile_is_told_so(desk: Page, steps: Callable[..., None]) -> None:
    past_orders(3)
    desk.goto(URL)
    desk.context.clear_cookies()
    press(desk, "Start")
    says(desk, "You have been signed out.")
    assert not OrderLink.objects.exists()


def test_two_tabs_at_once_bring_each_order_in_once(
    visit: Visit, manager: Any, steps: Callable[..., None]
) -> None:
    past_orders(6)
    first, second = visit(manager), visit(manager)
    for page in (first, second):
        page.goto(URL)
    steps(seconds=0.1)
    for page in (first, second):
        press(page, "Start")
    for page in (first, second):
        expect(page.locator("h2")).to_have_text("Done")
        says(page, "6 orders checked.")
    assert OrderLink.objects.count() == 6
    assert ValueEntry.objects.count() == 6
    assert Contact.objects.count() == 6


def test_without_javascript_each_press_does_a_step(
    visit: Visit, manager: Any, steps: Callable[..., None]
) -> None:
    past_orders(2)
    steps(failing=0)
    page = visit(manager, javascript=False)
    page.goto(URL)
    press(page, "Start")
    says(page, "1 of 2 orders checked.")
    press(page, "Continue")
    says(page, "2 of 2 orders checked.")
    press(page, "Continue")
    says(page, "All orders have been checked.")
    says(page, "2 orders brought in.")


def test_without_javascript_a_step_that_fails_is_told(
    visit: Visit, manager: Any, steps: Callable[..., None]
) -> None:
    past_orders(3)
    steps(failing=1)
    page = visit(manager, javascript=False)
    page.goto(URL)
    press(page, "Start")
    press(page, "Continue")
    says(page, "2 of 3 orders checked.")
    press(page, "Continue")
    says(page, "The database was too busy for this step.")
    press(page, "Continue")
    says(page, "3 of 3 orders checked.")
