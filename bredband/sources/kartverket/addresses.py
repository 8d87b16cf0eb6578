"""Matrikkelen – Adresse as CSV (46 columns, or 37 in its predecessor), FileGDB and GML."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS
from bredband.reading import (
    Fault,
    Field,
    Reading,
    Repeat,
    Rows,
    constant,
    drop_rows,
    finish,
    join_readings,
    map_distinct,
    mask,
    read_rows,
    sift,
    to_numbers,
)
from bredband.sources.features import Geometries, is_gml, place_points, read_features
from bredband.sources.gml import read_gml
from bredband.sources.households import ONE_PER_ADDRESS
from bredband.sources.position import SWAPPED, epsg_numbers, in_norway, make_points, to_norway

SOURCE = "Matrikkelen – Adresse"

_FIELDS = (
    Field("premises_id", ("lokalid", "adresseId"), required=True),
    Field(
        "kommune",
        ("kommunenummer", "kommunenr", "matrikkelnummeradresse_kommunenummer"),
        required=True,
    ),
    Field("type", ("adressetype",)),
    Field("street_code", ("adressekode",)),
    Field("street", ("adressenavn",), required=True),
    Field("number", ("nummer", "husnummer"), required=True),
    Field("letter", ("bokstav",)),
    Field("gnr", ("gardsnummer", "gårdsnummer", "matrikkelnummeradresse_gardsnummer")),
    Field("bnr", ("bruksnummer", "matrikkelnummeradresse_bruksnummer")),
    Field("fnr", ("festenummer", "matrikkelnummeradresse_festenummer")),
    Field("address", ("adresseTekst", "adresseTekstUtenAdressetilleggsnavn"), required=True),
    Field("epsg", ("EPSG-kode", "EPSG")),
    Field("north", ("Nord", "N", "lat", "breddegrad"), required=True),
    Field("east", ("Øst", "Ost", "E", "lon", "lengdegrad"), required=True),
    Field("access_north", ("atkomstNord",)),
    Field("access_east", ("atkomstØst", "atkomstOst")),
    Field("postcode", ("postnummer",)),
    Field("postplace", ("poststed",)),
    Field("grunnkrets", ("grunnkretsnummer",)),
    Field("tettsted", ("tettstednummer",)),
)
_FEATURE_FIELDS = tuple(replace(f, required=f.name in ("premises_id", "kommune")) for f in _FIELDS)
_LAYERS = ("vegadresse", "matrikkeladresse")
_FEATURE_ENDINGS = (".gdb", ".gml", ".xml", ".gpkg", ".geojson", ".json", ".shp")
_TWICE, _FIRST_USED = "adressen står flere ganger", "Den første raden er brukt. Slett gjentakelsen."
NO_ACCESS = "atkomstpunktet kunne ikke brukes og er sett bort fra"
ACCESS_REACH_M = 2_000.0
"""An access farther from its address is a slip of the pen: the farthest of Elverum's is 1 203 m."""
NULL_ISLAND = 1.0
"""Coordinates this near zero, in degrees or metres, were never filled in."""
_CODES = {"kommune": 4, "postcode": 4, "grunnkrets": 8}


@dataclass(frozen=True)
class _Places:
    """Rows of addresses, where each and its access is, what is wrong, and what was mended.

    ``access_m`` has shape (rows, 2), NaN where the file does not say where the way leaves the
    road.
    """

    rows: Rows
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    access_m: NDArray[np.float64]
    faults: list[Fault]
    mended: dict[str, NDArray[np.bool_]]


