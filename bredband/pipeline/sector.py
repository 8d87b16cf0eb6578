"""County plan packages to the sector plan: what is read, shared out and written."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from bredband.plan import Plan
from bredband.renewal import settle
from bredband.report.sector import write_sector_docx

SECTOR_DOCUMENT_FILE = "sektorplan.docx"
BUDGET_FOLDER = "rammer"
_AT_ONCE = 2
"""Counties that are drawn at once: more would hold more homes than a laptop has memory for."""
_DRAWN_TABLES = ("premises", "coverage", "connections", "routes", "areas", "schedule")


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
    with_tables = {
        county["county"]: folder
        for folder, county in zip(folders, content["counties"], strict=True)
        if (folder / TABLE_FOLDER).is_dir()
    }
    names = [county["county"] for county in content["counties"]]
    content["counties_without_map"] = [name for name in names if name not in with_tables]
    kommuner = None
    if with_tables:
        parts, kommuner = _drawn(with_tables, content, _names_of_several(packages))
        maps.write_sector_map(content, parts, out / MAP_FILE)
    step("Dokument")
    write_sector_docx(content, kommuner, out / SECTOR_DOCUMENT_FILE)
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


def _drawn(
    folders: Mapping[str, Path], content: Mapping[str, Any], twice: set[str]
) -> tuple[list[maps.DrawnCounty], gpd.GeoDataFrame]:
    """Draw the counties whose tables are at hand, by name, two at a time.

    Returns
    -------
    The counties' parts of the map, and a row per kommune with ``county``, ``served_after_share``
    and its outline, for the figure of the document.
    """

    def draw(county: Mapping[str, Any]) -> tuple[maps.DrawnCounty, gpd.GeoDataFrame]:
        name = county["county"]
        plan = _part(folders[name], county, content, twice)
        drawn = maps.draw_county(plan, name, _background(folders[name]))
        shares = drawn.served_after_shares()
        return drawn, plan.kommuner.assign(county=name, served_after_share=shares)

    at_hand = [county for county in content["counties"] if county["county"] in folders]
    # Reading, shapes and packing let go of the interpreter: two threads use most of two cores.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        parts, kommuner = zip(*pool.map(draw, at_hand), strict=True)
    return list(parts), pd.concat(kommuner, ignore_index=True)


def _names_of_several(packages: Sequence[sector.Package]) -> set[str]:
    """Find the names that more than one kommune of the country has: Våler and Herøy."""
    counted = Counter(row["name"] for package in packages for row in package.content["by_kommune"])
    return {name for name, count in counted.items() if count > 1}


def _part(
    folder: Path, county: Mapping[str, Any], content: Mapping[str, Any], twice: set[str]
) -> Plan:
    """Read one county's plan with the build years, amounts and words of the sector plan."""
    plan = read_plan(folder, _DRAWN_TABLES)
    built, ratio = county["optimal"]["built"], county["price_ratio"]
    areas = plan.areas.assign(
        **{name: (plan.areas[name] * ratio).round().astype("int64") for name in sector.MONEY}
    )
    chosen = areas[areas["area_id"].isin(built)]
    schedule = gpd.GeoDataFrame(
        {
            "area_id": chosen["area_id"].to_numpy(),
            "build_year": chosen["area_id"].map(built).astype("int64").to_numpy(),
            "technology": chosen["technology"].to_numpy(),
            "grant_nok": chosen["grant_nok"].to_numpy(),
        },
        geometry=chosen.geometry.to_numpy(),
        crs=chosen.crs,
    )
    names = plan.kommuner["name"]
    told_apart = names.where(~names.isin(twice), names + f" i {county['county']}")
    grant_nok = tuple(float(amount) for amount in content["annual_grant_nok"])
    rollout = plan.scenario.rollout.model_copy(update={"annual_grant_nok": grant_nok})
    language = content["publication"]["language"]
    output = plan.scenario.output.model_copy(update={"language": language})
    return replace(
        plan,
        scenario=plan.scenario.model_copy(update={"rollout": rollout, "output": output}),
        kommuner=plan.kommuner.assign(name=told_apart),
        areas=areas,
        schedule=schedule,
    )


def _background(folder: Path) -> maps.Background:
    """Read the land of a county that shows at the scale of a country: the small roads do not."""
    frames: dict[str, Any] = {name: read_table(folder, name) for name in ("landcover", "places")}
    roads = read_table(folder, "roads")
    major = roads["road_class"].str.lower().isin(maps.MAJOR_ROADS)
    return maps.Background(terrain=None, roads=roads[major], **frames)
