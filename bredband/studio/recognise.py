"""Tell what a file is from what it holds, not from what it is called."""

from __future__ import annotations

import csv
import re
import sqlite3
import zipfile
from pathlib import Path

from bredband.scenario.sources import Sources

_HEAD_BYTES = 256 * 1024

_TABLE_RULES: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = tuple(
    (source, frozenset(needed.split()), frozenset(one_of.split()))
    for source, needed, one_of in (
        ("hearing", "adresseid svar tilbyder", "grunn status kommentar"),
        ("calls", "adresseid svar tilbyder", "sannsynlighetfortilbudet"),
        ("calls", "adresseid svar tilbydar", "sannsynfortilbodet"),
        ("addresses", "adressenavn nord", "adressetype adressetekst"),
        ("household_counts", "hus", "adrid adresseid lokalid"),
        ("household_counts", "", "bruksenhetstype bruksenhetsnummer"),
        ("planned", "tilb tek", "ferdig ferdigdato"),
        ("operators", "tilb tek", "adrid adresseid lokalid"),
        ("lacking", "adressenavn", "adresseid adrid"),
        ("survey", "", "svarid hartilbud harbredbånd respondentid"),
        ("speed_tests", "", "testid pingms maaltnedmbps måltnedmbps downloadmbps"),
        ("masts", "", "mastid sektorer baandmhz antennehøydem antennehoydem"),
        ("lit_fibre", "", "punktid nodeid"),
        ("places", "", "stedsnavn skrivemåte navneobjekttype"),
        ("places", "navn type ost nord", "epsg"),
        ("business_grid", "", "esttot bedrifter emptot"),
        ("dwellings_grid", "", "boligerialt poptot antallboliger boliger ntot"),
        ("kommune_tables", "", "dekningforfastbredbåndpåkommunenivåsyntetisk komnr"),
    )
)
_SHAPE_RULES = (
    ("borders", frozenset({"kommunenummer", "kommunenavn", "komnr"})),
    ("deposits", frozenset({"losmassetype", "løsmassetype", "jordart"})),
    ("roads", frozenset({"veglenkesekvensid", "vegkategori", "typeveg"})),
    ("landcover", frozenset({"objtype", "arealdekke", "objekttype"})),
    ("poles", frozenset({"rekkeid", "stolperekke", "stolpeid", "stolper"})),
)
_XML_WORDS = (
    ("<osm", "roads"), ("TrekkerørKanal", "ducts"), ("Veglenke", "roads"), ("Kommune", "borders"),
)  # fmt: skip


def recognise(path: Path) -> str:
    """Give the source (a key of ``[sources]``) that a file looks like; empty if none."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(path)
    if head.startswith(b"SQLite format 3\0"):
        return _in_geopackage(path)
    return _of_head(head, path)


def sources_of(paths: list[Path]) -> dict[str, list[Path]]:
    """Sort files by the source they look like, in the order of the scenario's own section."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        if source := recognise(path):
            found.setdefault(source, []).append(path)
    return {name: found[name] for name in Sources.model_fields if name in found}


def _of_head(head: bytes, path: Path) -> str:
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "terrain"
    if b"OSMHeader" in head[:64]:
        return "roads"
    if head.startswith(b"PAR1"):
        return _of_columns(set(re.findall(r"[a-zæøå_]+", _tail(path), re.IGNORECASE)))
    text = _decoded(head).lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return next((source for word, source in _XML_WORDS if word in text), "")
    if text.startswith(("{", "[")):
        return _of_json(text)
    return _of_table(text)


def _tail(path: Path) -> str:
    """Read the end of a Parquet file, where its columns are named."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _HEAD_BYTES, 0))
        return file.read().decode("utf-8", "replace")


def _decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    text = head.decode("utf-8", "replace")
    return head.decode("cp1252", "replace") if "\ufffd" in text[:-4] else text


def _of_table(text: str) -> str:
    for line in text.splitlines()[:6]:
        for delimiter in (";", ",", "\t", "|"):
            columns = next(csv.reader([line[:20_000]], delimiter=delimiter), [])
            if source := _of_columns(set(columns)):
                return source
    return ""


def _of_columns(columns: set[str]) -> str:
    plain = {_plain(column) for column in columns}
    for source, needed, one_of in _TABLE_RULES:
        if needed <= plain and plain & one_of:
            return source
    return ""


def _of_json(text: str) -> str:
    keys = {_plain(key) for key in re.findall(r'"([^"\\]{1,60})"\s*:', text)}
    for source, names in _SHAPE_RULES:
        if keys & names:
            return source
    if re.search(r'"type"\s*:\s*"(Multi)?LineString"', text):
        return "ducts"
    return "lit_fibre" if re.search(r'"type"\s*:\s*"Point"', text) else ""


def _in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "[Content_Types].xml" in names:
                return "kommune_tables"
            for name in sorted(names)[:200]:
                if not name.endswith("/") and not name.lower().endswith(".zip"):
                    with archive.open(name) as member:
                        head = member.read(_HEAD_BYTES)
                    if source := _of_head(head, path):
                        return source
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
        return ""
    return ""


def _in_geopackage(path: Path) -> str:
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as base:
            shapes = dict(
                base.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns")
            )
            for table, shape in shapes.items():
                quoted = table.replace('"', '""')
                columns = {row[1] for row in base.execute(f'PRAGMA table_info("{quoted}")')}
                plain = {_plain(column) for column in columns}
                for source, names in _SHAPE_RULES:
                    if plain & names:
                        return source
                if "LINE" in shape.upper():
                    return "ducts"
    except sqlite3.Error:
        return ""
    return ""


def _plain(header: str) -> str:
    """Reduce a header to what is compared, as ``reading`` does (which brings pandas)."""
    return re.sub(r"[\W_]+", "", header.casefold())
