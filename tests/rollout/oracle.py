"""Tiny counties, and a brute force that shares nothing with the solver: plain loops over rows."""

from __future__ import annotations

import itertools

import geopandas as gpd
import pandas as pd
import shapely

from bredband.scenario.rollout import Rollout


def county(*rows: tuple) -> gpd.GeoDataFrame:
    """Make an areas table from (area_id, kind, feeder, kommune, households, weight, MNOK)."""
    frame = pd.DataFrame(
        [
            {
                "area_id": area_id,
                "kind": kind,
                "name": area_id,
                "kommune": kommune,
                "feeder_area": feeder,
                "premises": households,
                "households": households,
                "weighted_households": float(households * weight),
                "technology": "fibre",
                "trench_m": 1000.0 * mnok,
                "capex_nok": round(1.5e6 * mnok),
                "operator_nok": round(0.5e6 * mnok),
                "local_nok": 0,
                "grant_nok": round(1e6 * mnok),
            }
            for area_id, kind, feeder, kommune, households, weight, mnok in rows
        ]
    )
    squares = [shapely.box(i, 0, i + 1, 1) for i in range(len(frame))]
    return gpd.GeoDataFrame(frame, geometry=squares, crs=25833)


def faults(areas: pd.DataFrame, settings: Rollout, year_of: dict[str, int]) -> list[str]:
    """Name every demand of the settings that a choice of years breaks."""
    return _faults(areas.set_index("area_id").to_dict("index"), settings, year_of)


def _faults(area: dict, settings: Rollout, year_of: dict[str, int]) -> list[str]:
    found = []
    for name, year in year_of.items():
        feeder = area[name]["feeder_area"]
        if feeder and year_of.get(feeder, 9999) > year:
            found.append("feeder")
    found += [] if all(name in year_of for name in settings.must_build) else ["must_build"]
    found += ["must_not_build"] if any(n in year_of for n in settings.must_not_build) else []
    for group in settings.exclusive:
        if sum(name in year_of for name in set(group)) > 1:
            found.append("exclusive")
    decided = {commitment.area_id: commitment.year for commitment in settings.committed}
    found += [] if all(year_of.get(n) == y for n, y in decided.items()) else ["committed"]
    highest = settings.highest_grant_nok_per_household
    for name, own in ((name, area[name]) for name in year_of):
        dear = highest is not None and own["grant_nok"] > highest * max(own["households"], 1)
        if (
            own["kind"] == "area"
            and dear
            and name not in settings.must_build
            and name not in decided
        ):
            found.append("highest_grant")
    for floor in settings.floors:
        inside = [n for n in area if not floor.kommune or area[n]["kommune"] == floor.kommune]
        total = sum(area[n]["households"] for n in inside)
        reached = sum(
            area[n]["households"] for n in inside if year_of.get(n, 9999) <= floor.by_year
        )
        if reached < max(floor.least_share * total, floor.least_households) - 1e-6:
            found.append("floor")
    for t, year in enumerate(settings.years):
        built = [n for n in year_of if year_of[n] == year]
        if (
            settings.annual_capex_nok
            and sum(area[n]["capex_nok"] for n in built) > settings.annual_capex_nok[t]
        ):
            found.append("capex")
        if (
            settings.annual_trench_m
            and sum(area[n]["trench_m"] for n in built) > settings.annual_trench_m[t]
        ):
            found.append("trench")
    funded: set[str] = set()
    for fund in settings.funds:
        mine = [n for n in year_of if area[n]["kommune"] in fund.kommuner and n not in funded]
        funded |= {n for n in area if area[n]["kommune"] in fund.kommuner}
        found += _money(settings, fund.annual_grant_nok, mine, year_of, area)
    rest = [n for n in year_of if n not in funded]
    return found + _money(settings, settings.annual_grant_nok, rest, year_of, area)


def grant(area: dict, name: str, year: int, settings: Rollout) -> int:
    """Price one area in one year, with synergies."""
    saved = sum(s.saving_nok for s in settings.synergies if (s.area_id, s.year) == (name, year))
    return max(area[name]["grant_nok"] - round(saved), 0)


def _money(settings, annual, names, year_of, area) -> list[str]:
    budget = [int(amount * (1 - settings.contingency_share)) for amount in annual]
    spent = [
        sum(grant(area, n, y, settings) for n in names if year_of[n] == y) for y in settings.years
    ]
    for t in range(len(budget)):
        if settings.carry_over:
            ahead = int(settings.borrow_share * budget[t + 1]) if t + 1 < len(budget) else 0
            if sum(spent[: t + 1]) > sum(budget[: t + 1]) + ahead:
                return ["budget"]
        elif spent[t] > budget[t]:
            return ["budget"]
    return []


def objective(areas: pd.DataFrame, settings: Rollout, year_of: dict[str, int]) -> float:
    """Sum what the goal counts."""
    return _objective(areas.set_index("area_id").to_dict("index"), settings, year_of)


def _objective(area: dict, settings: Rollout, year_of: dict[str, int]) -> float:
    if settings.goal == "least_grant":
        return sum(grant(area, n, y, settings) for n, y in year_of.items()) / 1e6
    last = settings.years[-1]
    return sum(area[n]["weighted_households"] * (last + 1 - y) for n, y in year_of.items())


def brute_force(areas: pd.DataFrame, settings: Rollout) -> float | None:
    """Try every choice of years; None if none is possible."""
    area = areas.set_index("area_id").to_dict("index")
    names = list(area)
    best = None
    for choice in itertools.product((*settings.years, None), repeat=len(names)):
        year_of = {n: y for n, y in zip(names, choice, strict=True) if y is not None}
        if _faults(area, settings, year_of):
            continue
        value = _objective(area, settings, year_of)
        better = best is None or (value < best if settings.goal == "least_grant" else value > best)
        best = value if better else best
    return best
