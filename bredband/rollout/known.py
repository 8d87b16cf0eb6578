"""The best plan so far, and what no plan can exceed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bredband.rollout.model import Ints, Problem, overuse, value_of, without_idle_feeders


@dataclass(frozen=True)
class Known:
    """The best plan so far (None if none), what it is worth, and what no plan can exceed."""

    built: Ints | None
    objective: float
    bound: float

    def with_plan(self, problem: Problem, built: Ints | None) -> Known:
        """Take over a plan if it is better, keeps every limit to the krone and every demand."""
        if built is None or not keeps_demands(problem, built):
            return self
        if any(amounts.any() for amounts in overuse(problem, built)):
            return self
        built = without_idle_feeders(problem, built)
        objective = value_of(problem, built)
        return (
            replace(self, built=built, objective=objective) if objective > self.objective else self
        )

    def with_bound(self, bound: float) -> Known:
        """Take over a bound if it is sharper."""
        return replace(self, bound=max(min(self.bound, bound), self.objective))

    @property
    def gap_share(self) -> float:
        """How far the bound is above the plan; infinite without a plan."""
        if self.built is None:
            return np.inf
        return (self.bound - self.objective) / max(abs(self.objective), 1e-9)


def keeps_demands(problem: Problem, built: Ints) -> bool:
    """Tell whether a choice keeps all that a greedy fill may have left out."""
    years = problem.shape[1]
    decided = problem.committed >= 0
    return (
        bool((built[problem.required] < years).all())
        and bool((built[decided] == problem.committed[decided]).all())
        and all(
            float(promise.gain[built <= promise.year].sum()) >= promise.least - 1e-6
            for promise in problem.promises
        )
    )
