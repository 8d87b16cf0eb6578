"""A county asked what it would do with any amount of grant, for its plan package."""

from __future__ import annotations

from bredband import sector
from bredband.exchange.schema import Frontier, FrontierPoint
from bredband.plan import Plan


def ask_frontier(plan: Plan) -> Frontier:
    """Find what the county can do with any amount of grant, as a part of ``plan.json``."""
    found = sector.frontier(plan.areas, plan.scenario.rollout)
    points = [
        FrontierPoint(
            grant_nok=int(found.grant_nok[k]),
            households=int(found.households[k]),
            bound_households=int(found.bound_households[k]),
            weighted_households=float(found.weighted_households[k]),
            built="".join("1" if is_built else "0" for is_built in found.built[k]),
        )
        for k in range(len(found.grant_nok))
    ]
    return Frontier(area_id=list(found.area_id), points=points, left_out=list(found.left_out))
