"""From a county's tables to a plan: the system's table of contents."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np

from bredband import areas, costs, ground, network, rollout, terrain
from bredband.county import County
from bredband.grid import Raster
from bredband.pipeline.airwaves import hear_masts, weigh_masts
from bredband.pipeline.progress import Report, silent
from bredband.pipeline.served import weigh_evidence
from bredband.plan import Plan
from bredband.scenario import Scenario


def make_plan(county: County, scenario: Scenario, report: Report = silent) -> Plan:
    """Make the plan for a county: who lacks, what it takes, what it costs, what is built when."""
    report("Dekning")
    signal, availability = hear_masts(county, scenario)
    served = weigh_evidence(county, availability, scenario)
    weighed = areas.weigh(county.premises, served.coverage, scenario.priorities)
    lacking = areas.to_connect(weighed, served.coverage)
    report("Nett")
    cover = ground.of_landcover(county.landcover)
    joined = network.join(county.roads, county.ducts, county.sites, cover, scenario.network)
    roads = _climbing(joined.roads, county.terrain)
    priced = dataclasses.replace(
        joined, roads=costs.price_roads(roads, county.sites, scenario.costs)
    )
    designed = network.design(priced, lacking, scenario.network)
    connections = costs.price_drops(designed.connections, designed.drops, scenario.costs)
    report("Områder")
    gathered, routes, connections = areas.gather(
        designed.routes, connections, lacking, scenario.areas
    )
    drops = areas.name_drops(designed.drops, connections)
    bills = costs.bill_of_quantities(gathered, routes, connections, drops, scenario.costs)
    funded = costs.fund_areas(gathered, bills, connections, lacking, scenario.funding)
    candidates, reach, mast_proofs = weigh_masts(county, lacking, scenario)
    report("Rekkefølge")
    schedule, rollout_proof = rollout.choose(funded, scenario.rollout)
    return Plan(
        scenario=scenario,
        kommuner=county.kommuner,
        premises=county.premises,
        coverage=served.coverage,
        connections=connections,
        routes=routes,
        areas=funded,
        schedule=schedule,
        proofs=(designed.proof, *mast_proofs, rollout_proof),
        drops=drops,
        cabinets=network.place_cabinets(connections, drops, scenario.costs.premises_per_cabinet),
        bills=bills,
        alternatives=costs.compare_alternatives(
            funded,
            routes,
            connections,
            county.premises,
            reach,
            candidates,
            scenario.costs,
            scenario.funding,
        ),
        signal=signal,
        mast_candidates=candidates,
        conflicts=served.conflicts,
        lacking_draws=areas.lacking_in_draws(connections, county.premises, served.lacks),
    )


def _climbing(roads: gpd.GeoDataFrame, raster: Raster | None) -> gpd.GeoDataFrame:
    """Give proposed links their slope from the terrain, where it is known."""
    links = (roads["structure"] == "link").to_numpy()
    if raster is None or not links.any():
        return roads
    slope_share = roads["slope_share"].to_numpy().copy()
    measured = terrain.slope_along(roads.geometry.to_numpy()[links], raster)
    slope_share[links] = np.where(np.isnan(measured), slope_share[links], measured)
    return roads.assign(slope_share=slope_share)
