"""Heights as DTM10 tiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray

from ..place import EPSG, SOUTH_M, WEST_M
from ..terrain import Terrain

NODATA = -32767.0
TILE_PX, OVERLAP_PX = 1000, 51
SHIFTED_TILE = (1, 1)
"""Row and column (from the south-west) of the tile that lies half a pixel to the east."""
VOID_PX = (slice(2600, 2630), slice(3300, 3340))
"""Rows from the south and columns that were never measured: they lie outside the county."""


def write_terrain(folder: Path, terrain: Terrain) -> None:
    """Cut the heights into DTM10 tiles that overlap by 51 pixels; the edge tiles are short."""
    folder.mkdir(parents=True, exist_ok=True)
    height = terrain.height_m.copy()
    height[VOID_PX] = NODATA
    rows, cols = height.shape
    for r, south in enumerate(range(0, rows, TILE_PX)):
        for c, west in enumerate(range(0, cols, TILE_PX)):
            part = height[south : south + TILE_PX + OVERLAP_PX, west : west + TILE_PX + OVERLAP_PX]
            shift_m = 0.0
            if (r, c) == SHIFTED_TILE:
                shift_m = 5.0
                part = (part[:, :-1] + part[:, 1:]) / 2
            corner_m = (WEST_M + 10 * west + shift_m, SOUTH_M + 10 * south)
            write_tile(folder / f"99{r + 1:02d}_{c + 1}_10m_z33.tif", part, corner_m)


def write_tile(
    path: Path, part: NDArray[np.float64], south_west_m: tuple[float, float], cell_m: int = 10
) -> None:
    """Write heights, row 0 in the south, as a GeoTIFF with row 0 in the north."""
    west, south = south_west_m
    top = south + cell_m * part.shape[0]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=part.shape[0],
        width=part.shape[1],
        count=1,
        dtype="float32",
        crs=f"EPSG:{EPSG}",
        transform=Affine(cell_m, 0, west, 0, -cell_m, top),
        nodata=NODATA,
        compress="lzw",
        predictor=3,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as tile:
        tile.write(part[::-1].astype(np.float32), 1)
        tile.update_tags(
            AREA_OR_POINT="Area", TIFFTAG_IMAGEDESCRIPTION="Syntetisk terreng, bredband"
        )
