"""The one place that talks to the HiGHS solver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

# highspy.Highs writes a banner to standard output before it can be told not to; its base does not.
from highspy._core import _Highs

from bredband.rollout.constraints import Rows
from bredband.rollout.model import Bools, Floats


@dataclass(frozen=True)
class Solution:
    """What HiGHS found: the unknowns (empty if none), the bound, and row prices of an LP."""

    x: Floats
    bound: float
    prices: Floats
    infeasible: bool


def version() -> str:
    """Name the solver and its version."""
    return f"HiGHS {_Highs().version()}"


def maximise(
    objective: Floats,
    rows: Rows,
    *,
    lower: Floats | None = None,
    upper: Floats | None = None,
    integral: bool | Bools = True,
    gap_share: float = 0.0,
    time_limit_s: float = 60.0,
    start: Floats | None = None,
    offset: float = 0.0,
) -> Solution:
    """Maximise a linear objective over unknowns from 0 to 1, whole or not.

    Parameters
    ----------
    objective
        Coefficients, shape (unknowns,).
    rows
        Linear constraints.
    lower, upper
        Limits of the unknowns, shape (unknowns,); 0 and 1 if left out.
    integral
        Whether the unknowns are whole, for all or one by one.
    start
        A known plan to start from, shape (unknowns,).
    offset
        Added to the objective, so that ``gap_share`` is relative to the whole of it.
    """
    count = len(objective)
    if not count:
        return Solution(np.empty(0), offset, np.zeros(len(rows.lower)), _empty_rows_clash(rows))
    model: Any = _Highs()
    options = {
        "output_flag": False,
        "mip_rel_gap": gap_share,
        "mip_abs_gap": 1e-9,
        # Budgets are in million kroner: 1e-8 is a hundredth of a krone.
        "mip_feasibility_tolerance": 1e-8,
        "primal_feasibility_tolerance": 1e-8,
        "time_limit": max(time_limit_s, 0.05),
    }
    for name, value in options.items():
        model.setOptionValue(name, value)
    lower = np.zeros(count) if lower is None else lower
    upper = np.ones(count) if upper is None else upper
    whole = np.broadcast_to(integral, count)
    lp = _lp(objective, rows, lower, upper, whole)
    lp.offset_ = offset
    model.passModel(lp)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = list(start)
        model.setSolution(known)
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
