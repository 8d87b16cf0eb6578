"""The county folder: a GeoParquet file per table, and where everything came from."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from bredband import tables
from bredband.errors import InputError, cause_of
from bredband.grid import Raster, word_projection

TABLE_FOLDER = "tabeller"
PROVENANCE = "provenance.json"


@dataclass(frozen=True)
class SourceFile:
    """One file that the county folder was made from."""

    source: str
    file: str
    sha256: str
    size_bytes: int
    publisher: str
    licence: str
    date: str


@dataclass(frozen=True)
class County:
    """What is known about a county before anything is planned: tables, and the terrain if any.

    ``surface`` has the heights of trees and roofs on the cells of ``terrain``.
    """

    kommuner: gpd.GeoDataFrame
    premises: gpd.GeoDataFrame
    availability: pd.DataFrame
    evidence: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    ducts: gpd.GeoDataFrame
    landcover: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    published: pd.DataFrame = field(default_factory=partial(tables.empty, "published"))
    excluded: gpd.GeoDataFrame = field(default_factory=partial(tables.empty, "excluded"))
    terrain: Raster | None = None
    surface: Raster | None = None


COUNTY_TABLES = tuple(
    part.name for part in fields(County) if part.name not in ("terrain", "surface")
)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` that takes its place only if all goes well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent
        )
    except OSError as fault:
        raise InputError(
            f"kan ikke skrive hit: {cause_of(fault)}.",
            file=path,
            advice="Velg en mappe du kan skrive i, med ledig plass.",
        ) from None
    os.close(handle)
    temporary = Path(name)
    temporary.unlink()
    try:
        yield temporary
        temporary.replace(path)
    except OSError as fault:
        raise InputError(
            f"kunne ikke skrives: {cause_of(fault)}.",
            file=path,
            advice="Se etter ledig plass og skriverettigheter.",
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def write_table(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """Check a table and write it into the county folder, whole or not at all.

    Raises
    ------
    TableError
        If the frame breaks the data model.
    InputError
        If the folder cannot be written to.
    """
    tables.check(frame, name)
    ordered = frame[_columns(name)]
    if isinstance(ordered, gpd.GeoDataFrame):
        ordered = word_projection(ordered)
    with replacing(folder / TABLE_FOLDER / f"{name}.parquet") as temporary:
        ordered.to_parquet(temporary, index=False, compression="zstd")


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table from the county folder and check it.

    Raises
    ------
    InputError
        If the table is absent or cannot be read; ``TableError`` if it breaks the data model.
    """
    path = folder / TABLE_FOLDER / f"{name}.parquet"
    if not path.is_file():
        raise InputError(
            f"tabellen «{name}» finnes ikke.",
            file=path,
            advice="Kjør «bredband run» for dette scenariet først.",
        )
    try:
        read = gpd.read_parquet if tables.TABLES[name].geometry else pd.read_parquet
        frame: pd.DataFrame = read(path)
    except (OSError, ValueError) as fault:
        raise InputError(
            "kan ikke leses som Parquet.", file=path, advice="Lag den på nytt med «bredband run»."
        ) from fault
    advice = "Er mappa skrevet av en annen versjon av bredband, så kjør «bredband run» på nytt."
    tables.check(frame, name, file=str(path), advice=advice)
    return frame


def write_county(folder: Path, county: County) -> None:
    """Write every table of the county; the terrain is a raster, which ``terrain`` writes."""
    for name in COUNTY_TABLES:
        write_table(folder, name, getattr(county, name))


def read_county(folder: Path) -> County:
    """Read what ``write_county`` wrote, without the terrain."""
    read: dict[str, Any] = {name: read_table(folder, name) for name in COUNTY_TABLES}
    return County(**read)


def describe_file(source: str, path: Path, publisher: str, licence: str, date: str) -> SourceFile:
    """Note a file's name, size, SHA-256 and terms; of a FileGDB, of its files in order of name."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    size = sum(file.stat().st_size for file in files)
    return SourceFile(source, path.name, digest.hexdigest(), size, publisher, licence, date)


def write_provenance(
    folder: Path, files: list[SourceFile], rows: dict[str, dict[str, int]]
) -> None:
    """Write which files the tables came from, and rows in, kept and set aside per source."""
    write_json(folder / PROVENANCE, {"files": [asdict(file) for file in files], "rows": rows})


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read what ``write_provenance`` wrote."""
    return read_json(folder / PROVENANCE)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file, whole or not at all, with letters as they are."""
    with replacing(path) as temporary:
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def _no_number(word: str) -> float:
    """Refuse NaN and Infinity, which are no JSON and which no comparison finds wrong."""
    raise ValueError(word)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except FileNotFoundError:
        raise InputError(
            "fila finnes ikke.", file=path, advice="Er dette en mappe fra «bredband run»?"
        ) from None
    except (ValueError, RecursionError) as fault:
        raise InputError(
            "er ikke gyldig JSON.", file=path, advice="Fila kan være avkortet."
        ) from fault
    if not isinstance(content, dict):
        raise InputError("skal inneholde ett JSON-objekt.", file=path)
    return content


def _columns(name: str) -> list[str]:
    table = tables.TABLES[name]
    return [*table.column_names, *(["geometry"] if table.geometry else [])]
