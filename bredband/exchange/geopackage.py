"""``plan.gpkg``: every table of the plan as a layer that opens styled in QGIS."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Container, Iterable
from contextlib import closing
from pathlib import Path

import pandas as pd
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from bredband import county, tables
from bredband.exchange import qgis
from bredband.exchange.ofds import network_layers
from bredband.exchange.package import document_date
from bredband.exchange.private import edition, published
from bredband.plan import Plan
from bredband.wording import sentences

LAYERS = (
    "kommuner",
    "areas",
    "schedule",
    "routes",
    "drops",
    "cabinets",
    "premises",
    "mast_candidates",
    "coverage",
    "connections",
    "bills",
    "alternatives",
)
"""Layers in drawing order from the bottom; the last four are tables without geometry.
``mast_candidates`` is there when the scenario asks for masts."""

NETWORK_LAYERS = {
    "ofds_spans": "Planned trench of built areas as spans of the Open Fibre Data Standard 0.4.",
    "ofds_nodes": "Where spans begin and end, as nodes of the Open Fibre Data Standard 0.4.",
}
"""Layers for those who know the standard; they repeat ``routes`` in its words."""


def write_geopackage(plan: Plan, path: Path, *, public: bool = False) -> None:
    """Write the plan's tables to one GeoPackage (version 1.2), whole or not at all.

    Each layer has the columns of the data model under the same name, in EPSG:25833, and a
    default style in ``layer_styles`` that QGIS applies by itself; what each column means stands in
    ``gpkg_data_columns``. The trench that is built is there once more as spans and nodes
    (``ofds.network_layers``). The same plan and date give the same bytes. A public file has no table with a row for each home, and tells
    of no few homes (``private.edition``).

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    frames: dict[str, pd.DataFrame] = {
        name: edition(plan, name, public=public) for name in published(LAYERS, plan, public=public)
    }
    with county.replacing(path) as temporary:
        try:
            for name, frame in frames.items():
                _write_table(frame, name, temporary)
            for name, layer in network_layers(plan).items():
                _write_layer(layer, name, NETWORK_LAYERS[name], temporary)
            with closing(sqlite3.connect(temporary)) as database, database:
                _add_styles(database, plan, frames)
                _describe_columns(database, frames)
                _fix_dates(database, document_date(plan))
        except (DataSourceError, DataLayerError, FeatureError, sqlite3.Error):
            raise OSError(errno.ENOSPC, "det ble ikke plass til hele fila") from None


def _write_table(frame: pd.DataFrame, name: str, path: Path) -> None:
    table = tables.TABLES[name]
    columns = [*table.column_names, *(["geometry"] if table.geometry else [])]
    kind = {"Polygon": "MultiPolygon"}.get(table.geometry, table.geometry)
    options = {"geometry_type": kind, "promote_to_multi": kind.startswith("Multi")} if kind else {}
    _write_layer(frame[columns], name, table.meaning, path, **options)


def _write_layer(
    frame: pd.DataFrame, name: str, meaning: str, path: Path, **options: object
) -> None:
    import pyogrio  # noqa: PLC0415

    pyogrio.write_dataframe(
        frame, path, layer=name, driver="GPKG", dataset_options={"VERSION": "1.2"},
        layer_options={"DESCRIPTION": meaning}, **options,
    )  # fmt: skip


def _add_styles(database: sqlite3.Connection, plan: Plan, layers: Container[str]) -> None:
    """Store a default QGIS style for every layer that is drawn."""
    database.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT, "
        "f_table_schema TEXT, f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, "
        "styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT, "
        "ui TEXT, update_time DATETIME)"
    )
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles')"
    )
    rows = [
        (name, "geom", name, qml, 1, f"{document_date(plan)}T00:00:00.000Z")
        for name, qml in qgis.styles(
            plan.scenario.rollout.years, sentences("exchange", plan.scenario.output.language)
        ).items()
        if name in layers
    ]
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
        "update_time) VALUES ('', '', ?, ?, ?, ?, '', ?, '', '', ?)",
        rows,
    )


def _describe_columns(database: sqlite3.Connection, layers: Iterable[str]) -> None:
    """Store what every column means, and its unit, by the extension Schema of GeoPackage 1.2."""
    database.execute(
        "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
        "name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, "
        "CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), "
        "CONSTRAINT gdc_tn UNIQUE (table_name, name))"
    )
    database.execute(
        "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, "
        "constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, "
        "max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, "
        "CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
    )
    database.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, "
        "extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, "
        "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
    )
    database.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', "
        "'http://www.geopackage.org/spec121/#extension_schema', 'read-write')",
        [("gpkg_data_columns",), ("gpkg_data_column_constraints",)],
    )
    database.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, description) "
        "VALUES (?, ?, ?, ?)",
        [
            (layer, column.name, column.name, column.meaning_with_unit)
            for layer in layers
            for column in tables.TABLES[layer].columns
        ],
    )


def _fix_dates(database: sqlite3.Connection, date: str) -> None:
    """Replace the time of writing, the only thing that differs between two writings."""
    database.execute("UPDATE gpkg_contents SET last_change = ?", (f"{date}T00:00:00.000Z",))
