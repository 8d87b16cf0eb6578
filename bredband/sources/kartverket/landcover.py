"""N50 land cover (arealdekke): polygons with ``objtype``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Field, Reading, finish, mask, sift
from bredband.sources.features import geometry_fault, read_features

SOURCE = "N50 arealdekke"
LAYERS = ("N50_Arealdekke_omrade", "Arealdekke_omrade", "arealdekke")
_FIELDS = (Field("objtype", ("objtype", "objekttype", "arealdekke", "type"), required=True),)


def read_landcover(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read land-cover polygons into the table ``landcover``.

    Raises
    ------
    InputError
        When a file cannot be read or has no ``objtype``.
    """
    rows, geometry = read_features(paths, _FIELDS, SOURCE, default_crs=default_crs, layers=LAYERS)
    keep, set_aside = sift(
        rows,
        [
            Fault(
                mask(rows.text["objtype"] == ""), "objtype", "mangler objtype", "Fyll ut objtype."
            ),
            geometry_fault(geometry, ("Polygon", "MultiPolygon"), "en flate"),
        ],
    )
    frame = pd.DataFrame(
        {
            "landcover_id": pd.Series(np.arange(1, int(keep.sum()) + 1)).astype("str"),
            "landcover_class": rows.text["objtype"][keep].reset_index(drop=True),
        }
    )
    landcover = gpd.GeoDataFrame(frame, geometry=geometry[keep], crs=WORKING_CRS)
    return finish(rows, keep, set_aside, landcover)
