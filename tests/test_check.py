"""The check finds what is wrong in a written plan, whatever is altered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from bredband.check import check_folder
from bredband.county import read_table
from bredband.grid import WORKING_CRS
from bredband.pipeline import run
from bredband.scenario import read_scenario
from tests import lilleland_files


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sjekk")
    run(read_scenario(lilleland_files.write(folder / "inn")), folder / "ut")
    return folder / "ut"


@pytest.fixture
def folder(written, tmp_path) -> Path:
    shutil.copytree(written, tmp_path / "ut")
    return tmp_path / "ut"


def alter(folder: Path, table: str, change) -> list[str]:
    """Change a table behind the program's back, and check."""
    frame = read_table(folder, table)
    change(frame).to_parquet(folder / "tabeller" / f"{table}.parquet", index=False)
    return check_folder(folder)


def test_a_plan_as_written_is_right(folder):
    assert check_folder(folder) == []


def where(frame: pd.DataFrame, area: str, column: str, value) -> pd.DataFrame:
    changed = frame.copy()
    changed.loc[changed["area_id"] == area, column] = value
    return changed


VESLE, MIDTBY, YTRE = "9901-301-6700", "9901-303-6700", "9901-306-6700"
FIRST, SECOND = "F-301-6700", "F-303-6700"

ALTERATIONS = [
    ("schedule", lambda f: where(f, VESLE, "build_year", 2029), "weighted_household_years"),
    ("schedule", lambda f: where(f, VESLE, "build_year", 2031), "utenfor planens år"),
    ("schedule", lambda f: where(f, FIRST, "build_year", 2028), "bygges først i 2028"),
    ("schedule", lambda f: f[f["area_id"] != SECOND], "som ikke bygges"),
    ("schedule", lambda f: where(f, MIDTBY, "grant_nok", 1), "betaler 1 kr"),
    ("schedule", lambda f: where(f, SECOND, "build_year", 2027), "rammen"),
    ("areas", lambda f: where(f, VESLE, "grant_nok", 3_999), "summerer ikke"),
    ("areas", lambda f: where(f, VESLE, "households", 5), "delene gir 4"),
    ("areas", lambda f: where(f, YTRE, "capex_nok", 300_000), "kroner i byggepris"),
    ("areas", lambda f: where(f, YTRE, "trench_m", 1.0), "m grøft"),
    ("areas", lambda f: where(f, MIDTBY, "feeder_area", FIRST), "henger ikke på områdets grøft"),
    ("routes", lambda f: f.assign(upstream_route="borte"), "fører ikke fram"),
    ("routes", lambda f: where(f, FIRST, "area_id", YTRE), "går gjennom"),
    ("connections", lambda f: f.assign(drop_nok=f["drop_nok"] + 1), "kroner i byggepris"),
    ("connections", lambda f: f.assign(reason="uklart"), "enten ha et område eller en grunn"),
    ("coverage", lambda f: f.assign(served=True), "kan ikke få støtte"),
    ("coverage", lambda f: f.assign(lacking_share=0.5), "planen er laget på cut"),
    ("coverage", lambda f: f.assign(served_probability=0.5), "expected_served_before_share"),
    ("connections", lambda f: f.assign(weighted_households=0.5), "vektede husstander"),
    ("premises", lambda f: f.assign(households=2), "husstander, delene gir"),
    # the first has an offer, so nothing else depends on it
    ("premises", lambda f: f.iloc[1:], "ikke de samme adressene"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change", "finding"), ALTERATIONS)
def test_every_alteration_is_found(folder, table, change, finding):
    faults = alter(folder, table, change)
    assert any(finding in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("path", "value", "finding"),
    [
        (("kpis", "grant_nok"), 1, "grant_nok er 1"),
        (("kpis", "gained_households"), 11, "gained_households"),
        (("certainty", "plan_on"), "draws", "plan_on er draws, scenariet sier cut"),
        (("by_year", 0, "households"), 99, "households i 2027"),
        (("proofs", 1, "bound"), 40.0, "oppgir avviket"),
    ],
)
def test_altered_figures_are_found(folder, path, value, finding):
    file = folder / "plan.json"
    document = json.loads(file.read_text("utf-8"))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    file.write_text(json.dumps(document), "utf-8")
    assert any(finding in fault for fault in check_folder(folder))


def test_a_mast_costs_what_its_candidate_does(folder):
    mast = {
        "site_id": "M1", "kind": "mast_candidate", "name": "", "height_m": 30.0, "road_m": 1.0,
        "power_m": 1.0, "premises": 4, "households": 4, "capex_nok": 600_000, "yearly_opex_nok": 0,
        "chosen": True, "geometry": shapely.Point(0, 0),
    }  # fmt: skip
    gpd.GeoDataFrame([mast], crs=WORKING_CRS).to_parquet(
        folder / "tabeller" / "mast_candidates.parquet", index=False
    )

    def with_mast(areas, capex_nok: int):
        row = areas[areas["area_id"] == YTRE].assign(
            area_id="M1", kind="mast", feeder_area="", premises=0, households=0,
            weighted_households=0.0, trench_m=0.0, capex_nok=capex_nok,
        )  # fmt: skip
        return pd.concat([areas[areas["area_id"] != "M1"], row], ignore_index=True)

    told = "«M1»: oppgir 600000 kroner i byggepris"
    assert not any(
        told in fault for fault in alter(folder, "areas", lambda f: with_mast(f, 600_000))
    )
    dearer = alter(folder, "areas", lambda f: with_mast(f, 600_001))
    assert "«M1»: oppgir 600001 kroner i byggepris, delene gir 600000" in dearer


def test_the_demo_plan_is_right(demo_run):
    assert check_folder(demo_run[0]) == []


@pytest.mark.parametrize("column", ["build_year", "grant_nok"])
def test_one_altered_row_of_the_demo_schedule_is_found(demo_run, tmp_path, column):
    folder = tmp_path / "ut"
    shutil.copytree(demo_run[0], folder, ignore=shutil.ignore_patterns("*.html", "*.tif", "*.gpkg"))
    schedule = read_table(folder, "schedule")
    areas = read_table(folder, "areas").set_index("area_id")
    row = schedule.index[areas.loc[schedule["area_id"], "households"].to_numpy() > 0][0]
    schedule.loc[row, column] += 1
    schedule.to_parquet(folder / "tabeller" / "schedule.parquet", index=False)
    assert check_folder(folder)
