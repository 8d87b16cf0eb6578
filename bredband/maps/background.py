"""What lies under the plan: terrain, water, roads, borders and names, all inside the file."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from bredband.grid import Raster


@dataclass(frozen=True)
class Background:
    """The land under the plan, as plain tables; every part may be empty.

    ``landcover``, ``roads`` and ``places`` are the tables of that name, ``masts`` is the
    table ``sites``; terrain may be absent.
    """

    terrain: Raster | None
    landcover: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    masts: gpd.GeoDataFrame | None = None