def read_addresses(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read address points into premises, one per address.

    Each row's own ``EPSG-kode`` is used; ``default_crs`` only where it is empty. Nothing in
    this product tells dwellings from businesses or counts households: every address gets one
    household by the rule «1 per adresse (anslag)» until a better source says otherwise.

    Parameters
    ----------
    paths
        ``matrikkelenAdresse.csv``, ``matrikkelenVegadresse.csv``, a FileGDB with the layers
        ``vegadresse`` and ``matrikkeladresse``, GML (by local tag names, in the namespace it
        has), GeoPackage; or the zip around any of them.
    default_crs
        Projection of rows without ``EPSG-kode``, and of files that do not say.

    Raises
    ------
    InputError
        When a file cannot be opened or lacks a column that addresses cannot do without.
    """
    tables: list[Path] = []
    features: list[Path] = []
    for path in paths:
        (features if _has_features(path) else tables).append(path)
    parts = [_of_tables(tables, default_crs)] if tables or not features else []
    if gml := [path for path in features if is_gml(path)]:
        parts.append(_of_shapes(*read_gml(gml, _FEATURE_FIELDS, SOURCE, default_crs=default_crs)))
    if others := [path for path in features if not is_gml(path)]:
        parts.append(
            _of_shapes(
                *read_features(
                    others, _FEATURE_FIELDS, SOURCE,
                    default_crs=default_crs, layers=_LAYERS, every=True,
                )
            )
        )  # fmt: skip
    if len(parts) == 1:
        return _premises(parts[0])
    both = join_readings([_premises(part) for part in parts])
    return drop_rows(
        both, both.frame["premises_id"].duplicated().to_numpy(), source=SOURCE,
        column="premises_id", reason=_TWICE, advice=_FIRST_USED,
    )  # fmt: skip


def _has_features(path: Path) -> bool:
    """Tell vector files from tables; a zip by what lies in it."""
    name = path.name.lower()
    if name.endswith(".zip") and path.is_file():
        try:
            with zipfile.ZipFile(path) as archive:
                inside = " ".join(archive.namelist()).lower()
        except (zipfile.BadZipFile, OSError):
            return False  # reading it as a table says what is wrong
        return ".csv" not in inside and any(end in inside for end in _FEATURE_ENDINGS)
    return name.endswith(_FEATURE_ENDINGS)


def _of_tables(paths: Sequence[Path], default_crs: str) -> _Places:
    rows = read_rows(paths, _FIELDS, SOURCE)
    epsg = epsg_numbers(rows.text["epsg"], default_crs)
    east, north = to_numbers(rows.text["east"]), to_numbers(rows.text["north"])
    x_m, y_m, swapped = to_norway(east, north, epsg)
    mend = "Rett koordinaten, eller hent fila på nytt."
    faults = [
        Fault(epsg == 0, "epsg", "ukjent EPSG-kode", "Rett koden, for eksempel 25833."),
        Fault(~np.isfinite(north), "north", "nordkoordinaten er ikke et tall", mend),
        Fault(~np.isfinite(east), "east", "østkoordinaten er ikke et tall", mend),
        Fault(
            (np.abs(east) < NULL_ISLAND) & (np.abs(north) < NULL_ISLAND), "north",
            "koordinatene er null (punktet ligger i Guineabukta)", mend,
        ),
    ]  # fmt: skip
    access_m, unusable = _access(rows, x_m, y_m, epsg)
    return _Places(rows, x_m, y_m, access_m, faults, {NO_ACCESS: unusable, SWAPPED: swapped})


def _access(
    rows: Rows, x_m: NDArray[np.float64], y_m: NDArray[np.float64], epsg: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read where the way to each address leaves the road; tell which rows say it unusably."""
    access_m = np.full((len(x_m), 2), np.nan)
    east, north = rows.text["access_east"], rows.text["access_north"]
    given = np.flatnonzero(mask(east != "") | mask(north != ""))
    if len(given):
        at_x, at_y, _ = to_norway(
            to_numbers(east.iloc[given]), to_numbers(north.iloc[given]), epsg[given]
        )
        near = np.hypot(at_x - x_m[given], at_y - y_m[given]) <= ACCESS_REACH_M
        access_m[given[near]] = np.column_stack([at_x, at_y])[near]
    unusable = np.zeros(len(x_m), dtype=np.bool_)
    unusable[given] = np.isnan(access_m[given, 0])
    return access_m, unusable


def _of_shapes(rows: Rows, geometry: Geometries) -> _Places:
    x_m, y_m, fault = place_points(geometry)
    return _Places(rows, x_m, y_m, np.full((len(geometry), 2), np.nan), [fault], {})


def _premises(places: _Places) -> Reading:
    """Make premises of the addresses that have an id, a kommune and a place in Norway."""
    rows, x_m, y_m = places.rows, places.x_m, places.y_m
    text = rows.text
    codes = {name: pad_code(text[name], width) for name, width in _CODES.items()}
    keep, set_aside = sift(
        rows,
        [
            *_identity_faults(rows, codes["kommune"]),
            *places.faults,
            Fault(
                ~in_norway(x_m, y_m), "north", "punktet ligger ikke i Norge",
                "Kontroller koordinatene og EPSG-koden.",
            ),
        ],
        Repeat(text["premises_id"], "premises_id", _TWICE, _FIRST_USED),
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "premises_id": text["premises_id"],
            "street": text["street"],
            "house_number": text["number"] + text["letter"].str.upper(),
            "address": text["address"],
            "postcode": codes["postcode"],
            "postplace": text["postplace"],
            "kommune": codes["kommune"],
            "grunnkrets": codes["grunnkrets"],
            "tettsted": text["tettsted"],
            "rural": mask(text["tettsted"] == ""),
            "cadastre": _cadastre(text),
            "kind": constant("dwelling", len(text)),
            "households": np.ones(len(text), dtype=np.int64),
            "households_rule": constant(ONE_PER_ADDRESS, len(text)),
            "priority_weight": np.ones(len(text)),
            "access_x_m": places.access_m[:, 0],
            "access_y_m": places.access_m[:, 1],
        }
    )
    if not keep.all():  # a copy of a national file takes its time
        frame = frame[keep].reset_index(drop=True)
    repaired = dict(rows.repaired)
    mended = np.full(int(keep.sum()), "", dtype=object)
    for reason, rows_mended in places.mended.items():
        if count := int((rows_mended & keep).sum()):
            repaired[reason] = count
        mended[rows_mended[keep]] = reason
    points = make_points(x_m[keep], y_m[keep])
    premises = gpd.GeoDataFrame(frame, geometry=points, crs=WORKING_CRS)
    reading = finish(rows, keep, set_aside, premises, repaired)
    return replace(reading, origin=reading.origin.assign(mended=pd.Series(mended, dtype="str")))


