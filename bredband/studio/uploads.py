"""Files dropped in the studio: bounded in size, kind and number, and never outside their folder."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath
from typing import IO

from bredband.errors import InputError

MOST_BYTES = 2 * 1024**3
"""Largest file that is taken."""

MOST_UNPACKED_BYTES = 4 * 1024**3
"""Most that a zip file, with those inside it, may unpack to."""

MOST_MEMBERS, MOST_FILES = 20_000, 500
"""Most files in a zip file, and in the folder of a county."""

ENDINGS = (
    ".csv", ".txt", ".tsv", ".zip", ".parquet", ".geojson", ".json", ".gpkg", ".osm", ".pbf",
    ".gml", ".tif", ".tiff", ".xlsx",
)  # fmt: skip

_LONGEST_NAME = 120
_DENSEST, _DENSE_FROM_BYTES = 200, 50 * 1024**2
"""A member this many times smaller packed than unpacked, and so large, is a bomb."""
_DEEPEST, _INNER_BYTES = 2, 512 * 1024**2
"""How deep zip files may lie in zip files, and how large one of them may be."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Give a file name back if it is only a name, of a kind that the studio reads.

    Raises
    ------
    InputError
        When the name could lead out of its folder, or the kind is another.
    """
    plain = unicodedata.normalize("NFC", name)
    odd = any(unicodedata.category(c)[0] == "C" or c in '/\\:*?"<>|' for c in plain)
    if (
        odd
        or plain.startswith(".")
        or len(plain.encode()) > _LONGEST_NAME
        or _RESERVED.fullmatch(plain)
    ):
        raise InputError(
            "filnavnet kan ikke brukes.",
            advice="Gi fila et kort navn uten skråstrek og andre spesialtegn.",
        )
    if not plain.lower().endswith(ENDINGS):
        raise InputError(
            f"«{plain}» er en filtype studio ikke leser.",
            advice=f"Studio leser {', '.join(ENDINGS)}.",
        )
    return plain


async def receive(
    stream: AsyncIterator[bytes], declared: int | None, folder: Path, name: str
) -> Path:
    """Take a file as it comes, and put it in its folder only when it is whole and harmless.

    Raises
    ------
    InputError
        When it is too large, the disk is too full, or a zip file holds what it should not.
    """
    target = folder / safe_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    present = sum(1 for _ in folder.iterdir())
    if present >= MOST_FILES and not target.exists():
        raise InputError(f"mappa har alt {MOST_FILES} filer.", advice="Slett noen først.")
    _has_room(declared or 0, folder)
    handle, temporary_name = tempfile.mkstemp(prefix=".delvis-", dir=folder)
    temporary = Path(temporary_name)
    try:
        size = 0
        with os.fdopen(handle, "wb") as file:
            async for chunk in stream:
                size += len(chunk)
                _has_room(size, folder)
                file.write(chunk)
        if size == 0:
            raise InputError(f"«{target.name}» er tom.", advice="Last den ned på nytt.")
        with temporary.open("rb") as file:
            check_zip(target.name, file)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def check_zip(name: str, file: IO[bytes]) -> None:
    """Refuse a zip file that unpacks to too much or has names that lead out of its folder.

    Raises
    ------
    InputError
        With the reason; a file that is no zip file passes.
    """
    file.seek(0)
    if file.read(4) != b"PK\x03\x04" and not name.lower().endswith((".zip", ".xlsx")):
        return
    file.seek(0)
    _check_members(name, file, MOST_UNPACKED_BYTES, depth=1)


def _check_members(name: str, file: IO[bytes], room: int, depth: int) -> int:
    """Give the room that is left for unpacking after this archive and those inside it."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise InputError(f"«{name}» inneholder mer enn {MOST_MEMBERS} filer.")
            for member in members:
                room -= member.file_size
                dense = member.file_size > _DENSEST * max(member.compress_size, 1)
                if room < 0 or (dense and member.file_size > _DENSE_FROM_BYTES):
                    raise InputError(
                        f"«{name}» blir for stor når den pakkes ut.",
                        advice="Pakk den ut selv og slipp filene du trenger.",
                    )
                _check_member_name(name, member.filename)
                if member.filename.lower().endswith(".zip"):
                    room = _check_inner(name, archive, member, room, depth)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError):
        raise InputError(
            f"«{name}» er skadet eller låst, og kan ikke pakkes ut.", advice="Last den ned på nytt."
        ) from None
    return room


def _check_inner(
    name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int, depth: int
) -> int:
    if depth >= _DEEPEST or member.file_size > _INNER_BYTES:
        raise InputError(
            f"«{name}» har zip-filer inni zip-filer.", advice="Pakk den ut og slipp filene."
        )
    with archive.open(member) as inner:
        return _check_members(name, io.BytesIO(inner.read(_INNER_BYTES + 1)), room, depth + 1)


def _check_member_name(name: str, member: str) -> None:
    path = PurePosixPath(member.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in member or "\0" in member:
        raise InputError(
            f"«{name}» har filnavn som peker ut av mappa.", advice="Fila blir ikke tatt imot."
        )


def _has_room(size: int, folder: Path) -> None:
    if size > MOST_BYTES:
        raise InputError(
            f"fila er større enn {MOST_BYTES // 1024**2} MB.",
            advice="Legg den på disken og oppgi mappa i stedet.",
        )
    if shutil.disk_usage(folder).free < size + 200 * 1024**2:
        raise InputError("det er for lite plass på disken.", advice="Frigjør plass og prøv igjen.")
