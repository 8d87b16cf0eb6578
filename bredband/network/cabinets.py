"""Cabinets on the trench, in the middle of the premises that each serves."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband.grid import WORKING_CRS


def place_cabinets(
    connections: pd.DataFrame,
    drops: gpd.GeoDataFrame,
    premises_per_cabinet: int,
) -> gpd.GeoDataFrame:
    """Place the cabinets of every area where its drops are shortest to gather.

    An area's premises, neighbours together, are shared evenly between as few cabinets as the
    scenario allows; each stands where the drop starts that lies nearest to the middle (the
    median) of its premises.

    Returns
    -------
    The table ``cabinets``.
    """
    reached = connections[(connections["area_id"] != "") & (connections["route_id"] != "")]
    place = pd.Series(np.arange(len(drops)), index=drops["premises_id"])
    start = shapely.get_point(drops.geometry.to_numpy(), 0)
    near = gpd.GeoSeries(start[place.reindex(reached["premises_id"]).to_numpy()], crs=WORKING_CRS)
    rank = near.hilbert_distance().to_numpy() if len(near) else np.zeros(0)
    homes = reached.assign(rank=rank, x=near.x.to_numpy(), y=near.y.to_numpy())
    rows, points = [], []
    for area_id, members in homes.sort_values(["area_id", "rank"]).groupby("area_id"):
        count = -(-len(members) // premises_per_cabinet)
        for number, part in enumerate(np.array_split(np.arange(len(members)), count), start=1):
            group = members.iloc[part]
            spot = group[["x", "y"]].to_numpy()
            best = int(np.argmin(np.hypot(*(spot - np.median(spot, axis=0)).T)))
            rows.append((f"{area_id}/{number}", area_id, group["route_id"].iloc[best], len(group)))
            points.append(spot[best])
    names = ["cabinet_id", "area_id", "route_id", "premises"]
    table = pd.DataFrame(rows, columns=names)
    typed = table.astype(dict.fromkeys(names[:3], "str") | {"premises": "int64"})
    geometry = shapely.points(np.array(points).reshape(-1, 2))
    return gpd.GeoDataFrame(typed, geometry=geometry, crs=WORKING_CRS)
