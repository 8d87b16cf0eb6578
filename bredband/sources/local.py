"""The county's own files: lit fibre, masts, ducts, poles, places and roads without a publisher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.reading import (
    Fault,
    Field,
    Reading,
    Repeat,
    Rows,
    constant,
    finish,
    join_readings,
    mask,
    read_rows,
    sift,
    to_numbers,
)
from bredband.sources.duct_lines import make_ducts
from bredband.sources.features import explode_lines, geometry_fault, place_points, read_features
from bredband.sources.position import SWAPPED, epsg_numbers, make_points, to_norway

POLYGONS = "flater"
LIT_FIBRE, MASTS, PLACES = "tente fiberpunkter", "master", "stedsnavn"
DUCTS, POLES = "trekkerør", "stolperekker"

_POSITION = (
    Field("east", ("ost", "øst", "x", "e", "lon", "lengdegrad")),
    Field("north", ("nord", "y", "n", "lat", "breddegrad")),
    Field("epsg", ("epsg", "EPSG-kode")),
)
_SITE_FIELDS = (
    Field("id", ("punkt_id", "mast_id", "site_id", "id", "nodeid", "punktid", "mastid")),
    Field("name", ("navn", "name")),
    Field("owner", ("eier", "owner", "tilbyder")),
    Field("kind", ("status", "type", "kind")),
    Field("height_m", ("hoyde_m", "høyde_m", "antennehoyde_m", "antennehøyde_m", "height_m", "hoyde", "høyde")),
    Field("bands", ("band", "bånd", "frekvens_mhz", "frekvenser", "baand", "baand_mhz", "bands", "band_mhz", "bånd_mhz")),
    Field("sectors", ("sektorer", "retninger", "azimut", "asimut", "sectors", "sektor")),
    *_POSITION,
)  # fmt: skip
_DUCT_FIELDS = (
    Field("id", ("duct_id", "trekkeror_id", "trekkerør_id", "ror_id", "rør_id", "rekke_id", "linje_id", "lokalid", "nvdb_id", "id")),
    Field("owner", ("eier", "owner")),
)  # fmt: skip
_PLACE_FIELDS = (
    Field("name", ("stedsnavn", "navn", "skrivemåte", "skrivemate", "name"), required=True),
    Field("place_class", ("navneobjekttype", "type", "objtype", "place_class", "klasse")),
    *_POSITION,
)
_TABLES = (".csv", ".txt", ".tsv", ".parquet")
_CANDIDATES = ("kandidat", "mulig", "candidate", "mast_candidate", "planlagt", "ny")


def read_lit_fibre(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read lit fibre points into the table ``sites``.

    CSV: ``punkt_id;navn;eier;ost;nord[;epsg]``. GeoPackage or GeoJSON points will do as well.
    """
    return _read_sites(paths, LIT_FIBRE, default_crs)


