from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bredband import Plan, read_scenario, run
from scripts.shared_data import shared_data as find_shared_data

# The same examples in every run: a green commit stays green.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def demo() -> Path:
    """The embedded demo county."""
    return ROOT / "data" / "demo"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the repository; tests that use it are skipped where it is absent."""
    folder = find_shared_data()
    if not folder.is_dir():
        pytest.skip(f"the real data are not at {folder} (set BREDBAND_SHARED)")
    return folder


@pytest.fixture(scope="session")
def demo_run(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """The demo county planned once, from raw files to outputs."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run(read_scenario(demo / "scenario.toml"), folder)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, started once; tests that need it are skipped where it is absent."""
    sync_api = pytest.importorskip("playwright.sync_api")
    program = os.environ.get("BREDBAND_CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
