"""Choose and re-design in turn: the trench that areas share depends on which are chosen.

This room knows nothing of networks. Whoever calls gives a function that designs the areas
anew for a chosen set; the alternation stops when a round gives no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd

from bredband.plan import Proof
from bredband.rollout.choice import choose
from bredband.scenario.rollout import Rollout

Redesign = Callable[[frozenset[str]], gpd.GeoDataFrame]
"""From the area_id of what is built to a new ``areas`` table.

The table may price and hang areas otherwise, but an area keeps its ``area_id`` and premises.
"""


@dataclass(frozen=True)
class Joint:
    """The best plan of the rounds, with the areas it is a plan for.

    ``proof`` holds given these areas; it says nothing of other designs. ``objectives`` has the
    objective of every round, the first being the plan for the areas as they came.
    """

    areas: gpd.GeoDataFrame
    schedule: gpd.GeoDataFrame
    proof: Proof
    objectives: tuple[float, ...]


def alternate(
    areas: gpd.GeoDataFrame, settings: Rollout, redesign: Redesign, *, rounds: int = 4
) -> Joint:
    """Choose areas, re-design for the chosen, choose again, until a round gives no more.

    Parameters
    ----------
    areas
        The first ``areas`` table.
    settings
        The ``rollout`` section; its time limit is for each round.
    redesign
        Designs the areas anew for a chosen set.
    rounds
        At most so many re-designs.
    """
    schedule, proof, _ = choose(areas, settings)
    best = Joint(areas, schedule, proof, (proof.objective,))
    sign = -1 if settings.goal == "least_grant" else 1
    for _ in range(rounds):
        redesigned = redesign(frozenset(best.schedule["area_id"]))
        schedule, proof, _ = choose(redesigned, settings)
        objectives = (*best.objectives, proof.objective)
        gained = sign * (proof.objective - best.proof.objective)
        if gained <= 1e-9 * abs(best.proof.objective):
            return Joint(best.areas, best.schedule, best.proof, objectives)
        best = Joint(redesigned, schedule, proof, objectives)
    return best
