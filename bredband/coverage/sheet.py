"""Lists for a spreadsheet: readable in Norwegian Excel, and never run as formulas."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV: UTF-8 with BOM, semicolon, decimal comma.

    A text that a spreadsheet would run as a formula gets an apostrophe in front. The file
    is written beside and then renamed, so it is never half there.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(frame.columns)
    for cells in frame.itertuples(index=False, name=None):
        writer.writerow([_cell(value) for value in cells])
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text("\ufeff" + out.getvalue(), encoding="utf-8", newline="")
    unfinished.replace(path)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".").replace(".", ",")
    text = str(value)
    return "'" + text if text.startswith(_STARTS_FORMULA) else text
