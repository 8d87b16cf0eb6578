"""What a planner asks of a finished plan: why not here, and what would more money give."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from bredband import areas, rollout
from bredband.errors import PlanError
from bredband.pipeline.layout import as_offered
from bredband.pipeline.run import read_plan
from bredband.wording import said

_WORD = re.compile(r"[\w-]+")
_SAME_NAME = re.compile(r"(«[^»]+»)(?:, \1)+")


def explain(folder: Path, area: str, language: str = "") -> list[str]:
    """Say what it takes for an area to be built, and why it is small or dear.

    ``language`` is bokmål (``nb``) or nynorsk (``nn``); where it is not given, the plan's own.

    ``area`` is its id, or the name that map and document give it, where no other has that name.
    The sentences call areas by their names; several of one name in a row are said once.
    """
    plan = read_plan(folder)
    area_id = _id_of(plan.areas, area)
    answer = rollout.why(
        as_offered(plan), plan.scenario.rollout, area_id, alternatives=plan.alternatives
    )
    names = {
        i: name for i, name in zip(plan.areas["area_id"], plan.areas["name"], strict=True) if name
    }

    def name_of(word: re.Match[str]) -> str:
        return f"«{names[word[0]]}»" if word[0] in names else word[0]

    named = [_WORD.sub(name_of, line) for line in rollout.in_words(answer)]
    language = language or plan.scenario.output.language
    why = [said(_SAME_NAME.sub(r"\1", line), language) for line in named]
    size = areas.explain_bounds(plan.areas, plan.scenario.areas, language)
    return [*why, *([size[area_id]] if area_id in size else [])]


def _id_of(known: pd.DataFrame, area: str) -> str:
    """Give the id of the only area of that name; anything else as it stands."""
    called = known.loc[known["name"].str.casefold() == area.strip().casefold(), "area_id"]
    return str(called.iloc[0]) if len(called) == 1 else area


def frontier(folder: Path) -> pd.DataFrame:
    """Give households against total grant, as ``rollout.frontier``."""
    plan = read_plan(folder)
    return rollout.frontier(as_offered(plan), plan.scenario.rollout, alternatives=plan.alternatives)


def with_more(folder: Path, *, year: int, amount_nok: float) -> rollout.Extra:
    """Answer what more grant in one year would give, and where: ``moves`` has names and households.

    Raises
    ------
    PlanError
        When the year is not one of the plan's.
    """
    plan = read_plan(folder)
    years = plan.scenario.rollout.years
    if year not in years:
        raise PlanError(
            f"{year} er ikke et av planens år.",
            advice=f"Velg et år fra {years[0]} til {years[-1]}.",
        )
    extra = rollout.with_more(
        as_offered(plan),
        plan.scenario.rollout,
        year=year,
        amount_nok=amount_nok,
        alternatives=plan.alternatives,
    )
    where = plan.areas[["area_id", "name", "households"]]
    return replace(extra, moves=extra.moves.merge(where, on="area_id", how="left"))


def robustness(folder: Path) -> rollout.Robustness:
    """Try the plan, and plans that hold something back, on draws of price, take-up and truth."""
    plan = read_plan(folder)
    return rollout.assess(
        as_offered(plan),
        plan.scenario.rollout,
        plan.alternatives,
        plan.lacking_draws,
        plan.bills,
    )
