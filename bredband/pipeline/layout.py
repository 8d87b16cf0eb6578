"""A trench tree made into areas with prices and alternatives, and settled when a plan is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband import areas, costs
from bredband.network import Design
from bredband.plan import ALTERNATIVE_OF, Plan, Proof
from bredband.scenario import Scenario


@dataclass(frozen=True)
class Situation:
    """What stays the same whatever trench is dug: who lacks, and which masts reach whom.

    ``lacks`` says who of ``lacking`` truly lacks in each drawn version of the truth, shape
    (lacking, draws).
    """

    scenario: Scenario
    kommuner: gpd.GeoDataFrame
    lacking: gpd.GeoDataFrame
    mast_candidates: gpd.GeoDataFrame
    reach: pd.DataFrame
    lacks: NDArray[np.bool_]


@dataclass(frozen=True)
class Layout:
    """One trench tree cut into areas and priced.

    ``areas`` are by fibre, and the masts that an alternative uses; the other tables are those
    of the data model. ``proof`` says how the tree compares with the cheapest.
    """

    areas: gpd.GeoDataFrame
    routes: gpd.GeoDataFrame
    connections: pd.DataFrame
    drops: gpd.GeoDataFrame
    bills: pd.DataFrame
    alternatives: pd.DataFrame
    radio_premises: pd.DataFrame
    lacking_draws: pd.DataFrame
    proof: Proof


def lay_out(designed: Design, at: Situation) -> Layout:
    """Cut a trench tree into areas, price them, and find what else each may get."""
    choices = at.scenario
    priced = costs.price_drops(designed.connections, designed.drops, choices.costs)
    gathered, routes, connections = areas.gather(designed.routes, priced, at.lacking, choices.areas)
    drops = areas.name_drops(designed.drops, connections)
    bills = costs.bill_of_quantities(gathered, routes, connections, drops, choices.costs)
    funded = costs.fund_areas(gathered, bills, connections, at.lacking, choices.funding)
    alternatives, radio_premises = costs.compare_alternatives(
        funded, routes, connections, drops, at.lacking, at.reach, at.mast_candidates,
        choices.costs, choices.funding,
    )  # fmt: skip
    return Layout(
        areas=with_masts(funded, alternatives, at.mast_candidates, at.kommuner, choices),
        routes=routes,
        connections=connections,
        drops=drops,
        bills=bills,
        alternatives=alternatives,
        radio_premises=radio_premises,
        lacking_draws=areas.lacking_in_draws(connections, at.lacking, at.lacks),
        proof=designed.proof,
    )


def with_masts(
    funded: gpd.GeoDataFrame,
    alternatives: pd.DataFrame,
    mast_candidates: gpd.GeoDataFrame,
    kommuner: gpd.GeoDataFrame,
    scenario: Scenario,
) -> gpd.GeoDataFrame:
    """Add a row for each mast that an alternative uses and ``areas`` does not have."""
    used = {name for text in alternatives["masts"] for name in str(text).split("/") if name}
    new = used - set(funded["area_id"])
    if not new:
        return funded
    masts = costs.fund_masts(mast_candidates, kommuner, new, scenario.funding)
    return gpd.GeoDataFrame(pd.concat([funded, masts], ignore_index=True), crs=funded.crs)


def settle(
    layout: Layout, schedule: gpd.GeoDataFrame, at: Situation
) -> tuple[Layout, gpd.GeoDataFrame]:
    """Let areas, trench and bills show what is built where a plan has chosen radio or hybrid.

    Masts that are not built are left out. Where fibre follows in a later year, the tables show
    what is built first. Shared trench with fewer branches needs fewer joints, so it may cost
    and be granted a little less than the plan reckoned with.

    Returns
    -------
    The layout and the schedule as they are built.
    """
    chosen = schedule.assign(alternative=schedule["technology"].map(ALTERNATIVE_OF))
    ways = chosen[["area_id", "alternative"]].merge(
        layout.alternatives, on=["area_id", "alternative"]
    )
    ways = ways[ways["alternative"] != "fibre"].set_index("area_id")
    built = set(schedule["area_id"])
    kept = layout.areas[(layout.areas["kind"] != "mast") | layout.areas["area_id"].isin(built)]
    if ways.empty:
        return replace(layout, areas=kept.reset_index(drop=True)), schedule
    frame = kept.set_index("area_id")
    hangs_on = ways["feeder_area"].where(
        ways["feeder_area"] != "", ways["masts"].str.split("/").str[0]
    )
    frame.loc[ways.index, "feeder_area"] = hangs_on
    frame.loc[ways.index, "technology"] = chosen.set_index("area_id")["technology"]
    for name in ("trench_m", "capex_nok", "operator_nok", "local_nok", "grant_nok"):
        frame.loc[ways.index, name] = ways[name]
    by_radio = layout.radio_premises.merge(
        ways.reset_index()[["area_id", "alternative"]], on=["area_id", "alternative"]
    )
    routes, connections, drops = costs.leave_undug(
        layout.routes, layout.connections, layout.drops, by_radio
    )
    settled = frame.reset_index()[layout.areas.columns]
    prices = at.scenario.costs
    bills = costs.bill_of_quantities(settled, routes, connections, drops, prices)
    settled = costs.fund_feeders(settled, bills, at.scenario.funding)
    saved_nok = (
        layout.areas.set_index("area_id")["grant_nok"] - settled.set_index("area_id")["grant_nok"]
    ).where(settled.set_index("area_id")["kind"] == "feeder", 0)
    less_nok = saved_nok.reindex(schedule["area_id"]).fillna(0).to_numpy(dtype="int64")
    paid = schedule.assign(grant_nok=(schedule["grant_nok"] - less_nok).clip(lower=0))
    radio = costs.bill_of_radio(settled, by_radio, at.mast_candidates, prices)
    built_so = replace(
        layout,
        areas=gpd.GeoDataFrame(settled, crs=layout.areas.crs),
        routes=routes,
        connections=connections,
        drops=drops,
        bills=pd.concat([bills, radio], ignore_index=True),
    )
    return built_so, paid


def as_offered(plan: Plan) -> gpd.GeoDataFrame:
    """Give the areas of a written plan as they stood before it was settled what each gets.

    Where the plan has radio or hybrid, the row is again that of fibre, and every mast that an
    alternative uses has its row. Shared trench stands as the plan left it.
    """
    fibre = plan.alternatives[plan.alternatives["alternative"] == "fibre"].set_index("area_id")
    frame = plan.areas.set_index("area_id")
    other = frame.index[(frame["technology"] != "fibre") & frame.index.isin(fibre.index)]
    frame.loc[other, "technology"] = "fibre"
    for name in ("feeder_area", "trench_m", "capex_nok", "operator_nok", "local_nok", "grant_nok"):
        frame.loc[other, name] = fibre.loc[other, name]
    offered = gpd.GeoDataFrame(frame.reset_index()[plan.areas.columns], crs=plan.areas.crs)
    return with_masts(
        offered, plan.alternatives, plan.mast_candidates, plan.kommuner, plan.scenario
    )
