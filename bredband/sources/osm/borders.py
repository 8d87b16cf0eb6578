"""Municipal borders of an OpenStreetMap extract."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.reading import Reading, number_set_aside
from bredband.sources.osm.file import TO_WORKING, reading_osm

SOURCE = "OpenStreetMap grenser"

MUNICIPAL_LEVELS = ("7", "8")
"""``admin_level`` of a municipality: 7 in Norway, 8 in most other countries."""


def _to_working(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(TO_WORKING.transform(degrees[:, 0], degrees[:, 1]))


def read_borders(paths: Sequence[Path]) -> Reading:
    """Read municipal borders into the table ``kommuner``.

    The number is ``ref`` where it has four digits, as in Norway; elsewhere the
    municipalities are numbered from 0001 in order of their names.

    Raises
    ------
    InputError
        When a file cannot be read or holds no whole municipality.
    """
    found: dict[str, dict[int, tuple[str, str, Any]]] = {level: {} for level in MUNICIPAL_LEVELS}
    for path in paths:
        with reading_osm(path) as osmium:
            shape = osmium.geom.WKBFactory()
            areas = osmium.FileProcessor(str(path)).with_areas(
                osmium.filter.TagFilter(("boundary", "administrative"))
            )
            for area in areas:
                tags = area.tags
                level = tags.get("admin_level", "") if area.is_area() else ""
                if level in found and tags.get("boundary") == "administrative" and tags.get("name"):
                    polygon = shapely.from_wkb(shape.create_multipolygon(area))
                    found[level][area.orig_id()] = (tags["name"], tags.get("ref", ""), polygon)
    level = next((level for level in MUNICIPAL_LEVELS if found[level]), None)
    if level is None:
        raise InputError(
            "har ingen kommunegrenser (boundary=administrative, admin_level 7 eller 8).",
            file=", ".join(path.name for path in paths),
            advice="Oppgi en fil med grenser under [sources] borders.",
        )
    rows = sorted(found[level].values(), key=lambda row: row[0])
    numbered = all(len(ref) == 4 and ref.isdigit() for _, ref, _ in rows)
    codes = [ref if numbered else f"{i:04d}" for i, (_, ref, _) in enumerate(rows, start=1)]
    frame = gpd.GeoDataFrame(
        {
            "kommune": pd.array(codes, dtype="str"),
            "name": pd.array([name for name, _, _ in rows], dtype="str"),
        },
        geometry=[shapely.transform(polygon, _to_working) for _, _, polygon in rows],
        crs=WORKING_CRS,
    )
    return Reading(frame, number_set_aside([]), len(rows), len(rows), {})
