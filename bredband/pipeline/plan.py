"""From a county's tables to a plan: the system's table of contents."""

from __future__ import annotations

import dataclasses

from bredband import areas, costs, coverage, ground, network, rollout
from bredband.county import County
from bredband.pipeline.airwaves import hear_masts, weigh_masts
from bredband.pipeline.progress import Report, silent
from bredband.plan import Plan
from bredband.scenario import Scenario


def make_plan(county: County, scenario: Scenario, report: Report = silent) -> Plan:
    """Make the plan for a county: who lacks, what it takes, what it costs, what is built when."""
    report("Dekning")
    signal, availability = hear_masts(county, scenario)
    coverage_now = coverage.assess(
        county.premises,
        availability,
        county.evidence,
        target=scenario.target,
        choices=scenario.coverage,
    )
    premises = areas.weigh(county.premises, coverage_now, scenario.priorities)
    lacking = areas.to_connect(premises, coverage_now)
    report("Nett")
    cover = ground.of_landcover(county.landcover)
    joined = network.join(county.roads, county.ducts, county.sites, cover, scenario.network)
    priced = dataclasses.replace(
        joined, roads=costs.price_roads(joined.roads, county.sites, scenario.costs)
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
        premises=premises,
        coverage=coverage_now,
        connections=connections,
        routes=routes,
        areas=funded,
        schedule=schedule,
        proofs=(designed.proof, rollout_proof, *mast_proofs),
        drops=drops,
        cabinets=network.place_cabinets(connections, drops, scenario.costs.premises_per_cabinet),
        bills=bills,
        alternatives=costs.compare_alternatives(
            funded,
            routes,
            connections,
            premises,
            reach,
            candidates,
            scenario.costs,
            scenario.funding,
        ),
        signal=signal,
        mast_candidates=candidates,
    )
