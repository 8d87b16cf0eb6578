"""Land cover, deposits, borders and place names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy import ndimage

from ..network import Ground, river_beds
from ..place import EPSG, HAMLETS, KOMMUNER, SETTLEMENTS, SOUTH_M, WEST_M
from ..shapes import polygons, write_geojson
from ..terrain import River
from .table import write_csv


def write_land_cover(
    path: Path, code: NDArray[np.int64], names: tuple[str, ...], rivers: tuple[River, ...]
) -> None:
    """Write the land cover as N50-like polygons with `objtype`; rivers are cut out of the land."""
    path.parent.mkdir(parents=True, exist_ok=True)
    patches = [(names[value], shape) for value, shape in polygons(code, 60.0)]
    water = shapely.union_all([s for name, s in patches if name in ("Havflate", "Innsjø")])
    bed = river_beds(rivers, 25.0).difference(water)
    rows = [
        (name, s if name in ("Havflate", "Innsjø") else s.difference(bed)) for name, s in patches
    ]
    rows += [("Elv", part) for part in shapely.get_parts(bed)]
    exact = [(name, shapely.set_precision(shape, 0.1)) for name, shape in rows]
    kept = [(name, shape) for name, shape in exact if not shape.is_empty]
    write_geojson(
        path, [({"id": k + 1, "objtype": name}, s) for k, (name, s) in enumerate(kept)], digits=1
    )


def write_deposits(path: Path, code: NDArray[np.int64]) -> None:
    """Write the superficial deposits as NGU-like polygons with the numeric `losmassetype`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    patches = polygons(code, 85.0)
    rows = [({"id": k + 1, "losmassetype": v}, s) for k, (v, s) in enumerate(patches)]
    write_geojson(path, rows, digits=0)


def write_borders(path: Path, ground: Ground) -> None:
    """Write the kommuner as robhop/fylker-og-kommuner does: degrees, clipped to the coast."""
    path.parent.mkdir(parents=True, exist_ok=True)
    land = ndimage.binary_dilation(ground.height_m > 0.4, iterations=3)
    land = ndimage.binary_fill_holes(land)
    code = np.where(land, ground.kommune, -1)
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    parts: dict[int, list[object]] = {}
    for value, shape in polygons(code, 60.0):
        if value >= 0 and shape.area > 60_000:
            parts.setdefault(value, []).append(shape)
    rows = []
    for k, kommune in enumerate(KOMMUNER):
        shape = shapely.union_all(np.array(parts[k]))
        shape = shapely.transform(shape, lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
        name = kommune.name.capitalize()
        rows.append(
            (
                {
                    "id": kommune.number,
                    "kommunenummer": kommune.number,
                    "name": name,
                    "kommunenavn": name,
                },
                shape,
            )
        )
    write_geojson(path, rows, epsg=4326, digits=6)


def write_place_names(path: Path, ground: Ground) -> None:
    """Write about 60 place names for the map: settlements, hamlets, peaks, lakes, fjords, islands."""
    rows: list[tuple[str, str, float, float]] = [
        (s.name, "by" if s.premises > 2000 else "tettsted", *s.centre_km) for s in SETTLEMENTS
    ]
    rows += [(name, "grend", x, y) for name, (x, y) in HAMLETS]
    water = (
        ("Fjordvikfjorden", "fjord", 12.8, 15.5), ("Nordbotnen", "fjord", 12.7, 19.0),
        ("Skarfjorden", "fjord", 11.6, 9.2), ("Ytre Demofjord", "fjord", 5.0, 14.2),
        ("Storhavet", "hav", 0.8, 11.6), ("Havøysundet", "sund", 6.2, 8.6), ("Storøysundet", "sund", 6.5, 19.2),
        ("Vassendvatnet", "innsjø", 25.3, 17.3), ("Skarvollvatnet", "innsjø", 20.6, 6.5),
        ("Nordelvvatnet", "innsjø", 19.5, 23.3), ("Blåvatnet", "innsjø", 28.9, 11.9),
        ("Innskarvatnet", "innsjø", 28.3, 5.9), ("Setervatnet", "innsjø", 11.3, 26.3),
        ("Fagertjønna", "innsjø", 25.4, 9.0), ("Storøya", "øy", 4.5, 18.6), ("Havøya", "øy", 3.5, 8.4),
        ("Ytterøya", "øy", 1.9, 24.3), ("Granelva", "elv", 30.2, 18.9), ("Skarelva", "elv", 24.3, 6.4),
        ("Nordelva", "elv", 16.6, 22.6),
    )  # fmt: skip
    rows += list(water)
    peaks = ndimage.maximum_filter(ground.height_m, 51) == ground.height_m
    tops = np.argwhere(peaks & (ground.height_m > 500) & (ground.kommune >= 0))
    first = (
        "Stor",
        "Lauv",
        "Rein",
        "Svart",
        "Kvit",
        "Grå",
        "Høg",
        "Skar",
        "Trang",
        "Blå",
        "Orre",
        "Falke",
    )
    last = ("horna", "tinden", "fjellet", "nebba", "hø", "piggen")
    tops = tops[np.argsort(-ground.height_m[tops[:, 0], tops[:, 1]])][:20]
    for k, (r, c) in enumerate(tops.tolist()):
        name = first[k % 12] + last[(k + k // 12) % 6]
        rows.append((name, "fjell", (c + 0.5) * 0.05, (r + 0.5) * 0.05))
    table = pd.DataFrame(rows, columns=["navn", "type", "x", "y"])
    table["ost"], table["nord"] = (
        (WEST_M + 1000 * table.x).round(0),
        (SOUTH_M + 1000 * table.y).round(0),
    )
    write_csv(path, table[["navn", "type", "ost", "nord"]].assign(epsg=EPSG))
