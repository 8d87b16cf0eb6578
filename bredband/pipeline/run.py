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
    PROVENANCE,
    County,
    read_json,
    read_table,
    write_json,
    write_table,
)
from bredband.errors import InputError
from bredband.exchange.package import document_date
from bredband.pipeline.frontier import ask_frontier
from bredband.pipeline.ingest import (
    INGEST_READS,
    ingest,
    ingest_described,
    read_county,
)
from bredband.pipeline.outputs import (
    GEOPACKAGE_FILE,
    PLAN_FILE,
    draw_map,
    write_comparison,
    write_documents,
)
from bredband.pipeline.plan import make_plan
from bredband.pipeline.progress import Report, silent
from bredband.pipeline.readings import describe_sources, hearing_held
from bredband.pipeline.served import find_served, write_kommune_tables
from bredband.plan import Plan, Proof
from bredband.renewal import renewing, settle, take
from bredband.report.wordtemplate import require_template
from bredband.scenario import Scenario
from bredband.store import Keep, Store, afresh

SCENARIO_FILE = "scenario.json"
_PROOFS_FILE = "bevis.json"
STORE_FOLDER = "lager"
"""Answers of earlier runs, beside what they were used for."""

_PLAN_TABLES = (
    "premises", "coverage", "connections", "routes", "areas", "schedule", "drops", "cabinets",
    "bills", "alternatives", "radio_premises", "upgrades", "signal", "mast_candidates", "conflicts", "lacking_draws",
)  # fmt: skip


def run(
    scenario: Scenario,
    folder: str | Path | None = None,
    step: Report = silent,
    store: Store | None = None,
) -> Plan:
    """Run a scenario from raw files to map, document, GeoPackage and ``plan.json``.

    The folder holds the old files until all the new ones are ready, and then the new ones.
    What an earlier run answered and nothing has changed of is not computed again.

    Parameters
    ----------
    scenario
        From ``read_scenario``.
    folder
        Where everything is written; without it nothing is kept but the plan returned.
    step
        Called with the name of each step as it begins.
    store
        Earlier answers; those in the folder's ``lager`` if nothing else is said. Afterwards
        its ``reused`` and ``computed`` tell which steps were which.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="bredband-") as temporary:
            return make_plan(ingest(scenario, Path(temporary), step), scenario, step)
    out = Path(folder)
    keep = store or Store(out / STORE_FOLDER)
    template = _template(scenario)
    with renewing(out) as new:
        county = _ingest_kept(scenario, out, new, step, keep)
        plan = make_plan(county, scenario, step, keep)
        step("Tabeller")
        written = keep.files(
            write_plan, plan, county.availability, new / PROVENANCE, document_date(plan)
        )
        take(written, new)
        step("Kart")
        take(keep.files(draw_map, plan, county), new)
        step("Dokument")
        take(keep.files(write_documents, plan, written / PLAN_FILE, *template), new)
    keep.forget_unused()
    return plan


_STEPS = {
    "ingest_described": "lest inn", "hear_masts": "signaler", "weigh_evidence": "dekning",
    "price_network": "vegnett", "design": "grøftetre", "lay_out": "områder",
    "weigh_masts": "master", "choose_together": "rekkefølge", "write_plan": "tabeller",
    "draw_map": "kart", "write_documents": "dokument",
}  # fmt: skip


def steps_done(store: Store) -> tuple[list[str], list[str]]:
    """Name in Norwegian the steps of a run that were reused, and those that were computed."""
    reused, computed = (
        [_STEPS[name.rsplit(".", 1)[1]] for name in names]
        for names in (store.reused, store.computed)
    )
    return reused, computed


def what_was_done(store: Store) -> list[str]:
    """Say in Norwegian which steps of a run were reused, and which computed."""
    said = zip(("Gjenbrukt:", "Regnet ut:"), steps_done(store), strict=True)
    return [f"{label} {', '.join(names)}" for label, names in said if names]


def look(
    scenario: Scenario, folder: Path, step: Report = silent, store: Store | None = None
) -> pd.DataFrame:
    """Read a county's files into its folder and find who is covered today, as a plan would.

    Returns
    -------
    What ``assess_coverage`` gives.
    """
    keep = store or Store(folder / STORE_FOLDER)
    with renewing(folder) as new:
        _ingest_kept(scenario, folder, new, step, keep)
        step("Dekning")
        by_kommune = assess_coverage(scenario, new, keep)
    keep.forget_unused()
    return by_kommune


def _ingest_kept(scenario: Scenario, old: Path, folder: Path, step: Report, keep: Store) -> County:
    """Put the county's tables in a folder, from the store where the files are as they were.

    The hearing's answers lie in the ``old`` folder.
    """
    step("Leser filene")
    hearing = hearing_held(old)
    described = describe_sources(scenario, hearing)
    take(keep.files(ingest_described, scenario.only(*INGEST_READS), described, hearing), folder)
    return read_county(folder)


def plan_county(scenario: Scenario, folder: Path, step: Report = silent) -> Plan:
    """Plan a county folder that is already ingested, and write the plan's tables."""
    settle(folder)
    county = read_county(folder)
    with renewing(folder, whole=False) as new:
        plan = make_plan(county, scenario, step, Store(folder / STORE_FOLDER))
        write_plan(new, plan, county.availability, folder / PROVENANCE, document_date(plan))
    return plan


