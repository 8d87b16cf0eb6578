from __future__ import annotations

import hashlib
import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from plans import PROVENANCE, make_plan

from bredband import tables
from bredband.exchange import (
    fibre_network,
    plan_document,
    write_data_package,
    write_geojson,
    write_geopackage,
    write_geoparquet,
)
from bredband.exchange.coverage_tables import write_kommune_table
from bredband.exchange.geopackage import LAYERS, NETWORK_LAYERS
from bredband.exchange.openformats import GEOJSON_LAYERS, PARQUET_LAYERS
from bredband.exchange.private import HOME_TABLES, published
from bredband.exchange.qgis import styles
from bredband.network.design import TOO_FAR
from bredband.plan import Plan
from bredband.wording import sentences


@pytest.fixture(scope="module")
def package(
    hostile_document: dict[str, Any],
    hostile_plan: Plan,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("pakke")
    write_data_package(hostile_document, hostile_plan, folder)
    return folder


def test_every_table_comes_back_from_the_geopackage(plan: Plan, tmp_path: Path) -> None:
    write_geopackage(plan, tmp_path / "plan.gpkg")
    for name in published(LAYERS, plan, public=False):
        written: pd.DataFrame = getattr(plan, name)
        read = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer=name)
        columns = tables.TABLES[name].column_names
        same = [read[c].equals(written[c].astype(read[c].dtype)) for c in columns]
        assert all(same), (name, columns)
        if isinstance(written, gpd.GeoDataFrame):
            assert read.crs.to_epsg() == 25833
            assert shapely.equals(
                shapely.normalize(read.geometry.to_numpy()),
                shapely.normalize(
                    shapely.multipolygons(written.geometry.to_numpy()[:, None])
                    if tables.TABLES[name].geometry == "Polygon"
                    else written.geometry.to_numpy()
                ),
            ).all()


def test_spans_and_nodes_stand_in_the_geopackage_and_meet(plan: Plan, tmp_path: Path) -> None:
    write_geopackage(plan, tmp_path / "plan.gpkg")
    spans, nodes = (
        pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer=name)
        for name in ("ofds_spans", "ofds_nodes")
    )
    built = plan.routes[plan.routes["area_id"].isin(plan.schedule["area_id"])]
    assert sorted(spans["id"]) == sorted(built["route_id"])
    assert spans["fibreLength"].sum() == pytest.approx(built["length_m"].sum() / 1000, abs=0.01)
    place = nodes.set_index("id").geometry
    for end, vertex in (("start", 0), ("end", -1)):
        at = shapely.get_point(spans.geometry.to_numpy(), vertex)
        assert shapely.distance(at, place[spans[end]].to_numpy()).max() < 0.05