def read_masts(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read masts into the table ``sites``: those that stand, and candidates (``kandidat``).

    CSV: ``mast_id;navn;eier;status;hoyde_m;baand;sektorer;ost;nord[;epsg]``; bands in MHz and
    sectors in degrees are separated by ``/``, ``,`` or a space.
    """
    return _read_sites(paths, MASTS, default_crs)


def read_ducts(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read existing ducts into the table ``ducts``, one row per line part."""
    rows, geometry = read_features(
        paths, _DUCT_FIELDS, DUCTS, default_crs=default_crs, layers=("trekkeror", "ducts")
    )
    return make_ducts(*explode_lines(rows, geometry))


def read_poles(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read pole lines that a cable can hang on into the table ``ducts``, a row per line part."""
    rows, geometry = read_features(
        paths, _DUCT_FIELDS, POLES, default_crs=default_crs, layers=("stolper", "poles")
    )
    return make_ducts(*explode_lines(rows, geometry), kind="pole_line")


def read_polygons(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read plain polygons, such as areas that have been funded: only their geometry counts."""
    rows, geometry = read_features(paths, (), POLYGONS, default_crs=default_crs)
    keep, set_aside = sift(
        rows, [geometry_fault(geometry, ("Polygon", "MultiPolygon"), "en flate")]
    )
    polygons = gpd.GeoDataFrame(geometry=geometry[keep], crs=WORKING_CRS)
    return finish(rows, keep, set_aside, polygons)


def read_places(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read place names into the table ``places``."""
    return join_readings([_places(part, default_crs) for part in _by_form(paths)])


def _by_form(paths: Sequence[Path]) -> list[list[Path]]:
    """Part the files into tables and vector files."""
    tables = [path for path in paths if path.suffix.lower() in _TABLES]
    features = [path for path in paths if path.suffix.lower() not in _TABLES]
    return [part for part in (tables, features) if part] or [[]]


def _points(
    paths: Sequence[Path], fields: Sequence[Field], source: str, default_crs: str
) -> tuple[Rows, NDArray[np.float64], NDArray[np.float64], list[Fault], dict[str, int]]:
    """Read points from a table or a vector file, with the faults of their positions."""
    if paths and paths[0].suffix.lower() not in _TABLES:
        rows, geometry = read_features(paths, fields, source, default_crs=default_crs)
        x_m, y_m, fault = place_points(geometry)
        return rows, x_m, y_m, [fault], rows.repaired
    rows = read_rows(paths, fields, source)
    for axis, name in (("east", "ost"), ("north", "nord")):
        if len(rows.text) and (rows.text[axis] == "").all():
            raise InputError(
                f"mangler koordinater: kolonnen «{name}» finnes ikke eller er tom.",
                file=", ".join(path.name for path in paths),
                advice="Kolonnene skal hete ost og nord (meter), eller lon og lat.",
            )
    epsg = epsg_numbers(rows.text["epsg"], default_crs)
    east, north = to_numbers(rows.text["east"]), to_numbers(rows.text["north"])
    x_m, y_m, swapped = to_norway(east, north, epsg)
    repaired = dict(rows.repaired)
    if swapped.any():
        repaired[SWAPPED] = int(swapped.sum())
    fault = Fault(
        ~(np.isfinite(x_m) & np.isfinite(y_m)), "east",
        "koordinatene er ikke tall, eller EPSG-koden er ukjent", "Rett koordinatene.",
    )  # fmt: skip
    return rows, x_m, y_m, [fault], repaired


def _read_sites(paths: Sequence[Path], source: str, default_crs: str) -> Reading:
    return join_readings([_sites(part, source, default_crs) for part in _by_form(paths)])


def _sites(paths: Sequence[Path], source: str, default_crs: str) -> Reading:
    rows, x_m, y_m, faults, repaired = _points(paths, _SITE_FIELDS, source, default_crs)
    text = rows.text
    height_m = to_numbers(text["height_m"].replace("", "0"))
    number = pd.Series(np.arange(1, len(text) + 1)).astype("str")
    ids = text["id"].where(mask(text["id"] != ""), number)
    if source == LIT_FIBRE:
        kind = constant("lit_fibre", len(text))
        height_m = np.where(np.isnan(height_m), 0.0, height_m)
    else:
        candidate = mask(text["kind"].str.lower().isin(_CANDIDATES))
        kind = pd.Series(np.where(candidate, "mast_candidate", "mast"), dtype="str")
    wrong_height = Fault(
        ~((height_m >= 0) & (height_m <= 400)), "height_m",
        "antennehøyden er ikke mellom 0 og 400 m", "Rett høyden.",
    )  # fmt: skip
    keep, set_aside = sift(
        rows,
        [*faults, wrong_height],
        Repeat(ids, "id", "samme id står flere ganger", "Gi hvert punkt sin egen id."),
    )
    frame = pd.DataFrame(
        {
            "site_id": ids,
            "kind": kind,
            "name": text["name"],
            "owner": text["owner"],
            "height_m": height_m if source != LIT_FIBRE else np.zeros(len(text)),
            "bands": _slashed(text["bands"]),
            "sectors": _slashed(text["sectors"]),
        }
    )[keep].reset_index(drop=True)
    points = make_points(x_m[keep], y_m[keep])
    sites = gpd.GeoDataFrame(frame, geometry=points, crs=WORKING_CRS)
    return finish(rows, keep, set_aside, sites, repaired)


def _slashed(texts: pd.Series[Any]) -> pd.Series[Any]:
    return texts.str.replace(r"[\s,/+|]+", "/", regex=True)


def _places(paths: Sequence[Path], default_crs: str) -> Reading:
    rows, x_m, y_m, faults, repaired = _points(paths, _PLACE_FIELDS, PLACES, default_crs)
    empty = Fault(mask(rows.text["name"] == ""), "name", "mangler navn", "Fyll ut navnet.")
    keep, set_aside = sift(rows, [*faults, empty])
    frame = pd.DataFrame(
        {
            "place_id": pd.Series(np.arange(1, int(keep.sum()) + 1)).astype("str"),
            "name": rows.text["name"][keep].reset_index(drop=True),
            "place_class": rows.text["place_class"][keep].reset_index(drop=True),
        }
    )
    points = make_points(x_m[keep], y_m[keep])
    places = gpd.GeoDataFrame(frame, geometry=points, crs=WORKING_CRS)
    return finish(rows, keep, set_aside, places, repaired)
