"""Text from data made harmless: for spreadsheets, which take a leading = for a formula, and for file names."""

from __future__ import annotations

import re
import unicodedata

_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """Replace control characters, tabs and line breaks by a space."""
    return "".join(" " if unicodedata.category(mark) in ("Cc", "Cs") else mark for mark in text)


def inert(text: str) -> str:
    """Make a text that no spreadsheet takes for a formula: an apostrophe goes before it.

    The characters are those that OWASP's «CSV Injection» lists, also after blanks and in
    their full-width forms.
    """
    shown = clean(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA_STARTS) else shown


def file_stem(text: str) -> str:
    """Make a text that is safe as a file name on every system: letters, digits, - and _."""
    safe = re.sub(r"[^0-9A-Za-z_-]+", "_", text).strip("_-")
    return safe[:80] or "uten_navn"
