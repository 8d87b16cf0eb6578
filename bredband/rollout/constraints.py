"""The rules of a rollout: one function per rule, its mathematics in its docstring.

The unknowns are cumulative: ``x[i, t] = 1`` if work ``i`` is built by the end of year ``t``,
with ``x[i, -1] = 0``. Column ``i * years + t`` of every matrix is ``x[i, t]``. This form is
what makes the linear relaxation almost integral: every rule of order is a difference of two
unknowns (a network matrix), and only the budgets disturb it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bredband.rollout.model import Floats, Ints, Problem


@dataclass(frozen=True)
class Rows:
    """Linear rows ``lower <= matrix @ x <= upper``."""

    matrix: sparse.csr_array
    lower: Floats
    upper: Floats


def never_torn_down(problem: Problem) -> Rows:
    """Keep what is built: ``x[i, t-1] <= x[i, t]`` for t >= 1."""
    works, years = problem.shape
    column = np.arange(works * years).reshape(works, years)
    return _no_later_than(column[:, :-1].ravel(), column[:, 1:].ravel(), problem)


def feeder_first(problem: Problem) -> Rows:
    """Build the feeder no later than the work: ``x[i, t] <= x[feeder(i), t]``."""
    years = problem.shape[1]
    first = problem.before[:, :1] * years + np.arange(years)
    second = problem.before[:, 1:] * years + np.arange(years)
    return _no_later_than(first.ravel(), second.ravel(), problem)


def annual_limits(problem: Problem) -> Rows:
    """Use no more than the year allows, of grant and of everything else that is limited.

    ``sum_i use[i, t] * (x[i, t] - x[i, t-1]) <= allowed[t]`` for each t; with carry-over the
    sums of both sides from the first year to t.
    """
    blocks = []
    upper = []
    for limit in problem.limits:
        works, years = problem.shape
        weight = np.tril(np.ones((years, years))) if limit.carry_over else np.eye(years)
        # built in s  ->  x[i, s] - x[i, s-1]: the coefficient of x[i, s] is use[s] - use[s+1]
        by_year = weight[:, None, :] * (limit.use / limit.unit)[None, :, :]
        by_year[:, :, :-1] -= by_year[:, :, 1:].copy()
        blocks.append(sparse.csr_array(by_year.reshape(years, works * years)))
        upper.append(weight @ (limit.allowed / limit.unit))
    return _rows(blocks, [np.full(len(u), -np.inf) for u in upper], upper, problem)


def must_build(problem: Problem) -> Rows:
    """Build what the scenario demands: ``x[i, last] >= 1``."""
    return _last_year(problem, np.flatnonzero(problem.required), lower=1.0, upper=1.0)


def must_not_build(problem: Problem) -> Rows:
    """Leave what the scenario bars or finds too dear: ``x[i, last] <= 0``."""
    return _last_year(problem, np.flatnonzero(problem.barred), lower=0.0, upper=0.0)


Constraint = Callable[[Problem], Rows]

ORDER: tuple[Constraint, ...] = (never_torn_down, feeder_first)
"""Rules of order between two unknowns; a dynamic program on the feeder tree keeps them."""

COUPLING: tuple[Constraint, ...] = (annual_limits,)
"""Rules that bind many works together; the Lagrangian prices them."""

BOUNDS: tuple[Constraint, ...] = (must_build, must_not_build)
"""Rules for one work alone."""

CONSTRAINTS: tuple[Constraint, ...] = (*ORDER, *COUPLING, *BOUNDS)


def stack(problem: Problem, constraints: tuple[Constraint, ...] = CONSTRAINTS) -> Rows:
    """Put the rows of several constraints under each other."""
    parts = [constraint(problem) for constraint in constraints]
    return _rows(
        [part.matrix for part in parts],
        [part.lower for part in parts],
        [part.upper for part in parts],
        problem,
    )


def _rows(
    blocks: list[sparse.csr_array], lower: list[Floats], upper: list[Floats], problem: Problem
) -> Rows:
    works, years = problem.shape
    empty = sparse.csr_array((0, works * years))
    matrix = sparse.csr_array(sparse.vstack([empty, *blocks], format="csr"))
    matrix.eliminate_zeros()
    none = np.empty(0)
    return Rows(matrix, np.concatenate([none, *lower]), np.concatenate([none, *upper]))


def _no_later_than(first: Ints, second: Ints, problem: Problem) -> Rows:
    count = len(first)
    works, years = problem.shape
    row = np.arange(count)
    matrix = sparse.csr_array(
        (
            np.repeat([1.0, -1.0], count),
            (np.concatenate([row, row]), np.concatenate([first, second])),
        ),
        shape=(count, works * years),
    )
    return Rows(matrix, np.full(count, -np.inf), np.zeros(count))


def _last_year(problem: Problem, works: Ints, *, lower: float, upper: float) -> Rows:
    count, years = problem.shape
    matrix = sparse.csr_array(
        (np.ones(len(works)), (np.arange(len(works)), works * years + years - 1)),
        shape=(len(works), count * years),
    )
    return Rows(matrix, np.full(len(works), lower), np.full(len(works), upper))
