"""The plan's tables as GeoJSON and GeoParquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from bredband import county, tables
from bredband.exchange.private import edition, published
from bredband.grid import word_projection
from bredband.plan import Plan

GEOJSON_LAYERS = ("kommuner", "areas", "routes")
"""Layers that are published as GeoJSON; addresses stay in the formats for analysts."""

PARQUET_LAYERS = (
    "kommuner",
    "premises",
    "coverage",
    "connections",
    "routes",
    "drops",
    "cabinets",
    "areas",
    "bills",
    "alternatives",
    "schedule",
    "mast_candidates",
)
_DEGREE_DECIMALS = 7


def write_geojson(plan: Plan, folder: Path, *, public: bool = False) -> list[Path]:
    """Write borders, areas and trench as GeoJSON (RFC 7946), whole or not at all.

    Coordinates are WGS 84 longitude and latitude, outer rings go counter-clockwise, and
    areas carry ``build_year`` (null where nothing is built). In a public folder a small area has
    no geometry and no number of homes.
    """
    written = []
    for name in GEOJSON_LAYERS:
        frame: Any = edition(plan, name, public=public)
        columns = [*tables.TABLES[name].column_names]
        if name == "areas":
            year = plan.schedule.set_index("area_id")["build_year"]
            frame = frame.assign(build_year=frame["area_id"].map(year).astype("Int64"))
            columns.append("build_year")
        path = folder / f"{name}.geojson"
        with county.replacing(path) as temporary:
            text = json.dumps(_collection(frame, columns), ensure_ascii=False, allow_nan=False)
            temporary.write_text(text + "\n", encoding="utf-8")
        written.append(path)
    return written


def _collection(frame: gpd.GeoDataFrame, columns: list[str]) -> dict[str, Any]:
    degrees = frame.geometry.to_crs("OGC:CRS84").to_numpy()
    shapes = shapely.orient_polygons(shapely.transform(degrees, _round))
    records = frame[columns].astype(object).where(frame[columns].notna(), None).to_dict("records")
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": record,
                "geometry": json.loads(shapely.to_geojson(shape)) if shape else None,
            }
            for record, shape in zip(records, shapes, strict=True)
        ],
    }


def _round(coordinates: Any) -> Any:
    return coordinates.round(_DEGREE_DECIMALS)


def write_geoparquet(plan: Plan, folder: Path, *, public: bool = False) -> list[Path]:
    """Write every table of the plan as GeoParquet 1.1 (EPSG:25833), whole or not at all.

    A public folder has no table with a row for each home, and masts are written when the scenario
    asks for them; a table that an earlier plan left goes.
    """
    written = []
    names = published(PARQUET_LAYERS, plan, public=public)
    for name in set(PARQUET_LAYERS) - set(names):
        (folder / f"{name}.parquet").unlink(missing_ok=True)
    for name in names:
        frame = edition(plan, name, public=public)
        table = tables.TABLES[name]
        path = folder / f"{name}.parquet"
        with county.replacing(path) as temporary:
            if isinstance(frame, gpd.GeoDataFrame):
                word_projection(frame[[*table.column_names, "geometry"]]).to_parquet(
                    temporary, index=False, compression="zstd", schema_version="1.1.0"
                )
            else:
                frame[table.column_names].to_parquet(temporary, index=False, compression="zstd")
        written.append(path)
    return written
