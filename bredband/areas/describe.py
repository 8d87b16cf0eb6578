"""Areas and shared trench described: names, polygons and rows of the table."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bredband.areas.partition import TrenchTree
from bredband.grid import WORKING_CRS


def members_of(
    tree: TrenchTree,
    label: NDArray[np.int64],
    premises: gpd.GeoDataFrame,
    connections: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Give the premises that are reached, with the number of their area."""
    area = np.append(label, -1)[tree.route_of_connection]
    number = pd.Series(area, index=connections["premises_id"])
    reached = premises.assign(area=number.reindex(premises["premises_id"]).to_numpy())
    return reached[reached["area"] >= 0]


def area_ids(members: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Name each area by its kommune and the kilometre square around the centre of its premises.

    Small changes of the input leave most names as they are; they tell where the area is.
    Areas in the same square get letters from west to east.
    """
    middle = (
        pd.DataFrame(
            {
                "area": members["area"].to_numpy(),
                "kommune": members["kommune"].to_numpy(),
                "x": shapely.get_x(members.geometry.to_numpy()),
                "y": shapely.get_y(members.geometry.to_numpy()),
            }
        )
        .groupby("area")
        .agg(kommune=("kommune", "first"), x=("x", "mean"), y=("y", "mean"))
    )
    names = [
        f"{kommune}-{int(x // 1000)}-{int(y // 1000)}"
        for kommune, x, y in zip(middle["kommune"], middle["x"], middle["y"], strict=True)
    ]
    west_to_east = np.lexsort((middle["y"], middle["x"]))
    result = np.empty(len(names), dtype=object)
    result[west_to_east] = _distinct([names[i] for i in west_to_east])
    return result


def piece_ids_of(
    tree: TrenchTree, piece: NDArray[np.int64], routes: gpd.GeoDataFrame, taken: set[str]
) -> NDArray[np.object_]:
    """Name each stretch of shared trench by the kilometre square where it ends."""
    names: dict[int, str] = {}
    ends = shapely.get_coordinates(shapely.point_on_surface(routes.geometry.to_numpy()))
    for route in tree.from_tips:
        if piece[route] >= 0 and int(piece[route]) not in names:
            x, y = ends[route]
            names[int(piece[route])] = f"F-{int(x // 1000)}-{int(y // 1000)}"
    return _distinct([names[i] for i in range(len(names))], taken)


def _distinct(names: list[str], taken: set[str] | None = None) -> NDArray[np.object_]:
    """Add a letter to names that would repeat: ``-b``, ``-c`` and so on."""
    seen: Counter[str] = Counter(taken or ())
    result = np.empty(len(names), dtype=object)
    for i, name in enumerate(names):
        seen[name] += 1
        result[i] = name if seen[name] == 1 else f"{name}-{_letters(seen[name])}"
    return result


def _letters(number: int) -> str:
    """Write 1 as a, 2 as b … 27 as aa."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def area_rows(
    members: gpd.GeoDataFrame,
    ids: NDArray[np.object_],
    feeder: NDArray[np.object_],
    shapes: NDArray[np.object_],
) -> gpd.GeoDataFrame:
    """Make the rows of the deployment areas."""
    if members.empty:
        return gpd.GeoDataFrame(
            {"area_id": [], "kind": [], "name": [], "kommune": [], "feeder_area": [], "premises": [],
             "households": [], "weighted_households": []},
            geometry=[], crs=WORKING_CRS,
        )  # fmt: skip
    groups = members.groupby("area")
    return gpd.GeoDataFrame(
        {
            "area_id": ids,
            "kind": "area",
            "name": _names(members),
            "kommune": _by_count(members, "kommune").groupby("area")["kommune"].first().to_numpy(),
            "feeder_area": feeder,
            "premises": groups.size().to_numpy(),
            "households": groups["households"].sum().to_numpy(),
            "weighted_households": groups["priority_weight"].sum().to_numpy(),
        },
        geometry=shapes,
        crs=WORKING_CRS,
    )


def _names(members: gpd.GeoDataFrame) -> list[str]:
    """Name each area after its one or two commonest streets."""
    streets = _by_count(members[members["street"] != ""], "street").groupby("area").head(2)
    named = streets.groupby("area")["street"].agg(" og ".join)
    first = members.groupby("area")["address"].first().astype(object)
    names = named.reindex(first.index).astype(object).where(first.index.isin(named.index), first)
    return [
        str(name) if number == "" else f"{name} ({number})"
        for name, number in zip(names, _repeats(names.tolist()), strict=True)
    ]


def _by_count(members: gpd.GeoDataFrame, column: str) -> pd.DataFrame:
    """List what each area has of something, the commonest first and then by the alphabet."""
    counted = pd.DataFrame(members.groupby(["area", column]).size().rename("count").reset_index())
    return counted.sort_values(["area", "count", column], ascending=[True, False, True])


def _repeats(names: list[str]) -> list[str]:
    total, seen = Counter(names), Counter[str]()
    numbers = []
    for name in names:
        seen[name] += 1
        numbers.append(str(seen[name]) if total[name] > 1 else "")
    return numbers


def piece_rows(
    tree: TrenchTree,
    piece: NDArray[np.int64],
    upstream_piece: list[int],
    piece_ids: NDArray[np.object_],
    label: NDArray[np.int64],
    areas: gpd.GeoDataFrame,
    routes: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Make rows for the shared trench, named after the largest area that it leads to."""
    largest: dict[int, tuple[int, str, str]] = {}
    best: list[tuple[int, str, str]] = [(-1, "", "")] * len(label)
    households, names = areas["households"].to_numpy(), areas["name"].to_numpy()
    kommune = areas["kommune"].to_numpy()
    for route in tree.from_tips:
        candidates = [best[child] for child in tree.children[route]]
        if (area := label[route]) >= 0:
            candidates.append((int(households[area]), str(names[area]), str(kommune[area])))
        best[route] = max(candidates, default=(-1, "", ""))
        if piece[route] >= 0:
            largest[int(piece[route])] = best[route]
    shared = piece >= 0
    lines = gpd.GeoSeries(routes.geometry.to_numpy()[shared]).groupby(piece[shared])
    polygons = lines.agg(lambda part: shapely.buffer(shapely.union_all(part.to_numpy()), 10.0))
    order = range(len(piece_ids))
    above = np.append(piece_ids, "")
    return gpd.GeoDataFrame(
        {
            "area_id": piece_ids,
            "kind": "feeder",
            "name": [f"Fellesgrøft mot {largest[i][1]}" for i in order],
            "kommune": [largest[i][2] for i in order],
            "feeder_area": above[upstream_piece] if upstream_piece else [],
            "premises": 0,
            "households": 0,
            "weighted_households": 0.0,
        },
        geometry=polygons.to_numpy() if len(piece_ids) else [],
        crs=WORKING_CRS,
    )


def with_money_columns(areas: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the columns that ``costs`` fills in, and give every column its type."""
    text = dict.fromkeys(("area_id", "kind", "name", "kommune", "feeder_area"), "str")
    numbers = {"premises": "int64", "households": "int64", "weighted_households": "float64"}
    typed = areas.astype({**text, **numbers}).sort_values("area_id", ignore_index=True)
    money = dict.fromkeys(("capex_nok", "operator_nok", "local_nok", "grant_nok"), 0)
    technology = pd.array(["fibre"] * len(typed), dtype="str")
    return gpd.GeoDataFrame(
        typed.assign(technology=technology, trench_m=0.0, **money), crs=WORKING_CRS
    )