def pad_code(texts: pd.Series[Any], width: int) -> pd.Series[Any]:
    """Restore the leading zeros that a spreadsheet removes; other text is left as it is."""
    if texts.str.len().isin([0, width]).all():
        return texts
    return map_distinct(
        texts, lambda t: t.where(~mask(t.str.fullmatch(r"\d+")), t.str.zfill(width))
    )


def _identity_faults(rows: Rows, kommune: pd.Series[Any]) -> list[Fault]:
    return [
        Fault(
            mask(rows.text["premises_id"] == ""), "premises_id",
            "adressen mangler id (lokalid)", "Hent fila på nytt fra Geonorge.",
        ),
        Fault(
            ~mask(kommune.str.fullmatch(r"\d{4}")), "kommune",
            "kommunenummeret er ikke fire siffer", "Rett kommunenummeret.",
        ),
    ]  # fmt: skip


def _cadastre(text: pd.DataFrame) -> pd.Series[Any]:
    """Write gnr/bnr and, where there is one, fnr."""
    lease = text["fnr"].where((text["fnr"] == "") | (text["fnr"] == "0"), "/" + text["fnr"])
    lease = lease.where(lease != "0", "")
    return (text["gnr"] + "/" + text["bnr"] + lease).where(text["gnr"] != "", "")
