"""The content of ``plan.json``: a plan with its choices, figures, proofs and sources."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from bredband import county
from bredband.areas import explain_bounds
from bredband.errors import InputError
from bredband.exchange.coverage_tables import coverage_rows, need_rows
from bredband.exchange.quantities import bills_of_quantities
from bredband.exchange.schema import (
    SCHEMA_VERSION,
    Area,
    Certainty,
    Frontier,
    HouseholdRule,
    KeyFigures,
    Kommune,
    Mast,
    NotBuiltReason,
    PlanDocument,
    ProofPart,
    Publication,
    Remaining,
    Year,
)
from bredband.plan import Plan, Proof
from bredband.wording import said


def plan_document(
    plan: Plan,
    *,
    provenance: Mapping[str, Any],
    availability: pd.DataFrame | None = None,
    frontier: Frontier | None = None,
) -> dict[str, Any]:
    """Gather everything that the documents say into one JSON-serialisable dictionary.

    Parameters
    ----------
    plan
        The plan.
    provenance
        What ``county.read_provenance`` gives: ``files`` and ``rows``.
    availability
        The table of every offer. With it, coverage by technology counts every offer, as
        the regulator does; without it, only the best offer at each premises.
    frontier
        What the county can do with any amount of grant, for the sector plan.

    Returns
    -------
    A dictionary that ``PlanDocument`` validates and ``json_schema`` describes.
    """
    areas = _areas(plan)
    document = PlanDocument(
        publication=_publication(plan),
        scenario=plan.scenario.model_dump(mode="json"),
        kpis=_key_figures(plan, areas),
        certainty=_certainty(plan),
        by_year=[Year.model_validate(row) for row in _records(plan.by_year())],
        by_kommune=[Kommune.model_validate(row) for row in _records(plan.by_kommune())],
        coverage=coverage_rows(plan, availability),
        coverage_counts="best_offer" if availability is None else "every_offer",
        needs=need_rows(plan),
        areas=areas,
        masts=_masts(plan),
        frontier=frontier,
        remaining=_remaining(plan, areas),
        household_rules=_household_rules(plan),
        proofs=[_proof(proof, plan.scenario.output.language) for proof in plan.proofs],
        provenance=dict(provenance),
    )
    return document.model_dump(mode="json")


def write_plan_json(document: dict[str, Any], path: Path) -> None:
    """Write the document as JSON, whole or not at all."""
    county.write_json(path, document)


def read_plan_json(path: Path) -> dict[str, Any]:
    """Read what ``write_plan_json`` wrote, and hold it against the schema.

    Raises
    ------
    InputError
        If the file is absent, is written by another version, or lacks something.
    """
    content = county.read_json(path)
    version_found = content.get("schema_version")
    if version_found != SCHEMA_VERSION:
        raise InputError(
            f"er skrevet med versjon {version_found or '(ingen)'} av plan.json, her leses "
            f"versjon {SCHEMA_VERSION}.",
            file=path,
            advice="Lag planen på nytt med «bredband run» i samme versjon av bredband.",
        )
    try:
        return PlanDocument.model_validate(content).model_dump(mode="json")
    except ValidationError as fault:
        places = [".".join(str(part) for part in error["loc"]) for error in fault.errors()]
        shown = ", ".join(f"«{place}»" for place in places[:3])
        more = f" og {len(places) - 3} til" if len(places) > 3 else ""
        raise InputError(
            f"følger ikke skjemaet for plan.json: {shown}{more} mangler eller har feil verdi.",
            file=path,
            advice="Lag planen på nytt med «bredband run».",
        ) from None


def document_date(plan: Plan) -> str:
    """Give the date that the documents carry: the scenario's, or else today's."""
    return plan.scenario.output.date or dt.date.today().isoformat()


def _publication(plan: Plan) -> Publication:
    scenario = plan.scenario
    return Publication(
        title=scenario.output.title or scenario.name,
        county=scenario.county,
        organisation=scenario.output.organisation,
        language=scenario.output.language,
        created_on=document_date(plan),
        synthetic=scenario.synthetic,
        synthetic_note=scenario.synthetic_note,
        software="bredband",
        software_version=_software_version(),
    )


def _software_version() -> str:
    """Give the installed version; a source tree that was never installed has none."""
    try:
        return version("bredband")
    except PackageNotFoundError:
        return ""


def _key_figures(plan: Plan, areas: list[Area]) -> KeyFigures:
    built = [area for area in areas if area.build_year is not None]
    return KeyFigures.model_validate(
        {
            **plan.kpis(),
            "capex_low_nok": sum(area.capex_low_nok for area in built),
            "capex_high_nok": sum(area.capex_high_nok for area in built),
            "grant_all_areas_nok": sum(area.grant_nok for area in areas),
        }
    )


def _certainty(plan: Plan) -> Certainty:
    """Say what the plan was made on, and what is expected over all doubt."""
    choices = plan.scenario.coverage
    doubt = plan.coverage.set_index("premises_id")["served_probability"]
    home = plan.premises.set_index("premises_id")["households"]
    served = float((home * doubt.reindex(home.index)).sum())
    built = plan.connections["area_id"].isin(plan.schedule["area_id"])
    gained = plan.connections.loc[built, "premises_id"]
    lacking = home.reindex(gained) * (1 - doubt.reindex(gained))
    drawn = plan.lacking_draws
    in_built = drawn["lacking_households"].where(
        drawn["area_id"].isin(plan.schedule["area_id"]), other=0
    )
    by_draw = in_built.groupby(drawn["draw"]).sum()
    return Certainty(
        plan_on=choices.plan_on,
        lowest_probability=choices.lowest_probability,
        draws=len(by_draw),
        expected_served_before_share=served / max(int(home.sum()), 1),
        expected_gained_households=float(lacking.sum()),
        low_gained_households=float(by_draw.quantile(0.05)) if len(by_draw) else None,
        high_gained_households=float(by_draw.quantile(0.95)) if len(by_draw) else None,
        conflicts=len(plan.conflicts),
        conflict_households=float(plan.conflicts["wrong_households"].sum()),
    )


_SHARED_FIRST = ("feeder", "mast", "area")


def _areas(plan: Plan) -> list[Area]:
    """List what is built in building order, then the rest, cheapest per household first.

    Within a year shared trench comes first, then masts, then areas that others hang on, then the
    cheapest per household; the solver decides the year, not the order within it.
    """
    names = plan.kommuner.set_index("kommune")["name"].to_dict()
    bills = bills_of_quantities(plan)
    years = dict(zip(plan.schedule["area_id"], plan.schedule["build_year"].tolist(), strict=True))
    columns = [name for name in plan.areas.columns if name != "geometry"]
    rows: list[dict[str, Any]] = plan.areas[columns].to_dict("records")
    depth = _feeder_depths(rows)
    notes = explain_bounds(plan.areas, plan.scenario.areas, plan.scenario.output.language)
    for row in rows:
        households = row["households"]
        row["grant_per_household_nok"] = row["grant_nok"] / households if households else None
        row["build_year"] = years.get(row["area_id"])
    rows.sort(
        key=lambda row: (
            row["build_year"] or math.inf,
            _SHARED_FIRST.index(row["kind"]),
            depth[row["area_id"]] if row["build_year"] else 0,
            row["grant_per_household_nok"] or 0.0,
            row["area_id"],
        )
    )
    accumulated_nok, place, areas = 0, 0, []
    for row in rows:
        built = row["build_year"] is not None
        numbered = built and row["kind"] == "area"
        place += numbered
        accumulated_nok += row["grant_nok"] if built else 0
        bill = bills[row["area_id"]]
        areas.append(
            Area(
                **row,
                kommune_name=str(names.get(row["kommune"], row["kommune"])),
                capex_low_nok=sum(line.low_nok for line in bill),
                capex_high_nok=sum(line.high_nok for line in bill),
                priority=place if numbered else None,
                accumulated_grant_nok=accumulated_nok if built else None,
                not_built_reason="" if built else _why_not_built(plan, row, years),
                size_note=notes.get(row["area_id"], ""),
                quantities=bill,
            )
        )
    return areas


def _feeder_depths(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Count for each area how many feeders lie between it and lit fibre."""
    feeder = {row["area_id"]: row["feeder_area"] for row in rows}
    depths: dict[str, int] = {}
    for area, first in feeder.items():
        depth, at = 0, first
        while at in feeder and depth <= len(feeder):
            depth, at = depth + 1, feeder[at]
        depths[area] = depth
    return depths


