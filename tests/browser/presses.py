"""Pressing buttons, and keeping account of those seen and those pressed.

A button is anything in a page of the CRM that looks or acts like one: links that sort, page,
filter or switch tabs are counted as well. ``make browser`` compares the two accounts at its end:
if a button is on a page, a test presses it.
"""

import re
import time
from urllib.parse import urlsplit

from django.urls import resolve
from playwright.sync_api import Locator, Page, expect

Button = tuple[str, str]  # name of the page's URL, label without the shop's data

SEEN: set[Button] = set()
PRESSED: set[Button] = set()

KINDS = (
    *("button", "input[type=submit]", "input[type=button]", "a.btn", "[role=button]", "summary"),
    *("a.page-link", "a.nav-link", "a.crm-chip", "a.crm-tile", "th a[href^='?']"),
)
# The page without Oscar's navigation and without the "×" of its messages. On Oscar's own pages
# only what the CRM adds.
OWN_PARTS = {
    "order-detail": "#crm",
    "user-detail": None,  # two rows of a table, nothing to press
    "index": None,  # a card with links
}
# The parts of labels that are the shop's data.
DATA = [
    (r"“.*”", "“…”"),  # first: a digit before the closing quote would take it along
    (r"\S*\d\S*", "…"),
    (r": .* \(remove", ": … (remove"),
    (r"(Compare and merge|Not a duplicate|Take back): .*", r"\1: …"),
    (r"^(Edit|Merge|Delete) the tag .+$", r"\1 the tag …"),
    (r"(Remove the tag|Orders of) .*?(?= remove|$)", r"\1 …"),
    (r"\b(USD|GBP|CHF|EUR)\b", "…"),
    (r"^(Erase…|Keep) .+$", r"\1 …"),
    (r"^(History|Record consent|Record withdrawal|Edit|Delete): .+$", r"\1: …"),
]
LABEL = """element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("[aria-hidden=true]").forEach(part => part.remove());
    const label = element.getAttribute("aria-label") || copy.textContent || element.value;
    return label.replace(/\\s+/g, " ").trim();
}"""
VISIBLE_LABELS = f"""elements => elements.map(element =>
    element.checkVisibility() ? ({LABEL})(element) : null)"""


def press(page: Page, label: str) -> None:
    """Click the button with exactly this label, and note that it has been pressed."""
    name, deadline = page_name(page), time.monotonic() + 10
    while label not in (shown := labels(page)):
        assert time.monotonic() < deadline, f"no “{label}” on {name}, only {shown}"
        page.wait_for_timeout(50)
    look_around(page)
    PRESSED.add((name, generic(label)))
    _buttons(page).nth(shown.index(label)).click()


def look_around(page: Page) -> None:
    """Note the buttons of a page as seen."""
    name = page_name(page)
    SEEN.update((name, generic(label)) for label in labels(page) if label)


def page_name(page: Page) -> str:
    return str(resolve(urlsplit(page.url).path).url_name)


def missed() -> list[str]:
    """Buttons that have been seen and not pressed. After the whole suite there are none."""
    return sorted(f"{page}: {label}" for page, label in SEEN - PRESSED)


def generic(label: str) -> str:
    """The label without what differs from row to row: "Assign order …"."""
    for pattern, replacement in DATA:
        label = re.sub(pattern, replacement, label)
    return label


def says(page: Page, text: str) -> None:
    """Wait until the page's content shows a text."""
    expect(page.locator(".content")).to_contain_text(text)


def lists(page: Page, *names: str) -> None:
    """Wait until exactly these names stand in the first column of the page's table."""
    expect(page.locator("td:first-child a")).to_have_text(list(names))


def _buttons(page: Page) -> Locator:
    part = OWN_PARTS.get(page_name(page), ".content")
    kinds = ", ".join(f"{part or '#nothing'} {kind}:not(#messages *)" for kind in KINDS)
    return page.locator(kinds)


def labels(page: Page) -> list[str | None]:
    """Labels of the buttons in the page's order; None stands for one that is not visible."""
    found: list[str | None] = _buttons(page).evaluate_all(VISIBLE_LABELS)
    return found
