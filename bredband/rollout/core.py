"""The core: only the choices that a better plan could contain, to the exact solver.

With a bound U, a known plan worth L and the slacks of ``lagrangian``, a choice (work, year)
whose slack exceeds ``U - L`` is in no plan better than L. What is left is small. A narrower
core, of the choices with slack at most d, is searched first: it gives good plans soon, and the
larger of its bound and ``U - d`` bounds the whole problem (Balas and Zemel 1980, the core
problem of the knapsack).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bredband.rollout import highs
from bredband.rollout.constraints import Rows
from bredband.rollout.model import (
    Bools,
    Floats,
    Ints,
    Problem,
    cumulative,
    value_of,
    without_idle_feeders,
)


@dataclass(frozen=True)
class CoreAnswer:
    """The best plan of a core (None if none was found), a bound on it, and if there is none."""

    built: Ints | None
    objective: float
    bound: float
    infeasible: bool


def solve_core(
    problem: Problem,
    rows: Rows,
    allowed: Bools,
    *,
    start: Ints | None,
    gap_share: float,
    time_limit_s: float,
    talk: highs.Talk | None = None,
) -> CoreAnswer:
    """Solve the problem with only the allowed years open for each work.

    Parameters
    ----------
    rows
        All rows of the problem, from ``constraints.stack``.
    allowed
        Shape (works, years + 1), the last column for never; at least one per work.
    start
        A plan within the core, or None.
    talk
        What to exchange while the solver works; plans are build years, shape (works,).
    """
    columns, constant = _columns(allowed)
    inside = rows.matrix @ constant
    matrix = sparse.csr_array(rows.matrix @ columns)
    matrix.data[np.abs(matrix.data) < 1e-12] = 0.0
    matrix.eliminate_zeros()
    free = np.diff(matrix.indptr) > 0
    fixed_breaks = (inside > rows.upper + 1e-7) | (inside < rows.lower - 1e-7)
    if (fixed_breaks & ~free).any():
        return CoreAnswer(None, -np.inf, -np.inf, infeasible=True)
    reduced = _without_repeats(
        Rows(matrix[free], (rows.lower - inside)[free], (rows.upper - inside)[free])
    )
    objective = cumulative(problem.value).ravel()
    base = float(objective @ constant)
    solution = highs.maximise(
        columns.T @ objective,
        reduced,
        gap_share=gap_share,
        time_limit_s=time_limit_s,
        start=None if start is None else _unknowns(columns, start, problem),
        offset=base,
        talk=None if talk is None else _translated(talk, columns, constant, problem),
    )
    if not len(solution.x) and columns.shape[1]:
        return CoreAnswer(None, -np.inf, solution.bound, solution.infeasible)
    built = without_idle_feeders(problem, _years_of(columns, constant, solution.x, problem))
    return CoreAnswer(built, value_of(problem, built), solution.bound, infeasible=False)


def _columns(allowed: Bools) -> tuple[sparse.csr_array, Floats]:
    """Write every ``x[i, t]`` as one free unknown, as 0 or as 1: ``x = columns @ z + constant``.

    Between two allowed years x does not change, so the work has one unknown per allowed year
    but the last.
    """
    works, width = allowed.shape
    passed = allowed.cumsum(axis=1)[:, :-1]
    many = allowed.sum(axis=1)
    first = np.concatenate([[0], np.cumsum(many - 1)])
    unknown = first[:-1, None] + passed - 1
    open_ = (passed > 0) & (passed < many[:, None])
    row = np.flatnonzero(open_.ravel())
    columns = sparse.csr_array(
        (np.ones(len(row)), (row, unknown[open_])), (works * (width - 1), int(first[-1]))
    )
    return columns, (passed == many[:, None]).ravel().astype(np.float64)


def _unknowns(columns: sparse.csr_array, built: Ints, problem: Problem) -> Floats:
    x = (built[:, None] <= np.arange(problem.shape[1])).astype(np.float64).ravel()
    count = np.maximum(columns.sum(axis=0), 1)
    result: Floats = np.asarray((columns.T @ x) / count)
    return result


def _years_of(
    columns: sparse.csr_array, constant: Floats, unknowns: Floats, problem: Problem
) -> Ints:
    x = columns @ np.rint(unknowns) + constant
    built: Ints = problem.shape[1] - np.rint(x).astype(np.int64).reshape(problem.shape).sum(axis=1)
    return built


def _translated(
    talk: highs.Talk, columns: sparse.csr_array, constant: Floats, problem: Problem
) -> highs.Talk:
    """Let the solver speak of unknowns and the caller of build years."""

    def news(work: int) -> Floats | None:
        built = talk.news(work)
        return None if built is None else _unknowns(columns, built, problem)

    def found(unknowns: Floats) -> None:
        talk.found(_years_of(columns, constant, unknowns, problem))

    return talk._replace(news=news, found=found)


def _without_repeats(rows: Rows) -> Rows:
    """Drop rows of order that say the same as another; they come in runs after merging years."""
    lengths = np.diff(rows.matrix.indptr)
    pair = (lengths == 2) & ~np.isfinite(rows.lower) & (rows.upper == 0)
    start = rows.matrix.indptr[:-1][pair]
    matrix = rows.matrix
    key = np.stack(
        [
            matrix.indices[start],
            matrix.indices[start + 1],
            matrix.data[start],
            matrix.data[start + 1],
        ]
    )
    _, kept = np.unique(key, axis=1, return_index=True)
    keep = ~pair
    keep[np.flatnonzero(pair)[kept]] = True
    return Rows(rows.matrix[keep], rows.lower[keep], rows.upper[keep])
