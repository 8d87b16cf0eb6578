"""Bench of the rollout: every figure beside a named alternative, same work, same run.

Usage: python scripts/bench/rollout.py FAMILY [--seconds 10] and, by family,

``lumpy [--first-seed 0] [--seeds 20] [--middle-mnok 8]``
    200 lumpy works x 8 years with floors and closed years, beside plain HiGHS. With 8 MNOK for
    the middle area about 5 fit in a year, with 4 MNOK about 7.
``even [--works 1000 --years 6 --kommuner 30] [--first-seed 1] [--seeds 1]``
    A large county beside the plain "built in year t" model and greedy by households per krone;
    without ``--works`` the three sizes 1000 x 6 x 30, 5000 x 8 x 30 and 50 000 x 8 x 30.
``santacruz``
    Half of Santa Cruz's trench in five years (see santa_cruz.py).
``folders [FOLDER...]``
    Counties planned by ``bredband run`` (the demo county, planned first, if none is given): the
    choice of years made anew, beside plain HiGHS.
``robust``
    200 draws on 500 areas.
``newman``
    MineLib newman1, a foreign check.

Other seeds make other counties of the same family (see rollout_counties.py). Gaps are ``bound / objective - 1``. Wall seconds depend on what else the machine does; CPU
seconds are printed beside them. All counties are synthetic (see rollout_counties.py).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from bredband.errors import PlanError
from bredband.pipeline import read_plan, run
from bredband.pipeline.layout import as_offered
from bredband.rollout import assess, exact, highs, rehearse
from bredband.rollout.constraints import Rows, stack
from bredband.rollout.core import solve_core
from bredband.rollout.greedy import by_households_per_krone, fill
from bredband.rollout.model import Ints, Problem, cumulative, overuse, value_of
from bredband.rollout.optimum import open_years, solve
from bredband.rollout.search import anneal
from bredband.rollout.statement import state
from bredband.scenario import read_scenario
from scripts.bench.minelib import read_cpit
from scripts.bench.rollout_counties import even_case, lumpy_case
from scripts.bench.santa_cruz import santa_cruz
from scripts.shared_data import ROOT, shared_data

DEMO = ROOT / "data/demo/scenario.toml"


def lumpy(seeds: range, seconds: float, middle_mnok: float) -> None:
    """Solve lumpy counties beside plain HiGHS on the cumulative form with equal time."""
    print(f"lumpy: 200 works x 8 years, floors, no carry-over, middle area {middle_mnok:g} MNOK, "
          f"{seconds:.0f} s each")  # fmt: skip
    ours, plain, worse = [], [], 0
    for seed in seeds:
        problem = state(*lumpy_case(seed, middle_mnok))
        cpu = time.process_time()
        mine = timed(lambda p=problem: solve(p, target_gap_share=0, time_limit_s=seconds))
        used = time.process_time() - cpu
        theirs = timed(lambda p=problem: exact.solve(p, target_gap_share=0, time_limit_s=seconds))
        ours.append(mine[0])
        plain.append(theirs[0])
        worse += mine[0] > theirs[0]
        print(
            f"  seed {seed:2d}: {mine[1]} ({used:.1f} s CPU) | plain HiGHS {theirs[1]}", flush=True
        )
    print(
        f"  median gap {100 * np.median(ours):.2f} % against {100 * np.median(plain):.2f} %; "
        f"worse than plain in {worse} of {len(seeds)}; without a plan {np.isinf(ours).sum()} against "
        f"{np.isinf(plain).sum()}"
    )


def timed(run) -> tuple[float, str]:
    try:
        answer = run()
    except PlanError as fault:
        return np.inf, f"{fault.message[:40]}"
    text = f"{answer.objective:.0f} <= {answer.bound:.0f}, gap {100 * answer.gap_share:.4f} %"
    return answer.gap_share, f"{text}, {answer.seconds_s:.1f} s"


SIZES = ((1000, 6, 30), (5000, 8, 30), (50_000, 8, 30))
"""Works, years and kommuner of the even counties."""


def even(sizes: Sequence[tuple[int, int, int]], seeds: range, seconds: float) -> None:
    """Solve large counties beside a spreadsheet's greedy and the model of many papers."""
    for works, years, kommuner in sizes:
        for seed in seeds:
            problem = state(*even_case(works, years, kommuner, seed))
            print(f"even: {works} works x {years} years, {kommuner} kommuner, seed {seed}")
            cpu = time.process_time()
            mine = timed(lambda p=problem: solve(p, target_gap_share=5e-5, time_limit_s=seconds))
            print(f"  ours: {mine[1]} ({time.process_time() - cpu:.1f} s CPU)", flush=True)
            nothing = np.zeros(works, dtype=np.int64)
            start = time.perf_counter()
            plan = fill(problem, by_households_per_krone(problem), nothing, open_years(problem))
            print(f"  greedy by households per krone: {value_of(problem, plan):.0f}, "
                  f"{time.perf_counter() - start:.2f} s", flush=True)  # fmt: skip
            print("  built-in-t with weak rows:", weak(problem, seconds), flush=True)


