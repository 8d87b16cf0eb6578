"""Tables as Norwegian offices deliver them, and the note that all of it is invented."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from ..place import EPSG


def write_csv(path: Path, table: pd.DataFrame, encoding: str = "utf-8-sig") -> None:
    """Write a table with semicolons and CRLF, as Norwegian offices do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(index=False, sep=";", lineterminator="\r\n")
    path.write_bytes(text.encode(encoding, errors="replace"))  # cp1252 has no Č: publishers write ?


def write_provenance(folder: Path) -> None:
    """Say in a file of its own that everything here is synthetic."""
    facts = {
        "title": "Demofylket (syntetisk)",
        "synthetic": True,
        "note": "Alt i denne mappen er oppdiktet av scripts/make_demo.py. Ingen data er kopiert.",
        "generator": "scripts/make_demo.py",
        "licence": "CC0-1.0",
        "crs": f"EPSG:{EPSG}",
    }
    text = json.dumps(facts, ensure_ascii=False, indent=2) + "\n"
    (folder / "provenance.json").write_text(text, encoding="utf-8", newline="\n")
