"""Columns of whole numbers packed for the page: small in the file, quick in the browser.

Every column is stored as unsigned integers, as differences from row to row where that is
smaller, byte plane by byte plane (all lowest bytes first), because equal bytes side by
side are what gzip shortens best. ``assets/unpack.js`` is the other half.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from bredband.grid import WORKING_CRS

Ints = NDArray[np.int64]
Columns = Mapping[str, Ints]

UNIT_ZOOM = 17
"""Coordinates are whole pixels of web Mercator at this zoom: 0.6 m on the ground at 60° N."""

_WORLD_PIXELS = 256 * 2**UNIT_ZOOM
_HALF_WORLD_M = np.pi * 6_378_137.0


@dataclass(frozen=True)
class Shapes:
    """Lines or rings laid end to end: part ``i`` has ``size[i]`` vertices and an owner."""

    owner: Ints
    size: Ints
    x: Ints
    y: Ints

    def columns(self) -> tuple[Columns, Columns]:
        """Give the table of parts and the table of vertices."""
        return {"owner": self.owner, "size": self.size}, {"x": self.x, "y": self.y}


def pack(meta: Mapping[str, Any], tables: Mapping[str, Columns]) -> str:
    """Pack tables of whole numbers and their description into base64 text.

    The bytes before compression are: length of the header (4 bytes, little-endian), the
    header as JSON in UTF-8, and the columns in the order of the header. The same input
    gives the same text.
    """
    bodies: list[bytes] = []
    layout: dict[str, dict[str, list[int]]] = {}
    for table, columns in tables.items():
        layout[table] = {}
        for name, values in columns.items():
            body, width, delta = _pack_column(np.asarray(values, dtype=np.int64))
            layout[table][name] = [len(values), width, delta]
            bodies.append(body)
    text = json.dumps(
        {"meta": meta, "layout": layout}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    header = text.encode("utf-8")
    whole = b"".join([len(header).to_bytes(4, "little"), header, *bodies])
    return base64.b64encode(gzip.compress(whole, compresslevel=7, mtime=0)).decode("ascii")


def to_world(xy_m: NDArray[np.float64]) -> Ints:
    """Turn points of shape (n, 2) in metres into whole map pixels at ``UNIT_ZOOM``."""
    to_mercator = pyproj.Transformer.from_crs(WORKING_CRS, "EPSG:3857", always_xy=True)
    east, north = to_mercator.transform(xy_m[:, 0], xy_m[:, 1])
    x = (np.asarray(east) / _HALF_WORLD_M + 1) / 2 * _WORLD_PIXELS
    y = (1 - np.asarray(north) / _HALF_WORLD_M) / 2 * _WORLD_PIXELS
    return np.asarray(np.rint(np.column_stack([x, y])), dtype=np.int64)


def from_world(world: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn map pixels of shape (n, 2) at ``UNIT_ZOOM`` into points in metres."""
    share = world / _WORLD_PIXELS
    mercator = np.column_stack([2 * share[:, 0] - 1, 1 - 2 * share[:, 1]]) * _HALF_WORLD_M
    to_working = pyproj.Transformer.from_crs("EPSG:3857", WORKING_CRS, always_xy=True)
    return np.column_stack(to_working.transform(mercator[:, 0], mercator[:, 1]))


def shapes_of(geometries: NDArray[np.object_], owner: Ints, origin: Ints) -> Shapes:
    """Lay the lines, or the rings of the polygons, of some geometries end to end.

    Parameters
    ----------
    geometries
        Lines or polygons in the working projection, single or multiple.
    owner
        For each geometry the number that its parts shall carry.
    origin
        Map pixel (x, y) that coordinates are counted from.
    """
    parts, of_geometry = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    if len(parts) and shapely.get_dimensions(parts[0]) == 2:
        # Holes run against their rings, so that many areas can be filled as one path.
        parts, of_part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
        of_geometry = of_geometry[of_part]
    xy_m, of_line = shapely.get_coordinates(parts, return_index=True)
    world = to_world(xy_m) - origin if len(xy_m) else np.zeros((0, 2), dtype=np.int64)
    size = np.bincount(of_line, minlength=len(parts)).astype(np.int64)
    return Shapes(np.asarray(owner, dtype=np.int64)[of_geometry], size, world[:, 0], world[:, 1])


def _pack_column(values: Ints) -> tuple[bytes, int, int]:
    plain = values.astype(np.int64)
    steps = np.diff(plain, prepend=0)
    zigzag = (steps << 1) ^ (steps >> 63)
    has_sign = bool((plain < 0).any())
    delta = has_sign or 2 * int(zigzag.sum()) < int(plain.sum())
    stored = zigzag if delta else plain
    width = _width(stored)
    raw = stored.astype(f"<u{width}")
    planes = raw.view(np.uint8).reshape(-1, width).T if len(raw) else np.zeros((width, 0), np.uint8)
    return np.ascontiguousarray(planes).tobytes(), width, int(delta)


def _width(values: Ints) -> int:
    """Give the bytes that the largest value needs: 1, 2 or 4."""
    highest = int(values.max(initial=0))
    return 1 if highest < 2**8 else 2 if highest < 2**16 else 4
