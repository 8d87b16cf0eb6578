"""Lit points, ducts, masts and pole lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely.ops
from shapely.geometry import LineString

from .. import coverage
from ..network import Ground, Network
from ..place import EPSG
from ..shapes import write_geojson
from .table import write_csv


def write_network(folder: Path, net: Network, ground: Ground, rng: np.random.Generator) -> None:
    """Write lit points (on the road), ducts (along roads) and masts."""
    lit = coverage.lit_table()
    on_road = [coverage.snapped_to_roads(x, y, net) for x, y in zip(lit.ost, lit.nord, strict=True)]
    lit["ost"], lit["nord"] = [round(x, 2) for x, _ in on_road], [round(y, 2) for _, y in on_road]
    write_csv(folder / "tente_punkter.csv", lit.assign(epsg=EPSG))
    masts = pd.DataFrame(
        [
            {
                "mast_id": f"M{k + 1:03d}",
                "navn": mast.name,
                "eier": mast.owner,
                "ost": coverage.mast_xy(mast, ground)[0],
                "nord": coverage.mast_xy(mast, ground)[1],
                "epsg": EPSG,
                "hoyde_m": mast.height_m,
                "baand_mhz": mast.bands_mhz,
                "sektorer": mast.sectors,
            }
            for k, mast in enumerate(coverage.MASTS)
        ]
    )
    write_csv(folder / "master.csv", masts)
    rows = []
    for road in net.roads:
        line = LineString(net.line(road))
        if road.kind == "trunk" and road.highway in ("primary", "secondary") and line.length > 4000:
            start = float(rng.uniform(0.05, 0.5)) * line.length
            length = float(rng.uniform(0.12, 0.3)) * line.length
            duct = (
                shapely.ops.substring(line, start, start + length).offset_curve(3.0).simplify(0.5)
            )
            kind = ("trekkerør 2x110", "trekkerør 40 mm", "OPI-kanal")[len(rows) % 3]
            owner = ("Demofylket fylkeskommune", coverage.TOWN_FIBRE, coverage.INLAND_FIBRE)[
                len(rows) % 3
            ]
            rows.append(({"ror_id": f"R{len(rows) + 1:03d}", "eier": owner, "type": kind}, duct))
    write_geojson(folder / "ror.geojson", rows, digits=2)


def write_poles(folder: Path, net: Network) -> None:
    """Write pole lines along every fifth of the small roads, six metres from the middle."""
    small = [road for road in net.roads if road.highway in ("unclassified", "service", "track")]
    lines = [LineString(net.line(road)) for road in small]
    rows = [
        (
            {"rekke_id": f"{k + 1:03d}", "eier": "Demokraft nett"},
            line.offset_curve(6.0).simplify(1.0),
        )
        for k, line in enumerate([line for line in lines if line.length > 400][::5])
    ]
    write_geojson(folder / "stolper.geojson", rows, digits=2)
