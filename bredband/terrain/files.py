"""Raster files: opened with their faults in Norwegian, written and read as our own."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from bredband.errors import InputError
from bredband.grid import WORKING_CRS, Raster

VOID_M = -32767.0
"""Kartverket's value for cells without height."""
_BAND_ROWS = 512
_CACHE_MB = 64
"""What GDAL may keep of tiles it has unpacked; its own choice is a twentieth of the memory."""


def write_raster(raster: Raster, path: Path) -> None:
    """Write a raster as one GeoTIFF: heights in band 1, sea (1) in band 2."""
    import rasterio  # noqa: PLC0415  slow to load

    rows, columns = raster.heights_m.shape
    profile = {
        "driver": "GTiff", "width": columns, "height": rows, "count": 2, "dtype": "float32",
        "crs": WORKING_CRS, "nodata": VOID_M, "tiled": True, "compress": "deflate", "predictor": 3, "zlevel": 1,
        "transform": lattice(raster.west_m, raster.north_m, raster.cell_m),
    }  # fmt: skip
    partial = path.with_name(path.name + ".partial")
    with warnings.catch_warnings(), rasterio.open(partial, "w", **profile) as file:
        for top in range(0, rows, _BAND_ROWS):
            band = slice(top, min(top + _BAND_ROWS, rows))
            window = _rows(band, columns)
            heights = raster.heights_m[band]
            known = np.where(np.isnan(heights), np.float32(VOID_M), heights)
            file.write(known, 1, window=window)
            file.write(raster.sea[band].astype(np.float32), 2, window=window)
        file.descriptions = ("height_m", "sea")
    partial.replace(path)


def read_raster(path: Path) -> Raster:
    """Read a raster that ``write_raster`` wrote.

    Raises
    ------
    InputError
        When the file is missing, damaged or of another kind.
    """
    with opened(path) as file:
        if file.count != 2:
            raise InputError("er ikke et terreng som bredband har skrevet.", file=path)
        heights = file.read(1)
        sea = np.empty(heights.shape, dtype=np.bool_)
        for top in range(0, len(sea), _BAND_ROWS):
            band = slice(top, min(top + _BAND_ROWS, len(sea)))
            np.equal(file.read(2, window=_rows(band, file.width)), 1, out=sea[band])
        transform = file.transform
    heights[heights == np.float32(VOID_M)] = np.nan
    return Raster(heights, transform.c, transform.f, transform.a, sea)


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a raster that has a place on the map; its faults become ``InputError``."""
    import rasterio  # noqa: PLC0415  slow to load
    from rasterio.errors import RasterioError, RasterioIOError  # noqa: PLC0415

    if not path.is_file():
        raise InputError("fila finnes ikke.", file=path, advice="Kontroller navnet.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            warnings.simplefilter("ignore", PendingDeprecationWarning)  # rasterio with affine 3
            with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB), rasterio.open(path) as file:
                if file.transform.b or file.transform.d or file.transform.is_identity:
                    raise InputError(
                        "mangler plassering i kartet, eller er dreid.",
                        file=path,
                        advice="Last ned flisa på nytt som GeoTIFF.",
                    )
                yield file
    except (RasterioIOError, RasterioError) as fault:
        raise InputError(
            "kan ikke leses som terrengmodell.",
            file=path,
            advice="Fila kan være avkortet: last den ned på nytt.",
        ) from fault


def lattice(west_m: float, north_m: float, cell_m: float) -> Affine:
    """Give the transform of a north-up raster."""
    return Affine(cell_m, 0, west_m, 0, -cell_m, north_m)


def _rows(rows: slice, columns: int) -> Any:
    from rasterio.windows import Window  # noqa: PLC0415  slow to load

    return Window(0, rows.start, columns, rows.stop - rows.start)
