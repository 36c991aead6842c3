"""A real Chromium against a live server."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Browser, Page, sync_playwright

from oscar_crm.test.factories import make_staff

# Playwright's event loop runs in this thread; Django would take it for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "correct horse battery"  # noqa: S105
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert executable, "Install Chromium (on Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """A page of a desktop browser; a script error in one of our pages fails the test."""
    width, height = SIZES["desktop"]
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": width, "height": height}
    )
    # Only the live server: Oscar asks a public host for jQuery first, then falls back to its own.
    context.route(
        lambda url: not url.startswith(live_server.url), lambda route: route.abort()
    )
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def manager(transactional_db: None) -> Any:
    """Somebody of the group "CRM manager", with a password."""
    return staff_of("CRM manager", email="manager@example.com", first_name="Mara", last_name="Boss")


@pytest.fixture
def sales(transactional_db: None) -> Any:
    """Somebody of the group "CRM sales", with a password."""
    return staff_of("CRM sales", email="sales@example.com", first_name="Sam", last_name="Sales")


def staff_of(group: str, **fields: Any) -> Any:
    user = make_staff(**fields)
    user.set_password(PASSWORD)
    user.save()
    user.groups.add(Group.objects.get(name=group))
    return user


def log_in(page: Page, user: Any) -> None:
    page.goto("/dashboard/login/")
    page.fill("#id_username", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("#dashboard_login_form input[type=submit]")
    page.wait_for_url(lambda url: "login" not in url)
