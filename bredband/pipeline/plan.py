"""From a county's tables to a plan: the system's table of contents."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np

from bredband import areas, costs, ground, network, rollout, terrain
from bredband.county import County, read_table
from bredband.grid import Raster
from bredband.network import Joined
from bredband.pipeline.airwaves import weigh_masts
from bredband.pipeline.joint import choose_together
from bredband.pipeline.layout import Situation, lay_out, settle
from bredband.pipeline.progress import Report, silent
from bredband.pipeline.served import find_served
from bredband.plan import Plan
from bredband.scenario import Scenario
from bredband.scenario.costs import Costs
from bredband.scenario.network import NetworkChoices
from bredband.store import Keep, afresh


def make_plan(
    county: County, scenario: Scenario, report: Report = silent, keep: Keep = afresh
) -> Plan:
    """Make the plan for a county: who lacks, what it takes, what it costs, what is built when.

    What takes time goes through ``keep``: a ``store.Store`` answers it from an earlier run
    where nothing that it is made of has changed.
    """
    scenario = hold_decided(scenario)
    report("Dekning")
    signal, served = find_served(county, scenario, keep)
    weighed = areas.weigh(county.premises, served.coverage, scenario.priorities)
    lacking = areas.to_connect(weighed, served.coverage)
    report("Nett")
    priced = keep(price_network, county, scenario.network, scenario.costs)
    designed = keep(network.design, priced, lacking, scenario.network)
    candidates, reach, mast_proofs = keep(
        weigh_masts, county, lacking, scenario.only("target", "radio", "costs")
    )
    report("Områder")
    choices = scenario.only("areas", "costs", "funding")
    lacks = served.lacks[county.premises["premises_id"].isin(lacking["premises_id"])]
    at = Situation(choices, county.kommuner, lacking, candidates, reach, lacks)
    first = keep(lay_out, designed, at)
    report("Rekkefølge")
    choices = scenario.only("network", "areas", "costs", "funding", "rollout")
    at = dataclasses.replace(at, scenario=choices)
    layout, plan, joint_proof = keep(choose_together, priced, first, at)
    chosen, rollout_proof, upgrades = plan
    built, schedule = settle(layout, chosen, at)
    return Plan(
        scenario=scenario,
        kommuner=county.kommuner,
        premises=county.premises,
        coverage=served.coverage,
        connections=built.connections,
        routes=built.routes,
        areas=built.areas,
        schedule=schedule,
        upgrades=upgrades,
        proofs=(built.proof, *mast_proofs, rollout_proof, joint_proof),
        drops=built.drops,
        cabinets=network.place_cabinets(
            built.connections, built.drops, scenario.costs.premises_per_cabinet
        ),
        bills=built.bills,
        alternatives=built.alternatives,
        radio_premises=built.radio_premises,
        signal=signal,
        mast_candidates=candidates,
        conflicts=served.conflicts,
        lacking_draws=built.lacking_draws,
    )


def hold_decided(scenario: Scenario) -> Scenario:
    """Write into the scenario what the earlier plan that it names has already decided.

    The plan that comes of it names no folder: what is held stands in ``committed``.

    Raises
    ------
    InputError
        If the folder holds no plan.
    """
    choices = scenario.rollout
    if not choices.earlier_plan:
        return scenario
    folder = Path(choices.earlier_plan)
    held = rollout.freeze(
        choices,
        read_table(folder, "schedule"),
        before_year=choices.frozen_before_year or choices.first_year + 1,
        upgrades=read_table(folder, "upgrades"),
    )
    named = held.model_copy(update={"earlier_plan": ""})
    return scenario.model_copy(update={"rollout": named})


def price_network(county: County, choices: NetworkChoices, prices: Costs) -> Joined:
    """Make roads, ducts, lit fibre and proposed links one graph, and price every link."""
    cover = ground.of_landcover(county.landcover)
    joined = network.join(county.roads, county.ducts, county.sites, cover, choices)
    roads = _climbing(joined.roads, county.terrain)
    return dataclasses.replace(joined, roads=costs.price_roads(roads, county.sites, prices))


def _climbing(roads: gpd.GeoDataFrame, raster: Raster | None) -> gpd.GeoDataFrame:
    """Give proposed links their slope from the terrain, where it is known."""
    links = (roads["structure"] == "link").to_numpy()
    if raster is None or not links.any():
        return roads
    slope_share = roads["slope_share"].to_numpy().copy()
    measured = terrain.slope_along(roads.geometry.to_numpy()[links], raster)
    slope_share[links] = np.where(np.isnan(measured), slope_share[links], measured)
    return roads.assign(slope_share=slope_share)
