"""Run a whole scenario: the county folder, the plan, and what people open."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from bredband import exchange, report
from bredband.county import (
    read_json,
    read_provenance,
    read_table,
    write_json,
    write_table,
)
from bredband.errors import InputError
from bredband.pipeline.airwaves import hear_masts
from bredband.pipeline.frontier import ask_frontier
from bredband.pipeline.ingest import ingest, read_county
from bredband.pipeline.outputs import (
    GEOPACKAGE_FILE,
    PLAN_FILE,
    write_comparison,
    write_map,
    write_report,
)
from bredband.pipeline.plan import make_plan
from bredband.pipeline.progress import Report, silent
from bredband.pipeline.served import judge
from bredband.plan import Plan, Proof
from bredband.scenario import Scenario

SCENARIO_FILE = "scenario.json"
_PROOFS_FILE = "bevis.json"

_PLAN_TABLES = (
    "premises", "coverage", "connections", "routes", "areas", "schedule", "drops", "cabinets",
    "bills", "alternatives", "signal", "mast_candidates", "conflicts", "lacking_draws",
)  # fmt: skip


def run(scenario: Scenario, folder: str | Path | None = None, step: Report = silent) -> Plan:
    """Run a scenario from raw files to map, document, GeoPackage and ``plan.json``.

    Parameters
    ----------
    scenario
        From ``read_scenario``.
    folder
        Where everything is written; without it nothing is kept but the plan returned.
    step
        Called with the name of each step as it begins.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="bredband-") as temporary:
            return make_plan(ingest(scenario, Path(temporary), step), scenario, step)
    out = Path(folder)
    plan = _write_plan(make_plan(ingest(scenario, out, step), scenario, step), out)
    step("Kart")
    write_map(out, plan)
    step("Dokument")
    write_report(out, plan)
    return plan


def plan_county(scenario: Scenario, folder: Path, step: Report = silent) -> Plan:
    """Plan a county folder that is already ingested, and write the plan's tables."""
    return _write_plan(make_plan(read_county(folder), scenario, step), folder)


def assess_coverage(scenario: Scenario, folder: Path) -> pd.DataFrame:
    """Assess coverage in an ingested county folder, and write the table.

    Returns
    -------
    Households and served households per kommune, indexed by kommune.
    """
    county = read_county(folder)
    signal, availability = hear_masts(county, scenario)
    now = judge(county, availability, scenario)
    write_table(folder, "signal", signal)
    write_table(folder, "coverage", now)
    households = county.premises["households"]
    kommune = county.premises["kommune"]
    frame = pd.DataFrame(
        {
            "name": county.kommuner.set_index("kommune")["name"],
            "households": households.groupby(kommune).sum(),
            "served_households": households[now["served"].to_numpy()].groupby(kommune).sum(),
        }
    ).fillna({"households": 0, "served_households": 0})
    frame["served_share"] = frame["served_households"] / frame["households"].clip(lower=1)
    return frame


def read_plan(folder: str | Path) -> Plan:
    """Read a plan that ``run`` wrote.

    Raises
    ------
    InputError
        When the folder does not hold a whole plan.
    """
    place = Path(folder)
    stored = read_json(place / SCENARIO_FILE)
    try:
        scenario = Scenario.model_validate(stored)
    except ValidationError as fault:
        raise InputError(
            f"er skrevet av en annen versjon av bredband ({fault.error_count()} felt passer ikke).",
            file=place / SCENARIO_FILE,
            advice="Lag planen på nytt med «bredband run».",
        ) from None
    frames = {name: read_table(place, name) for name in ("kommuner", *_PLAN_TABLES)}
    proofs = tuple(Proof(**proof) for proof in read_json(place / _PROOFS_FILE)["proofs"])
    return Plan(scenario=scenario, proofs=proofs, **frames)


def compare_plans(folders: Sequence[Path], out: Path) -> list[Path]:
    """Set written plans side by side: a page with tables, and a map of each against the first.

    Returns
    -------
    The pages written.
    """
    contents = [read_json(folder / PLAN_FILE) for folder in folders]
    written = [report.write_comparison(contents, out)]
    first, *others = [(folder, read_plan(folder)) for folder in folders]
    for i, other in enumerate(others, start=2):
        written.append(write_comparison(first, other, out / f"kart_1_mot_{i}.html"))
    return written


def _write_plan(plan: Plan, folder: Path) -> Plan:
    """Write the plan's tables, its choices and proofs, ``plan.json`` and the GeoPackage."""
    for name in _PLAN_TABLES:
        write_table(folder, name, getattr(plan, name))
    write_json(folder / SCENARIO_FILE, plan.scenario.model_dump(mode="json"))
    write_json(folder / _PROOFS_FILE, {"proofs": [asdict(proof) for proof in plan.proofs]})
    document = exchange.plan_document(
        plan,
        provenance=read_provenance(folder),
        availability=read_table(folder, "availability"),
        frontier=ask_frontier(plan),
    )
    exchange.write_plan_json(document, folder / PLAN_FILE)
    exchange.write_geopackage(plan, folder / GEOPACKAGE_FILE)
    return plan
