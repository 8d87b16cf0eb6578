"""Files and what lies in their zips, as bytes and as text."""

from __future__ import annotations

import functools
import io
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from bredband.errors import InputError

_PIECE_BYTES = 1024**2


def members(path: Path, suffixes: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Give the name and content of a file, or of the matching files inside a zip at any depth.

    Raises
    ------
    InputError
        When the file is missing, is a folder, is a damaged zip, or the zip holds no match.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("fila finnes ikke.", file=path, advice="Kontroller navnet.") from None
    except IsADirectoryError:
        raise InputError(
            "er en mappe.", file=path, advice="Oppgi filene i mappa, for eksempel mappe/*.csv."
        ) from None
    except PermissionError:
        raise InputError("kan ikke leses: ingen tilgang.", file=path) from None
    if path.suffix.lower() == ".xlsx" or not (
        path.suffix.lower() == ".zip" or data.startswith(b"PK\x03\x04")
    ):
        yield path.name, data
        return
    found = list(_unzip(path.name, data, tuple(suffixes)))
    if not found:
        raise InputError(f"zip-fila inneholder ingen {' eller '.join(suffixes)}.", file=path)
    yield from found


def decode(name: str, data: bytes) -> str:
    """Decode text: UTF-8 with or without byte-order mark, UTF-16 with one, else Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        "tegnene kan ikke leses, verken som UTF-8 eller Windows-1252.",
        file=name,
        advice="Lagre fila på nytt som CSV UTF-8.",
    )


def _unzip(name: str, data: bytes, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in sorted(archive.namelist()):
                lower = member.lower()
                if lower.endswith(".zip"):
                    yield from _unzip(f"{name}/{member}", _read(archive, member), suffixes)
                elif lower.endswith(suffixes) and "__macosx" not in lower:
                    yield f"{name}/{member}", _read(archive, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as fault:
        raise InputError(
            "zip-fila er skadet.", file=name, advice="Last den ned på nytt."
        ) from fault
    except (RuntimeError, NotImplementedError, ValueError) as fault:  # password, unknown packing
        raise InputError(
            "zip-fila kan ikke pakkes ut.",
            file=name,
            advice="Er den låst med et passord, så pakk den ut selv.",
        ) from fault


def _read(archive: zipfile.ZipFile, member: str) -> bytes:
    """Unpack a member a piece at a time: one that is larger than it says ends there."""
    with archive.open(member) as packed:
        return b"".join(iter(functools.partial(packed.read, _PIECE_BYTES), b""))
