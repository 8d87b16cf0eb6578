"""The check of a frame against the data model: all faults at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from bredband.errors import TableError
from bredband.grid import WORKING_CRS
from bredband.tables.all_tables import TABLES
from bredband.tables.model import Column, Table


def check(frame: pd.DataFrame, name: str, *, file: str = "", advice: str = "") -> None:
    """Check a frame against the data model and report every fault in one error.

    Parameters
    ----------
    frame
        The frame to check; a GeoDataFrame in EPSG:25833 where the table has a geometry.
    name
        Name of the table in ``TABLES``.
    file
        Where the frame comes from, for the message.
    advice
        What to do if the frame breaks the data model.

    Raises
    ------
    TableError
        With all faults: missing and unknown columns, wrong types, empty cells, values
        outside their limits, repeated keys, wrong geometry or projection.
    """
    table = TABLES[name]
    faults = [*_column_faults(frame, table), *_key_faults(frame, table)]
    if table.geometry:
        faults += _geometry_faults(frame, table)
    if faults:
        raise TableError(
            f"tabellen «{name}» følger ikke datamodellen: " + "; ".join(faults),
            file=file,
            advice=advice,
        )


def empty(name: str) -> pd.DataFrame:
    """Make an empty table with the right columns, types and projection."""
    table = TABLES[name]
    dtypes = {"text": "str", "int": "int64", "float": "float64", "bool": "bool"}
    columns = {c.name: pd.Series([], dtype=dtypes[c.kind]) for c in table.columns}
    if table.geometry:
        frame: pd.DataFrame = gpd.GeoDataFrame(columns, geometry=[], crs=WORKING_CRS)
        return frame
    return pd.DataFrame(columns)


def _column_faults(frame: pd.DataFrame, table: Table) -> Iterator[str]:
    expected = set(table.column_names) | ({"geometry"} if table.geometry else set())
    if missing := [name for name in table.column_names if name not in frame.columns]:
        yield "mangler kolonnen " + ", ".join(missing)
    if unknown := [str(name) for name in frame.columns if name not in expected]:
        yield "har ukjent kolonne " + ", ".join(unknown)
    for column in table.columns:
        if column.name in frame.columns:
            yield from _value_faults(frame[column.name], column)


def _value_faults(values: pd.Series[Any], column: Column) -> Iterator[str]:
    fits = {
        "text": pd.api.types.is_string_dtype,
        "int": pd.api.types.is_integer_dtype,
        "float": pd.api.types.is_float_dtype,
        "bool": pd.api.types.is_bool_dtype,
    }[column.kind]
    if not fits(values.dtype) and len(values):
        yield f"{column.name} er {values.dtype}, skal være {column.kind}"
        return
    if not column.nullable and (count := int(values.isna().sum())):
        yield f"{column.name} er tom i {count} rader"
    if column.one_of:
        wrong = values[values.notna() & ~values.isin(list(column.one_of))]
        if len(wrong):
            yield f"{column.name} har ukjent verdi «{wrong.iloc[0]}» i {len(wrong)} rader"
    if column.kind in ("int", "float"):
        if column.lowest is not None and (count := int((values < column.lowest).sum())):
            yield f"{column.name} er under {column.lowest:g} i {count} rader"
        if column.highest is not None and (count := int((values > column.highest).sum())):
            yield f"{column.name} er over {column.highest:g} i {count} rader"


def _key_faults(frame: pd.DataFrame, table: Table) -> Iterator[str]:
    key = list(table.key)
    if all(name in frame.columns for name in key) and (count := int(frame.duplicated(key).sum())):
        yield f"nøkkelen {' + '.join(key)} gjentas i {count} rader"


def _geometry_faults(frame: pd.DataFrame, table: Table) -> Iterator[str]:
    if not isinstance(frame, gpd.GeoDataFrame) or "geometry" not in frame.columns:
        yield "mangler geometri"
        return
    if frame.crs is None or frame.crs.to_epsg() != 25833:
        yield f"er i {frame.crs}, skal være i {WORKING_CRS}"
    allowed = {table.geometry, f"Multi{table.geometry}"} - {"MultiPoint", "MultiLineString"}
    kinds = set(frame.geometry.geom_type.dropna().unique()) - allowed
    if kinds:
        yield f"har geometri av typen {', '.join(sorted(kinds))}, skal være {table.geometry}"
    absent = frame.geometry.isna() | shapely.is_empty(frame.geometry.to_numpy())
    if count := int(absent.sum()):
        yield f"mangler geometri i {count} rader"
