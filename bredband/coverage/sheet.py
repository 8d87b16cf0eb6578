"""Lists for a spreadsheet: readable in Norwegian Excel, and never run as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from bredband.county import replacing
from bredband.inert import inert


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV: UTF-8 with BOM, semicolon, decimal comma, no formulas."""
    cells = ([_cell(value) for value in row] for row in frame.itertuples(index=False, name=None))
    write_rows([[str(name) for name in frame.columns], *cells], path)


def write_named(frame: pd.DataFrame, headings: Mapping[str, str], path: Path) -> None:
    """Write the columns that have a heading, in the order of the headings, as :func:`write`."""
    write(frame[list(headings)].rename(columns=headings), path)


def write_rows(rows: Iterable[Iterable[str]], path: Path) -> None:
    """Write rows of finished cells, so that the file is never half there."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    with replacing(path) as unfinished:
        unfinished.write_text("\ufeff" + out.getvalue(), encoding="utf-8", newline="")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".").replace(".", ",")
    return inert(str(value))
