"""A real Chromium against a live server."""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from oscar_crm.groups import MANAGER, READ_ONLY, SALES
from oscar_crm.test.factories import make_staff
from sandbox.settings import database
from tests.browser.presses import PRESSED, SEEN, missed

# Playwright's event loop runs in this thread; Django would take it for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PASSWORD = "correct horse battery"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
PATIENCE = 10_000  # milliseconds: a busy machine may take a while
# What the dashboard's staff usually have beside the CRM: Oscar's own order and customer pages.
SHOP_PERMISSIONS = ("view_order", "view_user")

# Oscar 4.2's order page calls a function its own script does not have.
OSCARS_ERRORS = {"oscar.dashboard.orders.initTable is not a function"}

Visit = Callable[..., Page]
Shelf = dict[tuple[str, bool], list[BrowserContext]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-button",
        action="store_true",
        help="fail if a button that the tests have seen was pressed by none of them",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has seen and pressed."""
    seen, pressed = getattr(node, "workeroutput", {}).get("buttons", ((), ()))
    SEEN.update(map(tuple, seen))
    PRESSED.update(map(tuple, pressed))


def asks_for_every_button(config: pytest.Config) -> bool:
    """Of some of the tests, chosen by ``-k``, nobody expects it."""
    return bool(config.getoption("every_button") and not config.getoption("keyword"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["buttons"] = (list(SEEN), list(PRESSED))
    elif asks_for_every_button(session.config) and (missed() or not PRESSED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if asks_for_every_button(config):
        terminalreporter.section(f"{len(PRESSED)} buttons pressed, {len(missed())} missed")
        for button in missed():
            terminalreporter.line(button)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """On SQLite a file, set up as the sandbox's: in memory all requests share one transaction."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = tmp_path_factory.mktemp("db") / "db.sqlite3"
        connection.settings_dict["OPTIONS"] = database(None)["OPTIONS"]


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: Any) -> Any:
    """The server, started after the database it looks at has been made."""
    return live_server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # The first has no window to draw, and takes a quarter less time.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert executable, "Install Chromium (on Debian: apt-get install chromium)"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                # Only the live server: Oscar asks a public host for jQuery, then takes its own.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shelf(chromium: Browser) -> Shelf:
    """Browsers at rest: each keeps the scripts of the dashboard in its cache."""
    return defaultdict(list)


@pytest.fixture
def visit(chromium: Browser, shelf: Shelf, live_server: Any) -> Iterator[Visit]:
    """``visit(user)`` is a page of somebody signed in, in a browser of their own.

    ``size`` is one of ``SIZES``. A script error in one of the pages fails the test.
    """
    taken, errors = [], []

    def open_page(user: Any = None, *, size: str = "desktop", javascript: bool = True) -> Page:
        resting = shelf[size, javascript]
        context = resting.pop() if resting else new_context(chromium, size, javascript)
        taken.append((context, resting))
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    def new_context(chromium: Browser, size: str, javascript: bool) -> BrowserContext:
        width, height = SIZES[size]
        return chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )

    yield open_page
    for context, resting in taken:
        for page in context.pages:
            page.close()
        context.clear_cookies()
        resting.append(context)
    assert set(errors) - OSCARS_ERRORS == set()


@pytest.fixture
def page(visit: Visit) -> Page:
    """A page of a desktop browser, with nobody signed in."""
    return visit()


@pytest.fixture
def desk(visit: Visit, manager: Any) -> Page:
    """The manager's page."""
    return visit(manager)


@pytest.fixture
def manager(transactional_db: None) -> Any:
    """Somebody of the group "CRM manager", with a password."""
    return staff_of(MANAGER, email="manager@example.com", first_name="Mara", last_name="Boss")


@pytest.fixture
def sales(transactional_db: None) -> Any:
    """Somebody of the group "CRM sales", with a password."""
    return staff_of(SALES, email="sales@example.com", first_name="Sam", last_name="Sales")


@pytest.fixture
def reader(transactional_db: None) -> Any:
    """Somebody of the group "CRM read only", with a password."""
    return staff_of(READ_ONLY, email="reader@example.com", first_name="Rita", last_name="Reader")


def staff_of(group: str, **fields: Any) -> Any:
    user = make_staff(**fields)
    user.set_password(PASSWORD)
    user.save()
    user.groups.add(Group.objects.get(name=group))
    user.user_permissions.set(Permission.objects.filter(codename__in=SHOP_PERMISSIONS))
    return user


def session_cookie(user: Any, url: str) -> dict[str, str]:
    """Signed in without the detour through the login form."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def log_in(page: Page, user: Any) -> None:
    page.goto("/dashboard/login/")
    page.fill("#id_username", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("#dashboard_login_form input[type=submit]")
    page.wait_for_url(lambda url: "login" not in url)
