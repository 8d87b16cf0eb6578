"""A made-up countryside: a net of roads, premises along them, two kommuner, two lit points."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband import tables
from bredband.areas import gather
from bredband.costs import price_drops, price_roads
from bredband.grid import WORKING_CRS
from bredband.network import Joined, design, join
from bredband.scenario.costs import Costs
from bredband.scenario.network import AreaChoices, NetworkChoices

SIDE = 14
STEP_M = 700.0


def place(seed: int = 1) -> tuple[Joined, gpd.GeoDataFrame]:
    """Make priced roads and about 600 premises, crowded in hamlets."""
    rng = np.random.default_rng(seed)
    xy = STEP_M * np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).reshape(-1, 2)
    xy = xy + rng.uniform(-200, 200, xy.shape) + [300_000, 6_700_000]
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    tail = np.concatenate([number[:, :-1].ravel(), number[:-1, :].ravel()])
    head = np.concatenate([number[:, 1:].ravel(), number[1:, :].ravel()])
    kept = rng.random(len(tail)) < 0.7
    lines = shapely.linestrings(np.stack([xy[tail[kept]], xy[head[kept]]], axis=1))
    roads = gpd.GeoDataFrame(
        {
            "road_id": [f"r{i}" for i in range(len(lines))],
            "start_junction": tail[kept],
            "end_junction": head[kept],
            "length_m": shapely.length(lines),
            "road_class": "unclassified",
            "surface": "gravel",
            "structure": "ground",
            "slope_share": 0.0,
            "ground": "verge",
        },
        geometry=lines,
        crs=WORKING_CRS,
    )
    hamlets = xy[rng.choice(len(xy), 30, replace=False)]
    homes = np.repeat(hamlets, rng.integers(2, 45, len(hamlets)), axis=0)
    homes = homes + rng.normal(0, 180, homes.shape)
    premises = gpd.GeoDataFrame(
        {
            "premises_id": [f"p{i:04d}" for i in range(len(homes))],
            "street": [f"Veg {int(x // 900)}" for x, _ in homes],
            "address": [f"Veg {i}" for i in range(len(homes))],
            "kommune": np.where(homes[:, 0] < 300_000 + STEP_M * SIDE * 0.6, "9901", "9902"),
            "kind": "dwelling",
            "households": 1,
            "priority_weight": 1.0,
            "access_x_m": np.nan,
            "access_y_m": np.nan,
        },
        geometry=shapely.points(homes),
        crs=WORKING_CRS,
    )
    lit = gpd.GeoDataFrame(
        {"site_id": ["s1", "s2"], "kind": "lit_fibre"},
        geometry=shapely.points(xy[[0, SIDE * SIDE // 2]]),
        crs=WORKING_CRS,
    )
    land = tables.empty("landcover").assign(ground=pd.Series([], dtype="str"))
    joined = join(roads, tables.empty("ducts"), lit, land, NetworkChoices())
    return replace(joined, roads=price_roads(joined.roads, lit, Costs())), premises


def gathered(joined: Joined, premises: gpd.GeoDataFrame, choices: AreaChoices):
    """Design and gather; give areas, routes and connections."""
    made = design(joined, premises, NetworkChoices(time_limit_s=2))
    connections = price_drops(made.connections, made.drops, Costs())
    return gather(made.routes, connections, premises, choices)
