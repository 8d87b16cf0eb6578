"""Coverage and need by kommune, in the columns of the regulator's own tables."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from bredband import county
from bredband.exchange.schema import Coverage, Need
from bredband.inert import clean, inert
from bredband.plan import Plan

_GIGABIT_MBPS = 1000
_COMBINATIONS = (("fibre", "cable"), ("fibre", "cable", "dsl"), ("fibre", "cable", "fwa"))
"""Sets that the regulator counts together: at least one of them is on offer."""

_REGULATORS_COLUMNS = {
    "fibre": "Fiber",
    "cable": "Kabel-TV-nett",
    "dsl": "DSL",
    "fwa": "FTB",
    "fibre+cable": "Fiber + kabel-TV-nett",
    "fibre+cable+dsl": "Fiber + kabel-TV-nett + DSL",
    "fibre+cable+fwa": "Fiber + kabel-TV-nett + FTB",
    "any": "Fast bredbånd totalt",
}


def coverage_rows(plan: Plan, availability: pd.DataFrame | None = None) -> list[Coverage]:
    """Give coverage today: the county first, then each kommune, each in three rows.

    Shares are of households. A row without households is left out.
    """
    homes = _homes(plan)
    technology = _technologies(plan, availability)
    rows: list[Coverage] = []
    settlements: tuple[Literal["all", "urban", "rural"], ...] = ("all", "urban", "rural")
    for code, name in [("", plan.scenario.county), *_kommuner(plan)]:
        here = homes if not code else homes[homes["kommune"] == code]
        for settlement in settlements:
            chosen = here if settlement == "all" else here[here["rural"] == (settlement == "rural")]
            if chosen["households"].sum() > 0:
                rows.append(_coverage(plan, chosen, technology, code, name, settlement))
    return rows


def write_kommune_table(document: Mapping[str, Any], path: Path) -> None:
    """Write coverage today as CSV in the columns and the form of Nkom's kommune table.

    Names in capitals, shares as ``94,2 %``, semicolons, UTF-8 with BOM. Technologies that
    the scenario does not count are left out.
    """
    rows = [row for row in document["coverage"] if row["settlement"] == "all" and row["kommune"]]
    known = [name for name in _REGULATORS_COLUMNS if rows and name in rows[0]["technology_share"]]
    speeds = list(rows[0]["down_share"]) if rows else []
    header = ["Kommune", "Fylke", *(_REGULATORS_COLUMNS[name] for name in known)]
    header += [*(f"≥ {speed}" for speed in speeds), "≥ 1000/1000"]
    county_name = clean(document["publication"]["county"]).upper()
    lines = [";".join(header)]
    for row in rows:
        shares = [
            *(row["technology_share"][name] for name in known),
            *row["down_share"].values(),
            row["symmetric_gigabit_share"],
        ]
        names = [inert(row["name"].upper()), inert(county_name)]
        cells = [name.replace(";", ",").replace('"', "'") for name in names]
        cells += [f"{100 * share:.1f} %".replace(".", ",") for share in shares]
        lines.append(";".join(cells))
    with county.replacing(path) as temporary:
        temporary.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))


def need_rows(plan: Plan) -> list[Need]:
    """Give who lacks the target, and what it takes to reach them, for each kommune."""
    homes = _homes(plan)
    designed = plan.connections.loc[plan.connections["area_id"] != "", "premises_id"]
    unserved = homes[~homes["served"]]
    unserved = unserved.assign(designed=unserved["premises_id"].isin(designed))
    rows = []
    for code, name in _kommuner(plan):
        here = unserved[unserved["kommune"] == code]
        areas = plan.areas[plan.areas["kommune"] == code]
        rows.append(
            Need(
                kommune=code,
                name=name,
                unserved_premises=len(here),
                unserved_households=int(here["households"].sum()),
                planned_households=int(here.loc[here["planned"], "households"].sum()),
                eligible_households=int(here.loc[here["eligible"], "households"].sum()),
                designed_households=int(here.loc[here["designed"], "households"].sum()),
                capex_nok=int(areas["capex_nok"].sum()),
                grant_nok=int(areas["grant_nok"].sum()),
            )
        )
    return rows


def _homes(plan: Plan) -> pd.DataFrame:
    columns = ["premises_id", "kommune", "rural", "households"]
    return pd.DataFrame(plan.premises[columns]).merge(plan.coverage, on="premises_id")


def _kommuner(plan: Plan) -> list[tuple[str, str]]:
    ordered = plan.kommuner.sort_values("kommune")
    return list(zip(ordered["kommune"], ordered["name"], strict=True))


def _technologies(plan: Plan, availability: pd.DataFrame | None) -> pd.DataFrame:
    """Give one row per premises and technology that is on offer there."""
    if availability is None:
        offers = plan.coverage[plan.coverage["technology"] != ""]
    else:
        offers = availability[availability["status"] != "planned"]
    counted = offers[offers["technology"].isin(plan.scenario.coverage.technologies)]
    return counted[["premises_id", "technology"]].drop_duplicates()


def _coverage(
    plan: Plan,
    homes: pd.DataFrame,
    technology: pd.DataFrame,
    code: str,
    name: str,
    settlement: Literal["all", "urban", "rural"],
) -> Coverage:
    total = homes["households"].sum()

    def share(chosen: Any) -> float:
        return float(homes.loc[chosen, "households"].sum() / total)

    gigabit = (homes["down_mbps"] >= _GIGABIT_MBPS) & (homes["up_mbps"] >= _GIGABIT_MBPS)
    having: dict[str, Any] = {
        name: homes["premises_id"].isin(
            technology.loc[technology["technology"] == name, "premises_id"]
        )
        for name in plan.scenario.coverage.technologies
    }
    several = {
        "+".join(names): functools.reduce(operator.or_, (having[name] for name in names))
        for names in _COMBINATIONS
        if set(names) <= set(having)
    }
    any_fixed = functools.reduce(operator.or_, having.values())
    return Coverage(
        kommune=code,
        name=name,
        settlement=settlement,
        households=int(total),
        served_share=share(homes["served"]),
        down_share={
            f"{speed:g}": share(homes["down_mbps"] >= speed)
            for speed in plan.scenario.target.class_down_mbps
        },
        symmetric_gigabit_share=share(gigabit),
        technology_share={
            name: share(chosen) for name, chosen in {**having, **several, "any": any_fixed}.items()
        },
    )
