"""Write the documents that are made from the code: docs/scenario.md and docs/data-model.md."""

from __future__ import annotations

from pathlib import Path

from bredband.scenario.document import markdown_of_fields
from bredband.tables import markdown_of_all

DOCS = Path(__file__).resolve().parents[1] / "docs"

GENERATED = {"scenario.md": markdown_of_fields, "data-model.md": markdown_of_all}


def main() -> None:
    for name, write in GENERATED.items():
        (DOCS / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
