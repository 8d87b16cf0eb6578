"""A written plan recomputed from its tables alone, in code that the solvers do not use."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bredband.check import ways, years
from bredband.county import read_json, read_table
from bredband.renewal import settle

_NAMES = ("premises", "coverage", "connections", "routes", "areas", "schedule", "bills")
_WAYS = ("alternatives", "radio_premises", "upgrades", "mast_candidates")
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Written:
    """What is read back from a plan folder."""

    premises: pd.DataFrame
    coverage: pd.DataFrame
    connections: pd.DataFrame
    routes: pd.DataFrame
    areas: pd.DataFrame
    schedule: pd.DataFrame
    bills: pd.DataFrame
    ways: dict[str, pd.DataFrame]
    scenario: dict[str, Any]
    document: dict[str, Any]


def check_folder(folder: Path) -> list[str]:
    """Recompute money, order, counts and key figures of a written plan.

    Parameters
    ----------
    folder
        A folder that ``bredband run`` wrote.

    Returns
    -------
    Every fault as a Norwegian sentence; empty when the plan agrees with itself.

    Raises
    ------
    InputError
        When a file is missing or cannot be read.
    """
    settle(folder)
    document = read_json(folder / "plan.json")
    frames = {name: read_table(folder, name) for name in _NAMES}
    ways = {name: read_table(folder, name) for name in _WAYS} | {
        name: frames[name] for name in ("areas", "schedule", "connections")
    }
    return faults(Written(**frames, ways=ways, scenario=document["scenario"], document=document))


def faults(written: Written) -> list[str]:
    """Recompute the parts of a plan that is read back, and say where they differ."""
    parts = (
        _build_years,
        _other_ways,
        _money,
        _quantities,
        _trench,
        _reach,
        _key_figures,
        _certainty,
        _proof,
    )
    return [fault for part in parts for fault in part(written)]


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    return frame.drop(columns="geometry", errors="ignore").itertuples(index=False)


def _pairs(frame: pd.DataFrame, key: str, value: str) -> dict[str, Any]:
    return dict(zip(frame[key].tolist(), frame[value].tolist(), strict=True))


def _build_years(written: Written) -> Iterator[str]:
    """Hold the build years against every rule of the scenario."""
    yield from years.rollout_faults(
        written.ways, written.scenario["rollout"], written.document["proofs"]
    )


def _other_ways(written: Written) -> Iterator[str]:
    """Look for faults in what is not plain fibre: radio, masts, fibre after radio."""
    rollout = written.scenario["rollout"]
    yield from ways.radio_faults(written.ways, rollout["alternatives"])
    yield from ways.upgrade_faults(written.ways, rollout)
    yield from ways.mast_faults(written.ways["mast_candidates"], written.document)


def _money(written: Written) -> Iterator[str]:
    """Look for funding that does not sum to the price."""
    for row in _rows(written.areas):
        if row.operator_nok + row.local_nok + row.grant_nok != row.capex_nok:
            yield f"«{row.area_id}»: tilbyder, lokal andel og tilskudd summerer ikke til byggeprisen"


def _quantities(written: Written) -> Iterator[str]:
    """Recompute premises, households, trench and price of every area from its parts."""
    costs = written.scenario["costs"]
    households = _pairs(written.premises, "premises_id", "households")
    count: dict[str, int] = defaultdict(int)
    people: dict[str, int] = defaultdict(int)
    drops: dict[str, int] = defaultdict(int)
    weight: dict[str, float] = defaultdict(float)
    for row in _rows(written.connections):
        if row.area_id:
            weight[row.area_id] += row.weighted_households
            count[row.area_id] += 1
            people[row.area_id] += households[row.premises_id]
            drops[row.area_id] += row.drop_nok
    metres: dict[str, float] = defaultdict(float)
    trench: dict[str, int] = defaultdict(int)
    bills: dict[str, int] = defaultdict(int)
    for row in _rows(written.bills):
        bills[row.area_id] += row.likely_nok
    forks: dict[str, int] = defaultdict(int)
    permits: set[str] = set()
    below = Counter(row.upstream_route for row in _rows(written.routes))
    for row in _rows(written.routes):
        metres[row.area_id] += row.length_m
        trench[row.area_id] += row.trench_nok
        forks[row.area_id] += max(0, below[row.route_id] - 1)
        if row.road_owner and row.method in ("plough", "trench", "micro_trench", "rock"):
            permits.add(row.area_id)
    wireless = ways.radios(written.connections)
    mast_nok = _pairs(written.ways["mast_candidates"], "site_id", "capex_nok")
    for row in _rows(written.areas):
        area = row.area_id
        wired = count[area] - wireless[area]
        cabinets = math.ceil(wired / costs["premises_per_cabinet"])
        price = trench[area] + drops[area] + round(cabinets * costs["cabinet_nok"]["likely_nok"])
        price += round(forks[area] * costs["joint_nok"]["likely_nok"])
        price += round((area in permits) * costs["permit_nok"]["likely_nok"])
        price += round(wireless[area] * costs["customer_radio_nok"]["likely_nok"])
        price += mast_nok.get(area, 0) if row.kind == "mast" else 0
        for name, stated, found in (
            ("adresser", row.premises, count[area]),
            ("husstander", row.households, people[area]),
            ("kroner i byggepris", row.capex_nok, price),
            ("kroner i mengdelista", bills[area], row.capex_nok),
        ):
            if stated != found:
                yield f"«{area}»: oppgir {stated} {name}, delene gir {found}"
        if abs(row.weighted_households - weight[area]) > _ROUNDING * max(1.0, weight[area]):
            yield (
                f"«{area}»: oppgir {row.weighted_households:g} vektede husstander, "
                f"delene gir {weight[area]:g}"
            )
        if abs(row.trench_m - metres[area]) > 0.01:
            yield f"«{area}»: oppgir {row.trench_m:.1f} m grøft, delene gir {metres[area]:.1f} m"


def _trench(written: Written) -> Iterator[str]:
    """Look for trench that does not lead to lit fibre through its own area and its feeders."""
    upstream = _pairs(written.routes, "route_id", "upstream_route")
    owner = _pairs(written.routes, "route_id", "area_id")
    feeder = _pairs(written.areas, "area_id", "feeder_area")
    allowed: dict[str, set[str]] = {}
    for area, above in feeder.items():
        chain, at = {area}, above
        while at and at not in chain:
            chain.add(at)
            at = feeder.get(at, "")
        allowed[area] = chain
    at_fibre: set[str] = {""}
    for route in upstream:
        path: list[str] = []
        at = route
        while at not in at_fibre and at in upstream and len(path) <= len(upstream):
            path.append(at)
            at = upstream[at]
        if at not in at_fibre:
            yield f"grøfta «{route}» fører ikke fram til tent fiber"
            return
        at_fibre.update(path)
    for route, above in upstream.items():
        if above and owner[above] not in allowed.get(owner[route], set()):
            yield (
                f"grøfta «{route}» i «{owner[route]}» går gjennom «{owner[above]}», "
                "som området ikke henger på"
            )
    for row in _rows(written.connections):
        if (
            row.area_id
            and row.route_id
            and owner.get(row.route_id) not in allowed.get(row.area_id, set())
        ):
            yield f"adressen {row.premises_id} i «{row.area_id}» henger ikke på områdets grøft"


def _reach(written: Written) -> Iterator[str]:
    """Look for premises planned for that are served, or left out without a reason."""
    served = _pairs(written.coverage, "premises_id", "served")
    eligible = _pairs(written.coverage, "premises_id", "eligible")
    if set(served) != set(written.premises["premises_id"]):
        yield "dekningstabellen har ikke de samme adressene som adressetabellen"
    for row in _rows(written.connections):
        if served.get(row.premises_id, True) or not eligible.get(row.premises_id, False):
            yield f"adressen {row.premises_id} er med i nettet, men kan ikke få støtte"
        if bool(row.area_id) == bool(row.reason):
            yield f"adressen {row.premises_id} skal enten ha et område eller en grunn"


def _key_figures(written: Written) -> Iterator[str]:
    """Compare the figures in plan.json with those of the tables."""
    year = _pairs(written.schedule, "area_id", "build_year")
    paid = _pairs(written.schedule, "area_id", "grant_nok")
    rollout = written.scenario["rollout"]
    end = rollout["first_year"] + len(rollout["annual_grant_nok"])
    served = set(written.coverage.loc[written.coverage["served"], "premises_id"])
    total = before = 0
    for row in _rows(written.premises):
        total += row.households
        before += row.households if row.premises_id in served else 0
    sums: dict[str, float] = defaultdict(float)
    by_year: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    weight = ways.counted_share(written.ways, rollout["radio_weight_share"])
    for row in _rows(written.areas):
        if row.area_id not in year:
            continue
        sums["areas_built"] += row.kind == "area"
        sums["weighted_household_years"] += (
            weight.get(row.area_id, 1.0) * row.weighted_households * (end - year[row.area_id])
        )
        amounts = {
            "households": row.households,
            "capex_nok": row.capex_nok - row.grant_nok + paid[row.area_id],
            "operator_nok": row.operator_nok,
            "local_nok": row.local_nok,
            "grant_nok": paid[row.area_id],
        }
        for column, amount in amounts.items():
            sums[column] += amount
            by_year[year[row.area_id]][column] += amount
    _add_upgrades(written, sums, by_year)
    gained = sums.pop("households", 0.0)
    expected = {
        "premises": len(written.premises),
        "households": total,
        "served_before_households": before,
        "gained_households": gained,
        "served_after_households": before + gained,
        "served_after_share": (before + gained) / max(total, 1),
        "areas": int((written.areas["kind"] == "area").sum()),
        **sums,
    }
    stated = written.document["kpis"]
    for name, value in expected.items():
        if abs(stated[name] - value) > _ROUNDING * max(1.0, abs(value)):
            yield f"plan.json: {name} er {stated[name]}, tabellene gir {value:g}"
    for row in written.document["by_year"]:
        for column in ("households", "capex_nok", "grant_nok"):
            found = by_year[row["build_year"]][column]
            if abs(row[column] - found) > 0.5:
                yield f"plan.json: {column} i {row['build_year']} er {row[column]}, tabellene gir {found:g}"


def _add_upgrades(
    written: Written, sums: dict[str, float], by_year: dict[int, dict[str, float]]
) -> None:
    """Add what fibre after radio costs and counts."""
    rollout = written.scenario["rollout"]
    end = rollout["first_year"] + len(rollout["annual_grant_nok"])
    weight = _pairs(written.areas, "area_id", "weighted_households")
    table = written.ways["alternatives"]
    money = {row.area_id: row for row in _rows(table[table["alternative"] == "upgrade"])}
    for row in _rows(written.ways["upgrades"]):
        own = money.get(row.area_id)
        if own is None:
            continue
        added = weight[row.area_id] * (1 - rollout["radio_weight_share"])
        sums["weighted_household_years"] += added * (end - row.build_year)
        amounts = {
            "capex_nok": own.capex_nok - own.grant_nok + row.grant_nok,
            "operator_nok": own.operator_nok,
            "local_nok": own.local_nok,
            "grant_nok": row.grant_nok,
        }
        for column, amount in amounts.items():
            sums[column] += amount
            by_year[row.build_year][column] += amount


def _certainty(written: Written) -> Iterator[str]:
    """Recompute what is expected over all doubt, and hold the plan's weights against its choice."""
    stated = written.document["certainty"]
    choices = written.scenario["coverage"]
    for name in ("plan_on", "lowest_probability"):
        if stated[name] != choices[name]:
            yield f"plan.json: {name} er {stated[name]}, scenariet sier {choices[name]}"
    probability = _pairs(written.coverage, "premises_id", "served_probability")
    lacking = _pairs(written.coverage, "premises_id", "lacking_share")
    served = _pairs(written.coverage, "premises_id", "served")
    households = _pairs(written.premises, "premises_id", "households")
    if set(probability) != set(households):
        return  # said already, and nothing can be summed
    built = set(written.schedule["area_id"])
    expected = sum(h * probability[p] for p, h in households.items())
    gained = sum(
        households[row.premises_id] * (1 - probability[row.premises_id])
        for row in _rows(written.connections)
        if row.area_id in built
    )
    for name, found in (
        ("expected_served_before_share", expected / max(sum(households.values()), 1)),
        ("expected_gained_households", gained),
    ):
        if abs(stated[name] - found) > _ROUNDING * max(1.0, found):
            yield f"plan.json: {name} er {stated[name]}, tabellene gir {found:g}"
    for premises, share in lacking.items():
        counted = {"cut": not served[premises], "expected": 1 - probability[premises]}
        if abs(share - counted.get(stated["plan_on"], share)) > _ROUNDING:
            yield f"adressen {premises} teller {share:g}, planen er laget på {stated['plan_on']}"


def _proof(written: Written) -> Iterator[str]:
    """Look for a missing proof, understated gaps, and time-outs that are called optimal."""
    if not any(proof["kind"] == "rollout" for proof in written.document["proofs"]):
        yield "rekkefølgen har ikke noe bevis"
    for proof in written.document["proofs"]:
        objective, bound, gap = proof["objective"], proof["bound"], proof["gap_share"]
        true_gap = abs(bound - objective) / abs(objective) if objective else float(bound != 0)
        if gap is None:
            if proof["status"] == "optimal":
                yield f"beviset for {proof['what']} kalles optimalt uten noe avvik"
            continue
        if true_gap > gap + _ROUNDING:
            yield f"beviset for {proof['what']} oppgir avviket {gap:.6f}, tallene gir {true_gap:.6f}"
        if proof["status"] == "optimal" and true_gap > 1e-4:
            yield f"beviset for {proof['what']} kalles optimalt med avvik {true_gap:.6f}"
