"""Coverage and need by kommune, in the columns of the regulator's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband import county
from bredband.exchange.schema import Coverage, Need
from bredband.inert import clean, inert
from bredband.plan import Plan
from bredband.tables import among

_GIGABIT_MBPS = 1000
_COMBINATIONS = (("fibre", "cable"), ("fibre", "cable", "dsl"), ("fibre", "cable", "fwa"))
"""Sets that the regulator counts together: at least one of them is on offer."""

_OFFER = "offer "
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
    homes, technologies = _with_technologies(_homes(plan), plan, availability)
    rows: list[Coverage] = []
    settlements: tuple[Literal["all", "urban", "rural"], ...] = ("all", "urban", "rural")
    for code, name in [("", plan.scenario.county), *_kommuner(plan)]:
        here = homes if not code else homes[homes["kommune"] == code]
        for settlement in settlements:
            chosen = here if settlement == "all" else here[here["rural"] == (settlement == "rural")]
            if chosen["households"].sum() > 0:
                rows.append(_coverage(plan, chosen, technologies, code, name, settlement))
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
    unserved = unserved.assign(designed=among(unserved["premises_id"], designed))
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


def _with_technologies(
    homes: pd.DataFrame, plan: Plan, availability: pd.DataFrame | None
) -> tuple[pd.DataFrame, list[str]]:
    """Add a column per technology, and per set of them, that tells who is offered it."""
    if availability is None:
        offers = plan.coverage[plan.coverage["technology"] != ""]
    else:
        offers = availability[availability["status"].isin(["available", "modelled"])]
    names = plan.scenario.coverage.technologies
    home = pd.Index(homes["premises_id"]).get_indexer(pd.Index(offers["premises_id"]))
    having: dict[str, NDArray[np.bool_]] = {}
    for name in names:
        having[name] = np.zeros(len(homes), dtype=np.bool_)
        having[name][home[(home >= 0) & (offers["technology"] == name).to_numpy()]] = True
    for several in _COMBINATIONS:
        if set(several) <= set(names):
            having["+".join(several)] = np.any([having[name] for name in several], axis=0)
    having["any"] = np.any([having[name] for name in names], axis=0)
    return homes.assign(**{_OFFER + name: known for name, known in having.items()}), list(having)


def _coverage(
    plan: Plan,
    homes: pd.DataFrame,
    technologies: Sequence[str],
    code: str,
    name: str,
    settlement: Literal["all", "urban", "rural"],
) -> Coverage:
    households = homes["households"].to_numpy()
    total = households.sum()

    def share(chosen: Any) -> float:
        return float(households[np.asarray(chosen, dtype=bool)].sum() / total)

    gigabit = (homes["down_mbps"] >= _GIGABIT_MBPS) & (homes["up_mbps"] >= _GIGABIT_MBPS)
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
        technology_share={name: share(homes[_OFFER + name]) for name in technologies},
    )