def test_the_geopackage_is_version_1_2_with_a_style_per_drawn_layer(
    plan: Plan, tmp_path: Path
) -> None:
    write_geopackage(plan, tmp_path / "plan.gpkg")
    with closing(sqlite3.connect(tmp_path / "plan.gpkg")) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == 10200
        rows = database.execute(
            "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
        drawn = database.execute(
            "SELECT table_name, column_name FROM gpkg_geometry_columns"
        ).fetchall()
    assert {name for name, _, _ in rows} == {name for name, _ in drawn} - {*NETWORK_LAYERS}
    assert {column for _, column in drawn} == {"geom"}
    for _, qml, default in rows:
        assert default == 1
        assert ET.fromstring(qml.split(">", 1)[1]).find("renderer-v2") is not None


def test_a_style_has_a_colour_of_its_own_for_every_year() -> None:
    root = ET.fromstring(
        styles(range(2027, 2037), sentences("exchange", "nb"))["schedule"].split(">", 1)[1]
    )
    values = [category.get("value") for category in root.iter("category")]
    assert values == [str(year) for year in range(2027, 2037)]
    colours = [
        option.get("value") for option in root.iter("Option") if option.get("name") == "color"
    ]
    assert len(set(colours)) == 10


def test_geojson_follows_rfc_7946(plan: Plan, tmp_path: Path) -> None:
    for path in write_geojson(plan, tmp_path):
        content = json.loads(path.read_text("utf-8"))
        assert "crs" not in content
        for feature in content["features"]:
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            west, south, east, north = shape.bounds
            assert 0 < west <= east < 40
            assert 55 < south <= north < 75
            polygons = [part for part in shapely.get_parts([shape]) if part.geom_type == "Polygon"]
            assert all(part.exterior.is_ccw for part in polygons)
    areas = json.loads((tmp_path / "areas.geojson").read_text("utf-8"))["features"]
    years = {f["properties"]["area_id"]: f["properties"]["build_year"] for f in areas}
    built = dict(zip(plan.schedule["area_id"], plan.schedule["build_year"], strict=True))
    assert {area: year for area, year in years.items() if year is not None} == built


def test_geoparquet_gives_the_tables_back(plan: Plan, tmp_path: Path) -> None:
    for path in write_geoparquet(plan, tmp_path):
        name = path.stem
        read = gpd.read_parquet if tables.TABLES[name].geometry else pd.read_parquet
        frame = read(path)
        tables.check(frame, name)
        assert len(frame) == len(getattr(plan, name))


def test_the_planned_network_hangs_together(document: dict[str, Any], plan: Plan) -> None:
    network = fibre_network(document, plan)["networks"][0]
    nodes = {node["id"] for node in network["nodes"]}
    used = {span[end] for span in network["spans"] for end in ("start", "end")}
    assert used == nodes
    assert {span["status"] for span in network["spans"]} == {"proposed"}
    phases = {phase["id"] for phase in network["phases"]}
    assert {span["phase"]["id"] for span in network["spans"]} == phases
    built = plan.routes["area_id"].isin(plan.schedule["area_id"])
    total_km = sum(span["fibreLength"] for span in network["spans"])
    assert total_km == pytest.approx(plan.routes.loc[built, "length_m"].sum() / 1000, abs=0.01)
    places = {node["id"]: node["location"]["coordinates"] for node in network["nodes"]}
    for span in network["spans"]:
        assert np.allclose(span["route"]["coordinates"][0], places[span["start"]], atol=1e-6)
        assert np.allclose(span["route"]["coordinates"][-1], places[span["end"]], atol=1e-6)


def test_the_planned_network_is_valid_open_fibre_data(
    hostile_document: dict[str, Any], hostile_plan: Plan
) -> None:
    validate = pytest.importorskip(
        "libcoveofds.jsonschemavalidate", reason="libcoveofds is not installed"
    )
    python_validate = pytest.importorskip("libcoveofds.python_validate")
    schema = pytest.importorskip("libcoveofds.schema").OFDSSchema()
    network = fibre_network(hostile_document, hostile_plan)
    assert validate.JSONSchemaValidator(schema).validate(network) == []
    assert python_validate.PythonValidate(schema).validate(network) == []


def test_the_package_describes_every_file_it_holds(package: Path) -> None:
    described = json.loads((package / "datapackage.json").read_text("utf-8"))
    paths = {resource["path"]: resource for resource in described["resources"]}
    files = {
        path.relative_to(package).as_posix(): path for path in package.rglob("*") if path.is_file()
    }
    assert set(files) - set(paths) == {"datapackage.json", "dcat.jsonld", "SHA256SUMS"}
    for name, resource in paths.items():
        content = files[name].read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["mediatype"] != "application/octet-stream"
    assert len({resource["name"] for resource in described["resources"]}) == len(paths)
    assert "Syntetiske data" in described["title"]


def test_a_public_package_tells_of_no_few_homes(
    document: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    """An area with fewer households than the scenario's number keeps its price and its year."""
    areas = plan.areas[plan.areas["kind"] == "area"]
    fewest = int(areas["households"].median()) + 1
    small = set(areas.loc[areas["households"] < fewest, "area_id"])
    assert 0 < len(small) < len(plan.areas)
    output = plan.scenario.output.model_copy(
        update={"public_map": True, "fewest_households": fewest}
    )
    public = replace(plan, scenario=plan.scenario.model_copy(update={"output": output}))
    scenario = {**document["scenario"], "output": output.model_dump(mode="json")}
    write_data_package({**document, "scenario": scenario}, public, tmp_path)
    for feature in json.loads((tmp_path / "geojson/areas.geojson").read_text("utf-8"))["features"]:
        told = feature["properties"]
        hidden = told["area_id"] in small
        assert (told["households"] is None) == hidden
        assert (feature["geometry"] is None) == hidden
        assert told["capex_nok"] is not None
    for area in json.loads((tmp_path / "plan.json").read_text("utf-8"))["areas"]:
        assert (area["households"] is None) == (area["area_id"] in small)
    told = gpd.read_parquet(tmp_path / "parquet/areas.parquet").set_index("area_id")
    assert told.loc[sorted(small), "premises"].isna().all()
    assert told.loc[sorted(small)].geometry.isna().all()
    layer = gpd.read_file(tmp_path / "plan.gpkg", layer="areas").set_index("area_id")
    assert layer.loc[sorted(small), "households"].isna().all()
    assert layer.drop(sorted(small))["households"].notna().all()


def test_a_public_package_tells_of_no_single_home(
    document: dict[str, Any], plan: Plan, tmp_path: Path
) -> None:
    write_data_package(document, plan, tmp_path)
    assert (tmp_path / "parquet" / "premises.parquet").is_file()
    public = plan.scenario.model_copy(
        update={"output": plan.scenario.output.model_copy(update={"public_map": True})}
    )
    write_data_package(document, replace(plan, scenario=public), tmp_path)
    ids = set(plan.premises["premises_id"])
    addresses = set(plan.premises["address"])
    for path in tmp_path.rglob("*.parquet"):
        frame = pd.read_parquet(path)
        told = {str(value) for column in frame for value in frame[column]}
        assert not told & (ids | addresses), path
    layers = pyogrio.list_layers(tmp_path / "plan.gpkg")[:, 0].tolist()
    assert not set(layers) & HOME_TABLES
    assert not any((tmp_path / "omrader").iterdir())
    text = "".join(p.read_text("utf-8") for p in tmp_path.rglob("*.*json*"))
    assert not [address for address in addresses if f'"{address}"' in text]
    listed = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))["resources"]
    assert all((tmp_path / resource["path"]).is_file() for resource in listed)


