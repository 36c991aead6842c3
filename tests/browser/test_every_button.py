"""If a button is on a page, a test presses it. Runs last and needs the whole suite before it."""

from pathlib import Path

import pytest

from tests.browser.presses import PRESSED, SEEN


@pytest.fixture
def whole_suite(request: pytest.FixtureRequest) -> None:
    """Skip unless every file of this folder runs, unfiltered."""
    chosen = {item.path for item in request.session.items}
    complete = set(Path(__file__).parent.glob("test_*.py")) <= chosen
    if not complete or request.config.getoption("keyword"):
        pytest.skip("only meaningful after all browser tests")


@pytest.mark.usefixtures("whole_suite")
def test_every_button_on_every_page_has_been_pressed() -> None:
    """``test_every_page`` walks all pages and notes their buttons, each press those around it."""
    assert SEEN, "no page has been looked at"
    missed = sorted(f"{page}: {label}" for page, label in SEEN - PRESSED)
    assert not missed, "\n".join(missed)
