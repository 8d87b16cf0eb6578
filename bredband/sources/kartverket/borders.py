"""Kommune borders: Kartverket's own nested file, simplified GeoJSON, GeoPackage, FileGDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Field, Reading, Repeat, finish, mask, sift
from bredband.sources.features import geometry_fault, read_features
from bredband.sources.kartverket.addresses import pad_code

KOMMUNER, FYLKER = "kommunegrenser", "fylkesgrenser"

_KOMMUNE_FIELDS = (
    Field("number", ("kommunenummer", "kommunenr", "komnr", "id"), required=True),
    Field("name", ("kommunenavn", "kommunenavnNorsk", "navn", "name"), required=True),
)
_FYLKE_FIELDS = (
    Field("number", ("fylkesnummer", "fylkesnr", "id"), required=True),
    Field("name", ("fylkesnavn", "navn", "name"), required=True),
)


def read_borders(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read kommune borders into the table ``kommuner``, one row per kommune.

    Raises
    ------
    InputError
        When a file cannot be read or has no ``kommunenummer``.
    """
    return _read(paths, _KOMMUNE_FIELDS, KOMMUNER, 4, "kommune", default_crs)


def read_counties(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read fylke borders: columns ``fylke`` (two digits as text), ``name`` and geometry."""
    return _read(paths, _FYLKE_FIELDS, FYLKER, 2, "fylke", default_crs)


def _read(
    paths: Sequence[Path],
    fields: Sequence[Field],
    source: str,
    width: int,
    key: str,
    default_crs: str,
) -> Reading:
    rows, geometry = read_features(
        paths, fields, source, default_crs=default_crs, layers=(key, f"{key}r", f"{key}omrade")
    )
    number = pad_code(rows.text["number"], width)
    keep, set_aside = sift(
        rows,
        [
            Fault(
                ~mask(number.str.fullmatch(rf"\d{{{width}}}")), "number",
                f"nummeret er ikke {width} siffer", "Rett nummeret.",
            ),
            geometry_fault(geometry, ("Polygon", "MultiPolygon"), "en flate"),
        ],
        Repeat(number, "number", f"samme {key} står flere ganger", "Slå flatene sammen."),
    )  # fmt: skip
    frame = pd.DataFrame({key: number, "name": rows.text["name"]})[keep].reset_index(drop=True)
    borders = gpd.GeoDataFrame(frame, geometry=geometry[keep], crs=WORKING_CRS)
    return finish(rows, keep, set_aside, borders)