def test_what_evidence_contradicts_is_never_exported(plan: Plan, tmp_path: Path) -> None:
    write_geopackage(plan, tmp_path / "plan.gpkg")
    layers = pyogrio.list_layers(tmp_path / "plan.gpkg")[:, 0].tolist()
    written = [path.stem for path in write_geoparquet(plan, tmp_path)]
    assert not {"conflicts", "lacking_draws"} & {*layers, *written, *GEOJSON_LAYERS}


def test_a_nynorsk_county_is_laid_out_in_nynorsk(tmp_path: Path) -> None:
    made = make_plan(output={"language": "nn", "date": "2026-11-23"})
    said = {
        "premises": ("households_rule", "ingen husstander etter bygningens bruk", "ingen husstandar etter bruken"),
        "coverage": ("reason", "Ikke dekket: ingen registrerte tilbud.", "Ikkje dekt: ingen registrerte tilbod"),
        "connections": ("reason", TOO_FAR, "Lenger frå næraste veg enn grensa"),
    }  # fmt: skip
    frames = {
        name: getattr(made, name).assign(**{column: bokmaal})
        for name, (column, bokmaal, _) in said.items()
    }
    frames["connections"] = frames["connections"].assign(area_id="", route_id="")
    made = replace(made, **frames)
    write_geopackage(made, tmp_path / "plan.gpkg")
    write_geoparquet(made, tmp_path)
    for name, (column, _, nynorsk) in said.items():
        layer = pyogrio.read_dataframe(tmp_path / "plan.gpkg", layer=name, read_geometry=False)
        parquet = pd.read_parquet(tmp_path / f"{name}.parquet", columns=[column])
        for laid_out in (layer, parquet):
            assert laid_out[column].str.startswith(nynorsk).all(), name
    document = plan_document(made, provenance=PROVENANCE)
    assert document["household_rules"][0]["rule"].startswith("ingen husstandar")
    assert {row["reason"] for row in document["remaining"] if row["cause"] == "not_reached"} == {
        "Lenger frå næraste veg enn grensa for stikkleidning."
    }
    assert "vekta husstandsår" in {proof["what"] for proof in document["proofs"]}


