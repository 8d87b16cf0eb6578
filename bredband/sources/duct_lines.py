"""Lines of existing ducts and pole lines, whoever drew them, as the table ``ducts``."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Reading, Rows, finish, mask, sift
from bredband.sources.features import Geometries, geometry_fault


def make_ducts(rows: Rows, geometry: Geometries, kind: str = "duct") -> Reading:
    """Make the table ``ducts`` of rows with ``id`` and ``owner``, and their lines.

    Names of pole lines begin with ``stolpe``, so that they are not those of ducts.
    """
    length_m = shapely.length(geometry)
    keep, set_aside = sift(
        rows,
        [
            geometry_fault(geometry, ("LineString",), "en linje"),
            Fault(~(length_m > 0), "geometri", "linja har ingen lengde", "Slett linja."),
        ],
    )
    ids = rows.text["id"][keep].reset_index(drop=True)
    if kind == "pole_line":
        ids = ("stolpe-" + ids).where(mask(ids != ""), "stolpe")
    frame = pd.DataFrame(
        {
            "duct_id": _unique_ids(ids),
            "kind": pd.array([kind] * len(ids), dtype="str"),
            "owner": rows.text["owner"][keep].reset_index(drop=True),
            "length_m": length_m[keep],
        }
    )
    ducts = gpd.GeoDataFrame(frame, geometry=geometry[keep], crs=WORKING_CRS)
    return finish(rows, keep, set_aside, ducts)


def _unique_ids(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Add numbers to ids that are missing or repeated (parts of one feature)."""
    named = ids.where(mask(ids != ""), "rør")
    count = named.groupby(named).cumcount()
    single = mask(~named.duplicated(keep=False)) & mask(ids != "")
    return named.where(single, named + "-" + (count + 1).astype("str"))
