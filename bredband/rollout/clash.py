"""Explain why no plan exists: which demands clash, and by how much, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from scipy import linalg, sparse

from bredband.errors import PlanError
from bredband.rollout import highs
from bredband.rollout.constraints import CONSTRAINTS, Rows, annual_limits, promises, stack
from bredband.rollout.model import Bools, Floats, Problem
from bredband.units import format_int, format_mnok

PATIENCE_S = 5.0
"""Time for each question to the solver; an explanation need not be the shortest one."""

Demand = tuple[str, Callable[[Problem], Problem]]
"""What the scenario asks for, in words, and how to take it out of the problem."""


def explain(problem: Problem) -> PlanError:
    """Make the error that tells a planner what clashes and what would be enough.

    The clashing demands are a smallest set: without any one of them the rest can be met
    (deletion filter, Chinneck and Dravnieks 1991). What would be enough is the least sum of
    money over all years, or the fewest households that the promises must give up.
    """
    clashing = []
    kept = problem
    for words, without in _demands(problem):
        if _possible(without(kept)):
            clashing.append(words)
        else:
            kept = without(kept)
    ways = [way for way in (_more_of_the_limits(problem), _smaller_promises(problem)) if way]
    return PlanError(
        "ingen plan oppfyller alle kravene. Dette går ikke sammen innenfor rammene: "
        + "; ".join(clashing)
        + ".",
        advice=f"Det minste som må til: {', eller '.join(ways)}."
        if ways
        else "Ta bort ett av dem.",
    )


def _demands(problem: Problem) -> Iterator[Demand]:
    names = problem.area_id
    for k, promise in enumerate(problem.promises):
        yield f"{promise.field} ({promise.name})", partial(_without_promise, k=k)
    for k, group in enumerate(problem.exclusive):
        members = ", ".join(dict.fromkeys(str(names[i]) for i in group))
        yield f"høyst ett av {members}", partial(_without_group, k=k)
    for i in np.flatnonzero(problem.committed >= 0).tolist():
        year = problem.years[problem.committed[i]]
        yield f"committed ({names[i]} i {year})", partial(_with, name="committed", i=i, value=-1)
    for i in np.flatnonzero(problem.required).tolist():
        yield f"must_build ({names[i]})", partial(_with, name="required", i=i, value=False)
    for i in np.flatnonzero(problem.barred & _leading_to_demands(problem)).tolist():
        words = f"{names[i]} er stengt av must_not_build eller av prisen per husstand"
        yield words, partial(_with, name="barred", i=i, value=False)


def _without_promise(problem: Problem, *, k: int) -> Problem:
    empty = replace(problem.promises[k], least=-np.inf)
    return replace(problem, promises=(*problem.promises[:k], empty, *problem.promises[k + 1 :]))


def _without_group(problem: Problem, *, k: int) -> Problem:
    empty = np.empty(0, dtype=np.int64)
    return replace(problem, exclusive=(*problem.exclusive[:k], empty, *problem.exclusive[k + 1 :]))


def _with(problem: Problem, *, name: str, i: int, value: int) -> Problem:
    column = getattr(problem, name).copy()
    column[i] = value
    return replace(problem, **{name: column})


def _leading_to_demands(problem: Problem) -> Bools:
    """Mark the works that are demanded, that a demand hangs on, or that a promise counts."""
    leads = problem.required | (problem.committed >= 0)
    for promise in problem.promises:
        leads = leads | (promise.gain > 0)
    while True:
        more = leads.copy()
        more[problem.pairs[leads[problem.pairs[:, 0]], 1]] = True
        if (more == leads).all():
            return leads
        leads = more


def _possible(problem: Problem) -> bool:
    nothing = np.zeros(problem.value.size)
    return not highs.maximise(nothing, stack(problem), time_limit_s=PATIENCE_S).infeasible


def _more_of_the_limits(problem: Problem) -> str:
    """Find the least that must be added to the limits, summed over years."""
    count = problem.shape[1]
    reach = [
        np.tril(np.ones((count, count))) if m.carry_over else np.eye(count) for m in problem.limits
    ]
    extra = _least_stretch(problem, annual_limits, linalg.block_diag(*reach))
    parts = []
    for k, limit in enumerate(problem.limits):
        for year, amount in zip(problem.years, extra[k * count : (k + 1) * count], strict=False):
            units = float(np.ceil(amount * limit.unit - 1e-3))
            if units > 0:
                rounded = np.ceil(units / 1e4) * 1e4
                much = format_mnok(rounded, 2) if limit.unit == 1e6 else format_int(units)
                parts.append(f"{much} mer i {limit.name} i {year}")
    return " og ".join(parts)


def _smaller_promises(problem: Problem) -> str:
    """Find the fewest households that the floors must give up."""
    floors = np.array([promise.field == "floors" for promise in problem.promises], dtype=np.float64)
    short = _least_stretch(problem, promises, -np.diag(floors))
    return " og ".join(
        f"{format_int(np.ceil(amount - 1e-6))} færre i kravet «{promise.name}»"
        for promise, amount in zip(problem.promises, short, strict=False)
        if amount > 1e-6
    )


def _least_stretch(
    problem: Problem, constraint: Callable[[Problem], Rows], reach: Floats
) -> Floats:
    """Let the rows of one constraint give way, as little as possible; empty if that is not enough.

    ``reach[row, k]`` is how much one unit of stretch k lifts the upper side of the row.
    """
    stiff = stack(problem, tuple(other for other in CONSTRAINTS if other is not constraint))
    soft = constraint(problem)
    unknowns, stretches = stiff.matrix.shape[1], reach.shape[1]
    if not stretches:
        return np.empty(0)
    nothing = sparse.csr_array((len(stiff.lower), stretches))
    top = sparse.hstack([stiff.matrix, nothing])
    bottom = sparse.hstack([soft.matrix, sparse.csr_array(-reach)])
    solution = highs.maximise(
        np.concatenate([np.zeros(unknowns), -np.ones(stretches)]),
        Rows(
            sparse.csr_array(sparse.vstack([top, bottom])),
            np.concatenate([stiff.lower, soft.lower]),
            np.concatenate([stiff.upper, soft.upper]),
        ),
        between=(
            np.zeros(unknowns + stretches),
            np.concatenate([np.ones(unknowns), np.full(stretches, 1e7)]),
        ),
        integral=np.arange(unknowns + stretches) < unknowns,
        gap_share=0.001,
        time_limit_s=PATIENCE_S,
    )
    return solution.x[unknowns:]
