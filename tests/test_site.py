"""The documentation as a site: built without a network, whole, and asking nobody for anything."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import sys
import threading
import tomllib

import pytest


def leaves(nav):
    for entry in nav:
        for page in entry.values():
            yield from leaves(page) if isinstance(page, list) else (page,)


@pytest.fixture(scope="module")
def pages(root):
    """The pages of the menu, as files under docs."""
    site = tomllib.loads((root / "zensical.toml").read_text("utf-8"))
    return list(leaves(site["project"]["nav"]))


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    """The site, built from a copy of the documents and served on the loopback."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(root / "docs", folder / "docs")
    (folder / "zensical.toml").write_bytes((root / "zensical.toml").read_bytes())
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    handler = functools.partial(Quiet, directory=folder / "out" / "site")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_every_document_is_in_the_menu(root, pages):
    assert sorted(pages) == sorted(p.name for p in (root / "docs").glob("*.md"))


def test_site_asks_nobody_and_finds_what_is_searched(site, pages, chromium):
    with chromium.new_context() as context:
        page = context.new_page()
        asked, faults = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        for name in pages:
            page.goto(f"{site}/{name.removesuffix('.md')}.html")
            assert page.locator("h1").first.is_visible(), name
        page.keyboard.press("/")
        page.locator("input:focus").fill("tilskuddsramme")
        page.locator("a[href*='scenario.html']", has_text="tilskudd").first.wait_for()
    foreign = [url for url in asked if not url.startswith((site, "blob:", "data:"))]
    assert not foreign
    assert not faults
