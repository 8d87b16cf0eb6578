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

from bredband.rollout.model import Floats, Ints, Problem, cumulative


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
    return _in_order(problem.before, problem)


def also_first(problem: Problem) -> Rows:
    """Build what else is needed no later than the work: ``x[i, t] <= x[j, t]``.

    ``j`` is a mast that ``i`` uses, or the radio that ``i`` upgrades. A work may need several,
    so these rows are no forest and are priced.
    """
    return _in_order(problem.beside, problem)


def annual_limits(problem: Problem) -> Rows:
    """Use no more than the year allows, of grant and of everything else that is limited.

    ``sum_i use[i, t] (x[i, t] - x[i, t-1]) <= allowed[t]`` for each t. With carry-over both
    sides are summed from the first year to t, and ``advance[t]`` is added: what may be
    borrowed from the year after.
    """
    works, years = problem.shape
    blocks, upper = [], []
    for limit in problem.limits:
        counts = np.tril(np.ones((years, years))) if limit.carry_over else np.eye(years)
        use = cumulative(counts[:, None, :] * (limit.use / limit.unit)[None, :, :])
        blocks.append(sparse.csr_array(use.reshape(years, works * years)))
        upper.append(limit.ceiling / limit.unit)
    return _rows(problem, blocks, [np.full(len(u), -np.inf) for u in upper], upper)


def promises(problem: Problem) -> Rows:
    """Reach what is promised, such as a kommune's floor: ``sum_i gain[i] x[i, year] >= least``."""
    works, years = problem.shape
    blocks = []
    for promise in problem.promises:
        gain = np.zeros((works, years))
        gain[:, promise.year] = promise.gain
        blocks.append(sparse.csr_array(gain.reshape(1, works * years)))
    lower = np.array([promise.least for promise in problem.promises])
    return _rows(problem, blocks, [lower], [np.full(len(lower), np.inf)])


def at_most_one(problem: Problem) -> Rows:
    """Build at most one of a group, such as the technologies of an area.

    ``sum_{i in group} x[i, last] <= 1``.
    """
    works, years = problem.shape
    groups = problem.exclusive
    row = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    column = np.concatenate([np.empty(0, dtype=np.int64), *groups]) * years + years - 1
    matrix = sparse.csr_array((np.ones(len(row)), (row, column)), (len(groups), works * years))
    return Rows(matrix, np.full(len(groups), -np.inf), np.ones(len(groups)))


def must_build(problem: Problem) -> Rows:
    """Build what the scenario demands: ``x[i, last] >= 1``."""
    return _last_year(problem, np.flatnonzero(problem.required), lower=1.0, upper=1.0)


def must_not_build(problem: Problem) -> Rows:
    """Leave what the scenario bars or finds too dear: ``x[i, last] <= 0``."""
    return _last_year(problem, np.flatnonzero(problem.barred), lower=0.0, upper=0.0)


def keep_commitments(problem: Problem) -> Rows:
    """Hold the years that are already decided: ``x[i, t] = 1`` from that year on, 0 before."""
    works, years = problem.shape
    decided = np.flatnonzero(problem.committed >= 0)
    column = decided[:, None] * years + np.arange(years)
    matrix = sparse.csr_array(
        (np.ones(column.size), (np.arange(column.size), column.ravel())),
        (column.size, works * years),
    )
    value = (np.arange(years) >= problem.committed[decided, None]).ravel().astype(np.float64)
    return Rows(matrix, value, value)


Constraint = Callable[[Problem], Rows]

ORDER: tuple[Constraint, ...] = (never_torn_down, feeder_first)
"""Rules of order between two unknowns; a dynamic program on the feeder tree keeps them."""

COUPLING: tuple[Constraint, ...] = (annual_limits, promises, at_most_one, also_first)
"""Rules that bind many works together; the Lagrangian prices them."""

BOUNDS: tuple[Constraint, ...] = (must_build, must_not_build, keep_commitments)
"""Rules for one work alone."""

CONSTRAINTS: tuple[Constraint, ...] = (*ORDER, *COUPLING, *BOUNDS)


def stack(problem: Problem, constraints: tuple[Constraint, ...] = CONSTRAINTS) -> Rows:
    """Put the rows of several constraints under each other."""
    parts = [constraint(problem) for constraint in constraints]
    return _rows(
        problem,
        [part.matrix for part in parts],
        [part.lower for part in parts],
        [part.upper for part in parts],
    )


def _rows(
    problem: Problem, blocks: list[sparse.csr_array], lower: list[Floats], upper: list[Floats]
) -> Rows:
    works, years = problem.shape
    empty = sparse.csr_array((0, works * years))
    matrix = sparse.csr_array(sparse.vstack([empty, *blocks], format="csr"))
    matrix.eliminate_zeros()
    none = np.empty(0)
    return Rows(matrix, np.concatenate([none, *lower]), np.concatenate([none, *upper]))


def _in_order(pairs: Ints, problem: Problem) -> Rows:
    years = problem.shape[1]
    first = pairs[:, :1] * years + np.arange(years)
    second = pairs[:, 1:] * years + np.arange(years)
    return _no_later_than(first.ravel(), second.ravel(), problem)


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
