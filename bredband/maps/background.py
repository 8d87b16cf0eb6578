"""What lies under the plan: terrain, water, roads, borders and names, all inside the file."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from bredband.grid import Raster
from bredband.maps.payload import Columns, Ints, from_world, shapes_of, to_world

if TYPE_CHECKING:  # the room itself compiles kernels, which a map has no use for
    from bredband.radio import SignalMap

IMAGE_PIXELS = 1600
"""Longest side of the terrain picture."""

WATER_WORDS = ("innsjø", "elv", "hav", "kanal", "ferskvann", "vann", "sjø", "water")
MAJOR_ROADS = frozenset(
    {"motorway", "trunk", "primary", "secondary", "e-veg", "r-veg", "f-veg"}
    | {"europaveg", "riksveg", "fylkesveg"}
)
"""Road classes shown at every scale, as OpenStreetMap, NVDB and people name them."""

MIDDLE_ROADS = frozenset({"tertiary", "unclassified", "k-veg", "kommunalveg"})
"""Road classes shown from a middle distance; the others only near."""

TOWN_WORDS = ("by", "tettsted", "city", "town", "tettbebyggelse")
VILLAGE_WORDS = ("bygd", "village", "tettsteddel", "grend", "suburb")

_LOW_LAND = np.array([233, 238, 228], dtype=np.float32)
_HIGH_LAND = np.array([247, 244, 238], dtype=np.float32)
_SEA = np.array([205, 222, 232], dtype=np.float32)


@dataclass(frozen=True)
class Background:
    """The land under the plan, as plain tables; every part may be empty.

    ``landcover``, ``roads`` and ``places`` are the tables of that name, ``masts`` is the
    table ``sites``; terrain may be absent. ``signal`` is what the masts give, cell by cell.
    """

    terrain: Raster | None
    landcover: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    masts: gpd.GeoDataFrame | None = None
    signal: SignalMap | None = None


def background_tables(background: Background, origin: Ints) -> Mapping[str, Columns]:
    """Give water and roads as columns for the page; small features and bends are left out."""
    is_water = background.landcover["landcover_class"].str.lower().str.startswith(WATER_WORDS)
    water = background.landcover[is_water & (background.landcover.area > 4_000)]
    roads = background.roads
    rank = _road_rank(roads["road_class"])
    lines = shapely.simplify(roads.geometry.to_numpy(), 8.0)
    water_parts, water_xy = shapes_of(
        shapely.simplify(water.geometry.to_numpy(), 12.0), np.zeros(len(water), np.int64), origin
    ).columns()
    road_parts, road_xy = shapes_of(*_joined(lines, rank), origin).columns()
    return {
        "water_parts": water_parts,
        "water_xy": water_xy,
        "road_parts": road_parts,
        "road_xy": road_xy,
    }


def place_names(background: Background, origin: Ints) -> dict[str, list[Any]]:
    """Give place names with position and rank, the most important first."""
    places = background.places
    if places.empty:
        return {"name": [], "rank": [], "x": [], "y": []}
    kind = places["place_class"].str.lower()
    rank = np.select([kind.isin(TOWN_WORDS), kind.isin(VILLAGE_WORDS)], [0, 1], 2)
    order = np.argsort(rank, kind="stable")
    xy = to_world(shapely.get_coordinates(places.geometry.to_numpy())) - origin
    return {
        "name": places["name"].iloc[order].tolist(),
        "rank": rank[order].tolist(),
        "x": xy[order, 0].tolist(),
        "y": xy[order, 1].tolist(),
    }


def site_marks(background: Background, origin: Ints) -> dict[str, list[Any]]:
    """Give lit fibre and masts with position, kind and name."""
    sites = background.masts
    if sites is None or sites.empty:
        return {"name": [], "kind": [], "x": [], "y": []}
    xy = to_world(shapely.get_coordinates(sites.geometry.to_numpy())) - origin
    return {
        "name": sites["name"].tolist(),
        "kind": sites["kind"].tolist(),
        "x": xy[:, 0].tolist(),
        "y": xy[:, 1].tolist(),
    }


def terrain_picture(terrain: Raster, bounds: Ints) -> tuple[str, list[float]]:
    """Shade the terrain from the north-west as a small picture in web Mercator.

    Parameters
    ----------
    terrain
        Heights in the working projection.
    bounds
        West, north, east and south of what shall be shown, in map pixels.

    Returns
    -------
    The picture as a ``data:`` address, and its west, north, east and south in map pixels.
    """
    west, north, east, south = (float(value) for value in bounds)
    scale = max(east - west, south - north) / IMAGE_PIXELS
    columns, rows = round((east - west) / scale), round((south - north) / scale)
    heights_m, sea = _sampled(terrain, west, north, scale, (rows, columns))
    shade = _shade(heights_m, _metres_per_pixel(west, north, scale))
    level = np.clip(heights_m / max(float(np.percentile(np.nan_to_num(heights_m), 98)), 1.0), 0, 1)
    level = np.nan_to_num(level)[..., None]
    colour = (_LOW_LAND + (_HIGH_LAND - _LOW_LAND) * level) * shade[..., None]
    colour = np.where(sea[..., None], _SEA, colour)
    picture = np.dstack([np.clip(colour, 0, 255), np.where(np.isnan(heights_m), 0, 255)])
    file = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8), "RGBA").save(file, "WEBP", quality=55, method=4)
    text = base64.b64encode(file.getvalue()).decode("ascii")
    return f"data:image/webp;base64,{text}", [west, north, east, south]


def _sampled(
    terrain: Raster, west: float, north: float, scale: float, shape: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Sample heights and sea at the middle of every pixel of the picture."""
    east_m, north_m, ground_m = ground_positions(west, north, scale, shape)
    row = (terrain.north_m - north_m) / terrain.cell_m - 0.5
    column = (east_m - terrain.west_m) / terrain.cell_m - 0.5
    blur = max(ground_m / terrain.cell_m / 2.5, 0.0)
    filled = np.nan_to_num(terrain.heights_m)
    smooth = ndimage.gaussian_filter(filled, blur) if blur > 0.4 else filled
    heights_m = ndimage.map_coordinates(smooth, [row, column], order=1, cval=np.nan)
    rows_of, columns_of = np.rint(row).astype(np.int64), np.rint(column).astype(np.int64)
    high, wide = terrain.heights_m.shape
    outside = (rows_of < 0) | (columns_of < 0) | (rows_of >= high) | (columns_of >= wide)
    nearest = (np.clip(rows_of, 0, high - 1), np.clip(columns_of, 0, wide - 1))
    void = outside | np.isnan(terrain.heights_m[nearest])
    heights_m = np.where(void, np.nan, heights_m).astype(np.float32)
    return heights_m, terrain.sea[nearest] & ~void


