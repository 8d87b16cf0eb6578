"""What the studio's own map shows: premises, areas and land as plain numbers in metres."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband.county import read_table
from bredband.maps import MAJOR_ROADS
from bredband.plan import Plan

SERVED, LACKING, PLANNED, BUILT, NOT_COUNTED = range(5)
"""What a premises is on the map."""

_WATER = ("havflate", "hav", "innsjø", "innsjøregulert", "elv", "elvbekk")
_TOWNS = ("by", "tettsted", "tettsteddel", "tettbebyggelse", "bygdelagbygd", "bygd", "grend")


def picture(folder: Path, plan: Plan | None = None) -> dict[str, Any]:
    """Give the map of a county folder, with the areas of a plan if there is one.

    Coordinates are whole metres east and north of ``origin`` (EPSG:25833).
    """
    kommuner = gpd.GeoDataFrame(read_table(folder, "kommuner"))
    premises = plan.premises if plan else gpd.GeoDataFrame(read_table(folder, "premises"))
    coverage = plan.coverage if plan else read_table(folder, "coverage")
    inside = kommuner[kommuner["kommune"].isin(premises["kommune"])]
    shown = inside if len(inside) else kommuner
    west, south = (int(value) for value in shown.total_bounds[:2])
    origin = np.array([west, south])
    return {
        "origin": [west, south],
        "bounds": [int(value) for value in shown.total_bounds - np.tile(origin, 2)],
        "kommuner": [
            {"name": row.name_, "rings": _rings(row.geometry, origin, 20.0)}
            for row in shown.rename(columns={"name": "name_"}).itertuples()
        ],
        "land": _land(folder, origin),
        "premises": _premises(premises, coverage, origin, plan),
        "areas": _areas(plan, origin) if plan else [],
    }


def _premises(
    premises: gpd.GeoDataFrame, coverage: pd.DataFrame, origin: np.ndarray, plan: Plan | None
) -> dict[str, list[Any]]:
    now = coverage.set_index("premises_id").reindex(premises["premises_id"])
    served = now["served"].to_numpy(dtype=bool)
    planned = now["planned"].to_numpy(dtype=bool)
    counted = (premises["kind"] != "holiday").to_numpy()
    state = np.select([served, planned, ~counted], [SERVED, PLANNED, NOT_COUNTED], default=LACKING)
    xy = shapely.get_coordinates(premises.geometry.to_numpy()) - origin
    columns: dict[str, list[Any]] = {
        "x": xy[:, 0].round().astype(int).tolist(),
        "y": xy[:, 1].round().astype(int).tolist(),
        "address": premises["address"].tolist(),
        "postplace": premises["postplace"].tolist(),
        "down_mbps": now["down_mbps"].fillna(0).round().astype(int).tolist(),
        "reason": now["reason"].tolist(),
    }
    if plan is not None:
        number = {area: i for i, area in enumerate(plan.areas["area_id"])}
        connections = plan.connections.set_index("premises_id").reindex(premises["premises_id"])
        built = set(plan.schedule["area_id"])
        area = connections["area_id"].fillna("")
        state = np.where(area.isin(built).to_numpy() & ~served, BUILT, state)
        columns["area"] = [number.get(name, -1) for name in area]
        columns["not_reached"] = connections["reason"].fillna("").tolist()
    columns["state"] = state.tolist()
    return columns


def _areas(plan: Plan, origin: np.ndarray) -> list[dict[str, Any]]:
    year = plan.schedule.set_index("area_id")["build_year"]
    return [
        {
            "id": row.area_id,
            "name": row.name_,
            "kind": row.kind,
            "households": int(row.households),
            "grant_nok": int(row.grant_nok),
            "year": int(year[row.area_id]) if row.area_id in year.index else None,
            "rings": _rings(row.geometry, origin, 10.0),
        }
        for row in plan.areas.rename(columns={"name": "name_"}).itertuples()
    ]


def _land(folder: Path, origin: np.ndarray) -> dict[str, Any]:
    landcover = gpd.GeoDataFrame(read_table(folder, "landcover"))
    water = landcover[landcover["landcover_class"].str.casefold().isin(_WATER)]
    roads = gpd.GeoDataFrame(read_table(folder, "roads"))
    main = roads[roads["road_class"].isin(MAJOR_ROADS)]
    shown = main if len(main) else roads
    places = gpd.GeoDataFrame(read_table(folder, "places"))
    kind = places["place_class"].str.casefold()
    rank = kind.map({name: i for i, name in enumerate(_TOWNS)}).fillna(len(_TOWNS))
    best = places.assign(rank=rank.to_numpy()).sort_values("rank", kind="stable").head(400)
    return {
        "water": [_rings(shape, origin, 25.0) for shape in water.geometry],
        "roads": [
            _flat(shapely.simplify(line, 20.0), origin)
            for shape in shown.geometry
            for line in shapely.get_parts(shape)
        ],
        "places": [
            [row.name_, *_flat(row.geometry, origin)]
            for row in best.rename(columns={"name": "name_"}).itertuples()
        ],
    }


def _rings(shape: Any, origin: np.ndarray, tolerance_m: float) -> list[list[int]]:
    """Give every ring of a polygon as x and y in turn."""
    simple = shapely.simplify(shape, tolerance_m)
    polygons = [part for part in shapely.get_parts(simple) if part.geom_type == "Polygon"]
    return [
        _flat(ring, origin)
        for polygon in polygons
        for ring in (polygon.exterior, *polygon.interiors)
        if ring is not None
    ]


def _flat(shape: Any, origin: np.ndarray) -> list[int]:
    xy = shapely.get_coordinates(shape) - origin
    flat: list[int] = xy.round().astype(int).ravel().tolist()
    return flat
