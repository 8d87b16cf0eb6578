"""Lay roads between and within the cells, and place premises along them: all in whole arrays."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from demo_county import names
from demo_county.place import EPSG
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from large_county.land import CELL_M, Land

MOST_IN_CELL, MOST_ON_STREET = 128, 16
DENSE = 20
"""A cell with so many premises belongs to a tettsted."""
STREET_APART_M, LONGEST_ROAD_M = 62.0, 6000.0

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Homes:
    """Who lives in a county, and the roads to them."""

    premises: pd.DataFrame
    roads: gpd.GeoDataFrame
    junction_m: Floats
    """Shape (cells, 2): where each cell meets the road network."""
    count: Ints
    """Premises in each cell."""


def settle(land: Land, premises: int, rng: np.random.Generator) -> Homes:
    """Place that many premises in the cells, along streets that hang on a road network."""
    count = share_out(land.weight, premises)
    junction = land.south_west_m + CELL_M * rng.uniform(0.35, 0.65, land.south_west_m.shape)
    turn = rng.uniform(0, np.pi, len(count))
    along = np.column_stack([np.cos(turn), np.sin(turn)])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    spacing = np.where(count >= DENSE, 15.0, np.where(count >= 8, 24.0, 42.0))

    streets = -(-count // MOST_ON_STREET)
    cell = np.repeat(np.arange(len(count)), streets)
    rank = np.arange(len(cell)) - np.repeat(np.cumsum(streets) - streets, streets)
    first = junction[cell] + (rank // 2 * STREET_APART_M)[:, None] * along[cell]
    side = np.where(rank % 2 == 0, 1.0, -1.0)[:, None] * across[cell]
    on_street = np.minimum(count[cell] - rank * MOST_ON_STREET, MOST_ON_STREET)
    length = spacing[cell] * (-(-on_street // 2) + 0.3)
    street_lines = _lines(first, first + length[:, None] * side)

    home = _along_streets(cell, rank, on_street, spacing[cell], (first, side, along[cell]), rng)
    spine_cell = np.flatnonzero(streets > 2)
    pieces = (streets[spine_cell] - 1) // 2
    own = np.repeat(spine_cell, pieces)
    step = np.arange(len(own)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    start = junction[own] + (step * STREET_APART_M)[:, None] * along[own]
    spine_lines = _lines(start, junction[own] + ((step + 1) * STREET_APART_M)[:, None] * along[own])
    roads = _as_roads(_between(junction, rng), np.concatenate([street_lines, spine_lines]))
    table = _registered(home, land, count, cell, rng)
    return Homes(table, roads, junction, count)


def share_out(weight: Floats, total: int) -> Ints:
    """Share a whole number by weight, at most 128 to each, at least 1 to the heaviest."""
    if total > MOST_IN_CELL * len(weight):
        raise ValueError(f"{total} premises do not fit in {len(weight)} cells")
    share = weight / weight.sum() * total
    for _ in range(50):
        over = share > MOST_IN_CELL
        rest = total - MOST_IN_CELL * over.sum()
        free = np.where(over, 0.0, share)
        share = np.where(over, MOST_IN_CELL, free * (rest / free.sum()))
        if (share <= MOST_IN_CELL).all():
            break
    count = np.floor(share).astype(np.int64)
    left = np.argsort(count - share, kind="stable")[: total - count.sum()]
    count[left] += 1
    return count


def _along_streets(
    cell: Ints,
    rank: Ints,
    on_street: Ints,
    spacing: Floats,
    place: tuple[Floats, Floats, Floats],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Place premises by turns left and right along each street; odd numbers on the left."""
    first, side, along = place
    street = np.repeat(np.arange(len(cell)), on_street)
    slot = np.arange(len(street)) - np.repeat(np.cumsum(on_street) - on_street, on_street)
    out = (slot // 2 + rng.uniform(0.4, 0.7, len(slot))) * spacing[street]
    away = np.where(slot % 2 == 0, -1, 1) * rng.uniform(10, 18, len(slot))
    xy = first[street] + out[:, None] * side[street] + away[:, None] * along[street]
    return pd.DataFrame(
        {
            "x": xy[:, 0].round(2), "y": xy[:, 1].round(2), "cell": cell[street],
            "street": street, "rank": rank[street], "number": slot + 1,
        }
    )  # fmt: skip


def _between(junction: Floats, rng: np.random.Generator) -> NDArray[np.object_]:
    """Join the cells by Urquhart's graph: Delaunay without the longest side of any triangle.

    It holds the minimum spanning tree, so the network is in one piece; what is longer than
    6 km is a ferry. Urquhart, Electronics Letters 16 (1980) 556.
    """
    corners = Delaunay(junction).simplices.astype(np.int64)  # a pair is numbered beyond 32 bits
    sides = np.sort(corners[:, [[0, 1], [1, 2], [2, 0]]], axis=2)
    length = np.hypot(*(junction[sides[..., 0]] - junction[sides[..., 1]]).transpose(2, 0, 1))
    longest = sides[np.arange(len(sides)), length.argmax(axis=1)]
    key, dropped = (e[..., 0] * len(junction) + e[..., 1] for e in (sides.reshape(-1, 2), longest))
    kept = np.setdiff1d(np.unique(key), dropped)
    a, b = junction[kept // len(junction)], junction[kept % len(junction)]
    way = b - a
    bend = np.column_stack([-way[:, 1], way[:, 0]])
    wave = 0.08 * rng.standard_normal((2, len(way), 1))
    points = np.stack([a, a + way / 3 + wave[0] * bend, a + way * 2 / 3 + wave[1] * bend, b], 1)
    return shapely.linestrings(points)


def _lines(start: Floats, end: Floats) -> NDArray[np.object_]:
    return shapely.linestrings(np.stack([start, end], axis=1))


def _as_roads(between: NDArray[np.object_], streets: NDArray[np.object_]) -> gpd.GeoDataFrame:
    length = shapely.length(between)
    kind = np.where(
        length > LONGEST_ROAD_M, "bilferje", np.where(length > 600, "fylkesveg", "kommunal veg")
    )
    return gpd.GeoDataFrame(
        {
            "typeveg": np.concatenate([kind, np.full(len(streets), "kommunal veg")]),
            "dekke": np.concatenate([np.full(len(between), "asfalt"), np.full(len(streets), "grus")]),
        },
        geometry=np.concatenate([between, streets]),
        crs=EPSG,
    )  # fmt: skip


def _registered(
    home: pd.DataFrame, land: Land, count: Ints, cell: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """Give each home its kommune, road name, register numbers and people, as the demo has them."""
    n = len(home)
    dense = count[home.cell] >= DENSE
    kommune = land.kommune[home.cell]
    nth = pd.Series(np.arange(len(cell))).groupby(land.kommune[cell]).cumcount().to_numpy()
    settled = np.array([f"Tettsted {k + 1}" for k in range(len(land.kommuner))], dtype=object)
    draw = rng.random(n)
    kind = np.select(
        [draw < 0.05, draw < 0.057, (draw < 0.17) & ~dense],
        ["business", "public", "holiday"],
        "dwelling",
    )
    flats = np.where(dense & (rng.random(n) < 0.12), 1 + rng.geometric(0.2, n), 1)
    households = np.where(kind == "dwelling", np.minimum(flats, 36), 0)
    number = int(land.number)
    krets = (home.cell.to_numpy() // 40) % 5000
    return home.assign(
        kommune=kommune,
        tettsted=np.where(dense, settled[kommune], ""),
        road_name=_road_names(nth)[home.street],
        code=1000 + nth[home.street] % 90_000,
        letter="",
        matrikkel=False,
        adresse_id=number * 10_000_000 + 1 + np.arange(n),
        gnr=1 + krets % 143,
        bnr=1 + np.arange(n) % 900,
        fnr=0,
        krets=krets % 9999,
        postnummer=[f"{9000 + k % 900}" for k in kommune],
        poststed=land.kommuner["name"].str.upper().to_numpy()[kommune],
        kind=kind,
        households=households,
        persons=rng.poisson(1.05 * households) + households,
        employees=np.where(
            kind == "business", rng.geometric(0.12, n),
            np.where(kind == "public", rng.geometric(0.03, n), 0),
        ),
    ).reset_index(drop=True)  # fmt: skip


def _road_names(nth: Ints) -> NDArray[np.object_]:
    """Name the n-th street of every kommune; no kommune has a name twice."""
    last = sorted(set(names.STREET_LAST))
    plain = np.array([a + b for b in last for a in names.FIRST], dtype=object)
    before = np.array(["", *(f"{a} " for a in names.FARM_FIRST)], dtype=object)
    turn, name = np.divmod(nth, len(plain))
    again, prefix = np.divmod(turn, len(before))
    text = before[prefix] + plain[name]
    return np.where(again > 0, text + " " + (again + 1).astype(str).astype(object), text)
