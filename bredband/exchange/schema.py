"""The shape of ``plan.json``: everything a document, a register or a reviewer needs to know.

The file is the single source of every number in the documents. Names are English, end in
their unit, and amounts are whole Norwegian kroner excluding VAT. ``null`` means that the
question has no answer (an area that is not built has no ``build_year``).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.0"


class Part(BaseModel):
    """A frozen, closed part of the plan document."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class OpenPart(BaseModel):
    """A frozen part that may carry further figures than those promised here."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class KeyFigures(OpenPart):
    """What the whole plan gives and costs."""

    premises: int = Field(description="Addresses in the county.")
    households: int = Field(description="Households in the county.")
    served_before_households: int = Field(description="Households that meet the target today.")
    served_before_share: float = Field(description="The same as a share of all households.")
    gained_households: int = Field(description="Households that the plan gives an offer.")
    served_after_households: int = Field(description="Households that meet the target afterwards.")
    served_after_share: float = Field(description="The same as a share of all households.")
    areas: int = Field(description="Deployment areas designed.")
    areas_built: int = Field(description="Deployment areas that are built.")
    trench_km: float = Field(description="Trench in everything that is built.")
    capex_nok: int = Field(description="Build price of everything that is built.")
    capex_low_nok: int = Field(description="The same with every unit price at its low estimate.")
    capex_high_nok: int = Field(description="The same with every unit price at its high estimate.")
    operator_nok: int = Field(description="Operators' own contribution.")
    local_nok: int = Field(description="Contribution of kommuner, county and residents.")
    grant_nok: int = Field(description="State grant.")
    budget_nok: float = Field(description="State grant budget of all years.")
    grant_all_areas_nok: int = Field(description="State grant if every designed area were built.")


class Certainty(Part):
    """How sure it is who lacks the target, and what the plan was made on."""

    plan_on: Literal["cut", "expected", "draws"] = Field(
        description="What a household counts in the plan: wholly below the cut, as much as it "
        "probably lacks, or that in the mean over drawn versions of the truth."
    )
    lowest_probability: float = Field(
        description="The cut: premises that are surer than this are served, and may not be helped."
    )
    draws: int = Field(description="Drawn versions of the truth; 0 unless the plan is on draws.")
    expected_served_before_share: float = Field(
        description="Share of households expected to meet the target today, over all doubt."
    )
    expected_gained_households: float = Field(
        description="Of the households that the plan gives an offer: those expected to truly lack it."
    )
    low_gained_households: float | None = Field(
        description="The 5th percentile of the same over the draws; null without draws."
    )
    high_gained_households: float | None = Field(description="The 95th percentile.")
    conflicts: int = Field(description="Premises where evidence contradicts the claims.")
    conflict_households: float = Field(
        description="Households that the claims probably place wrongly at those premises."
    )


class Year(OpenPart):
    """What is built and paid in one year."""

    build_year: int
    areas: int
    premises: int
    households: int
    trench_m: float
    capex_nok: int
    operator_nok: int
    local_nok: int
    grant_nok: int
    budget_nok: float = Field(description="Grant budget of the year, without what is carried over.")
    served_share: float = Field(description="Share of households served at the end of the year.")


class Kommune(OpenPart):
    """What the plan gives one kommune."""

    kommune: str = Field(description="kommunenummer, four digits.")
    name: str
    households: int
    served_before_households: int
    gained_households: int
    grant_nok: int
    capex_nok: int
    served_before_share: float
    served_after_share: float


class Coverage(Part):
    """Coverage today in one kommune, in town or countryside or both."""

    kommune: str = Field(description="kommunenummer; empty for the whole county.")
    name: str
    settlement: Literal["all", "urban", "rural"] = Field(
        description="All, inside (tettbygd) or outside (spredtbygd) urban settlements."
    )
    households: int
    served_share: float = Field(description="Share of households that meet the target.")
    down_share: dict[str, float] = Field(
        description="Share of households whose best offer gives at least so many Mbit/s down."
    )
    symmetric_gigabit_share: float = Field(description="Share with at least 1000/1000 Mbit/s.")
    technology_share: dict[str, float] = Field(
        description="Share of households by technology; names joined with + mean at least one "
        "of them, and «any» at least one fixed technology."
    )


class Need(Part):
    """Who lacks the target today, in one kommune."""

    kommune: str
    name: str
    unserved_premises: int
    unserved_households: int
    planned_households: int = Field(description="Unserved, but commercially planned.")
    eligible_households: int = Field(description="Unserved and may be helped with a grant.")
    designed_households: int = Field(description="Unserved and inside a designed area.")
    capex_nok: int = Field(description="Build price of every designed area.")
    grant_nok: int = Field(description="Grant that every designed area would need.")


class Quantity(Part):
    """One line of a bill of quantities."""

    item: str = Field(description="What is paid for, as in the table ``bills``.")
    ground: str = Field(description="Ground class of a trench; empty for other items.")
    method: str = Field(description="Method of a trench; empty for other items.")
    amount: float
    unit: Literal["m", "each", "sum"]
    likely_nok: int
    low_nok: int
    high_nok: int


NotBuiltReason = Literal["", "scenario", "ceiling", "feeder", "budget"]


class Area(Part):
    """One deployment area, or trench shared by several."""

    area_id: str
    kind: Literal["area", "feeder", "mast"]
    name: str
    kommune: str
    kommune_name: str
    feeder_area: str = Field(description="Area that must be built first; empty if none.")
    technology: str
    premises: int | None = Field(description="Null for a small area in what is for everybody.")
    households: int | None = Field(description="As ``premises``.")
    weighted_households: float | None = Field(description="As ``premises``.")
    trench_m: float
    capex_nok: int
    capex_low_nok: int
    capex_high_nok: int
    operator_nok: int
    local_nok: int
    grant_nok: int
    grant_per_household_nok: float | None
    build_year: int | None
    priority: int | None = Field(
        description="Place in the building order, 1 is first; shared trench has none."
    )
    accumulated_grant_nok: int | None = Field(description="Grant of this and all earlier areas.")
    not_built_reason: NotBuiltReason = Field(
        description="Why it is not built: excluded by the scenario, above the ceiling per "
        "household, its feeder is not built, or no room in the budgets."
    )
    size_note: str = Field(
        description="Why it is smaller or dearer than the scenario asks for, in the plan's "
        "language; empty if it is not."
    )
    quantities: list[Quantity]


class Mast(Part):
    """A mast that could be raised or equipped, as in the table ``mast_candidates``."""

    site_id: str = Field(description="Its `area_id` among `areas` where the plan builds it.")
    kind: Literal["mast", "mast_candidate"] = Field(description="One that stands, or a new one.")
    name: str
    x_m: float = Field(description="Easting, EPSG:25833.")
    y_m: float = Field(description="Northing, EPSG:25833.")
    height_m: float = Field(description="Antenna above ground.")
    road_m: float | None = Field(description="To the nearest road; null if from a source.")
    power_m: float | None = Field(description="To the nearest premises; null if from a source.")
    premises: int | None = Field(
        description="Unserved addresses that it alone would give the target; null for few homes "
        "in what is for everybody."
    )
    households: int | None = Field(description="As ``premises``.")
    capex_nok: int
    yearly_opex_nok: int
    chosen: bool = Field(
        description="Among the masts that reach most households for `radio.masts.money_nok`; the "
        "proof of kind `masts` says how good that choice is."
    )
    build_year: int | None = Field(description="Null where the plan does not build it.")


class Remaining(Part):
    """Households that still lack the target after the plan, by cause."""

    cause: Literal["planned", "area_not_built", "not_reached", "holiday", "not_eligible"]
    reason: str = Field(description="The reason in words, or the code of ``not_built_reason``.")
    premises: int
    households: int


class HouseholdRule(Part):
    """Where the number of households at an address comes from."""

    rule: str
    premises: int


class ProofPart(Part):
    """How good a solution is known to be."""

    kind: Literal["network", "masts", "rollout", "joint"] = Field(
        description="What the proof is of: the trench tree, the masts, the rollout given both, "
        "or all together whatever trench is dug."
    )
    what: str
    status: str
    objective: float | None
    bound: float | None
    gap_share: float | None
    solver: str


class FrontierPoint(Part):
    """A plan that no other plan beats: none reaches as many households for less grant."""

    grant_nok: int = Field(description="Grant that the plan takes, over all years.")
    households: int = Field(description="Households that it gives an offer.")
    bound_households: int = Field(
        description="No plan for less grant than the next point reaches more than this."
    )
    weighted_households: float = Field(description="Its households with the county's weights.")
    built: str = Field(
        description="What it builds: one character per area in `area_id`, 1 for built and 0 for not."
    )


class Frontier(Part):
    """What the county can do with any amount of grant; all that a sector plan asks about.

    When each area is built is not fixed: a sector plan finds it from the money of each year,
    the areas' own grants and the feeders they hang on.
    """

    area_id: list[str] = Field(description="Areas and shared trench, in the order of `built`.")
    points: list[FrontierPoint] = Field(description="From the cheapest to the dearest.")
    left_out: list[str] = Field(
        description="Rules of the scenario that the points do not keep, by their key."
    )


class Publication(Part):
    """Who stands behind the document and when it was made."""

    title: str
    county: str
    organisation: str
    language: Literal["nb", "nn"]
    created_on: str = Field(description="Date, ISO 8601.")
    synthetic: bool
    synthetic_note: str
    software: str
    software_version: str


class PlanDocument(Part):
    """The whole content of ``plan.json``."""

    schema_version: Literal["1.0"] = "1.0"
    publication: Publication
    scenario: dict[str, Any] = Field(description="Every choice, as in the scenario file.")
    kpis: KeyFigures
    certainty: Certainty
    by_year: list[Year]
    by_kommune: list[Kommune]
    coverage: list[Coverage]
    coverage_counts: Literal["every_offer", "best_offer"] = Field(
        description="Whether technologies are counted of every offer at an address, as the "
        "regulator does, or of the best offer only."
    )
    needs: list[Need]
    areas: list[Area] = Field(description="Built areas in building order, then the others.")
    masts: list[Mast] = Field(
        [],
        description="Masts weighed against fibre, the cheapest per household first; empty "
        "unless the scenario asks for masts.",
    )
    frontier: Frontier | None = Field(
        None, description="What other amounts of grant would give; null if it was not asked for."
    )
    remaining: list[Remaining]
    household_rules: list[HouseholdRule]
    proofs: list[ProofPart]
    provenance: dict[str, Any] = Field(description="Files, terms and row counts of the sources.")


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of ``plan.json``."""
    schema = PlanDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
