"""What a county can do with any amount of grant: one plan for each amount worth asking for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import PlanError
from bredband.scenario.rollout import Rollout
from bredband.sector.forest import NEVER, among, least_cost

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_POINTS = 500
"""So many plans tell what a county can do; a county with fewer is told exactly."""


@dataclass(frozen=True)
class Frontier:
    """The plans of a county that no other plan beats, from the cheapest.

    Attributes
    ----------
    area_id
        The works, in the order of ``built``.
    grant_nok, households
        What each plan takes and how many households it reaches, shape (points,).
    bound_households
        No plan for less grant than the next point reaches more than this, shape (points,).
    weighted_households
        The households of each plan with the county's own weights, shape (points,).
    built
        Which works each plan builds, shape (points, works).
    left_out
        Rules of the scenario that the plans do not take into account, by their key.
    """

    area_id: tuple[str, ...]
    grant_nok: Ints
    households: Ints
    bound_households: Ints
    weighted_households: NDArray[np.float64]
    built: Bools
    left_out: tuple[str, ...]


def frontier(areas: pd.DataFrame, settings: Rollout) -> Frontier:
    """Find what a county can reach with any amount of grant.

    Parameters
    ----------
    areas
        The ``areas`` table: deployment areas and shared trench.
    settings
        The ``rollout`` section of the county's scenario. What must and must not be built and
        the ceiling per household hold; the rules in ``left_out`` do not.

    Raises
    ------
    PlanError
        If something must be built that hangs on something that must not.
    """
    forest = _Forest.of(areas)
    required, barred = _demands(areas, settings, forest)
    free = np.flatnonzero(~required & ~barred)
    households = areas["households"].to_numpy(dtype=np.int64)
    grant_nok = areas["grant_nok"].to_numpy(dtype=np.int64)
    least = least_cost(grant_nok[free], households[free], among(forest.parent, free))
    reached = _kept(least.cost_nok)
    built = np.zeros((len(reached.households), len(areas)), dtype=np.bool_)
    built[:, free] = least.trace(reached.households)
    built |= required
    weights = areas["weighted_households"].to_numpy(dtype=np.float64)
    base = int(households[required].sum())
    return Frontier(
        area_id=tuple(areas["area_id"].astype(str)),
        grant_nok=built @ grant_nok,
        households=built @ households,
        bound_households=base + reached.bound_households,
        weighted_households=built @ weights,
        built=built,
        left_out=_left_out(settings),
    )


@dataclass(frozen=True)
class _Forest:
    """The works and what each hangs on: the row of its feeder, or -1 for lit fibre."""

    area_id: list[str]
    parent: Ints

    @classmethod
    def of(cls, areas: pd.DataFrame) -> _Forest:
        names = [str(name) for name in areas["area_id"]]
        row = {name: i for i, name in enumerate(names)}
        feeders = [str(feeder) for feeder in areas["feeder_area"]]
        if unknown := sorted({feeder for feeder in feeders if feeder and feeder not in row}):
            raise PlanError(
                f"området «{unknown[0]}» står som feeder_area, men finnes ikke.",
                advice="Lag områdene på nytt.",
            )
        parent = np.array([row[f] if f else -1 for f in feeders], dtype=np.int64)
        return cls(names, parent)

    def upwards(self, chosen: Bools) -> Bools:
        """Add everything that the chosen works hang on."""
        return self._spread(chosen, down=False)

    def downwards(self, chosen: Bools) -> Bools:
        """Add everything that hangs on the chosen works."""
        return self._spread(chosen, down=True)

    def _spread(self, chosen: Bools, *, down: bool) -> Bools:
        result = chosen.copy()
        hanging = np.flatnonzero(self.parent >= 0)
        above = self.parent[hanging]
        source, target = (above, hanging) if down else (hanging, above)
        while True:
            reached = target[result[source]]
            if result[reached].all():
                return result
            result[reached] = True


@dataclass(frozen=True)
class _Points:
    households: Ints
    bound_households: Ints


def _kept(least_grant_nok: Ints) -> _Points:
    """Keep the plans that no other beats, thinned to about ``MOST_POINTS``.

    The corners of the upper envelope always stay, so that the answer to every price is exact;
    between them a plan may be left out if the one below it reaches almost as many.
    """
    above = np.minimum.accumulate(least_grant_nok[::-1])[::-1]
    later = np.append(above[1:], NEVER)
    best = np.flatnonzero((least_grant_nok < later) & (least_grant_nok < NEVER))
    corners = set(_envelope(least_grant_nok[best], best).tolist())
    loss_share = 0.0
    while True:
        kept = [0]
        for k in range(1, len(best)):
            far = best[k] > best[kept[-1]] * (1 + loss_share)
            if far or k in corners or k == len(best) - 1:
                kept.append(k)
        if len(kept) <= max(MOST_POINTS, len(corners) + 2):
            break
        loss_share = 2 * loss_share or 0.0005
    before_next = np.array([*(k - 1 for k in kept[1:]), len(best) - 1], dtype=np.int64)
    return _Points(best[kept].astype(np.int64), best[before_next].astype(np.int64))


def _envelope(grant_nok: Ints, households: Ints) -> Ints:
    """Give the corners of the upper concave envelope of rising points."""
    corners: list[int] = []
    cost, gain = grant_nok.tolist(), households.tolist()
    for k in range(len(cost)):
        while len(corners) > 1:
            i, j = corners[-2], corners[-1]
            if (gain[j] - gain[i]) * (cost[k] - cost[i]) > (gain[k] - gain[i]) * (
                cost[j] - cost[i]
            ):
                break
            corners.pop()
        corners.append(k)
    return np.array(corners, dtype=np.int64)


def _demands(areas: pd.DataFrame, settings: Rollout, forest: _Forest) -> tuple[Bools, Bools]:
    """Mark what every plan builds, and what no plan builds, with all that follows from it."""
    named = areas["area_id"].astype(str)
    wanted = [*settings.must_build, *(commitment.area_id for commitment in settings.committed)]
    asked = named.isin(wanted).to_numpy(dtype=np.bool_)
    barred = named.isin(settings.must_not_build).to_numpy(dtype=np.bool_)
    highest_nok = settings.highest_grant_nok_per_household
    if highest_nok is not None:
        too_dear = areas["grant_nok"] > highest_nok * areas["households"].clip(lower=1)
        too_dear_areas = ((areas["kind"] == "area") & too_dear).to_numpy(dtype=np.bool_)
        barred = barred | (too_dear_areas & ~asked)
    barred, required = forest.downwards(barred), forest.upwards(asked)
    if (barred & required).any():
        name = named[barred & required].iloc[0]
        raise PlanError(
            f"området «{name}» både skal og skal ikke bygges, eller henger på noe som ikke bygges.",
            advice="Rett must_build, must_not_build eller highest_grant_nok_per_household.",
        )
    return required, barred


def _left_out(settings: Rollout) -> tuple[str, ...]:
    rules = {
        "annual_capex_nok": bool(settings.annual_capex_nok),
        "annual_trench_m": bool(settings.annual_trench_m),
        "committed": bool(settings.committed),
        "exclusive": bool(settings.exclusive),
        "floors": bool(settings.floors),
        "funds": bool(settings.funds),
        "synergies": bool(settings.synergies),
    }
    return tuple(name for name, is_used in rules.items() if is_used)
