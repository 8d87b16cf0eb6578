"""Elevation: tiles mosaicked to one lattice, sampled along lines, shaded for the map.

The only room that knows rasterio. A height that nobody measured is void (NaN); the sea is
not void: it has height 0 and is marked.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.grid import WORKING_CRS, Raster
from bredband.kernel import kernel

VOID_M = -32767.0
"""Kartverket's value for cells without height."""
SAMPLE_STEP_M = 10.0
_MARGIN_CELLS = 4
_HIGHEST_M, _LOWEST_M = 9000.0, -500.0

Bounds = tuple[float, float, float, float]
Heights = NDArray[np.float32]


def read_mosaic(
    paths: Sequence[Path],
    bounds_m: Bounds,
    *,
    cell_m: float | None = None,
    default_crs: str = WORKING_CRS,
    sea: gpd.GeoDataFrame | None = None,
) -> Raster:
    """Read terrain tiles into one raster over an extent.

    Tiles may overlap, be shifted by half a cell, be short, or be in another projection: each
    is resampled (bilinear) to the lattice of whole multiples of ``cell_m``; a tile on that
    lattice already is copied as it is. Where tiles overlap, the first with a height counts.
    Only the window that is needed is read, tile by tile.

    Parameters
    ----------
    paths
        GeoTIFF tiles (DTM10, DTM1, Copernicus GLO-30).
    bounds_m
        West, south, east and north of the extent, EPSG:25833; widened to whole cells.
    cell_m
        Cell size; that of the first tile, in metres, if None.
    default_crs
        Projection of tiles that do not say.
    sea
        Polygons of sea (N50 ``Havflate``). Without them a height of exactly 0 is sea, as in
        Kartverket's tiles.

    Returns
    -------
    Raster
        Heights in metres, void as NaN, sea as 0 and marked.

    Raises
    ------
    InputError
        When a tile cannot be read, or no tile touches the extent.
    """
    if not paths:
        raise InputError("ingen terrengfliser å lese.", advice="Kontroller stien i scenariet.")
    size_m = cell_m or _cell_size_m(paths[0], default_crs)
    west, south = np.floor(np.asarray(bounds_m[:2]) / size_m) * size_m
    east, north = np.ceil(np.asarray(bounds_m[2:]) / size_m) * size_m
    shape = (round((north - south) / size_m), round((east - west) / size_m))
    heights = np.full(shape, np.nan, dtype=np.float32)
    touched = [
        _paste(path, heights, float(west), float(north), size_m, default_crs) for path in paths
    ]
    if not any(touched):
        raise InputError(
            "ingen av terrengflisene ligger i fylket.",
            file=paths[0].parent,
            advice="Kontroller at flisene er de rette, og at projeksjonen stemmer.",
        )
    at_sea = _sea_mask(heights, float(west), float(north), size_m, sea)
    heights[at_sea] = 0.0
    return Raster(heights, float(west), float(north), size_m, at_sea)


def write_raster(raster: Raster, path: Path) -> None:
    """Write a raster as one GeoTIFF: heights in band 1, sea (1) in band 2."""
    import rasterio  # noqa: PLC0415  slow to load

    rows, columns = raster.heights_m.shape
    profile = {
        "driver": "GTiff", "width": columns, "height": rows, "count": 2, "dtype": "float32",
        "crs": WORKING_CRS, "nodata": VOID_M, "tiled": True, "compress": "deflate", "predictor": 3,
        "transform": _transform(raster.west_m, raster.north_m, raster.cell_m),
    }  # fmt: skip
    partial = path.with_name(path.name + ".partial")
    with warnings.catch_warnings(), rasterio.open(partial, "w", **profile) as file:
        file.write(np.where(np.isnan(raster.heights_m), np.float32(VOID_M), raster.heights_m), 1)
        file.write(raster.sea.astype(np.float32), 2)
        file.descriptions = ("height_m", "sea")
    partial.replace(path)


def read_raster(path: Path) -> Raster:
    """Read a raster that ``write_raster`` wrote.

    Raises
    ------
    InputError
        When the file is missing, damaged or of another kind.
    """
    with _opened(path) as file:
        if file.count != 2:
            raise InputError("er ikke et terreng som bredband har skrevet.", file=path)
        heights = file.read(1)
        sea = file.read(2) == 1
        transform = file.transform
    heights = np.where(heights == np.float32(VOID_M), np.float32(np.nan), heights)
    return Raster(heights, transform.c, transform.f, transform.a, sea)


