from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bredband import maps
from tests.maps.example import (
    HOSTILE,
    example_background,
    example_plan,
    example_signal,
    in_one_kommune,
)


@pytest.fixture(scope="session")
def plan():
    return example_plan()


@pytest.fixture(scope="session")
def background(plan):
    background = example_background(plan, cell_m=100.0)
    return dataclasses.replace(background, signal=example_signal(background.terrain))


@pytest.fixture(scope="session")
def pages(plan, background, tmp_path_factory) -> dict[str, Path]:
    """One of each kind of map, written once for the whole session."""
    folder = tmp_path_factory.mktemp("maps")
    nynorsk = example_plan(language="nn", hostile=HOSTILE)
    less = example_plan(seed=2)
    names = ("kart", "nynorsk", "public", "comparison", "alone")
    made = {name: folder / f"{name}.html" for name in names}
    maps.write_map(plan, made["kart"], background=background)
    maps.write_map(nynorsk, made["nynorsk"], background=example_background(nynorsk, cell_m=300.0))
    maps.write_map(plan, made["public"], background=background, public=True)
    maps.write_comparison(plan, less, made["comparison"], background=background)
    maps.write_map(in_one_kommune(plan), made["alone"], background=background)
    return made


@pytest.fixture
def open_page(chromium, pages) -> Callable[..., Any]:
    """Open a map with the network blocked; fail on any request, console error or fault."""

    @contextmanager
    def opened(name: str, fragment: str = "", width: int = 1280, height: int = 800):
        context = chromium.new_context(viewport={"width": width, "height": height})
        faults: list[str] = []
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))

        def only_disk(route: Any) -> None:
            if route.request.url.startswith("file:"):
                route.continue_()
            else:
                faults.append(f"asked for {route.request.url}")
                route.abort()

        page.route("**/*", only_disk)
        page.goto(f"file://{pages[name]}{fragment}")
        page.locator("html[data-ready]").wait_for(state="attached")
        assert page.locator("html").get_attribute("data-ready") == "true"
        yield page
        context.close()
        assert faults == []

    return opened
