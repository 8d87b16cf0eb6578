"""The documents' own fonts, and which letters they can draw."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path

FONT = "Source Sans Pro"
FALLBACK_FONT = "DejaVu Sans"
"""Draws the letters that the first font lacks."""

_WEIGHTS = ("Regular", "It", "Semibold", "Bold")
_ABSENT = "\ufffd"


def font_files() -> list[Path]:
    """Give the font files, which come with packages and are the same on every machine."""
    own = Path(str(resources.files("font_source_sans_pro"))) / "files"
    sans = [own / f"SourceSansPro-{weight}.ttf" for weight in _WEIGHTS]
    return [*sans, *(_fallback_folder() / f"DejaVuSans{weight}.ttf" for weight in ("", "-Bold"))]


def _fallback_folder() -> Path:
    import matplotlib as mpl  # noqa: PLC0415

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


def drawable(text: str) -> str:
    """Replace what the font cannot draw with a replacement mark, and drop control characters."""
    letters = _letters()
    kept = (" " if unicodedata.category(mark) == "Cc" else mark for mark in text)
    return "".join(mark if ord(mark) in letters else _ABSENT for mark in kept)


@cache
def _letters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    regular = FT2Font(str(_fallback_folder() / "DejaVuSans.ttf")).get_charmap()
    bold = FT2Font(str(_fallback_folder() / "DejaVuSans-Bold.ttf")).get_charmap()
    return frozenset(regular) & frozenset(bold)
