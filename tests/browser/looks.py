"""Judging how a page looks: whether it fits the window, and what axe-core has to say."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What the CRM neither writes nor forks.
NOT_OURS = [
    "#top_nav_bar > ul",  # Oscar's layout: the form of "Log out" stands in the list of links
    ".select2-selection__rendered",  # Select2's inner "textbox" has no name; its box has one
]
RUN = """([rules, excluded]) => axe.run(
    {exclude: excluded.map(selector => [selector])},
    {runOnly: rules, resultTypes: ["violations"]},
).then(results => results.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`)
))"""
STICKING_OUT = """[...document.querySelectorAll("body *")]
    .filter(element => element.getBoundingClientRect().right > window.innerWidth)
    .slice(0, 5).map(element => "sticks out: " + element.outerHTML.slice(0, 120))"""


def complaints(page: Page) -> list[str]:
    """What axe finds on a page: the rule, the element, and how to mend it."""
    assert AXE.is_file(), "axe-core is missing: run `make assets`"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [str(complaint) for complaint in page.evaluate(RUN, [RULES, NOT_OURS])]


def sideways(page: Page) -> list[str]:
    """Empty if the page does not scroll sideways, else what is too wide."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    if page.evaluate("document.documentElement.scrollWidth") <= width:
        return []
    return [str(element) for element in page.evaluate(STICKING_OUT)] or ["too wide"]
