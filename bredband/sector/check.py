"""A written sector plan recomputed from the counties' packages, in code that its solver does not use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from bredband.county import read_json

SECTOR_FILE = "sektor.json"

_ROUNDING = 1e-6
_UNREACHED = np.iinfo(np.int64).max // 4


def check_sector(folder: Path) -> list[str]:
    """Recompute money, order, counts, key figures and the proof of a written sector plan.

    Parameters
    ----------
    folder
        A folder that ``bredband sector`` wrote; the county packages must lie where they were.

    Returns
    -------
    Every fault as a Norwegian sentence; empty when the plan agrees with itself.

    Raises
    ------
    InputError
        When a file is missing or cannot be read.
    """
    content = read_json(folder / SECTOR_FILE)
    packages = {}
    for county in content["counties"]:
        file = folder / county["folder"] / "plan.json"
        packages[county["county"]] = read_json(file)
        if hashlib.sha256(file.read_bytes()).hexdigest() != county["sha256"]:
            return [f"{county['county']}: {file} er endret etter at sektorplanen ble laget"]
    return faults(content, packages)


def faults(content: Mapping[str, Any], packages: Mapping[str, Any]) -> list[str]:
    """Recompute a sector plan from the counties' packages, by county, and say where they differ."""
    found = [*_national(content), *_key(content, packages), *_bound(content, packages)]
    for county in content["counties"]:
        for kind in ("key", "optimal"):
            found += _share(content, county, packages[county["county"]], kind)
    return found


def _national(content: Mapping[str, Any]) -> Iterator[str]:
    """Look for years that hand out more than there is, and sums that do not add up."""
    for kind in ("key", "optimal"):
        for t, amount in enumerate(content["annual_grant_nok"]):
            given = sum(county[kind]["annual_grant_nok"][t] for county in content["counties"])
            if given > amount:
                year = content["footing"]["years"][t]
                yield f"{kind} {year}: fylkene får {given} kr, rammen er {amount} kr"
    for kind in ("own", "key", "optimal"):
        for name in ("households", "served_before_households", "gained_households", "grant_nok"):
            stated = content["kpis"][kind][name]
            found = sum(county[kind]["kpis"][name] for county in content["counties"])
            if stated != found:
                yield f"{kind}: {name} er {stated}, fylkene gir {found}"
            if name == "gained_households":
                by_year = sum(row["households"] for row in content["by_year"][kind])
                if by_year != stated:
                    yield f"{kind}: årene gir {by_year} husstander, nøkkeltallet er {stated}"
    if content["kpis"]["optimal"]["gained_households"] != content["proofs"][0]["objective"]:
        yield "beviset gjelder et annet antall husstander enn planen"


def _share(
    content: Mapping[str, Any], county: Mapping[str, Any], package: Mapping[str, Any], kind: str
) -> Iterator[str]:
    """Look for what a county builds out of order, without money, or counts wrongly."""
    place = f"{county['county']} ({kind})"
    share = county[kind]
    areas = {area["area_id"]: area for area in package["areas"]}
    rollout = package["scenario"]["rollout"]
    years = content["footing"]["years"]
    needed = dict.fromkeys(years, 0)
    households = 0
    for name, year in share["built"].items():
        if name not in areas:
            yield f"{place}: «{name}» bygges, men finnes ikke i fylkets plan"
            continue
        area = areas[name]
        feeder = area["feeder_area"]
        if feeder and share["built"].get(feeder, year + 1) > year:
            yield f"{place}: «{name}» bygges i {year}, før «{feeder}» som det henger på"
        grant = ceil(area["grant_nok"] * county["price_ratio"])
        needed[year] += ceil(grant / (1 - rollout["contingency_share"]))
        households += area["households"]
    got = spent = 0
    for t, year in enumerate(years):
        got += share["annual_grant_nok"][t]
        spent += needed[year]
        if spent > got:
            yield f"{place}: {spent} kr er brukt til og med {year}, rammen er {got} kr"
    for name in rollout["must_build"]:
        if name not in share["built"]:
            yield f"{place}: «{name}» skal bygges, men er ikke med"
    for name in rollout["must_not_build"]:
        if name in share["built"]:
            yield f"{place}: «{name}» skal ikke bygges, men er med"
    if households != share["kpis"]["gained_households"]:
        yield f"{place}: områdene gir {households} husstander, nøkkeltallet er {share['kpis']['gained_households']}"
    if kind == "optimal":
        yield from _promises(content, county, got)


