"""County plan packages put on one footing: the same target, prices, first year and rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import InputError, ScenarioError
from bredband.sector.scenario import SectorScenario

Ints = NDArray[np.int64]

MONEY = ("capex_nok", "operator_nok", "local_nok", "grant_nok")


@dataclass(frozen=True)
class Package:
    """A county's ``plan.json`` as it was read, and where it was read."""

    folder: str
    sha256: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class SectorCounty:
    """A county in the prices of the sector plan.

    Attributes
    ----------
    works
        A row per area and shared trench, indexed by ``area_id``: ``feeder_area``, ``kind``,
        ``premises``, ``households``, ``trench_m``, money, and ``frame_nok``, the grant budget that
        the work takes with the reserve that the county keeps.
    frame_nok, households, bound_households
        The points of the county's frontier, shape (points,): what each takes of the national
        frame, what it reaches, and what no plan below the next point exceeds.
    slack_nok
        What rounding to whole kroner may have added to a frame; bounds allow for it.
    built
        Which works each point builds, shape (points, works).
    price_ratio
        Kroner of the sector plan per krone of the county's plan.
    """

    package: Package
    name: str
    kommuner: tuple[str, ...]
    households_now: int
    served_before_households: int
    rural_lacking_households: float
    households_of_kommune: Mapping[str, int]
    need_nok: float
    works: pd.DataFrame
    frame_nok: Ints
    households: Ints
    bound_households: Ints
    slack_nok: int
    built: NDArray[np.bool_]
    left_out: tuple[str, ...]
    own_by_year: pd.DataFrame
    own_annual_grant_nok: tuple[float, ...]
    price_ratio: float


@dataclass(frozen=True)
class Footing:
    """What all counties have in common."""

    target: Mapping[str, float]
    price_year: int
    years: tuple[int, ...]
    annual_grant_nok: tuple[int, ...]
    conversions: tuple[str, ...]


def on_one_footing(
    packages: Sequence[Package], scenario: SectorScenario
) -> tuple[Footing, tuple[SectorCounty, ...]]:
    """Hold the packages against each other, and turn them into the sector plan's prices.

    Raises
    ------
    InputError
        If a package lacks what is needed, or cannot be compared with the others.
    ScenarioError
        If the sector scenario names a county that is not there, or lacks a price index.
    """
    first = packages[0].content
    for package in packages:
        _hold_against(package, packages[0])
    _hold_together(packages)
    rollout = first["scenario"]["rollout"]
    own = [_own_grant(package, scenario, packages) for package in packages]
    years_now = max(len(grant) for grant in own)
    annual = scenario.annual_grant_nok or tuple(
        float(sum(grant[t] for grant in own if t < len(grant))) for t in range(years_now)
    )
    if not annual:
        raise ScenarioError("annual_grant_nok: minst ett år må ha en nasjonal ramme.")
    names = [package.content["publication"]["county"] for package in packages]
    if unknown := sorted({promise.county for promise in scenario.floors} - set(names)):
        raise ScenarioError(
            f"floors nevner fylket «{unknown[0]}», som ikke er med.",
            advice=f"Fylkene heter {', '.join(names)}.",
        )
    price_year = _price_year(packages, scenario)
    converted = tuple(
        f"{package.content['publication']['county']}: beløpene er regnet om fra "
        f"{_prices_of(package)}- til {price_year}-kroner (ganget med {ratio:.4f})".replace(".", ",")
        for package in packages
        if (ratio := _ratio(package, packages, scenario)) != 1
    )
    footing = Footing(
        target=dict(first["scenario"]["target"]),
        price_year=price_year,
        years=tuple(rollout["first_year"] + t for t in range(len(annual))),
        annual_grant_nok=tuple(int(amount) for amount in annual),
        conversions=converted,
    )
    counties = tuple(
        _county(package, _ratio(package, packages, scenario), footing, grant)
        for package, grant in zip(packages, own, strict=True)
    )
    return footing, counties


def _hold_against(package: Package, first: Package) -> None:
    """Look for what makes one package impossible to compare with the first."""
    content, other = package.content, first.content
    file = f"{package.folder}/plan.json"
    if content["frontier"] is None:
        raise InputError(
            "mangler «frontier»: hva fylket får til for andre beløp.",
            file=file,
            advice="Be fylket lage planen på nytt med «bredband run».",
        )
    areas = {area["area_id"] for area in content["areas"]}
    width = len(content["frontier"]["area_id"])
    points = content["frontier"]["points"]
    whole = points and all(len(point["built"]) == width for point in points)
    if set(content["frontier"]["area_id"]) != areas or not whole:
        raise InputError(
            "«frontier» passer ikke til områdene i samme fil.",
            file=file,
            advice="Be fylket lage planen på nytt med «bredband run».",
        )
    here, there = content["scenario"], other["scenario"]
    named = other["publication"]["county"]
    for field in ("down_mbps", "up_mbps"):
        if here["target"][field] != there["target"][field]:
            raise InputError(
                f"målet er {here['target'][field]:g} Mbit/s ({field}), men {named} har "
                f"{there['target'][field]:g}.",
                file=file,
                advice="Fylkene må planlegge mot samme mål ([target]) for å komme i samme sektorplan.",
            )
    if here["rollout"]["first_year"] != there["rollout"]["first_year"]:
        raise InputError(
            f"planen begynner i {here['rollout']['first_year']}, men {named} i "
            f"{there['rollout']['first_year']}.",
            file=file,
            advice="La fylkene lage planene på nytt med samme first_year under [rollout].",
        )
    if not here["rollout"]["carry_over"]:
        raise InputError(
            "planen overfører ikke ubrukt tilskudd (carry_over = false); sektorplanen gjør det.",
            file=file,
            advice="Be fylket lage planen på nytt med carry_over = true under [rollout].",
        )


