"""Elverum and Liechtenstein planned on the real data, where these are at hand."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path

import pytest

from bredband.check import check_folder
from bredband.county import read_provenance, read_table

NAMES = ("elverum", "liechtenstein")


@pytest.fixture(scope="module")
def planned(root, shared_data, tmp_path_factory) -> dict[str, Path]:
    script = runpy.run_path(str(root / "scripts" / "real_runs.py"))
    folder = tmp_path_factory.mktemp("ekte")
    for name in NAMES:
        script["plan_real"](name, folder / name, shared_data)
    return {name: folder / name for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_rows_in_are_premises_kept_and_rows_reported(planned, name):
    rows = read_provenance(planned[name])["rows"]["addresses"]
    premises = read_table(planned[name], "premises")
    reported = read_table(planned[name], "set_aside")
    addresses = reported[reported["source"].str.contains("adresse", case=False)]
    assert rows["rows_in"] == len(premises) + rows["set_aside"]
    assert rows["set_aside"] == len(addresses)
    assert (addresses["reason"] != "").all()


def test_all_elverum_addresses_are_kept(planned):
    assert len(read_table(planned["elverum"], "premises")) == 10_871


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_agrees_with_itself(planned, name):
    assert check_folder(planned[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_everyone_unserved_is_planned_for_or_has_a_reason(planned, name):
    coverage = read_table(planned[name], "coverage").set_index("premises_id")
    connections = read_table(planned[name], "connections").set_index("premises_id")
    left = coverage.index[coverage["eligible"]].difference(connections.index)
    premises = read_table(planned[name], "premises").set_index("premises_id")
    assert set(premises.loc[left, "kind"]) <= {"holiday"}
    unreached = connections[connections["area_id"] == ""]
    assert (unreached["reason"] != "").all()


def test_elverum_reproduces_the_regulators_share(planned):
    """Nkom 1H2022: 94,7 % of Elverum's households could have 1000 Mbit/s."""
    document = json.loads((planned["elverum"] / "plan.json").read_text("utf-8"))
    assert document["kpis"]["served_before_share"] == pytest.approx(0.947, abs=0.005)


@pytest.mark.parametrize("name", NAMES)
def test_the_document_has_the_figures_of_this_run(planned, name, root):
    text = (root / "docs" / "real-runs.md").read_text("utf-8")
    chapter = next(part for part in text.split("\n## ") if part.startswith(name.title()))
    kpis = json.loads((planned[name] / "plan.json").read_text("utf-8"))["kpis"]
    for row in (
        f"million kroner | {kpis['areas']}, {kpis['areas_built']} |",
        f"| households that get an offer | {kpis['gained_households']} |",
        f"| trench built | {kpis['trench_km']:.0f} km |",
        f"million kroner | {kpis['grant_nok'] / 1e6:.1f} million |",
    ):
        assert row in chapter


@pytest.mark.parametrize("name", NAMES)
def test_what_is_made_up_is_labelled(planned, name):
    document = json.loads((planned[name] / "plan.json").read_text("utf-8"))
    assert document["publication"]["synthetic"]
    assert "ekte" in document["publication"]["synthetic_note"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("column", ["build_year", "grant_nok"])
def test_one_altered_row_is_found(planned, name, column, tmp_path):
    folder = tmp_path / name
    shutil.copytree(planned[name], folder, ignore=shutil.ignore_patterns("*.html", "*.gpkg", "inn"))
    schedule = read_table(folder, "schedule")
    households = read_table(folder, "areas").set_index("area_id")["households"]
    row = schedule.index[households.loc[schedule["area_id"]].to_numpy() > 0][0]
    schedule.loc[row, column] += 1
    schedule.to_parquet(folder / "tabeller" / "schedule.parquet", index=False)
    assert check_folder(folder)
