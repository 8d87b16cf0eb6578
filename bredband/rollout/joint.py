"""Choose and re-design in turn: the trench that areas share depends on which are chosen.

This room knows nothing of networks. Whoever calls gives a function that designs the areas
anew for a chosen set; the alternation stops when a round gives no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import geopandas as gpd
import pandas as pd

from bredband.errors import PlanError
from bredband.rollout.choice import Chosen, choose
from bredband.scenario.rollout import Rollout


class Offered(Protocol):
    """What can be built: the tables of these names, and whatever else follows."""

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """Deployment areas by fibre, and the trench and masts they share."""

    @property
    def alternatives(self) -> pd.DataFrame:
        """What else each area may get."""

    @property
    def lacking_draws(self) -> pd.DataFrame:
        """Versions of the truth about who lacks."""

    @property
    def bills(self) -> pd.DataFrame:
        """What the price of each area is made of."""


Layout = TypeVar("Layout", bound=Offered)


@dataclass(frozen=True)
class Joint(Generic[Layout]):
    """The best plan of the rounds, with the layout it is a plan for.

    The proof of ``chosen`` holds given this layout; it says nothing of other designs.
    ``objectives`` has the objective of every round, the first being the plan for the layout as
    it came.
    """

    layout: Layout
    chosen: Chosen
    objectives: tuple[float, ...]


def alternate(
    first: Layout,
    settings: Rollout,
    redesign: Callable[[frozenset[str]], Layout],
    *,
    rounds: int,
) -> Joint[Layout]:
    """Choose areas, re-design for the chosen, choose again, until a round gives no more.

    Parameters
    ----------
    first
        The first layout.
    settings
        The ``rollout`` section; its time limit is for each round.
    redesign
        From the area_id of what is built to a new layout. Areas may be priced, hung and even
        cut otherwise; a layout that lacks an area named by the scenario is not taken.
    rounds
        At most so many re-designs.
    """
    best = Joint(first, _chosen(first, settings), ())
    best = Joint(best.layout, best.chosen, (best.chosen.proof.objective,))
    sign = -1 if settings.goal == "least_grant" else 1
    for _ in range(rounds if len(best.chosen.schedule) else 0):
        layout = redesign(frozenset(best.chosen.schedule["area_id"]))
        if _offers_the_same(layout, best.layout):
            return replace(best, objectives=(*best.objectives, best.objectives[-1]))
        try:
            chosen = _chosen(layout, settings)
        except PlanError:
            return best
        objectives = (*best.objectives, chosen.proof.objective)
        gained = sign * (chosen.proof.objective - best.chosen.proof.objective)
        if gained <= 1e-9 * abs(best.chosen.proof.objective):
            return Joint(best.layout, best.chosen, objectives)
        best = Joint(layout, chosen, objectives)
    return best


def _offers_the_same(one: Offered, other: Offered) -> bool:
    """Tell whether two layouts offer the same, so that the same would be chosen."""
    return (
        one.areas.equals(other.areas)
        and one.alternatives.equals(other.alternatives)
        and one.lacking_draws.equals(other.lacking_draws)
        and one.bills.equals(other.bills)
    )


def _chosen(offered: Offered, settings: Rollout) -> Chosen:
    return choose(
        offered.areas, settings, offered.alternatives, offered.lacking_draws, offered.bills
    )