def _why_not_built(plan: Plan, row: dict[str, Any], years: dict[str, int]) -> NotBuiltReason:
    rules = plan.scenario.rollout
    ceiling = rules.highest_grant_nok_per_household
    per_household = row["grant_per_household_nok"]
    if row["area_id"] in rules.must_not_build:
        return "scenario"
    if ceiling is not None and per_household is not None and per_household > ceiling:
        return "ceiling"
    if row["feeder_area"] and row["feeder_area"] not in years:
        return "feeder"
    return "budget"


def _masts(plan: Plan) -> list[Mast]:
    """List the masts that were weighed, with where they stand and when they are built."""
    frame = plan.mast_candidates
    year = dict(zip(plan.schedule["area_id"], plan.schedule["build_year"].tolist(), strict=True))
    placed = pd.DataFrame(frame.drop(columns="geometry")).assign(
        x_m=frame.geometry.x, y_m=frame.geometry.y
    )
    known = placed.astype(object).where(placed.notna(), None)
    return [
        Mast.model_validate({**row, "build_year": year.get(str(row["site_id"]))})
        for row in known.to_dict("records")
    ]


def _remaining(plan: Plan, areas: list[Area]) -> list[Remaining]:
    """Sort every household that still lacks the target by the cause."""
    frame = plan.premises[["premises_id", "households", "kind"]].merge(
        plan.coverage, on="premises_id"
    )
    reached = plan.connections.set_index("premises_id")
    area_of = reached["area_id"].reindex(frame["premises_id"]).fillna("").to_numpy()
    not_reached = reached["reason"].reindex(frame["premises_id"]).fillna("").to_numpy()
    why = {area.area_id: area.not_built_reason for area in areas}
    left = frame.assign(area_id=area_of, not_reached=not_reached)
    left = left[~left["served"] & ~left["area_id"].isin(plan.schedule["area_id"])]
    left["cause"] = pd.Series("holiday", index=left.index).where(
        left["kind"] == "holiday", "not_eligible"
    )
    left["words"] = ""
    unreached = left["not_reached"] != ""
    left.loc[unreached, "cause"] = "not_reached"
    language = plan.scenario.output.language
    left.loc[unreached, "words"] = [said(why, language) for why in left["not_reached"][unreached]]
    left.loc[left["planned"] & ~left["eligible"], ["cause", "words"]] = ("planned", "")
    in_area = left["area_id"] != ""
    left.loc[in_area, "cause"] = "area_not_built"
    left.loc[in_area, "words"] = left["area_id"].map(why).fillna("budget")
    counts = left.groupby(["cause", "words"]).agg(
        premises=("premises_id", "size"), households=("households", "sum")
    )
    counts = counts.reset_index().sort_values(
        ["households", "cause", "words"], ascending=[False, True, True]
    )
    counts = counts.rename(columns={"words": "reason"})
    return [Remaining.model_validate(row) for row in counts.to_dict("records")]


def _household_rules(plan: Plan) -> list[HouseholdRule]:
    counts = plan.premises["households_rule"].value_counts().sort_index()
    ordered = counts.sort_values(ascending=False, kind="stable")
    language = plan.scenario.output.language
    return [
        HouseholdRule(rule=said(str(rule), language), premises=int(n))
        for rule, n in ordered.items()
    ]


def _proof(proof: Proof, language: str) -> ProofPart:
    return ProofPart(
        kind=proof.kind,
        what=said(proof.what, language),
        status=proof.status,
        objective=_finite(proof.objective),
        bound=_finite(proof.bound),
        gap_share=_finite(proof.gap_share),
        solver=proof.solver,
    )


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _records(frame: pd.DataFrame) -> Iterator[dict[Hashable, Any]]:
    yield from frame.reset_index().to_dict("records")
