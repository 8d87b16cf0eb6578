"""The one place that talks to the HiGHS solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import highspy
import numpy as np

# highspy.Highs writes a banner to standard output before it can be told not to; its base does not.
from highspy._core import _Highs

from bredband.rollout.constraints import Rows
from bredband.rollout.model import Bools, Floats

SEARCHES = (
    "mip_heuristic_run_feasibility_jump",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_rins",
    "mip_heuristic_run_root_reduced_cost",
)
"""The solver's own searches for plans; some of them run whatever effort it is told to spend."""


@dataclass(frozen=True)
class Solution:
    """What HiGHS found: the unknowns (empty if none), the bound, and row prices of an LP."""

    x: Floats
    bound: float
    prices: Floats
    infeasible: bool


class Talk(NamedTuple):
    """What the solver is told, and tells, while it works; plans are in the caller's own form.

    ``news`` is told the work done so far and gives a plan the solver has not seen, or None;
    ``found`` hears of a better plan; ``bounded`` hears the bound, and answers whether the solver
    may stop. ``only_prove`` leaves the search for plans to whoever tells the news.

    The solver asks at fixed points whether it may stop. Its questions and the nodes of its tree
    are its *work*: unlike seconds they are the same on every machine. It stops after ``most_work``.
    """

    news: Callable[[int], Any] = lambda _: None
    found: Callable[[Any], None] = lambda _: None
    bounded: Callable[[float], bool] = lambda _: False
    only_prove: bool = False
    most_work: int | None = None


def version() -> str:
    """Name the solver and its version."""
    return f"HiGHS {_Highs().version()}"


def maximise(
    objective: Floats,
    rows: Rows,
    *,
    between: tuple[Floats, Floats] | None = None,
    integral: bool | Bools = True,
    gap_share: float = 0.0,
    time_limit_s: float = 60.0,
    start: Floats | None = None,
    offset: float = 0.0,
    talk: Talk | None = None,
) -> Solution:
    """Maximise a linear objective over unknowns from 0 to 1, whole or not.

    Parameters
    ----------
    objective
        Coefficients, shape (unknowns,).
    rows
        Linear constraints.
    between
        Lower and upper limits of the unknowns, shape (unknowns,); 0 and 1 if left out.
    integral
        Whether the unknowns are whole, for all or one by one.
    start
        A known plan to start from, shape (unknowns,).
    offset
        Added to the objective, so that ``gap_share`` is relative to the whole of it.
    talk
        What to exchange while the solver works; plans are unknowns, shape (unknowns,).
    """
    count = len(objective)
    if not count:
        return Solution(np.empty(0), offset, np.zeros(len(rows.lower)), _empty_rows_clash(rows))
    model: Any = _Highs()
    options: dict[str, Any] = {
        "output_flag": False,
        "mip_rel_gap": gap_share,
        "mip_abs_gap": 1e-9,
        # Budgets are in million kroner: 1e-8 is a hundredth of a krone.
        "mip_feasibility_tolerance": 1e-8,
        "primal_feasibility_tolerance": 1e-8,
        # One thread, so that the same model is solved in the same way on every machine.
        "threads": 1,
        "time_limit": max(time_limit_s, 0.05),
    }
    if talk is not None and talk.only_prove:
        options |= dict.fromkeys(SEARCHES, False) | {"mip_heuristic_effort": 0.0}
    for name, value in options.items():
        model.setOptionValue(name, value)
    lower, upper = (np.zeros(count), np.ones(count)) if between is None else between
    whole = np.broadcast_to(integral, count)
    lp = _lp(objective, rows, lower, upper, whole)
    lp.offset_ = offset
    model.passModel(lp)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = list(start)
        model.setSolution(known)
    if talk is not None:
        _let_talk(model, talk)
    model.run()
    info = model.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    solution = model.getSolution()
    mixed = bool(whole.any())
    bound = info.mip_dual_bound if mixed else info.objective_function_value
    return Solution(
        x=np.array(solution.col_value) if found else np.empty(0),
        bound=float(bound) if found or mixed else float("inf"),
        prices=np.array(solution.row_dual) if not mixed else np.empty(0),
        infeasible=model.getModelStatus() == highspy.HighsModelStatus.kInfeasible,
    )


def _let_talk(model: Any, talk: Talk) -> None:
    kind = highspy.cb.HighsCallbackType
    questions = work = 0

    def answer(event: Any, _: str, told: Any, reply: Any, __: Any) -> None:
        nonlocal questions, work
        if event == kind.kCallbackMipImprovingSolution:
            talk.found(np.array(told.mip_solution))
        elif event == kind.kCallbackMipUserSolution:
            plan = talk.news(work)
            if plan is not None:
                reply.setSolution(plan)
        else:
            questions += 1
            work = questions + max(int(told.mip_node_count), 0)
            enough = talk.most_work is not None and work >= talk.most_work
            if talk.bounded(float(told.mip_dual_bound)) or enough:
                reply.user_interrupt = True

    model.setCallback(answer, None)
    model.startCallback(kind.kCallbackMipImprovingSolution)
    model.startCallback(kind.kCallbackMipUserSolution)
    model.startCallback(kind.kCallbackMipInterrupt)


def _empty_rows_clash(rows: Rows) -> bool:
    return bool((rows.lower > 0).any() or (rows.upper < 0).any())


def _lp(objective: Floats, rows: Rows, lower: Floats, upper: Floats, whole: Bools) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_ = len(objective)
    lp.num_row_ = len(rows.lower)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = objective
    lp.col_lower_ = lower
    lp.col_upper_ = upper
    lp.row_lower_ = np.maximum(rows.lower, -highspy.kHighsInf)
    lp.row_upper_ = np.minimum(rows.upper, highspy.kHighsInf)
    if whole.any():
        kind = highspy.HighsVarType
        lp.integrality_ = [kind.kInteger if one else kind.kContinuous for one in whole]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = rows.matrix.indptr
    lp.a_matrix_.index_ = rows.matrix.indices
    lp.a_matrix_.value_ = rows.matrix.data
    return lp
