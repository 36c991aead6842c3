"""Smoke test of `make sandbox`: a fresh small shop answers, and a second start is quick.

Usage: python -m tools.check_sandbox

It runs in a copy of the working tree, so that a developer's own demo shop is left alone.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from tools.assets import ROOT

SEED = "--customers 12 --orders 25 --products 10 --months 3"
LOGIN = "/dashboard/login/"
OWNER = ("owner@example.com", "northern-light")  # published: the demo's own login
CRM_PAGES = ("/dashboard/crm/", "/dashboard/crm/contacts/", "/dashboard/orders/")
FIRST_START_SECONDS = 240
LATER_START_SECONDS = 15
SKIPPED = (".git", ".venv*", "node_modules", "build", "dist", "__pycache__", ".*_cache", "media")


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sandbox(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The sandbox of that tree, served as `make sandbox` does, until the block ends."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "tools.run_sandbox", "--port", str(port), "--seed", SEED]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # with the command it may be running
        process.wait(10)


class Visitor:
    """A browser without eyes: keeps its cookies and follows redirects."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = CookieJar()
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.cookies))

    def get(self, page: str, data: dict[str, str] | None = None) -> tuple[int | None, str]:
        """Status and path of the page finally reached; None while nobody answers."""
        body = urlencode(data).encode() if data else None
        try:
            with self.opener.open(self.address + page, body, timeout=60) as response:
                return int(response.status), urlsplit(response.url).path
        except HTTPError as error:
            return error.code, page
        except OSError:
            return None, page

    def log_in(self, email: str, password: str) -> None:
        """Log in to the dashboard through its form."""
        self.get(LOGIN)
        token = next(cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken")
        fields = {"username": email, "password": password, "csrfmiddlewaretoken": token}
        self.get(LOGIN, fields)

    def expect(self, page: str, reached: str) -> None:
        """RuntimeError unless the page answers 200 and ends at that path; prints the time."""
        started = time.monotonic()
        status, path = self.get(page)
        print(f"-- {page}: {status} {path} in {time.monotonic() - started:.2f} s", flush=True)
        if (status, path) != (200, reached):
            raise RuntimeError(f"{page} answers {status} at {path}, not 200 at {reached}")


def seconds_to_first_page(
    process: subprocess.Popen[bytes], visitor: Visitor, limit: float
) -> float:
    """Wait for the shop's front page; RuntimeError when it does not come in time."""
    started = time.monotonic()
    while (status := visitor.get("/")[0]) is None:
        elapsed = time.monotonic() - started
        if process.poll() is not None or elapsed > limit:
            raise RuntimeError(f"no page after {elapsed:.0f} s")
        time.sleep(0.2)
    if status != 200:
        raise RuntimeError(f"the front page answers {status}")
    return time.monotonic() - started


def start(folder: Path, limit: float) -> None:
    """One start: the first page in time, then the shop, the login and the CRM."""
    port = free_port()
    visitor = Visitor(f"http://127.0.0.1:{port}")
    with sandbox(folder, port) as process:
        seconds = seconds_to_first_page(process, visitor, limit)
        print(f"-- first page after {seconds:.1f} s (limit {limit:.0f} s)", flush=True)
        if seconds > limit:
            raise RuntimeError("too slow")
        visitor.expect("/catalogue/", "/catalogue/")
        visitor.expect(LOGIN, LOGIN)
        visitor.expect("/dashboard/crm/", LOGIN)
        visitor.log_in(*OWNER)
        for page in CRM_PAGES:
            visitor.expect(page, page)


def main() -> int:
    """Start twice: fresh, then again; 1 when one of them fails."""
    with tempfile.TemporaryDirectory(prefix="crm-sandbox-") as parent:
        folder = Path(parent) / "tree"
        ignored = shutil.ignore_patterns(*SKIPPED, "db.sqlite3*")
        shutil.copytree(ROOT, folder, ignore=ignored)
        try:
            start(folder, FIRST_START_SECONDS)
            start(folder, LATER_START_SECONDS)
        except RuntimeError as error:
            print(f"FAILED: {error}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