def _promises(content: Mapping[str, Any], county: Mapping[str, Any], got: int) -> Iterator[str]:
    """Look for promises that are not kept."""
    floors = {floor["county"]: floor for floor in content["scenario"]["floors"]}
    by_key = sum(county["key"]["annual_grant_nok"])
    least = content["scenario"]["least_key_share"] * by_key
    floor = floors.get(county["county"], {"least_grant_nok": 0, "least_served_share": 0})
    if got + 1 < max(least, floor["least_grant_nok"]):
        yield f"{county['county']}: får {got} kr, er lovet {max(least, floor['least_grant_nok']):.0f} kr"
    served = county["served_before_households"] + county["optimal"]["kpis"]["gained_households"]
    if (
        served + _ROUNDING < floor["least_served_share"] * county["households"]
        and floor["least_served_share"]
    ):
        yield f"{county['county']}: når {served} husstander, mindre enn lovet"


def _key(content: Mapping[str, Any], packages: Mapping[str, Any]) -> Iterator[str]:
    """Recompute the shares of the key from the packages."""
    choice = content["scenario"]["key"]
    amounts: dict[str, list[float]] = {"rural_lacking": [], "need": [], "centrality": []}
    for county in content["counties"]:
        package = packages[county["county"]]
        amounts["rural_lacking"].append(
            sum(
                row["households"] * (1 - row["served_share"])
                for row in package["coverage"]
                if not row["kommune"] and row["settlement"] == "rural"
            )
        )
        amounts["need"].append(package["kpis"]["grant_all_areas_nok"] * county["price_ratio"])
        amounts["centrality"].append(
            sum(
                row["households"]
                for row in package["by_kommune"]
                if choice["centrality_class"].get(row["kommune"], 0)
                >= choice["least_central_class"]
            )
            if choice["centrality_weight"]
            else 0
        )
    used = {name: choice[f"{name}_weight"] for name, values in amounts.items() if sum(values) > 0}
    if not sum(used.values()):
        return
    for c, county in enumerate(content["counties"]):
        found = sum(w * amounts[name][c] / sum(amounts[name]) for name, w in used.items())
        found /= sum(used.values())
        if abs(found - county["key_share"]) > _ROUNDING:
            yield f"{county['county']}: nøkkelen er {county['key_share']:.6f}, tallene gir {found:.6f}"


def _bound(content: Mapping[str, Any], packages: Mapping[str, Any]) -> Iterator[str]:
    """Prove again that no distribution reaches more than the bound says.

    The least grant for each number of households is built up county by county from the points
    of the frontiers, each with the most that a plan just above it can reach.
    """
    proof = content["proofs"][0]
    gap = (proof["bound"] - proof["objective"]) / max(proof["objective"], 1)
    if proof["objective"] and gap > proof["gap_share"] + _ROUNDING:
        yield f"beviset oppgir avviket {proof['gap_share']:.6f}, tallene gir {gap:.6f}"
    least = np.zeros(1, dtype=np.int64)
    for county in content["counties"]:
        package = packages[county["county"]]
        points = package["frontier"]["points"]
        reserve = 1 - package["scenario"]["rollout"]["contingency_share"]
        size = len(least) + max(point["bound_households"] for point in points)
        combined = np.full(size, _UNREACHED, dtype=np.int64)
        for point in points:
            cost = int(point["grant_nok"] * county["price_ratio"] / reserve)
            gain = point["bound_households"]
            part = combined[gain : gain + len(least)]
            np.minimum(part, least + max(cost, county["promised_nok"]), out=part)
        least = combined
    affordable = np.flatnonzero(least <= sum(content["annual_grant_nok"]))
    if len(affordable) and affordable[-1] < proof["objective"]:
        yield f"frontene når høyst {affordable[-1]} husstander, planen oppgir {proof['objective']:.0f}"
    optimal = proof["status"] == "optimal"
    if (
        optimal
        and len(affordable)
        and affordable[-1] > proof["bound"] + _ROUNDING
        and not any(floor["least_served_share"] for floor in content["scenario"]["floors"])
    ):
        yield f"frontene kan nå {affordable[-1]} husstander, beviset sier høyst {proof['bound']:.0f}"
