"""What a county can do with any amount of grant: one plan for each amount worth asking for.

Areas and shared trench form a forest (``feeder_area`` is the parent), so the least grant that
reaches exactly ``h`` households is a knapsack on a forest. With the works in preorder, where
``end[i]`` is the first work after everything that hangs on work ``i``:

    F[i, h] = min(F[end[i], h], grant[i] + F[i + 1, h - households[i]])

that is, leave work ``i`` and all that hangs on it, or build it and go on (Johnson and Niemi,
"On knapsacks, partitions, and a new dynamic programming technique for trees", Mathematics of
Operations Research 8(1), 1983, the left-right order). The answer is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import PlanError
from bredband.scenario.rollout import Rollout

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_POINTS = 250
"""So many plans tell what a county can do; a county with fewer is told exactly."""

_NEVER = np.iinfo(np.int64).max // 4


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


def frontier(areas: pd.DataFrame, settings: Rollout, *, has_alternatives: bool = False) -> Frontier:
    """Find what a county can reach with any amount of grant.

    Parameters
    ----------
    areas
        The ``areas`` table: deployment areas and shared trench.
    settings
        The ``rollout`` section of the county's scenario. What must and must not be built and
        the ceiling per household hold; the rules in ``left_out`` do not.
    has_alternatives
        Whether some areas have another technology to choose from, which is left out.

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
    preorder, end = forest.preorder(free)
    rows = _Rows.of(grant_nok[preorder], households[preorder], end)
    reached = _kept(rows.least_grant_nok)
    built = np.zeros((len(reached.households), len(areas)), dtype=np.bool_)
    built[:, preorder] = rows.trace(reached.households)
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
        left_out=_left_out(settings, has_alternatives=has_alternatives),
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

    def preorder(self, rows: Ints) -> tuple[Ints, Ints]:
        """Give rows so that each stands before what hangs on it, and where its own part ends."""
        inside = set(rows.tolist())
        children: dict[int, list[int]] = {}
        for i in rows.tolist():
            above = int(self.parent[i])
            children.setdefault(above if above in inside else -1, []).append(i)
        order: list[int] = []
        size: dict[int, int] = {}
        stack = [(i, False) for i in reversed(children.get(-1, []))]
        while stack:
            i, is_done = stack.pop()
            if is_done:
                size[i] = 1 + sum(size[child] for child in children.get(i, []))
                continue
            order.append(i)
            stack.append((i, True))
            stack += [(child, False) for child in reversed(children.get(i, []))]
        if len(order) != len(inside):
            raise PlanError(
                "områder henger på hverandre i ring (feeder_area).", advice="Lag områdene på nytt."
            )
        end = [place + size[i] for place, i in enumerate(order)]
        return np.array(order, dtype=np.int64), np.array(end, dtype=np.int64)


@dataclass(frozen=True)
class _Rows:
    """The recursion worked out: the least grant for each number of households, and the choices.

    ``taken[i]`` is packed bits: whether work i is built where h households are still to reach.
    """

    households: Ints
    end: Ints
    least_grant_nok: Ints
    taken: list[NDArray[np.uint8]]

    @classmethod
    def of(cls, grant_nok: Ints, households: Ints, end: Ints) -> _Rows:
        count = len(grant_nok)
        last_use = np.full(count + 1, count, dtype=np.int64)
        for i in range(count - 1, -1, -1):
            last_use[i + 1] = last_use[end[i]] = i
        ready: dict[int, Ints] = {count: np.zeros(1, dtype=np.int64)}
        taken: list[NDArray[np.uint8]] = []
        for i in range(count - 1, -1, -1):
            after, leave = ready[i + 1], ready[int(end[i])]
            best = np.full(len(after) + int(households[i]), _NEVER, dtype=np.int64)
            best[: len(leave)] = leave
            take = best[int(households[i]) :]
            cost = np.minimum(after + grant_nok[i], _NEVER)
            is_taken = np.zeros(len(best), dtype=np.bool_)
            is_taken[int(households[i]) :] = cost < take
            np.minimum(take, cost, out=take)
            taken.append(np.packbits(is_taken))
            ready[i] = best
            for done in {i + 1, int(end[i])}:
                if last_use[done] == i:
                    del ready[done]
        return cls(households, end, ready[0], taken[::-1])

    def trace(self, targets: Ints) -> Bools:
        """Tell which works reach each number of households, shape (targets, works)."""
        left, place = targets.copy(), np.zeros(len(targets), dtype=np.int64)
        built = np.zeros((len(targets), len(self.households)), dtype=np.bool_)
        for i, packed in enumerate(self.taken):
            here = np.flatnonzero(place == i)
            if not len(here):
                continue
            h = left[here]
            takes = (packed[h >> 3] >> (7 - (h & 7)) & 1).astype(np.bool_)
            built[here, i] = takes
            left[here] -= np.where(takes, self.households[i], 0)
            place[here] = np.where(takes, i + 1, self.end[i])
        return built


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
    later = np.append(above[1:], _NEVER)
    best = np.flatnonzero((least_grant_nok < later) & (least_grant_nok < _NEVER))
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
        barred |= ((areas["kind"] == "area") & too_dear).to_numpy(dtype=np.bool_) & ~asked
    barred, required = forest.downwards(barred), forest.upwards(asked)
    if (barred & required).any():
        name = named[barred & required].iloc[0]
        raise PlanError(
            f"området «{name}» både skal og skal ikke bygges, eller henger på noe som ikke bygges.",
            advice="Rett must_build, must_not_build eller highest_grant_nok_per_household.",
        )
    return required, barred


def _left_out(settings: Rollout, *, has_alternatives: bool) -> tuple[str, ...]:
    rules = {
        "alternatives": has_alternatives,
        "annual_capex_nok": bool(settings.annual_capex_nok),
        "annual_trench_m": bool(settings.annual_trench_m),
        "committed": bool(settings.committed),
        "exclusive": bool(settings.exclusive),
        "floors": bool(settings.floors),
        "funds": bool(settings.funds),
        "synergies": bool(settings.synergies),
    }
    return tuple(name for name, is_used in rules.items() if is_used)
