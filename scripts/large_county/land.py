"""Say where people may live: kommuner and 250 m cells with a weight, invented or Norway's own.

Norway's borders and the cells with establishments are read from ../shared/data (or where
BREDBAND_SHARED points) and never copied into the project.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from demo_county.place import EPSG, SOUTH_M, WEST_M
from demo_county.terrain import fractal
from numpy.typing import NDArray

CELL_M = 250.0
PREMISES_PER_KM2, PREMISES_PER_CELL, PREMISES_PER_KOMMUNE = 12.0, 9.0, 7_300
"""As in Norway: 2.6 million addresses, 357 kommuner, most of the land empty (anslag)."""


@dataclass(frozen=True)
class Land:
    """A county before anybody lives there."""

    number: str
    name: str
    kommuner: gpd.GeoDataFrame
    """``number``, ``name`` and the land."""
    south_west_m: NDArray[np.float64]
    """Shape (cells, 2): the corner of each cell that may be lived in."""
    weight: NDArray[np.float64]
    kommune: NDArray[np.int64]
    """Row of ``kommuner`` that each cell lies in."""


def invent(premises: int, rng: np.random.Generator, number: str = "98") -> Land:
    """Invent a county of square kommuner, with a town in each and hamlets between."""
    count = max(3, round(premises / PREMISES_PER_KOMMUNE))
    columns = int(np.ceil(np.sqrt(count)))
    side = max(int(np.sqrt(premises / count / PREMISES_PER_KM2) * 1000 / CELL_M), 8)
    rows = -(-count // columns)
    noise = fractal((rows * side, columns * side), CELL_M, 4000, 2.0, rng)
    row, column = (axis.ravel() for axis in np.indices(noise.shape))
    kommune = (row // side) * columns + column // side
    from_town = np.hypot(row % side - side / 2, column % side - side / 2) * CELL_M
    weight = np.exp(1.3 * noise.ravel()) + 40 * np.exp(-((from_town / 900) ** 2))
    inside = np.flatnonzero(kommune < count)
    wanted = min(int(premises / PREMISES_PER_CELL), len(inside))
    p = weight[inside] / weight[inside].sum()
    lived = np.sort(rng.choice(inside, size=wanted, replace=False, p=p))
    corner = np.column_stack([column, row]) * CELL_M + [WEST_M, SOUTH_M]
    size = side * CELL_M
    k = np.arange(count)
    west, south = WEST_M + (k % columns) * size, SOUTH_M + (k // columns) * size
    kommuner = gpd.GeoDataFrame(
        {"number": [f"{number}{i + 1:02d}" for i in k], "name": [f"Oppdiktet {i + 1}" for i in k]},
        geometry=shapely.box(west, south, west + size, south + size),
        crs=EPSG,
    )
    return Land(
        number,
        f"Fylke {number} (syntetisk)",
        kommuner,
        corner[lived],
        weight[lived],
        kommune[lived],
    )


def norway(data: Path, rng: np.random.Generator) -> list[Land]:
    """Read Norway's 15 counties, 357 kommuner and the cells where establishments lie."""
    borders = gpd.read_file(data / "norway/admin/Kommuner-S.geojson").to_crs(EPSG)
    borders = borders.sort_values("kommunenummer", ignore_index=True)
    with (data / "norway/admin/Fylker-S.geojson").open(encoding="utf-8") as file:
        counties = {
            f["properties"]["fylkesnummer"]: f["properties"]["name"]
            for f in json.load(file)["features"]
        }
    [table] = (data / "norway/ssb_grid").glob("*bedrifter_250m*.csv")
    shops = pd.read_csv(table, sep=";", encoding="utf-8-sig")
    corner = np.column_stack(
        [shops.SSBID250M // 10_000_000 - 2_000_000, shops.SSBID250M % 10_000_000]
    ).astype(float)
    corner, weight = _with_neighbours(corner, shops.est_tot.to_numpy(dtype=float) ** 0.7, rng)
    centre = shapely.points(corner + CELL_M / 2)
    cell, kommune = borders.sindex.query(centre, predicate="within")
    corner, weight = corner[cell], weight[cell]
    lands = []
    for number, name in sorted(counties.items()):
        mine = borders.index[borders.kommunenummer.str.startswith(number)].to_numpy()
        here = np.isin(kommune, mine)
        kommuner = gpd.GeoDataFrame(
            {"number": borders.kommunenummer[mine], "name": borders.kommunenavn[mine]},
            geometry=borders.geometry[mine],
            crs=EPSG,
        ).reset_index(drop=True)
        lands.append(
            Land(
                number, f"{name} (syntetisk)", kommuner, corner[here], weight[here],
                np.searchsorted(mine, kommune[here]),
            )
        )  # fmt: skip
    return lands


def invent_nation(premises: int, rng: np.random.Generator) -> list[Land]:
    """Invent 15 counties, a little unlike in size, where Norway's borders are not at hand."""
    share = rng.dirichlet(np.full(15, 8.0))
    return [invent(round(premises * s), rng, f"{60 + i}") for i, s in enumerate(share)]


def _with_neighbours(
    corner: NDArray[np.float64], weight: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Let homes lie around work places too: three steps in four of a cell or two from each."""
    step = rng.integers(-2, 3, (3, *corner.shape)) * CELL_M
    every = np.vstack([corner, *(corner + step)])
    heavy = np.concatenate([weight, *[0.4 * weight] * 3])
    cells, member = np.unique(every, axis=0, return_inverse=True)
    return cells, np.bincount(member.ravel(), heavy)
