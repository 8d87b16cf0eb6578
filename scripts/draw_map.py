"""Draw docs/figures/map.png: the council map of a planned county, as a browser shows it.

python scripts/draw_map.py out/demo [--chromium /usr/bin/chromium]
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

try:
    from playwright.sync_api import sync_playwright
except ModuleNotFoundError:
    raise SystemExit("A browser is driven here: pip install --editable '.[test]'") from None

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "figures" / "map.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="what «bredband run» wrote")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    choices = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=choices.chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto((choices.folder / "kart.html").resolve().as_uri())
        page.locator("html[data-ready=true]").wait_for(state="attached")
        page.wait_for_timeout(1000)
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"{PICTURE.name} {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
