"""NGU superficial deposits (løsmasser): polygons with ``losmassetype``, as dig classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Field, Reading, finish, sift, to_numbers
from bredband.sources.features import geometry_fault, read_features

SOURCE = "NGU løsmasser"
_FIELDS = (
    Field("id", ("id", "objid", "lokalid", "losmasse_id")),
    Field("code", ("losmassetype", "løsmassetype", "losmasse", "jordart", "kode"), required=True),
)


def _codes(*spans: int | range) -> set[int]:
    return {code for span in spans for code in (span if isinstance(span, range) else [span])}


ROCK = _codes(12, 43, 52, 55, 57, 72, 82, range(100, 102), 110, 130, 140, 150, 302, 304)
"""Bare rock, or cover so thin that the trench meets rock (anslag)."""
BLOCKY = _codes(70, 71, 73, 80, 81, 88, 121, 301, 303, range(305, 319), 321)
"""Landslide, blocks and scree: as hard to dig as rock (anslag)."""
SOFT = _codes(
    10, 11, range(13, 18), range(20, 24), range(30, 38), range(40, 43), 44,
    50, 51, 53, 54, 56, 60, 102, 120, 122,
)  # fmt: skip
"""Moraine, fluvial, marine and other thick sediments that can be dug."""
BOG = _codes(45, 90, 320)
WATER = _codes(1, range(200, 251))
"""Under lakes and the sea, where marine geology has its own codes."""
CLASS_OF = {
    **dict.fromkeys(SOFT, "soft"),
    **dict.fromkeys(ROCK | BLOCKY, "rock"),
    **dict.fromkeys(BOG, "bog"),
    **dict.fromkeys(WATER, "water"),
}


def read_deposits(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read superficial deposits into polygons with a dig class.

    Returns
    -------
    Reading
        Columns ``deposit_id``, ``deposit_code`` (NGU's number), ``deposit_class`` (rock,
        soft, bog or water) and geometry.

    Raises
    ------
    InputError
        When a file cannot be read or has no ``losmassetype``.
    """
    rows, geometry = read_features(
        paths, _FIELDS, SOURCE, default_crs=default_crs, layers=("LosmasseFlate", "losmasser")
    )
    code = to_numbers(rows.text["code"])
    known = np.isin(code, list(CLASS_OF))
    keep, set_aside = sift(
        rows,
        [
            Fault(np.isnan(code), "code", "løsmassetypen er ikke et tall", "Bruk NGUs koder."),
            Fault(~known, "code", "ukjent løsmassetype", "Bruk NGUs koder."),
            geometry_fault(geometry, ("Polygon", "MultiPolygon"), "en flate"),
        ],
    )
    numbers = code[keep].astype(np.int64)
    frame = pd.DataFrame(
        {
            "deposit_id": pd.Series(np.arange(1, len(numbers) + 1)).astype("str"),
            "deposit_code": numbers,
            "deposit_class": pd.Series([CLASS_OF[number] for number in numbers], dtype="str"),
        }
    )
    deposits = gpd.GeoDataFrame(frame, geometry=geometry[keep], crs=WORKING_CRS)
    return finish(rows, keep, set_aside, deposits)