def _template(scenario: Scenario) -> tuple[Path, ...]:
    """Give the county's Word template, whose content the documents depend on."""
    if not scenario.output.docx_template:
        return ()
    template = Path(scenario.output.docx_template)
    require_template(template)
    return (template,)


def assess_coverage(scenario: Scenario, folder: Path, keep: Keep = afresh) -> pd.DataFrame:
    """Assess coverage in an ingested county folder, and write the table.

    Returns
    -------
    Households and served households per kommune, indexed by kommune.
    """
    county = read_county(folder)
    signal, served = find_served(county, scenario, keep)
    now = served.coverage
    write_table(folder, "signal", signal)
    write_table(folder, "coverage", now)
    write_kommune_tables(folder, county, scenario)
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


def read_plan(folder: str | Path, names: Sequence[str] = _PLAN_TABLES) -> Plan:
    """Read a plan that ``run`` wrote.

    Parameters
    ----------
    folder
        Where it was written.
    names
        The tables to read; the others are left empty.

    Raises
    ------
    InputError
        When the folder does not hold a whole plan.
    """
    place = Path(folder)
    settle(place)
    stored = read_json(place / SCENARIO_FILE)
    try:
        scenario = Scenario.model_validate(stored)
    except ValidationError as fault:
        raise InputError(
            f"er skrevet av en annen versjon av bredband ({fault.error_count()} felt passer ikke).",
            file=place / SCENARIO_FILE,
            advice="Lag planen på nytt med «bredband run».",
        ) from None
    frames = {name: read_table(place, name) for name in ("kommuner", *names)}
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


def write_plan(
    folder: Path, plan: Plan, availability: pd.DataFrame, provenance: Path, _date: str
) -> None:
    """Write the plan's tables, its choices and proofs, ``plan.json`` and the GeoPackage.

    ``_date`` is the one printed, so that what is kept from yesterday is not taken for today's.
    """
    for name in _PLAN_TABLES:
        write_table(folder, name, getattr(plan, name))
    write_json(folder / SCENARIO_FILE, plan.scenario.model_dump(mode="json"))
    write_json(folder / _PROOFS_FILE, {"proofs": [asdict(proof) for proof in plan.proofs]})
    document = exchange.plan_document(
        plan,
        provenance=read_json(provenance),
        availability=availability,
        frontier=ask_frontier(plan),
    )
    exchange.write_plan_json(document, folder / PLAN_FILE)
    exchange.write_geopackage(plan, folder / GEOPACKAGE_FILE)
