"""Which letters the documents' own font can draw."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

FONT = "DejaVu Sans"
_ABSENT = "\ufffd"


def font_folder() -> Path:
    """Give the folder of the fonts that come with matplotlib, the same on every machine."""
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

    regular = FT2Font(str(font_folder() / "DejaVuSans.ttf")).get_charmap()
    bold = FT2Font(str(font_folder() / "DejaVuSans-Bold.ttf")).get_charmap()
    return frozenset(regular) & frozenset(bold)