def sample(raster: Raster, points_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the height at each point, bilinear between cell centres; NaN outside and in voids."""
    return _sample(raster.heights_m, raster.west_m, raster.north_m, raster.cell_m, points_m)


def slope_along(
    lines: NDArray[np.object_], raster: Raster, *, step_m: float = SAMPLE_STEP_M
) -> NDArray[np.float64]:
    """Give the mean absolute slope along each line: metres climbed or fallen per metre.

    Heights are taken at both ends and at equal steps of at most ``step_m`` between; steps
    with a void at either end are left out. NaN where no step has heights.

    Parameters
    ----------
    lines
        LineStrings in EPSG:25833.
    raster
        The terrain.
    step_m
        Longest step between heights.
    """
    points, index = shapely.get_coordinates(lines, return_index=True)
    offsets = np.searchsorted(index, np.arange(len(lines) + 1)).astype(np.int64)
    return _slopes(
        raster.heights_m, raster.west_m, raster.north_m, raster.cell_m, points, offsets, step_m
    )


def hillshade(
    raster: Raster,
    *,
    azimuth_deg: float = 315.0,
    altitude_deg: float = 45.0,
    exaggeration: float = 1.0,
) -> NDArray[np.uint8]:
    """Shade the terrain as lit from one side: 0 dark to 255 bright; void and sea are 0.

    Source: Horn (1981), «Hill shading and the reflectance map», Proc. IEEE 69(1), with
    central differences.
    """
    heights = np.nan_to_num(raster.heights_m) * np.float32(exaggeration / raster.cell_m)
    south_fall, east_rise = np.gradient(heights)
    azimuth, altitude = np.radians(azimuth_deg), np.radians(altitude_deg)
    light_east = np.sin(azimuth) * np.cos(altitude)
    light_north = np.cos(azimuth) * np.cos(altitude)
    facing = np.sin(altitude) - east_rise * light_east + south_fall * light_north
    shade = facing / np.sqrt(1 + east_rise**2 + south_fall**2)
    bright = np.round(255 * np.clip(shade, 0, 1)).astype(np.uint8)
    bright[np.isnan(raster.heights_m) | raster.sea] = 0
    return np.asarray(bright)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import rasterio  # noqa: PLC0415  slow to load
    from rasterio.errors import RasterioError, RasterioIOError  # noqa: PLC0415

    if not path.is_file():
        raise InputError("fila finnes ikke.", file=path, advice="Kontroller navnet.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            warnings.simplefilter("ignore", PendingDeprecationWarning)  # rasterio with affine 3
            with rasterio.open(path) as file:
                if file.transform.b or file.transform.d or file.transform.is_identity:
                    raise InputError(
                        "mangler plassering i kartet, eller er dreid.",
                        file=path,
                        advice="Last ned flisa på nytt som GeoTIFF.",
                    )
                yield file
    except (RasterioIOError, RasterioError) as fault:
        raise InputError(
            f"kan ikke leses som terrengmodell ({fault}).",
            file=path,
            advice="Fila kan være avkortet: last den ned på nytt.",
        ) from None


def _transform(west_m: float, north_m: float, cell_m: float) -> Affine:
    return Affine(cell_m, 0, west_m, 0, -cell_m, north_m)


def _cell_size_m(path: Path, default_crs: str) -> float:
    """Give the cell size of a tile in metres, rounded to whole metres for tiles in degrees."""
    with _opened(path) as file:
        crs = file.crs or default_crs
        if getattr(crs, "is_geographic", False):
            return float(max(1, round(abs(file.transform.e) * 111_320)))
        return abs(float(file.transform.e))


def _paste(
    path: Path, heights: Heights, west: float, north: float, size_m: float, default_crs: str
) -> bool:
    """Fill void cells of the mosaic from one tile; tell whether the tile touches it."""
    import rasterio  # noqa: PLC0415  slow to load
    from rasterio.warp import transform_bounds  # noqa: PLC0415

    with _opened(path) as file:
        crs = file.crs or rasterio.crs.CRS.from_user_input(default_crs)
        left, bottom, right, top = (
            transform_bounds(crs, WORKING_CRS, *file.bounds, densify_pts=21)
            if crs.to_epsg() != 25833
            else file.bounds
        )
        rows = _cells(north - top, north - bottom, size_m, heights.shape[0])
        columns = _cells(left - west, right - west, size_m, heights.shape[1])
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return False
        part = heights[rows, columns]
        corner = (west + columns.start * size_m, north - rows.start * size_m)
        found = _on_lattice(file, crs, corner, part.shape, size_m)
        if found is None:
            found = _resampled(file, crs, corner, part.shape, size_m)
        empty = np.isnan(part)
        part[empty] = found[empty]
        return True


def _cells(low: float, high: float, size: float, count: int, margin: int = 0) -> slice:
    """Give the cells between two distances from the edge of a raster, and some beyond."""
    first = max(0, int(np.floor(low / size + 1e-6)) - margin)
    return slice(first, max(first, min(count, int(np.ceil(high / size - 1e-6)) + margin)))


def _on_lattice(
    file: Any, crs: Any, corner: tuple[float, float], shape: tuple[int, ...], size_m: float
) -> Heights | None:
    """Copy cells when the tile has our projection, cell size and lattice; else None."""
    transform = file.transform
    column, row = (corner[0] - transform.c) / size_m, (transform.f - corner[1]) / size_m
    same = (
        crs.to_epsg() == 25833
        and abs(transform.a - size_m) < 1e-6
        and abs(transform.e + size_m) < 1e-6
        and abs(column - round(column)) < 1e-4
        and abs(row - round(row)) < 1e-4
    )
    if not same:
        return None
    from rasterio.windows import Window  # noqa: PLC0415  slow to load

    window = Window(round(column), round(row), shape[1], shape[0])
    return _clean(file.read(1, window=window), file)


def _resampled(
    file: Any, crs: Any, corner: tuple[float, float], shape: tuple[int, ...], size_m: float
) -> Heights:
    from rasterio.warp import Resampling, reproject, transform_bounds  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    west, north = corner
    extent = (west, north - shape[0] * size_m, west + shape[1] * size_m, north)
    left, bottom, right, top = transform_bounds(WORKING_CRS, crs, *extent, densify_pts=21)
    has = file.transform
    rows = _cells(has.f - top, has.f - bottom, -has.e, file.height, _MARGIN_CELLS)
    columns = _cells(left - has.c, right - has.c, has.a, file.width, _MARGIN_CELLS)
    found = np.full(shape, np.nan, dtype=np.float32)
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return found
    window = Window.from_slices(rows, columns)
    corner_of_window = (has.c + columns.start * has.a, has.f + rows.start * has.e)
    reproject(
        _clean(file.read(1, window=window), file),
        found,
        src_transform=Affine(has.a, 0, corner_of_window[0], 0, has.e, corner_of_window[1]),
        src_crs=crs,
        src_nodata=np.nan,
        dst_transform=_transform(west, north, size_m),
        dst_crs=WORKING_CRS,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    return found


def _void_of(file: Any) -> float:
    return VOID_M if file.nodata is None or np.isnan(file.nodata) else float(file.nodata)


def _clean(cells: NDArray[Any], file: Any) -> Heights:
    """Make every value that is no height on Earth void."""
    heights = cells.astype(np.float32)
    impossible = ~((heights > _LOWEST_M) & (heights < _HIGHEST_M))
    heights[impossible | (cells == _void_of(file))] = np.nan
    return heights


def _sea_mask(
    heights: Heights, west: float, north: float, size_m: float, sea: gpd.GeoDataFrame | None
) -> NDArray[np.bool_]:
    if sea is None:
        return np.asarray(heights == 0)
    if not len(sea):
        return np.zeros(heights.shape, dtype=np.bool_)
    from rasterio.features import geometry_mask  # noqa: PLC0415  slow to load

    transform = _transform(west, north, size_m)
    mask = geometry_mask(list(sea.geometry), heights.shape, transform, invert=True)
    return np.asarray(mask, dtype=np.bool_)


@kernel
def _height(heights: Heights, west: float, north: float, cell: float, x: float, y: float) -> float:
    """Interpolate between the four cell centres around a point; the edge half-cell is flat."""
    rows, columns = heights.shape
    column = (x - west) / cell
    row = (north - y) / cell
    if not (column >= 0.0 and row >= 0.0 and column <= columns and row <= rows):
        return np.nan
    column = min(max(column - 0.5, 0.0), columns - 1.0)
    row = min(max(row - 0.5, 0.0), rows - 1.0)
    j = min(int(column), max(columns - 2, 0))
    i = min(int(row), max(rows - 2, 0))
    u, v = column - j, row - i
    j1, i1 = min(j + 1, columns - 1), min(i + 1, rows - 1)
    upper = heights[i, j] + u * (heights[i, j1] - heights[i, j])
    lower = heights[i1, j] + u * (heights[i1, j1] - heights[i1, j])
    return float(upper + v * (lower - upper))


@kernel
def _sample(
    heights: Heights, west: float, north: float, cell: float, points: NDArray[np.float64]
) -> NDArray[np.float64]:
    found = np.empty(len(points))
    for k in range(len(points)):
        found[k] = _height(heights, west, north, cell, points[k, 0], points[k, 1])
    return found


@kernel
def _slopes(
    heights: Heights,
    west: float,
    north: float,
    cell: float,
    points: NDArray[np.float64],
    offsets: NDArray[np.int64],
    step: float,
) -> NDArray[np.float64]:
    slopes = np.empty(len(offsets) - 1)
    for line in range(len(offsets) - 1):
        climbed, run = 0.0, 0.0
        last = np.nan
        for k in range(offsets[line], offsets[line + 1]):
            x, y = points[k, 0], points[k, 1]
            if k > offsets[line]:
                dx, dy = x - points[k - 1, 0], y - points[k - 1, 1]
                length = np.sqrt(dx * dx + dy * dy)
                pieces = max(1, int(np.ceil(length / step)))
                for piece in range(1, pieces + 1):
                    back = 1.0 - piece / pieces
                    here = _height(heights, west, north, cell, x - back * dx, y - back * dy)
                    if not (np.isnan(here) or np.isnan(last)):
                        climbed += abs(here - last)
                        run += length / pieces
                    last = here
            else:
                last = _height(heights, west, north, cell, x, y)
        slopes[line] = climbed / run if run > 0.0 else np.nan
    return slopes