def weak(problem: Problem, seconds: float) -> str:
    """Solve with y[i, t] = 1 if built in year t and one weak row per feeder and year.

    ``y[i, t] <= sum_{s <= t} y[feeder, s]`` for each t, which is all that is needed for whole
    numbers, and ``sum_t y[i, t] <= 1``.
    """
    works, years = problem.shape
    size = works * years
    rows = stack(problem)
    to_cumulative = sparse.kron(sparse.eye_array(works), np.tril(np.ones((years, years))))
    order = works * (years - 1) + len(problem.before) * years
    coupling = sparse.csr_array(rows.matrix[order:] @ to_cumulative)
    coupling.data[np.abs(coupling.data) < 1e-9] = 0
    coupling.eliminate_zeros()
    pair = np.arange(len(problem.before) * years)
    child, feeder = np.repeat(problem.before, years, axis=0).T
    year = np.tile(np.arange(years), len(problem.before))
    built_in = sparse.csr_array(
        (np.ones(len(pair)), (pair, child * years + year)), (len(pair), size)
    )
    pick = sparse.csr_array((np.ones(len(pair)), (pair, feeder * years + year)), (len(pair), size))
    once = sparse.kron(sparse.eye_array(works), np.ones((1, years)))
    matrix = sparse.vstack([built_in - pick @ to_cumulative, coupling, once], format="csr")
    upper = np.concatenate([np.zeros(len(pair)), rows.upper[order:], np.ones(works)])
    lower = np.concatenate(
        [np.full(len(pair), -np.inf), rows.lower[order:], np.full(works, -np.inf)]
    )
    start = time.perf_counter()
    found = highs.maximise(
        problem.value.ravel(), Rows(sparse.csr_array(matrix), lower, upper), time_limit_s=seconds
    )
    best = float(found.x @ problem.value.ravel()) if len(found.x) else np.nan
    gap = 100 * (found.bound / best - 1)
    return f"{best:.0f} <= {found.bound:.0f}, gap {gap:.2f} %, {time.perf_counter() - start:.1f} s"


def folders(places: Sequence[str], seconds: float) -> None:
    """Choose years anew for what planned counties offer, beside plain HiGHS on the whole model."""
    for plan in map(read_plan, places) if places else (run(read_scenario(DEMO)),):
        settings = plan.scenario.rollout
        problem = state(as_offered(plan), settings, plan.alternatives)
        aim = settings.target_gap_share
        mine = timed(lambda p=problem, g=aim: solve(p, target_gap_share=g, time_limit_s=seconds))
        print(
            f"{plan.scenario.name}: {problem.shape[0]} works x {problem.shape[1]} years, {mine[1]}"
        )
        theirs = timed(
            lambda p=problem, g=aim: exact.solve(p, target_gap_share=g, time_limit_s=seconds)
        )
        print(f"  plain HiGHS: {theirs[1]}", flush=True)


