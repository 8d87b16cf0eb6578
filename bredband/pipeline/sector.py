"""County plan packages to the sector plan: what is read, shared out and written."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from bredband import exchange, maps, sector
from bredband.county import TABLE_FOLDER, read_table, replacing, write_json
from bredband.errors import InputError
from bredband.inert import file_stem
from bredband.pipeline.outputs import MAP_FILE, PLAN_FILE
from bredband.pipeline.progress import Report, silent
from bredband.pipeline.run import read_plan
from bredband.plan import Plan, Proof
from bredband.renewal import settle
from bredband.report.sector import write_sector_docx

SECTOR_DOCUMENT_FILE = "sektorplan.docx"
BUDGET_FOLDER = "rammer"


def plan_sector(
    folders: Sequence[Path], out: Path, scenario_file: Path | None = None, step: Report = silent
) -> dict[str, Any]:
    """Make the sector plan from the counties' plan packages, and write all of it.

    Parameters
    ----------
    folders
        Two or more folders with a ``plan.json`` each; nothing else is needed. Those that also
        hold the plan's tables come on the map.
    out
        Where ``sektor.json``, the document, the map and the counties' budgets are written.
    scenario_file
        The choices (TOML); without it the grant is the sum of the counties' own.
    step
        Called with the name of each step as it begins.

    Returns
    -------
    The content of ``sektor.json``.

    Raises
    ------
    InputError
        If a package is missing, of another version, or cannot be compared with the others;
        ``ScenarioError`` and ``PlanError`` as ``sector.distribute``.
    """
    scenario = (
        sector.read_sector_scenario(scenario_file) if scenario_file else sector.SectorScenario()
    )
    if len(folders) < 2:
        raise InputError("en sektorplan trenger planpakker fra minst to fylker.")
    step("Leser planpakkene")
    packages = [_read_package(folder, out) for folder in folders]
    footing, counties = sector.on_one_footing(packages, scenario)
    step("Fordeler rammen")
    shared = sector.distribute(footing, counties, scenario)
    created_on = scenario.date or dt.date.today().isoformat()
    content = sector.sector_document(shared, scenario, created_on=created_on)
    step("Kart")
    drawn = {
        folder: county
        for folder, county in zip(folders, content["counties"], strict=True)
        if (folder / TABLE_FOLDER).is_dir()
    }
    content["counties_without_map"] = [
        county["county"] for county in content["counties"] if county not in drawn.values()
    ]
    joined = _joined_plan(drawn, content) if drawn else None
    if joined is not None:
        maps.write_map(joined, out / MAP_FILE, background=_background(drawn), public=True)
    step("Dokument")
    write_sector_docx(content, joined, out / SECTOR_DOCUMENT_FILE)
    for county in content["counties"]:
        with replacing(out / BUDGET_FOLDER / f"{file_stem(county['county'])}.toml") as temporary:
            temporary.write_text(sector.budgets_toml(content, county["county"]), "utf-8")
    write_json(out / sector.SECTOR_FILE, content)
    return content


def _read_package(folder: Path, out: Path) -> sector.Package:
    settle(folder)
    file = folder / PLAN_FILE
    content = exchange.read_plan_json(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return sector.Package(Path(os.path.relpath(folder, out)).as_posix(), digest, content)


def _joined_plan(drawn: Mapping[Path, dict[str, Any]], content: dict[str, Any]) -> Plan:
    """Join the counties whose tables are at hand to one plan, with the optimal build years."""
    parts = [_part(folder, county) for folder, county in drawn.items()]
    first = parts[0]
    publication = content["publication"]
    rollout = first.scenario.rollout.model_copy(
        update={
            "annual_grant_nok": tuple(float(amount) for amount in content["annual_grant_nok"]),
            "must_build": (), "must_not_build": (), "committed": (), "floors": (), "funds": (),
            "exclusive": (), "synergies": (), "annual_capex_nok": (), "annual_trench_m": (),
            "highest_grant_nok_per_household": None,
        }
    )  # fmt: skip
    output = first.scenario.output.model_copy(
        update={
            "title": publication["title"],
            "organisation": publication["organisation"],
            "language": publication["language"],
        }
    )
    scenario = first.scenario.model_copy(
        update={
            "name": publication["title"],
            "county": ", ".join(part.scenario.county for part in parts),
            "description": "",
            "synthetic": publication["synthetic"],
            "rollout": rollout,
            "output": output,
        }
    )
    names = ("kommuner", "premises", "coverage", "connections", "routes", "areas", "schedule")
    frames = {name: _stacked([getattr(part, name) for part in parts]) for name in names}
    proofs = tuple(Proof(**proof) for proof in content["proofs"])
    return Plan(scenario=scenario, proofs=proofs, **frames)


def _part(folder: Path, county: dict[str, Any]) -> Plan:
    """Read one county's plan with the build years of the sector plan, and ids that are its own."""
    plan = read_plan(folder)
    built = county["optimal"]["built"]
    prefix = f"{county['county']}: "
    areas = plan.areas[plan.areas["area_id"].isin(built)]
    schedule = gpd.GeoDataFrame(
        {
            "area_id": areas["area_id"].to_numpy(),
            "build_year": areas["area_id"].map(built).astype("int64").to_numpy(),
            "technology": areas["technology"].to_numpy(),
            "grant_nok": areas["grant_nok"].to_numpy(),
        },
        geometry=areas.geometry.to_numpy(),
        crs=areas.crs,
    )
    own = {
        "premises": ("premises_id",), "coverage": ("premises_id",), "areas": ("area_id", "feeder_area"),
        "connections": ("premises_id", "area_id", "route_id"), "schedule": ("area_id",),
        "routes": ("route_id", "upstream_route", "area_id"),
    }  # fmt: skip
    frames = {name: getattr(plan, name) for name in own} | {"schedule": schedule}
    named = {
        name: frames[name].assign(
            **{
                column: frames[name][column].where(
                    frames[name][column] == "", prefix + frames[name][column].astype("str")
                )
                for column in columns
            }
        )
        for name, columns in own.items()
    }
    return replace(plan, **named)


def _stacked(frames: list[Any]) -> Any:
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def _background(folders: Collection[Path]) -> maps.Background:
    """Put the land of the counties together; terrain is left out at this scale."""
    frames = {
        name: _stacked([read_table(folder, name) for folder in folders])
        for name in ("landcover", "roads", "places")
    }
    return maps.Background(terrain=None, **frames)