def _hold_together(packages: Sequence[Package]) -> None:
    """Look for counties and kommuner that come twice."""
    seen: dict[str, str] = {}
    for package in packages:
        content = package.content
        codes = [row["kommune"] for row in content["by_kommune"]]
        for name in (content["publication"]["county"], *codes):
            if name in seen:
                raise InputError(
                    f"«{name}» er også med i {seen[name]}.",
                    file=f"{package.folder}/plan.json",
                    advice="Ta med én plan for hvert fylke, og hver kommune i ett fylke.",
                )
            seen[name] = package.folder


def _prices_of(package: Package) -> int:
    return int(package.content["scenario"]["costs"]["price_year"])


def _price_year(packages: Sequence[Package], scenario: SectorScenario) -> int:
    found = {_prices_of(package) for package in packages}
    if scenario.price_year is not None:
        return scenario.price_year
    if len(found) > 1:
        years = ", ".join(
            f"{package.content['publication']['county']} {_prices_of(package)}"
            for package in packages
        )
        raise ScenarioError(
            f"fylkene har ulikt prisnivå: {years}.",
            advice="Oppgi price_year og price_index i sektorscenariet, så regnes beløpene om.",
        )
    return found.pop()


def _ratio(package: Package, packages: Sequence[Package], scenario: SectorScenario) -> float:
    here, wanted = _prices_of(package), _price_year(packages, scenario)
    if here == wanted:
        return 1.0
    if lacking := [year for year in (here, wanted) if year not in scenario.price_index]:
        raise ScenarioError(
            f"price_index mangler året {lacking[0]}, som trengs for å regne om "
            f"{package.content['publication']['county']} fra {here}- til {wanted}-kroner.",
            advice="Legg indeksen for begge årene inn i sektorscenariet.",
        )
    return scenario.price_index[wanted] / scenario.price_index[here]


def _own_grant(
    package: Package, scenario: SectorScenario, packages: Sequence[Package]
) -> tuple[float, ...]:
    ratio = _ratio(package, packages, scenario)
    annual = package.content["scenario"]["rollout"]["annual_grant_nok"]
    return tuple(amount * ratio for amount in annual)


def _county(
    package: Package, ratio: float, footing: Footing, own_grant_nok: tuple[float, ...]
) -> SectorCounty:
    content = package.content
    answers = content["frontier"]
    works = pd.DataFrame(content["areas"]).set_index("area_id").reindex(answers["area_id"])
    works["grant_nok"] = [ceil(amount * ratio) for amount in works["grant_nok"]]
    for column in ("operator_nok", "local_nok"):
        works[column] = [round(amount * ratio) for amount in works[column]]
    works["capex_nok"] = works[["operator_nok", "local_nok", "grant_nok"]].sum(axis=1)
    usable_share = 1 - content["scenario"]["rollout"]["contingency_share"]
    works["frame_nok"] = [ceil(amount / usable_share) for amount in works["grant_nok"]]
    columns = ["kind", "feeder_area", "premises", "households", "trench_m", *MONEY, "frame_nok"]
    built = np.array([[mark == "1" for mark in point["built"]] for point in answers["points"]])
    built = built.reshape(len(answers["points"]), len(works))
    kpis = content["kpis"]
    rural = [
        row for row in content["coverage"] if row["kommune"] == "" and row["settlement"] == "rural"
    ]
    own = pd.DataFrame(content["by_year"]).set_index("build_year")
    own = own[["areas", "premises", "households", "trench_m", *MONEY]]
    own[list(MONEY)] = (own[list(MONEY)] * ratio).round().astype("int64")
    return SectorCounty(
        package=package,
        name=content["publication"]["county"],
        kommuner=tuple(row["kommune"] for row in content["by_kommune"]),
        households_now=kpis["households"],
        served_before_households=kpis["served_before_households"],
        rural_lacking_households=sum(
            row["households"] * (1 - row["served_share"]) for row in rural
        ),
        households_of_kommune={r["kommune"]: r["households"] for r in content["by_kommune"]},
        need_nok=kpis["grant_all_areas_nok"] * ratio,
        works=works[columns],
        frame_nok=built @ works["frame_nok"].to_numpy(dtype=np.int64),
        households=built @ works["households"].to_numpy(dtype=np.int64),
        bound_households=np.array([p["bound_households"] for p in answers["points"]]),
        slack_nok=4 * len(works) if ratio != 1 or usable_share != 1 else 0,
        built=built,
        left_out=tuple(answers["left_out"]),
        own_by_year=own.reindex(footing.years, fill_value=0).rename_axis("build_year"),
        own_annual_grant_nok=own_grant_nok,
        price_ratio=ratio,
    )


def in_county_prices(amount_nok: float, county: SectorCounty) -> int:
    """Turn a budget of the sector plan into whole kroner of the county's own price level."""
    return ceil(amount_nok / county.price_ratio)
