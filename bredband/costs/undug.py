"""The trench tree without what radio makes needless."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd


def leave_undug(
    routes: gpd.GeoDataFrame,
    connections: pd.DataFrame,
    drops: gpd.GeoDataFrame,
    by_radio: pd.DataFrame,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, gpd.GeoDataFrame]:
    """Take away the drops of premises that get radio, and the trench that nobody else needs.

    Only an area's own trench goes; what several areas share stays.

    Parameters
    ----------
    by_radio
        ``area_id`` and ``premises_id`` of those who get radio.

    Returns
    -------
    ``routes``, ``connections`` and ``drops``; who gets radio keeps the area, but hangs on no
    route and has no drop.
    """
    if by_radio.empty:
        return routes, connections, drops
    wireless = connections["premises_id"].isin(by_radio["premises_id"]).to_numpy()
    wired = connections.assign(
        route_id=connections["route_id"].where(~wireless, "").astype("str"),
        drop_m=connections["drop_m"].where(~wireless, 0.0),
        drop_nok=connections["drop_nok"].where(~wireless, 0),
    )
    above = dict(zip(routes["route_id"], routes["upstream_route"], strict=True))
    needed: set[str] = set()
    for route in wired.loc[~wireless, "route_id"]:
        at = route
        while at and at not in needed:
            needed.add(at)
            at = above[at]
    touched = routes["area_id"].isin(set(by_radio["area_id"]))
    kept = routes[~touched | routes["route_id"].isin(needed)].reset_index(drop=True)
    dropped = drops["premises_id"].isin(by_radio["premises_id"])
    return kept, wired, drops[~dropped].reset_index(drop=True)
