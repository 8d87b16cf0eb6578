"""Small tables for the tests of prices: one road, and a trench tree with its premises."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband.grid import WORKING_CRS


def road(**changes: object) -> gpd.GeoDataFrame:
    """Make one kilometre of flat gravel road of the kommune, starting at lit fibre."""
    row = {
        "road_id": "r",
        "start_junction": 0,
        "end_junction": 1,
        "length_m": 1000.0,
        "road_class": "unclassified",
        "surface": "gravel",
        "structure": "ground",
        "slope_share": 0.0,
        "ground": "verge",
    } | changes
    line = shapely.linestrings([[0.0, 0.0], [row["length_m"], 0.0]])
    return gpd.GeoDataFrame({name: [value] for name, value in row.items()}, geometry=[line],
                            crs=WORKING_CRS)  # fmt: skip


def lit(x_m: float = 0.0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"site_id": ["s"], "kind": ["lit_fibre"]}, geometry=[shapely.Point(x_m, 0)], crs=WORKING_CRS
    )


def tree(upstream: list[int], trench_nok: list[int], homes: list[int], drop_nok: list[int]):
    """Make areas, routes, connections and premises of one area A on lit fibre.

    ``upstream[i]`` is the route before route ``i`` (−1 at lit fibre); ``homes[j]`` is the
    route at whose far end premises ``j`` hangs.
    """
    count = len(upstream)
    routes = gpd.GeoDataFrame(
        {
            "route_id": [f"r{i}" for i in range(count)],
            "upstream_route": [f"r{i}" if i >= 0 else "" for i in upstream],
            "area_id": "A",
            "ground": "soft",
            "structure": "ground",
            "method": "plough",
            "road_owner": "private",
            "length_m": 100.0,
            "trench_nok": trench_nok,
            "surcharge_nok": 0,
            "fee_nok": 0,
            "landfall_nok": 0,
        },
        geometry=[shapely.linestrings([[0, i], [100, i]]) for i in range(count)],
        crs=WORKING_CRS,
    )
    names = [f"p{j}" for j in range(len(homes))]
    connections = pd.DataFrame(
        {
            "premises_id": names,
            "area_id": "A",
            "route_id": [f"r{i}" for i in homes],
            "drop_m": 10.0,
            "drop_nok": drop_nok,
            "reason": "",
        }
    )
    premises = gpd.GeoDataFrame(
        {"premises_id": names, "kind": "dwelling", "households": 1, "priority_weight": 1.5},
        geometry=shapely.points(np.zeros((len(names), 2))),
        crs=WORKING_CRS,
    )
    capex_nok = sum(trench_nok) + sum(drop_nok)
    areas = gpd.GeoDataFrame(
        {
            "area_id": ["A"],
            "kind": ["area"],
            "feeder_area": [""],
            "premises": [len(homes)],
            "households": [len(homes)],
            "capex_nok": [capex_nok],
        },
        geometry=[shapely.box(0, 0, 1, 1)],
        crs=WORKING_CRS,
    )
    return areas, routes, connections, premises
