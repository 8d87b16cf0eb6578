"""Tiles as publishers deliver them, mosaicked to one lattice a block at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.grid import WORKING_CRS, Raster
from bredband.terrain.files import VOID_M, lattice, opened

_MARGIN_CELLS = 4
_BLOCK_CELLS = 2048
"""Cells to a side of what is read of a tile at a time."""
_MOST_BANDS = 2
"""Heights, and which of them are known."""
_HIGHEST_M, _LOWEST_M = 9000.0, -500.0

Bounds = tuple[float, float, float, float]
Heights = NDArray[np.float32]


def read_mosaic(
    paths: Sequence[Path],
    bounds_m: Bounds,
    *,
    cell_m: float | None = None,
    finest_m: float = 0.0,
    default_crs: str = WORKING_CRS,
    sea: gpd.GeoDataFrame | None = None,
) -> Raster:
    """Read terrain tiles into one raster over an extent.

    Tiles may overlap, be shifted by half a cell, be short, or be in another projection: each
    is resampled (bilinear) to the lattice of whole multiples of ``cell_m``; a tile on that
    lattice already is copied as it is. Where tiles overlap, the first with a height counts.
    Only the window that is needed is read, a block at a time: over a tile of 50 km the memory
    stays below 1 GB, whatever its cells (``scripts/bench/ingest.py terrain``).

    Parameters
    ----------
    paths
        GeoTIFF tiles (DTM10, DTM1, DOM1, Copernicus GLO-30).
    bounds_m
        West, south, east and north of the extent, EPSG:25833; widened to whole cells.
    cell_m
        Cell size; that of the first tile, in metres, if None.
    finest_m
        Smallest cell size where ``cell_m`` is None; finer tiles are resampled to it.
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
        When a tile cannot be read or is a picture, or no tile has a height in the extent.
    """
    if not paths:
        raise InputError("ingen terrengfliser å lese.", advice="Kontroller stien i scenariet.")
    size_m = cell_m or max(finest_m, _cell_size_m(paths[0], default_crs))
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
    if np.isnan(heights).all():
        raise InputError(
            "ingen av terrengflisene har høyder i fylket.",
            file=paths[0].parent,
            advice="Kontroller at flisene er de rette, og at projeksjonen stemmer.",
        )
    at_sea = _sea_mask(heights, float(west), float(north), size_m, sea)
    heights[at_sea] = 0.0
    return Raster(heights, float(west), float(north), size_m, at_sea)


def _cell_size_m(path: Path, default_crs: str) -> float:
    """Give the cell size of a tile in metres, rounded to whole metres for tiles in degrees."""
    with opened(path) as file:
        if file.count > _MOST_BANDS:
            raise InputError(
                f"har {file.count} bånd, som et bilde: en terrengmodell har ett.",
                file=path,
                advice="Last ned flisa på nytt som GeoTIFF.",
            )
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

    with opened(path) as file:
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
        finer = max(1.0, size_m * file.width / (right - left))
        for block in _blocks(rows, columns, max(1, int(_BLOCK_CELLS / finer))):
            part = heights[block]
            empty = np.isnan(part)
            if not empty.any():
                continue
            corner = (west + block[1].start * size_m, north - block[0].start * size_m)
            found = _on_lattice(file, crs, corner, part.shape, size_m)
            if found is None:
                found = _resampled(file, crs, corner, part.shape, size_m, finer)
            part[empty] = found[empty]
        return True


def _blocks(rows: slice, columns: slice, side: int) -> Iterator[tuple[slice, slice]]:
    """Part a window of the mosaic into blocks, so that little of a tile is held at a time."""
    for top in range(rows.start, rows.stop, side):
        for left in range(columns.start, columns.stop, side):
            yield (
                slice(top, min(top + side, rows.stop)),
                slice(left, min(left + side, columns.stop)),
            )


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
    file: Any,
    crs: Any,
    corner: tuple[float, float],
    shape: tuple[int, ...],
    size_m: float,
    finer: float,
) -> Heights:
    """Resample a block; where the tile is ``finer`` times finer, all its cells have a say."""
    from rasterio.warp import Resampling, reproject, transform_bounds  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    west, north = corner
    extent = (west, north - shape[0] * size_m, west + shape[1] * size_m, north)
    left, bottom, right, top = transform_bounds(WORKING_CRS, crs, *extent, densify_pts=21)
    has = file.transform
    margin = int(np.ceil(_MARGIN_CELLS * finer))
    rows = _cells(has.f - top, has.f - bottom, -has.e, file.height, margin)
    columns = _cells(left - has.c, right - has.c, has.a, file.width, margin)
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
        dst_transform=lattice(west, north, size_m),
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

    transform = lattice(west, north, size_m)
    mask = geometry_mask(list(sea.geometry), heights.shape, transform, invert=True)
    return np.asarray(mask, dtype=np.bool_)
