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

KOMMUNER = "kommunegrenser"

_FIELDS = (
    Field("number", ("kommunenummer", "kommunenr", "komnr", "id"), required=True),
    Field("name", ("kommunenavn", "kommunenavnNorsk", "navn", "name"), required=True),
)
_LAYERS = ("kommune", "kommuner", "kommuneomrade")


def read_borders(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read kommune borders into the table ``kommuner``, one row per kommune.

    Raises
    ------
    InputError
        When a file cannot be read or has no ``kommunenummer``.
    """
    rows, geometry = read_features(
        paths, _FIELDS, KOMMUNER, default_crs=default_crs, layers=_LAYERS
    )
    kommune = pad_code(rows.text["number"], 4)
    keep, set_aside = sift(
        rows,
        [
            Fault(
                ~mask(kommune.str.fullmatch(r"\d{4}")), "number",
                "kommunenummeret er ikke fire siffer", "Rett nummeret.",
            ),
            geometry_fault(geometry, ("Polygon", "MultiPolygon"), "en flate"),
        ],
        Repeat(kommune, "number", "kommunen står flere ganger", "Slå flatene sammen."),
    )  # fmt: skip
    frame = pd.DataFrame({"kommune": kommune, "name": rows.text["name"]})[keep]
    borders = gpd.GeoDataFrame(
        frame.reset_index(drop=True), geometry=geometry[keep], crs=WORKING_CRS
    )
    return finish(rows, keep, set_aside, borders)
