"""Why each area is built in its year, or not at all: sentences with figures from the plan.

A plan is one answer to all areas at once, so no single fact proves why an area stands where
it does. What is said here is true of the plan and explains it: what the area waits for, what
the budgets had left before its year, and what it would have needed.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from bredband.plan import Plan
from bredband.scenario.rollout import Rollout

Reason = tuple[str, dict[str, Any]]
"""The key of a sentence in ``nb.toml`` and the figures that fill its blanks."""


@dataclass(frozen=True)
class _Facts:
    """What the sentences are told from: rows and years by area, and what the budgets had left.

    ``leading`` are the areas that something built hangs on.
    """

    by_id: dict[str, dict[str, Any]]
    year: dict[str, int]
    leading: set[str]
    ranks: dict[str, int]
    left_nok: list[float]
    rules: Rollout


def reasons(plan: Plan) -> list[list[Reason]]:
    """Give for each area the sentences that say why it is built when it is, or why not."""
    columns = ["area_id", "kind", "feeder_area", "grant_nok", "households"]
    areas = plan.areas[columns].to_dict("records")
    year = dict(zip(plan.schedule["area_id"], plan.schedule["build_year"].tolist(), strict=True))
    by_id = {row["area_id"]: row for row in areas}
    leading = {by_id[area_id]["feeder_area"] for area_id in year}
    ranks, rules = _ranks(areas, year), plan.scenario.rollout
    facts = _Facts(by_id, year, leading, ranks, _left_nok(plan), rules)
    return [
        _built(row, facts) if row["area_id"] in year else _not_built(row, facts) for row in areas
    ]


def _built(row: dict[str, Any], facts: _Facts) -> list[Reason]:
    area_id, feeder, rules = row["area_id"], row["feeder_area"], facts.rules
    year = facts.year[area_id]
    found: dict[str, tuple[bool, dict[str, Any]]] = {
        "why_committed": (
            area_id in {promise.area_id for promise in rules.committed},
            {"year": year},
        ),
        "why_must": (area_id in rules.must_build, {}),
        "why_feeder": (row["kind"] == "feeder", {}),
        "why_mast": (row["kind"] == "mast", {}),
        "why_leads_on": (row["kind"] == "area" and area_id in facts.leading, {}),
        "why_rank": (
            area_id in facts.ranks,
            {"rank": facts.ranks.get(area_id), "count": len(facts.ranks)},
        ),
        "why_with_feeder": (
            facts.year.get(feeder) == year > rules.first_year,
            {"feeder": feeder, "year": year},
        ),
        "why_after_feeder": (facts.year.get(feeder, year) < year, {"feeder": feeder}),
    }
    said: list[Reason] = [(name, figures) for name, (holds, figures) in found.items() if holds]
    said += [
        ("why_synergy", {"year": year, "saving_nok": synergy.saving_nok})
        for synergy in rules.synergies
        if (synergy.area_id, synergy.year) == (area_id, year)
    ]
    return [*said, _why_this_year(row, facts)]


def _why_this_year(row: dict[str, Any], facts: _Facts) -> Reason:
    """Hold what the area needed against what the budgets had left before its year."""
    year, rules, left_nok = facts.year, facts.rules, facts.left_nok
    built = year[row["area_id"]]
    if built == rules.first_year:
        return "why_first_year", {"year": built}
    chain = [link for link in _chain(row, facts.by_id) if year.get(link["area_id"]) == built]
    need_nok = sum(link["grant_nok"] for link in chain)
    opens = rules.years.index(year.get(chain[-1]["feeder_area"], rules.first_year))
    before = rules.years.index(built)
    room_nok = left_nok[before - 1] if rules.carry_over else max(left_nok[opens:before], default=0)
    if rules.funds:
        return "why_together", {}
    if need_nok > room_nok:
        figures = {"before": rules.years[before - 1], "room_nok": room_nok, "need_nok": need_nok}
        return ("why_no_room" if rules.carry_over else "why_no_room_any_year"), figures
    if rules.annual_capex_nok or rules.annual_trench_m or rules.floors:
        return "why_other_limits", {"year": built}
    return "why_near_enough", {"year": built}


def _not_built(row: dict[str, Any], facts: _Facts) -> list[Reason]:
    year, rules, left_nok = facts.year, facts.rules, facts.left_nok
    ceiling = rules.highest_grant_nok_per_household
    feeder: list[Reason] = (
        [("why_after_feeder", {"feeder": row["feeder_area"]})] if row["feeder_area"] else []
    )
    if row["kind"] == "feeder":
        return [*feeder, ("why_unused_feeder", {})]
    if row["area_id"] in rules.must_not_build:
        return [*feeder, ("why_must_not", {})]
    if ceiling is not None and row["grant_nok"] > ceiling * row["households"]:
        return [*feeder, ("why_too_dear", {})]
    if any(row["area_id"] in group and set(group) & set(year) for group in rules.exclusive):
        return [*feeder, ("why_exclusive", {})]
    missing = [link for link in _chain(row, facts.by_id) if link["area_id"] not in year]
    need_nok = sum(link["grant_nok"] for link in missing)
    room_nok = max(left_nok[-1] if rules.carry_over else max(left_nok), 0)
    if need_nok > room_nok and not rules.funds:
        shared = "why_no_money_shared" if len(missing) > 1 else "why_no_money_alone"
        return [*feeder, (shared, {"need_nok": need_nok, "room_nok": room_nok})]
    return [*feeder, ("why_no_money", {})]


def _chain(row: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Give an area and everything that must be dug before it, nearest first."""
    chain = [row]
    while chain[-1]["feeder_area"] in by_id:
        chain.append(by_id[chain[-1]["feeder_area"]])
    return chain


def _ranks(areas: list[dict[str, Any]], year: dict[str, int]) -> dict[str, int]:
    """Rank the built areas by grant per household, the lowest first."""
    built = [row for row in areas if row["area_id"] in year and row["households"] > 0]
    per_household = {row["area_id"]: row["grant_nok"] / row["households"] for row in built}
    ordered = sorted(per_household.values())
    return {area_id: 1 + bisect_left(ordered, own) for area_id, own in per_household.items()}


def _left_nok(plan: Plan) -> list[float]:
    """Give what each year's budget has left: with all years before it where money carries over."""
    table, rules = plan.by_year(), plan.scenario.rollout
    usable_nok = table["budget_nok"] * (1 - rules.contingency_share)
    left_nok: list[float] = (usable_nok - table["grant_nok"]).tolist()
    return list(accumulate(left_nok)) if rules.carry_over else left_nok