def test_every_table_about_single_homes_is_known_as_such() -> None:
    for name in {*LAYERS, *PARQUET_LAYERS}:
        tells = "premises_id" in tables.TABLES[name].column_names
        assert tells == (name in HOME_TABLES), name


def test_the_checksums_are_those_of_sha256sum(package: Path) -> None:
    lines = (package / "SHA256SUMS").read_text("utf-8").splitlines()
    for line in lines:
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((package / name).read_bytes()).hexdigest() == digest
    assert len(lines) == sum(path.is_file() for path in package.rglob("*")) - 1


def test_the_catalogue_has_what_dcat_ap_no_makes_mandatory(package: Path) -> None:
    """Checks the properties of Dataset, Agent and Distribution that DCAT-AP-NO 3 requires."""
    dataset = json.loads((package / "dcat.jsonld").read_text("utf-8"))
    assert dataset["@type"] == "dcat:Dataset"
    for name in ("dct:title", "dct:description"):
        assert dataset[name]["@language"] == "nb"
        assert dataset[name]["@value"]
    assert dataset["dct:publisher"]["foaf:name"]["@value"] == "Fjordfylke fylkeskommune"
    assert dataset["dcat:contactPoint"]["vcard:fn"]["@value"]
    themes = [theme["@id"] for theme in dataset["dcat:theme"]]
    assert all(
        t.startswith("http://publications.europa.eu/resource/authority/data-theme/") for t in themes
    )
    assert dataset["dct:accessRights"]["@id"].endswith("/access-right/PUBLIC")
    for distribution in dataset["dcat:distribution"]:
        assert distribution["dcat:accessURL"]["@id"]
        assert distribution["dct:license"]["@id"].endswith("/licence/CC_BY_4_0")
        assert distribution["dct:format"]["@id"]
    prefixes = {key.split(":")[0] for key in dataset if ":" in key}
    assert prefixes <= set(dataset["@context"])


def test_the_same_plan_and_date_give_the_same_bytes(
    hostile_document: dict[str, Any], hostile_plan: Plan, package: Path, tmp_path: Path
) -> None:
    write_data_package(hostile_document, hostile_plan, tmp_path)
    for path in sorted(tmp_path.rglob("*")):
        if path.is_file():
            name = path.relative_to(tmp_path)
            assert path.read_bytes() == (package / name).read_bytes(), name


def test_the_kommune_table_has_the_regulators_own_columns(
    shared_data: Path, document: dict[str, Any], tmp_path: Path
) -> None:
    theirs = (shared_data / "norway/nkom/Dekning_fbb_kommuner_husstander.csv").read_text(
        "utf-8-sig"
    )
    write_kommune_table(document, tmp_path / "kommunetabell.csv")
    ours = (tmp_path / "kommunetabell.csv").read_text("utf-8-sig").splitlines()
    assert ours[0] == ";".join(theirs.splitlines()[3].split(";")[:14])
    first = ours[1].split(";")
    assert first[:2] == ["YTREFJORD", "FJORDFYLKE"]
    share = document["coverage"][3]["technology_share"]["fibre"]
    assert first[2] == f"{100 * share:.1f} %".replace(".", ",")
