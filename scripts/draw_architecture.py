"""Draw docs/figures/architecture.svg from the import contract in pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WIDTH, ROW, GAP, LEFT = 1080, 74, 12, 150
NAMES = (
    "command line", "planner’s page", "meeting place", "outlets", "stages", "renewal", "kept answers", "plan and tables",
    "choices", "data model", "geometry", "ground",
)  # fmt: skip
FILLS = (
    "#dbe9f6", "#dbe9f6", "#cfe3dd", "#e7e2f3", "#fdf1d6", "#f3e6e0", "#f3e6e0", "#f3e6e0", "#f3e6e0", "#f3e6e0",
    "#e8e8e8", "#e8e8e8",
)  # fmt: skip


def draw() -> str:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contract["tool"]["importlinter"]["contracts"][0]["layers"]
    height = len(layers) * (ROW + GAP) + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="system-ui, sans-serif" aria-labelledby="t">',
        '<title id="t">The floors and rooms of bredband; imports only go down</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for floor, layer in enumerate(layers):
        top = 10 + floor * (ROW + GAP)
        rooms = [room.strip() for room in layer.split("|")]
        parts.append(
            f'<text x="10" y="{top + ROW / 2 + 5}" font-size="15" fill="#444">{NAMES[floor]}</text>'
        )
        width = (WIDTH - LEFT - 10 - GAP * (len(rooms) - 1)) / len(rooms)
        for i, room in enumerate(rooms):
            x = LEFT + i * (width + GAP)
            parts.append(
                f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{ROW}" rx="6" '
                f'fill="{FILLS[floor]}" stroke="#555"/>'
            )
            parts.append(
                f'<text x="{x + width / 2:.1f}" y="{top + ROW / 2 + 6}" font-size="17" '
                f'text-anchor="middle" fill="#111">{room}</text>'
            )
    foot = height - 22
    parts.append(
        f'<text x="{LEFT}" y="{foot}" font-size="15" fill="#444">'
        "publishers’ files → sources → county folder → stages → plan → map, document, package. "
        "Imports only go down.</text>"
    )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    (ROOT / "docs" / "figures" / "architecture.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
