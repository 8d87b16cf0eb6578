"""A bound from prices: the coupling rules are paid for, and the feeder forest is solved exactly.

With a price on every row of ``constraints.COUPLING`` the rest of the problem falls apart into
feeder trees, and each is solved by dynamic programming. For any prices the sum is a bound
(Geoffrion 1974, Lagrangean relaxation for integer programming); at the best prices it equals the
bound of the linear relaxation. The program also gives, for each work and year, how much is lost
by forcing that choice: its *slack*. A choice whose slack exceeds the gap is in no better plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bredband.errors import PlanError
from bredband.kernel import kernel
from bredband.rollout import highs
from bredband.rollout.constraints import COUPLING, Rows, stack
from bredband.rollout.model import Bools, Floats, Ints, Problem, cumulative

IMPOSSIBLE = -1e15


@dataclass(frozen=True)
class Forest:
    """The feeder of each work (-1 at lit fibre) and an order with every feeder first."""

    feeder: Ints
    order: Ints


@dataclass(frozen=True)
class Relaxation:
    """The problem with a price on every coupling row.

    ``slack`` has shape (works, years + 1), the last column for never; ``built`` is the choice
    that is best at these prices.
    """

    prices: Floats
    bound: float
    built: Ints
    slack: Floats


def forest_of(problem: Problem) -> Forest:
    """Order the works so that every feeder stands before what hangs on it.

    Raises
    ------
    PlanError
        If areas are each other's feeders in a ring.
    """
    works = problem.shape[0]
    feeder = np.full(works, -1, dtype=np.int64)
    feeder[problem.before[:, 0]] = problem.before[:, 1]
    depth = np.where(feeder < 0, 0, -1)
    while (depth < 0).any():
        ready = (depth < 0) & (depth[feeder] >= 0) & (feeder >= 0)
        if not ready.any():
            ring = ", ".join(str(name) for name in problem.area_id[depth < 0][:3])
            raise PlanError(
                f"områdene {ring} venter på hverandre: feeder_area går i ring.",
                advice="Lag områdene på nytt.",
            )
        depth[ready] = depth[feeder[ready]] + 1
    return Forest(feeder, np.argsort(depth, kind="stable").astype(np.int64))


def relax(
    problem: Problem, forest: Forest, coupling: Rows, prices: Floats, allowed: Bools
) -> Relaxation:
    """Solve the forest at given prices.

    Parameters
    ----------
    coupling
        The rows of ``constraints.COUPLING``.
    prices
        One per row: at least 0 on an upper limit, at most 0 on a lower one.
    allowed
        Shape (works, years + 1): the years still open for each work, the last column for never.
    """
    prices = _signed(coupling, prices)
    paid = _paid(coupling, prices)
    profit = profit_at(problem, coupling, prices, allowed)
    best, built, slack = _forest_program(profit, forest.feeder, forest.order)
    return Relaxation(prices, paid + float(best), built, slack)


def profit_at(problem: Problem, coupling: Rows, prices: Floats, allowed: Bools) -> Floats:
    """Give what each work is worth in each year when all it uses is paid for.

    Shape (works, years + 1), the last column for never; ``IMPOSSIBLE`` where a year is closed.
    """
    works, years = problem.shape
    reduced = cumulative(problem.value) - (coupling.matrix.T @ prices).reshape(works, years)
    profit = np.zeros((works, years + 1))
    profit[:, :years] = reduced[:, ::-1].cumsum(axis=1)[:, ::-1]
    profit[~allowed] = IMPOSSIBLE
    return profit


def best_prices(
    problem: Problem,
    forest: Forest,
    coupling: Rows,
    allowed: Bools,
    *,
    rounds: int = 200,
    first: Floats | None = None,
) -> Relaxation:
    """Search for the prices with the lowest bound, by cutting planes in a box around the best.

    Each solved forest gives a plane under the bound as a function of the prices; the next
    prices minimise the planes within the box, which grows with success and shrinks without
    (Marsten, Hogan, Blankenship 1975, the Boxstep method).
    """
    rows = len(coupling.lower)
    guess = _first_prices(problem, coupling) if first is None else first
    best = relax(problem, forest, coupling, guess, allowed)
    lowest = np.where(np.isfinite(coupling.lower), -np.inf, 0.0)
    highest = np.where(np.isfinite(coupling.upper), np.inf, 0.0)
    box = 0.3 * np.maximum(np.abs(best.prices), np.abs(best.prices).mean() + 1e-9)
    slopes, heights = [], []
    tried = best
    for _ in range(rounds if rows else 0):
        slope = _residual(problem, coupling, tried)
        slopes.append(slope)
        heights.append(tried.bound - float(slope @ tried.prices))
        proposal, model = _lowest_of_planes(
            np.array(slopes),
            np.array(heights),
            np.maximum(lowest, best.prices - box),
            np.minimum(highest, best.prices + box),
        )
        promised = best.bound - model
        if promised <= 1e-7 * max(1.0, abs(best.bound)):
            if (box > 1e3 * (np.abs(best.prices) + 1)).all():
                break
            at_wall = np.abs(proposal - best.prices) >= box * (1 - 1e-6)
            if not at_wall.any():
                break
            box = box * 4
            continue
        tried = relax(problem, forest, coupling, proposal, allowed)
        if tried.bound < best.bound:
            box = box * (2.0 if best.bound - tried.bound > 0.5 * promised else 1.0)
            best = tried
        else:
            box = box * 0.5
    return best


def linear_prices(problem: Problem, coupling: Rows) -> Floats:
    """Take the prices from the linear relaxation of the whole problem."""
    rows = stack(problem)
    solution = highs.maximise(cumulative(problem.value).ravel(), rows, integral=False)
    first = len(rows.lower) - len(coupling.lower) - _bound_rows(problem)
    if not len(solution.prices):
        return np.zeros(len(coupling.lower))
    return solution.prices[first : first + len(coupling.lower)]


def coupling_rows(problem: Problem) -> Rows:
    """Collect the rows that the prices stand on."""
    return stack(problem, COUPLING)


def _bound_rows(problem: Problem) -> int:
    years = problem.shape[1]
    decided = int((problem.committed >= 0).sum())
    return int(problem.required.sum()) + int(problem.barred.sum()) + decided * years


def _signed(coupling: Rows, prices: Floats) -> Floats:
    lowest = np.where(np.isfinite(coupling.lower), -np.inf, 0.0)
    highest = np.where(np.isfinite(coupling.upper), np.inf, 0.0)
    return np.clip(prices, lowest, highest)


def _paid(coupling: Rows, prices: Floats) -> float:
    side = np.where(prices > 0, coupling.upper, coupling.lower)
    used = prices != 0
    return float(prices[used] @ side[used])


def _residual(problem: Problem, coupling: Rows, relaxation: Relaxation) -> Floats:
    """Give the slope of the bound in the prices: what is allowed less what is used."""
    years = problem.shape[1]
    x = (relaxation.built[:, None] <= np.arange(years)).astype(np.float64).ravel()
    side = np.where(np.isfinite(coupling.upper), coupling.upper, coupling.lower)
    result: Floats = side - coupling.matrix @ x
    return result


def _first_prices(problem: Problem, coupling: Rows) -> Floats:
    """Guess: every limit costs what a mean work yields per unit it uses; ``relax`` sees to the signs."""
    value = np.abs(cumulative(problem.value)).sum()
    use = abs(coupling.matrix).sum(axis=1)
    result: Floats = value / np.maximum(use, 1e-9) / max(len(use), 1)
    return result


def _lowest_of_planes(
    slopes: Floats, heights: Floats, lowest: Floats, highest: Floats
) -> tuple[Floats, float]:
    """Minimise ``max_k heights[k] + slopes[k] @ prices`` over a box."""
    planes, rows = slopes.shape
    matrix = sparse.csr_array(np.hstack([slopes, -np.ones((planes, 1))]))
    limits = Rows(matrix, np.full(planes, -np.inf), -heights)
    objective = np.append(np.zeros(rows), -1.0)
    solution = highs.maximise(
        objective,
        limits,
        between=(np.append(lowest, -1e20), np.append(highest, 1e20)),
        integral=False,
    )
    return solution.x[:-1], float(solution.x[-1])


@kernel
def _forest_program(profit: Floats, feeder: Ints, order: Ints) -> tuple[float, Ints, Floats]:
    """Solve every tree: best sum, its choices, and the loss of forcing each choice."""
    works, columns = profit.shape
    within = profit.copy()  # best of the subtree of i when i is built in t
    later = np.empty((works, columns))  # ... when i is built in t or later
    for k in range(works - 1, -1, -1):
        i = order[k]
        best = IMPOSSIBLE
        for t in range(columns - 1, -1, -1):
            best = max(best, within[i, t])
            later[i, t] = best
        if feeder[i] >= 0:
            for t in range(columns):
                within[feeder[i], t] = max(within[feeder[i], t] + later[i, t], IMPOSSIBLE)
    total = 0.0
    outside = np.zeros((works, columns))  # best of the rest of the tree
    built = np.empty(works, np.int64)
    slack = np.empty((works, columns))
    top = np.empty(works)
    for k in range(works):
        i = order[k]
        f = feeder[i]
        start = 0
        if f < 0:
            total += later[i, 0]
            top[i] = later[i, 0]
        else:
            start = built[f]
            top[i] = top[f]
            best = IMPOSSIBLE
            for t in range(columns):
                rest = IMPOSSIBLE
                if later[i, t] > IMPOSSIBLE / 2 and within[f, t] > IMPOSSIBLE / 2:
                    rest = within[f, t] - later[i, t] + outside[f, t]
                best = max(best, rest)
                outside[i, t] = best
        choice = start
        for t in range(start, columns):
            if within[i, t] > within[i, choice]:
                choice = t
        built[i] = choice
        for t in range(columns):
            slack[i, t] = top[i] - max(within[i, t] + outside[i, t], IMPOSSIBLE)
    return total, built, slack
