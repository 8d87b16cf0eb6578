"""Small road tables for the tests of the network."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband import tables
from bredband.grid import WORKING_CRS
from bredband.network import Joined, join
from bredband.scenario.network import NetworkChoices


def roads(lines: Sequence[Sequence[tuple[float, float]]], **columns: object) -> gpd.GeoDataFrame:
    """Make roads of the given corners; ends in the same place are one junction."""
    ends = [end for line in lines for end in (line[0], line[-1])]
    number = {end: i for i, end in enumerate(dict.fromkeys(ends))}
    shapes = [shapely.LineString(line) for line in lines]
    plain = {
        "road_class": "unclassified",
        "surface": "gravel",
        "structure": "ground",
        "slope_share": 0.0,
        "ground": "verge",
    }
    return gpd.GeoDataFrame(
        {
            "road_id": [f"r{i}" for i in range(len(lines))],
            "start_junction": [number[line[0]] for line in lines],
            "end_junction": [number[line[-1]] for line in lines],
            "length_m": [shape.length for shape in shapes],
            **plain,
            **columns,
        },
        geometry=shapes,
        crs=WORKING_CRS,
    )


def lit(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    names = [f"s{i}" for i in range(len(places))]
    return gpd.GeoDataFrame(
        {"site_id": names, "kind": "lit_fibre"},
        geometry=[shapely.Point(place) for place in places],
        crs=WORKING_CRS,
    )


def cover(*polygons: tuple[str, shapely.Polygon]) -> gpd.GeoDataFrame:
    """Make land cover with its ground class."""
    if not polygons:
        return tables.empty("landcover").assign(ground=pd.Series([], dtype="str"))
    return gpd.GeoDataFrame(
        {"landcover_class": "", "ground": [ground for ground, _ in polygons]},
        geometry=[polygon for _, polygon in polygons],
        crs=WORKING_CRS,
    )


def joined(
    table: gpd.GeoDataFrame,
    *,
    ducts: gpd.GeoDataFrame | None = None,
    at: Sequence[tuple[float, float]] = ((0.0, 0.0),),
    land: gpd.GeoDataFrame | None = None,
    **choices: object,
) -> Joined:
    return join(
        table,
        tables.empty("ducts") if ducts is None else ducts,
        lit(*at),
        cover() if land is None else land,
        NetworkChoices.model_validate(choices),
    )


def ducts(*lines: Sequence[tuple[float, float]], kind: str = "duct") -> gpd.GeoDataFrame:
    shapes = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame(
        {
            "duct_id": [f"d{i}" for i in range(len(lines))],
            "kind": kind,
            "owner": "",
            "length_m": [shape.length for shape in shapes],
        },
        geometry=shapes,
        crs=WORKING_CRS,
    )


def premises(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "premises_id": [f"p{i}" for i in range(len(places))],
            "access_x_m": np.full(len(places), np.nan),
            "access_y_m": np.full(len(places), np.nan),
        },
        geometry=[shapely.Point(place) for place in places],
        crs=WORKING_CRS,
    )
