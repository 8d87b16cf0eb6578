"""Turn coded grids into polygons, and write them as GeoJSON with few digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio import features
from shapely.geometry.base import BaseGeometry

from .place import EPSG, SOUTH_M, WEST_M

CELL_M = 50.0


def polygons(
    code: NDArray[np.int64],
    tolerance_m: float,
    south_west_m: tuple[float, float] = (WEST_M, SOUTH_M),
    cell_m: float = CELL_M,
) -> list[tuple[int, BaseGeometry]]:
    """Trace every patch of one code; neighbours keep sharing their simplified border."""
    west, south = south_west_m
    transform = Affine(cell_m, 0, west, 0, cell_m, south)
    traced = list(features.shapes(code.astype(np.int16), transform=transform))
    shapes = np.array([shapely.geometry.shape(geometry) for geometry, _ in traced])
    values = [int(value) for _, value in traced]
    shapes = shapely.coverage_simplify(shapes, tolerance_m)
    return list(zip(values, shapes, strict=True))


def write_geojson(
    path: Path,
    rows: list[tuple[dict[str, object], BaseGeometry]],
    epsg: int = EPSG,
    digits: int = 1,
) -> None:
    """Write features, one a line; the CRS is named unless it is 4326."""
    head: dict[str, object] = {"type": "FeatureCollection", "name": path.stem}
    if epsg != 4326:
        head["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    lines = []
    for properties, shape in rows:
        geometry = shapely.geometry.mapping(shape)
        feature = {
            "type": "Feature",
            "properties": properties,
            "geometry": {
                "type": geometry["type"],
                "coordinates": _rounded(geometry["coordinates"], digits),
            },
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    text = (
        json.dumps(head, ensure_ascii=False)[:-1]
        + ', "features": [\n'
        + ",\n".join(lines)
        + "\n]}\n"
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def _rounded(value: object, digits: int) -> object:
    if isinstance(value, (list, tuple)):
        return [_rounded(part, digits) for part in value]
    number = round(float(value), digits)  # type: ignore[arg-type]
    return int(number) if digits == 0 else number
