"""What the browser tests of the studio share: a page held against what every page must be."""

from __future__ import annotations

try:
    from axe_playwright_python.sync_playwright import Axe
except ImportError:
    Axe = None

CRUSHED = """() => [...document.querySelectorAll("th, td, dt, label, p")].filter((e) =>
    e.textContent.trim().length > 8 && e.clientWidth > 0 && e.clientWidth < 50 && !e.closest(".quiet")
    && e.clientHeight > 90).map((e) => e.textContent.trim().slice(0, 40))"""
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def look_over(page, seen: str) -> None:
    """Hold a page against WCAG with axe, and see that it fits a laptop and a tablet."""
    page.wait_for_load_state()
    for width, height in ((1280, 800), (768, 1024)):
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{seen} is {wide} px too wide at {width}"
        assert page.evaluate(CRUSHED) == [], f"{seen} has words broken to letters at {width}"
    page.set_viewport_size({"width": 1280, "height": 800})
    if Axe is None:
        return
    options = {"runOnly": {"type": "tag", "values": AXE_RULES}}
    found = Axe().run(page, options=options).response["violations"]
    assert [f"{seen}: {v['id']}: {v['nodes'][0]['html'][:120]}" for v in found] == []


def text(page, selector: str) -> str:
    return page.locator(selector).first.inner_text().replace("\u202f", " ").replace("\xa0", " ")
