"""Choose years for invented areas, so that every kernel of the room is compiled and kept on disk."""

from __future__ import annotations

import numpy as np

from bredband.kernel import is_compiled
from bredband.rollout.greedy import by_price, fill
from bredband.rollout.known import Known
from bredband.rollout.model import Limit, Problem
from bredband.rollout.optimum import open_years, price
from bredband.rollout.search import anneal, walk
from bredband.rollout.yearly import fill_years

WORKS, YEARS = 12, 3


def rehearse() -> None:
    """Choose years for a few areas nobody lives in: the next choice here starts at once."""
    nobody = np.zeros(WORKS, dtype=np.bool_)
    nothing = np.zeros(YEARS, dtype=np.int64)
    use = np.repeat(np.arange(1, WORKS + 1)[:, None] * 1_000_000, YEARS, axis=1)
    budget = Limit("grant", use, nothing + 9_000_000, nothing, True, 1e6, True)
    problem = Problem(
        area_id=np.arange(WORKS).astype(object),
        technology=np.full(WORKS, "fibre", dtype=object),
        shared=nobody,
        years=tuple(range(YEARS)),
        value=np.ones((WORKS, YEARS)),
        before=np.array([[1, 0]]),
        limits=(budget,),
        promises=(),
        exclusive=(),
        required=nobody,
        barred=nobody,
        committed=np.full(WORKS, -1, dtype=np.int64),
    )
    allowed = open_years(problem)
    relaxation = price(problem, allowed)
    plan = fill(problem, by_price(relaxation), np.zeros(WORKS, np.int64), allowed)
    fill_years(problem, relaxation, allowed, Known(None, -np.inf, relaxation.bound), width=2)
    anneal(problem, plan, allowed, moves=10, seed=0)


def is_rehearsed() -> bool:
    """Tell whether the kernels are on this disk."""
    return is_compiled(walk)
