"""Small files of the studio's own, written whole or not at all.

``county`` does the same for tables, but brings geopandas: 120 MB and half a second that the
studio's server does without.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from bredband.errors import InputError, cause_of

Read = TypeVar("Read")


def remembered(read: Callable[[Path], Read], *, most: int) -> Callable[[Path], Read]:
    """Read a file once for as long as nobody changes it; what is given must not be changed.

    ``most`` is how many files are remembered.
    """

    @lru_cache(maxsize=most)
    def known(path: Path, _: tuple[int, int, int]) -> Read:
        return read(path)

    def ask(path: Path) -> Read:
        try:
            seen = path.stat()
        except OSError:
            return read(path)
        return known(path, (seen.st_ino, seen.st_mtime_ns, seen.st_size))

    return ask


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then give it its own.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    except OSError as fault:
        raise InputError(
            f"kan ikke skrives: {cause_of(fault)}.",
            file=path,
            advice="Se etter ledig plass og skriverettigheter.",
        ) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as fault:
        raise InputError(f"kan ikke skrives: {cause_of(fault)}.", file=path) from None
    finally:
        temporary.unlink(missing_ok=True)


def write_object(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON object."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; what is missing or spoilt counts as empty."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
