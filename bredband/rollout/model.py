"""The rollout problem as arrays: one row per thing that can be built, one column per year.

A *work* is a row: a deployment area with one technology, or a feeder that several areas
share. ``built[i]`` is the index of the year in which work ``i`` is built; ``years`` itself
(one past the last index) means never. Money is whole kroner, so that a budget is met exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import PlanError
from bredband.scenario.rollout import Rollout

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """What may be used of one thing (grant, capex, trench) in each year.

    ``use`` has shape (works, years): what work i uses if it is built in year t. ``allowed``
    has shape (years,). ``unit`` is what one unit in the solver stands for: 1e6 for kroner.
    """

    name: str
    use: Ints
    allowed: Ints
    carry_over: bool
    unit: float


@dataclass(frozen=True)
class Problem:
    """Everything the solvers need, and nothing about files or geometry.

    ``value`` has shape (works, years): what building work i in year t adds to the objective.
    ``before`` has shape (pairs, 2): work ``before[k, 1]`` must be built no later than
    ``before[k, 0]``. ``required`` and ``barred`` have shape (works,).
    """

    area_id: NDArray[np.object_]
    technology: NDArray[np.object_]
    years: tuple[int, ...]
    value: Floats
    before: Ints
    limits: tuple[Limit, ...]
    required: Bools
    barred: Bools

    @property
    def shape(self) -> tuple[int, int]:
        """Number of works and number of years."""
        return len(self.area_id), len(self.years)


@dataclass(frozen=True)
class Answer:
    """A build year for each work, and how good that is known to be.

    ``built`` has shape (works,) and holds the index of the year; the number of years means never.
    """

    built: Ints
    objective: float
    bound: float
    seconds_s: float
    solver: str


def problem_of(areas: pd.DataFrame, settings: Rollout) -> Problem:
    """Turn the areas table and the settings into arrays.

    Raises
    ------
    PlanError
        If the settings name an area that does not exist.
    """
    area_id = areas["area_id"].to_numpy(dtype=object)
    row = {name: i for i, name in enumerate(area_id)}
    years = settings.years
    years_left = len(years) - np.arange(len(years))
    grant_nok = areas["grant_nok"].to_numpy(dtype=np.int64)
    return Problem(
        area_id=area_id,
        technology=areas["technology"].to_numpy(dtype=object),
        years=years,
        value=np.outer(areas["weighted_households"].to_numpy(dtype=np.float64), years_left),
        before=_feeder_pairs(areas, row),
        limits=(
            Limit(
                name="tilskudd",
                use=np.repeat(grant_nok[:, None], len(years), axis=1),
                allowed=np.floor(np.array(settings.annual_grant_nok)).astype(np.int64),
                carry_over=settings.carry_over,
                unit=1e6,
            ),
        ),
        required=_named(settings.must_build, row, "must_build"),
        barred=_named(settings.must_not_build, row, "must_not_build")
        | _too_dear(areas, settings.highest_grant_nok_per_household),
    )


def _feeder_pairs(areas: pd.DataFrame, row: dict[str, int]) -> Ints:
    feeders = areas["feeder_area"].to_numpy(dtype=object)
    if unknown := sorted({str(f) for f in feeders if f and f not in row}):
        raise PlanError(
            f"området «{unknown[0]}» står som feeder_area, men finnes ikke i tabellen «areas».",
            advice="Lag områdene på nytt.",
        )
    pairs = [(i, row[feeder]) for i, feeder in enumerate(feeders) if feeder]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _named(names: tuple[str, ...], row: dict[str, int], field: str) -> Bools:
    chosen = np.zeros(len(row), dtype=np.bool_)
    if unknown := [name for name in names if name not in row]:
        raise PlanError(
            f"{field} nevner områder som ikke finnes: {', '.join(unknown)}.",
            advice="Rett area_id i scenariet.",
        )
    chosen[[row[name] for name in names]] = True
    return chosen


def _too_dear(areas: pd.DataFrame, highest_nok: float | None) -> Bools:
    if highest_nok is None:
        return np.zeros(len(areas), dtype=np.bool_)
    households = areas["households"].clip(lower=1)
    too_dear = (areas["kind"] == "area") & (areas["grant_nok"] > highest_nok * households)
    return too_dear.to_numpy(dtype=np.bool_)