def robust() -> None:
    """Time 200 draws on 500 areas."""
    areas, settings = even_case(500, 8, 5, 1)
    settings = settings.model_copy(update={"target_gap_share": 0.001, "time_limit_s": 20.0})
    start, cpu = time.perf_counter(), time.process_time()
    result = assess(areas, settings)
    print(f"robust: 200 draws x 500 works: {time.perf_counter() - start:.1f} s "
          f"({time.process_time() - cpu:.1f} s CPU)")  # fmt: skip
    print(result.candidates.head(4).to_string())


def newman(seconds: float) -> None:
    """Solve MineLib newman1, a foreign check of order and capacity."""
    problem = read_cpit(shared_data() / "optimisation" / "minelib_newman", "newman1")
    rows, objective = stack(problem), cumulative(problem.value).ravel()
    begun = time.perf_counter()
    bound = highs.maximise(objective, rows, integral=False).bound
    print(
        f"newman1 CPIT: LP {bound:.2f} in {time.perf_counter() - begun:.1f} s (published 24 486 184)"
    )
    works, years = problem.shape
    nothing = np.full(works, years)
    built, best = anneal(problem, nothing, open_years(problem), moves=300_000, seed=0)
    print(f"  search: {best:.2f} after {time.perf_counter() - begun:.1f} s")
    built = windows(problem, built, begun + seconds)
    over = max(int(amounts.max()) for amounts in overuse(problem, built))
    print(f"  then windows of years: {value_of(problem, built):.2f} after "
          f"{time.perf_counter() - begun:.1f} s; over limits: {over} (best known 24 176 865)")  # fmt: skip


def windows(problem: Problem, built: Ints, ends: float) -> Ints:
    """Choose two to four periods in a row anew, never counted as the last, until the clock ends."""
    works, years = problem.shape
    random, rows = np.random.default_rng(0), stack(problem)
    while (left_s := ends - time.perf_counter()) > 0:
        width = random.integers(2, 5)
        first = random.integers(years - width + 2)
        drawn = np.zeros(years + 1, dtype=np.bool_)
        drawn[first : first + width] = True
        part = drawn[built][:, None] & drawn
        part[np.arange(works), built] = True
        found = solve_core(
            problem, rows, part, start=built, gap_share=1e-5, time_limit_s=min(left_s, 4.0)
        ).built
        if found is not None and not any(over.any() for over in overuse(problem, found)):
            built = max(built, found, key=lambda plan: value_of(problem, plan))
    return built


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "family", choices=["lumpy", "even", "santacruz", "folders", "robust", "newman"]
    )
    parser.add_argument("folder", nargs="*")
    parser.add_argument("--first-seed", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--middle-mnok", type=float, default=8.0)
    parser.add_argument("--works", type=int)
    parser.add_argument("--years", type=int, default=6)
    parser.add_argument("--kommuner", type=int, default=30)
    chosen = parser.parse_args()
    rehearse()  # no county's seconds are spent on compiling
    first, seeds = chosen.first_seed, chosen.seeds
    if chosen.family == "lumpy":
        first = first or 0
        drawn = range(first, first + (20 if seeds is None else seeds))
        lumpy(drawn, chosen.seconds, chosen.middle_mnok)
    elif chosen.family == "even":
        own = ((chosen.works, chosen.years, chosen.kommuner),)
        first = 1 if first is None else first
        even(own if chosen.works else SIZES, range(first, first + (seeds or 1)), chosen.seconds)
    elif chosen.family == "santacruz":
        santa_cruz(chosen.seconds)
    elif chosen.family == "folders":
        folders(chosen.folder, chosen.seconds)
    elif chosen.family == "robust":
        robust()
    else:
        newman(chosen.seconds)
