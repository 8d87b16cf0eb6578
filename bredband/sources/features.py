"""Vector files (GeoJSON, GeoPackage, shapefile, FileGDB) as rows with geometry in EPSG:25833."""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.grid import WORKING_CRS
from bredband.reading import Fault, Field, Rows, constant, decode, join_rows, members, plain_header

Geometries = NDArray[np.object_]

_NO_MAP = "kan ikke leses som kartdata."
_OTHER_KIND = "Fila kan være avkortet, eller av et annet slag enn endelsen sier."
MENDED_POLYGON = "polygon som krysset seg selv er rettet"
_IN_ZIP = re.compile(r"(.*?\.(?:gdb|gpkg|shp))(?:/|$)", re.IGNORECASE)


def read_features(
    paths: Sequence[Path],
    fields: Sequence[Field],
    source: str,
    *,
    default_crs: str,
    layers: Sequence[str] = (),
    every: bool = False,
) -> tuple[Rows, Geometries]:
    """Read features into rows of text and, beside them, their geometry in EPSG:25833.

    ``row`` is the number of the feature in its file, 1 = first. GeoJSON without a projection
    is in degrees (RFC 7946) unless its numbers cannot be; other files without one are in
    ``default_crs``. Heights are dropped and polygons that cross themselves are mended.

    Parameters
    ----------
    paths
        The files.
    fields
        Attributes to look for, by name as in ``read_rows``.
    source
        What the source is called in messages.
    default_crs
        Projection of files that do not say.
    layers
        Names of the layer to read, best first, where a file has several; without a match
        the first layer is read.
    every
        Read all of those layers that a file has, one after another, instead of the best.

    Raises
    ------
    InputError
        When a file cannot be read or lacks a required attribute.
    """
    if not paths:
        raise InputError(f"ingen filer å lese for {source}.", advice="Kontroller stien.")
    parts, shapes = [], []
    for path in paths:
        for wanted in _layers_to_read(path, layers, every=every):
            frame = _read_file(path, default_crs, wanted)
            geometry, mended = _sound(np.asarray(frame.geometry.array))
            shapes.append(geometry)
            parts.append(
                Rows(
                    source,
                    _pick(path, frame, fields),
                    np.full(len(frame), path.name, dtype=object),
                    np.arange(1, len(frame) + 1, dtype=np.int64),
                    pd.DataFrame(),
                    len(frame),
                    {MENDED_POLYGON: mended} if mended else {},
                )
            )
    return join_rows(parts), np.concatenate(shapes)


def geometry_fault(geometry: Geometries, kinds: Sequence[str], what: str) -> Fault:
    """Fault the features whose geometry is missing, empty, infinite or of another kind."""
    series = gpd.GeoSeries(geometry, crs=WORKING_CRS)
    bounds = shapely.bounds(geometry)
    right = series.geom_type.isin(kinds).to_numpy() & ~shapely.is_empty(geometry)
    return Fault(
        ~(right & np.isfinite(bounds).all(axis=1)),
        "geometri",
        f"mangler geometri, eller den er ikke {what}",
        "Rett eller slett objektet i fila.",
    )


def place_points(
    geometry: Geometries,
) -> tuple[NDArray[np.float64], NDArray[np.float64], Fault]:
    """Give eastings and northings of points in metres, NaN where it is none, and that fault."""
    fault = geometry_fault(geometry, ("Point",), "et punkt")
    place_m = np.full((len(geometry), 2), np.nan)
    place_m[~fault.bad] = shapely.get_coordinates(geometry[~fault.bad])
    return place_m[:, 0], place_m[:, 1], fault


def explode_lines(rows: Rows, geometry: Geometries) -> tuple[Rows, Geometries]:
    """Split multi-part lines into one row per part; ``rows_in`` then counts the parts."""
    parts, index = shapely.get_parts(geometry, return_index=True)
    missing = np.setdiff1d(np.arange(len(geometry)), index)
    order = np.argsort(np.concatenate([index, missing]), kind="stable")
    index = np.concatenate([index, missing])[order]
    parts = np.concatenate([parts, geometry[missing]])[order]
    many = replace(
        rows,
        text=rows.text.iloc[index].reset_index(drop=True),
        file=rows.file[index],
        row=rows.row[index],
        rows_in=len(index),
    )
    return many, parts


def is_gml(path: Path) -> bool:
    """Tell whether a file is GML, or a zip file around it, by its name."""
    return path.name.lower().endswith((".gml", ".xml", ".gml.zip", "_gml.zip"))


def _layers_to_read(path: Path, layers: Sequence[str], *, every: bool) -> list[Sequence[str]]:
    """Give what to look for in each pass over a file: the wanted layers together, or each."""
    if not every or path.suffix.lower() in (".geojson", ".json") or not path.exists():
        return [layers]
    here = {plain_header(name) for name in _layer_names(path, _inside_zip(path))}
    found: list[Sequence[str]] = [[name] for name in layers if plain_header(name) in here]
    return found or [layers]


def _inside_zip(path: Path) -> str | Path:
    """Give the place of the FileGDB, GeoPackage or shapefile in a zip, at any depth of folders."""
    if path.suffix.lower() != ".zip":
        return path
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return path  # the driver says what is wrong
    found = {match[1] for name in names if (match := _IN_ZIP.match(name))}
    return f"/vsizip/{path}/{min(found)}" if found else path


def _read_file(path: Path, default_crs: str, layers: Sequence[str]) -> gpd.GeoDataFrame:
    if not path.exists():
        raise InputError("fila finnes ikke.", file=path, advice="Kontroller navnet.")
    if path.suffix.lower() == ".zip":
        geojson = _geojson_in_zip(path)
        if geojson is not None:
            return _read_geojson(path, geojson, default_crs, layers)
    elif path.suffix.lower() in (".geojson", ".json"):
        return _read_geojson(path, path.read_bytes(), default_crs, layers)
    return _project(_open(path, _inside_zip(path), layers), path, default_crs)


