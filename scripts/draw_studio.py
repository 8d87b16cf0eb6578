"""Draw the pictures of the studio in docs/figures, from the synthetic demo county.

    python scripts/draw_studio.py [--chromium /usr/bin/chromium]

Starts a studio in a temporary folder, walks through it in a browser, and keeps four pages.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

try:
    from playwright.sync_api import sync_playwright
except ModuleNotFoundError:
    raise SystemExit("A browser is driven here: pip install --editable '.[test]'") from None

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "figures"
LONGEST_WAIT_MS = 900_000
TALLEST_PX = 1540
NEXT_FRAME = "() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    choices = parser.parse_args()
    with studio() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=choices.chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1160})
        page.set_default_timeout(LONGEST_WAIT_MS)
        page.goto(address)
        walk(page)
        browser.close()


def walk(page: Any) -> None:
    """Load the demo county, plan it twice, and keep the form, the result and the comparison."""
    page.fill("#folder", str(ROOT / "data" / "demo"))
    page.get_by_role("button", name="Bruk mappa").click()
    page.get_by_role("link", name="Nytt scenario").first.click()
    page.fill("[name=name]", "14 millioner i året")
    page.get_by_role("button", name="Lagre og kjør").click()
    page.locator(".kpis").wait_for()
    settled(page)
    keep(page, "studio-resultat")
    page.get_by_role("link", name="Hvorfor ikke min grend?").click()
    page.locator(".picture[data-ready]").wait_for()
    page.fill("#address", "Ytterøy")
    page.locator("#hits button").first.click()
    page.locator("#answer .why li").first.wait_for()
    keep(page, "studio-hvorfor")
    page.go_back()
    page.get_by_role("link", name="Endre én ting").first.click()
    page.fill("[name=name]", "20 millioner i året")
    for box in page.locator("[name='rollout.annual_grant_nok']").all()[:4]:
        box.fill("20")
    page.locator("#verdict", has_text="gyldig").wait_for()
    page.locator("#gruppe-money").scroll_into_view_if_needed()
    keep(page, "studio-skjema")
    page.get_by_role("button", name="Lagre og kjør").click()
    page.locator(".kpis").wait_for()
    page.get_by_label("14 millioner i året").check()
    page.get_by_role("button", name="Sammenlign", exact=True).click()
    settled(page)
    keep(page, "studio-sammenligning", whole=True)


def settled(page: Any) -> None:
    """Wait until the map in the page is drawn and shown: it is painted by a process of its own."""
    page.locator("iframe.map").scroll_into_view_if_needed()
    root = page.frame_locator("iframe.map").locator("html[data-ready=true]")
    root.wait_for(state="attached")
    page.evaluate("scrollTo(0, 0)")
    root.evaluate(NEXT_FRAME)
    page.evaluate(NEXT_FRAME)
    page.wait_for_timeout(1000)


def keep(page: Any, name: str, *, whole: bool = False) -> None:
    """Keep what the window shows, or the page down to where a picture is tall enough."""
    path = FIGURES / f"{name}.webp"
    with Image.open(io.BytesIO(page.screenshot(full_page=whole))) as picture:
        tall = min(picture.height, TALLEST_PX)
        picture.crop((0, 0, picture.width, tall)).convert("RGB").save(path, quality=75, method=6)
    print(f"{path.relative_to(ROOT)} {path.stat().st_size / 1000:.0f} kB")


@contextmanager
def studio() -> Iterator[str]:
    """Start a studio in a temporary folder; give its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bredband", "studio", folder, "--no-browser"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split()[-1]
            finally:
                process.terminate()


if __name__ == "__main__":
    main()