def ground_positions(
    west: float, north: float, scale: float, shape: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Find where the middle of every pixel of a picture lies, and how wide a pixel is.

    Parameters
    ----------
    west, north
        Upper left corner of the picture, in map pixels.
    scale
        Map pixels per pixel of the picture.
    shape
        Rows and columns of the picture.

    Returns
    -------
    East and north in the working projection, and metres per pixel.
    """
    rows, columns = shape
    # The projections differ smoothly: 33 × 33 exact points carry the rest within a metre.
    grid_x, grid_y = np.meshgrid(
        west + scale * np.linspace(0.5, columns - 0.5, 33),
        north + scale * np.linspace(0.5, rows - 0.5, 33),
    )
    exact_m = from_world(np.column_stack([grid_x.ravel(), grid_y.ravel()])).reshape(33, 33, 2)
    at_row, at_column = np.meshgrid(
        np.linspace(0, 32, rows), np.linspace(0, 32, columns), indexing="ij"
    )
    east_m = ndimage.map_coordinates(exact_m[..., 0], [at_row, at_column], order=1)
    north_m = ndimage.map_coordinates(exact_m[..., 1], [at_row, at_column], order=1)
    ground_m = float(np.hypot(*(exact_m[16, 16] - exact_m[16, 15]))) / (columns / 32)
    return east_m, north_m, ground_m


def _shade(heights_m: NDArray[np.float32], cell_m: float) -> NDArray[np.float32]:
    """Give light from 0.76 to 1.05 for each cell; flat ground is 1.

    Lambert's law with the sun in the north-west, 45° up, as relief maps have it.
    """
    filled = np.nan_to_num(heights_m)
    down, right = np.gradient(filled, cell_m)
    light = (1 + 2.0 * (right + down) / np.sqrt(2)) / np.sqrt(1 + 4.0 * (right**2 + down**2))
    return np.asarray(np.clip(1 + 0.17 * (light - 1), 0.76, 1.05), dtype=np.float32)


def _metres_per_pixel(west: float, north: float, scale: float) -> float:
    ends = from_world(np.array([[west, north], [west + scale, north]]))
    return float(np.hypot(*(ends[1] - ends[0])))


def _road_rank(road_class: pd.Series[Any]) -> Ints:
    """Give 0 for roads shown at every scale, 1 for nearer and 2 for nearest."""
    lower = road_class.str.lower()
    return np.asarray(
        np.select([lower.isin(MAJOR_ROADS), lower.isin(MIDDLE_ROADS)], [0, 1], 2), dtype=np.int64
    )


def _joined(lines: NDArray[np.object_], rank: Ints) -> tuple[NDArray[np.object_], Ints]:
    """Join links end to end within each rank: fewer parts, fewer repeated vertices."""
    joined = [
        shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines[rank == value])))
        for value in (0, 1, 2)
    ]
    owner = np.repeat(np.arange(3, dtype=np.int64), [len(part) for part in joined])
    return np.concatenate([np.asarray(part, dtype=object) for part in joined]), owner