def _geojson_in_zip(path: Path) -> bytes | None:
    try:
        return next(data for _, data in members(path, (".geojson", ".json")))
    except InputError as fault:
        if "inneholder ingen" in fault.message:
            return None
        raise


def _read_geojson(
    path: Path, data: bytes, default_crs: str, layers: Sequence[str]
) -> gpd.GeoDataFrame:
    """Read GeoJSON, also Kartverket's form with one collection per layer."""
    try:
        content = json.loads(decode(path.name, data))
    except (ValueError, RecursionError) as fault:
        raise InputError(
            "er ikke gyldig JSON.", file=path, advice="Fila kan være avkortet."
        ) from fault
    collection = _collection(path, content, layers)
    if not collection["features"]:
        return gpd.GeoDataFrame(geometry=[], crs=WORKING_CRS)
    buffer = io.BytesIO(json.dumps(collection).encode())
    frame = _open(path, buffer, ())
    if "crs" not in collection and _beyond_degrees(frame):
        frame = frame.set_crs(default_crs, allow_override=True)
    return _project(frame, path, default_crs)


def _collection(path: Path, content: Any, layers: Sequence[str]) -> dict[str, Any]:
    wanted = [plain_header(layer) for layer in layers]
    if isinstance(content, dict):
        if isinstance(content.get("features"), list):
            return content
        nested = {
            plain_header(key): value
            for key, value in content.items()
            if isinstance(value, dict) and isinstance(value.get("features"), list)
        }
        for name in [*(name for name in wanted if name in nested), *nested]:
            return nested[name]
    raise InputError("har ingen objekter («features»).", file=path, advice="Er det GeoJSON?")


def _open(path: Path, source: Path | str | io.BytesIO, layers: Sequence[str]) -> gpd.GeoDataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = _choose_layer(path, source, layers)
            frame = pyogrio.read_dataframe(source, layer=layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise InputError(_NO_MAP, file=path, advice=_OTHER_KIND) from fault
    except (ValueError, UnicodeDecodeError, shapely.errors.ShapelyError) as fault:
        raise InputError(
            "har geometri som ikke henger sammen.", file=path, advice="Hent fila på nytt."
        ) from fault
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("har ingen geometri.", file=path)
    return frame


def _layer_names(path: Path, source: Path | str) -> list[str]:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(source)]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as fault:
        raise InputError(_NO_MAP, file=path, advice=_OTHER_KIND) from fault
    if not names:
        raise InputError("har ingen lag.", file=path)
    return names


def _choose_layer(path: Path, source: Path | str | io.BytesIO, layers: Sequence[str]) -> str | None:
    if isinstance(source, io.BytesIO):
        return None
    names = _layer_names(path, source)
    plain = {plain_header(name): name for name in names}
    for layer in layers:
        if plain_header(layer) in plain:
            return plain[plain_header(layer)]
    return names[0]


def _beyond_degrees(frame: gpd.GeoDataFrame) -> bool:
    bounds = frame.total_bounds
    return bool(np.isfinite(bounds).all() and np.abs(bounds).max() > 361)


def _project(frame: gpd.GeoDataFrame, path: Path, default_crs: str) -> gpd.GeoDataFrame:
    known = frame if frame.crs is not None else frame.set_crs(default_crs)
    if known.crs.to_epsg() == 25833:
        return known
    try:
        return known.to_crs(WORKING_CRS)
    except (ValueError, RuntimeError) as fault:
        raise InputError(
            f"kan ikke regnes om til {WORKING_CRS}.",
            file=path,
            advice="Se hvilken projeksjon fila sier at den har.",
        ) from fault


def _pick(path: Path, frame: gpd.GeoDataFrame, fields: Sequence[Field]) -> pd.DataFrame:
    columns = {plain_header(str(name)): name for name in frame.columns if name != "geometry"}
    picked = {}
    missing = []
    for f in fields:
        names = [columns[plain_header(s)] for s in f.synonyms if plain_header(s) in columns]
        if names:
            picked[f.name] = _as_text(frame[names[0]])
        else:
            picked[f.name] = constant("", len(frame))
            missing += [f.synonyms[0]] if f.required else []
    if missing and len(frame):
        have = ", ".join(map(str, columns.values()))[:300] or "ingen"
        raise InputError(
            f"mangler egenskapen {', '.join(missing)}; objektene har {have}.", file=path
        )
    return pd.DataFrame(picked, index=pd.RangeIndex(len(frame)))


def _as_text(values: pd.Series[Any]) -> pd.Series[Any]:
    """Write attributes as text: whole numbers without decimals, absence as empty."""
    if pd.api.types.is_float_dtype(values.dtype):
        cells = [f"{v:.15g}" if np.isfinite(v) else "" for v in values.to_numpy(dtype=np.float64)]
        return pd.Series(cells, dtype="str")
    text = values.reset_index(drop=True).astype("object").where(values.notna().to_numpy(), "")
    return text.map(str).astype("str").str.strip()


def _sound(geometry: Geometries) -> tuple[Geometries, int]:
    flat = shapely.force_2d(geometry)
    areal = np.isin(shapely.get_type_id(flat), (3, 6))
    crossed = areal & ~shapely.is_valid(flat)
    if crossed.any():
        flat[crossed] = [_polygons(shape) for shape in shapely.make_valid(flat[crossed])]
    return flat, int(crossed.sum())


def _polygons(shape: Any) -> Any:
    """Keep the polygons of a mended shape; lines and points left over are dropped."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()
