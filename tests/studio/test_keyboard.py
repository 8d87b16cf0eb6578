"""A planner's whole way with the keyboard alone: no mouse, and focus only where the keys lead."""

from __future__ import annotations

import pytest

from tests.studio.browsing import text


@pytest.fixture
def tab_to(page):
    """Press Tab (or Shift+Tab) until what is wanted has the focus, a bounded number of times."""

    def go(selector, *, key="Tab", most=45):
        for _ in range(most):
            page.keyboard.press(key)
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is not within {most} presses of {key} at {page.url}")

    return go


def follow(page, tab_to, selector, **how):
    tab_to(selector, **how)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_whole_way_by_keyboard(server, page, tab_to):
    page.goto(server.address)
    follow(page, tab_to, "a[href='/fylke/lilleland']", most=10)
    follow(page, tab_to, "a[href='/fylke/lilleland/nytt']", most=10)
    plan(page, tab_to, "Med tastatur")
    assert "est mulig" in text(page, ".proof")

    # One thing changed: past the map and the list of areas, and back into the list from its end.
    follow(page, tab_to, "a[href*='/nytt?fra=']", most=10)
    page.locator("#pick[data-ready]").wait_for()
    tab_to("#name")
    page.keyboard.type("Uten den siste")
    tab_to("a.skip.over")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "resten"
    tab_to("input[name='rollout.must_not_build']", key="Shift+Tab", most=3)
    page.keyboard.press("Space")
    left_out = page.evaluate("document.activeElement.closest('tr').querySelector('th').innerText")
    follow(page, tab_to, "button[name=kjor]", most=10)
    page.locator(".kpis").wait_for()
    assert left_out.split(" ")[0] in text(page, "tr.left")
    assert "Scenariet holder området utenfor" in text(page, "tr.left")

    # Side by side, past the council map.
    tab_to("a.skip.over", most=12)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "penger"
    tab_to("input[name=s][value='med-tastatur']", most=30)
    page.keyboard.press("Space")
    follow(page, tab_to, "main form[action='/sammenlign'] button", most=10)
    assert page.locator(".side-by-side thead th").count() == 2

    # Why not my hamlet: on the map, with the arrows.
    follow(page, tab_to, ".side-by-side a", most=10)
    follow(page, tab_to, "a[href$='/hvorfor']", most=12)
    page.locator("#why-map[data-ready]").wait_for()
    tab_to("#why-map > canvas", most=10)
    for key in ("+", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "-", "Enter"):
        page.keyboard.press(key)
    page.locator("#answer .verdict").wait_for()
    tab_to("a.mark", most=12)  # the map does not keep the focus


def plan(page, tab_to, name):
    """Name a scenario, save it and run it, and wait for what comes of it."""
    tab_to("#name", most=10)
    page.keyboard.press("Control+A")
    page.keyboard.type(name)
    page.keyboard.press("Enter")  # in a box it does nothing: she has not chosen to save
    page.locator("#verdict", has_text="Scenariet er gyldig").wait_for()
    follow(page, tab_to, "button[name=kjor]")
    page.locator(".kpis").wait_for()
