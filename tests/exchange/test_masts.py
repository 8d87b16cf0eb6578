"""Masts weighed against fibre, in every open format, when the scenario asks for them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import jsonschema
import pandas as pd
import pyogrio
import pytest
from plans import CRS, PROVENANCE, make_plan

from bredband import tables
from bredband.exchange import json_schema, plan_document, write_data_package, write_geopackage
from bredband.exchange.geopackage import LAYERS
from bredband.plan import Plan


def with_masts(*, public: bool = False) -> Plan:
    """One mast that stands and is built, one that could be raised, and one that reaches few."""
    plan = make_plan(
        radio={"propose_masts": True},
        output={"date": "2026-11-23", "public_map": public, "fewest_households": 5},
    )
    rows = [
        ("M1", "mast", "Haugen", 40.0, None, None, 30, 41, 600_000, 60_000, True),
        ("forslag-001", "mast_candidate", "", 30.0, 120.0, 640.0, 12, 15, 2_900_000, 90_000, False),
        ("forslag-002", "mast_candidate", "", 30.0, 0.0, 80.0, 2, 3, 2_500_000, 90_000, False),
    ]
    masts = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=tables.TABLES["mast_candidates"].column_names).astype(
            {"road_m": "float64", "power_m": "float64"}
        ),
        geometry=gpd.points_from_xy([210_000.0, 212_000.0, 214_000.0], [6_705_000.0] * 3),
        crs=CRS,
    )
    tables.check(masts, "mast_candidates")
    built = plan.schedule.iloc[:1].assign(area_id="M1", build_year=2028, grant_nok=0)
    schedule = gpd.GeoDataFrame(pd.concat([plan.schedule, built], ignore_index=True), crs=CRS)
    return replace(plan, mast_candidates=masts, schedule=schedule)


def test_masts_are_a_layer_when_the_scenario_asks_for_them(tmp_path: Path) -> None:
    plan = with_masts()
    write_geopackage(plan, tmp_path / "plan.gpkg")
    read = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer="mast_candidates")
    names = tables.TABLES["mast_candidates"].column_names
    pd.testing.assert_frame_equal(
        pd.DataFrame(read[names]),
        pd.DataFrame(plan.mast_candidates[names]),
        check_dtype=False,
    )
    assert read.geometry.geom_equals(plan.mast_candidates.geometry).all()
    write_geopackage(make_plan(), tmp_path / "uten.gpkg")
    assert "mast_candidates" not in pyogrio.list_layers(tmp_path / "uten.gpkg")[:, 0]


def test_every_column_says_in_the_geopackage_what_it_means(tmp_path: Path) -> None:
    write_geopackage(with_masts(), tmp_path / "plan.gpkg")
    with closing(sqlite3.connect(tmp_path / "plan.gpkg")) as database:
        told = {
            (table, column): words
            for table, column, words in database.execute(
                "SELECT table_name, column_name, description FROM gpkg_data_columns"
            )
        }
        extended = database.execute(
            "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'"
        ).fetchall()
        for name in LAYERS:
            columns = {row[1] for row in database.execute(f"PRAGMA table_info({name})")}
            assert {column for table, column in told if table == name} == columns - {"fid", "geom"}
    assert told["mast_candidates", "capex_nok"] == (
        "build price: a new mast, or equipment on one that stands (Norwegian kroner)"
    )
    assert told["mast_candidates", "height_m"] == "antenna height above ground (metres)"
    assert {table for (table,) in extended} == {"gpkg_data_columns", "gpkg_data_column_constraints"}


def test_masts_stand_in_the_document_with_their_year() -> None:
    plan = with_masts()
    document = plan_document(plan, provenance=PROVENANCE)
    jsonschema.validate(document, json_schema())
    first, second, _ = document["masts"]
    assert (first["site_id"], first["build_year"], first["chosen"]) == ("M1", 2028, True)
    assert (first["x_m"], first["y_m"], first["road_m"]) == (210_000.0, 6_705_000.0, None)
    assert (second["power_m"], second["capex_nok"], second["build_year"]) == (
        640.0,
        2_900_000,
        None,
    )
    assert plan_document(make_plan(), provenance=PROVENANCE)["masts"] == []


@pytest.mark.parametrize("public", [False, True])
def test_a_package_with_masts_repeats_its_bytes_and_hides_few_homes(
    tmp_path: Path, public: bool
) -> None:
    plan = with_masts(public=public)
    document = plan_document(plan, provenance=PROVENANCE)
    for folder in ("en", "to"):
        write_data_package(document, plan, tmp_path / folder)
    files = [file for file in (tmp_path / "en").rglob("*") if file.is_file()]
    for file in files:
        again = tmp_path / "to" / file.relative_to(tmp_path / "en")
        assert file.read_bytes() == again.read_bytes(), file.name
    layer = pyogrio.read_dataframe(tmp_path / "en" / "plan.gpkg", layer="mast_candidates")
    parquet = gpd.read_parquet(tmp_path / "en" / "parquet" / "mast_candidates.parquet")
    told = json.loads((tmp_path / "en" / "plan.json").read_text("utf-8"))["masts"]
    assert layer["households"].isna().tolist() == [False, False, public]
    assert parquet["premises"].isna().tolist() == [False, False, public]
    assert [mast["households"] is None for mast in told] == [False, False, public]
    described = json.loads((tmp_path / "en" / "datapackage.json").read_text("utf-8"))["resources"]
    fields = next(r for r in described if r["path"].endswith("mast_candidates.parquet"))["schema"]
    assert [field["name"] for field in fields["fields"]][-2:] == ["chosen", "geometry"]


def test_masts_of_an_earlier_plan_go(tmp_path: Path) -> None:
    for plan, there in ((with_masts(), True), (make_plan(), False)):
        write_data_package(plan_document(plan, provenance=PROVENANCE), plan, tmp_path)
        assert (tmp_path / "parquet" / "mast_candidates.parquet").exists() == there
