"""The national grant shared in two ways: by a stated key, and so that most households are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import PlanError
from bredband.plan import Proof
from bredband.sector.coupling import Offers, best_price, bound, couple
from bredband.sector.footing import Footing, SectorCounty
from bredband.sector.key import by_key, key_shares
from bredband.sector.order import handed_out, in_years
from bredband.sector.scenario import SectorScenario
from bredband.units import format_nok, format_percent

Ints = NDArray[np.int64]

_ROUNDING = 1e-6
WITHIN_TARGET_SHARE = 0.005
"""A gap that a sector plan may have and still be called good."""


@dataclass(frozen=True)
class CountyShare:
    """What one county gets, and what it builds for it.

    ``build_year`` is indexed by the ``area_id`` of what is built. ``promised_nok`` is the least
    that the county had to get.
    """

    annual_grant_nok: tuple[int, ...]
    build_year: pd.Series[int]
    promised_nok: int


@dataclass(frozen=True)
class Distribution:
    """A way of sharing the grant: a share per county, and how good it is known to be."""

    shares: tuple[CountyShare, ...]
    proofs: tuple[Proof, ...]
    households_per_mnok: float


@dataclass(frozen=True)
class Sector:
    """Both distributions over the same counties, and the key between them."""

    footing: Footing
    counties: tuple[SectorCounty, ...]
    key: pd.DataFrame
    by_key: Distribution
    optimal: Distribution


def distribute(
    footing: Footing, counties: tuple[SectorCounty, ...], scenario: SectorScenario
) -> Sector:
    """Share the national grant by the key, and so that most households are reached.

    Raises
    ------
    PlanError
        If a county is promised more than it can get, or must build more than it is given.
    """
    shares = key_shares(counties, scenario.key)
    highest = [int(county.frame_nok[-1]) for county in counties]
    annual = by_key(shares["key_share"].tolist(), highest, footing.annual_grant_nok)
    return Sector(
        footing=footing,
        counties=counties,
        key=shares,
        by_key=_by_key(counties, annual),
        optimal=_optimal(footing, counties, _promises(counties, scenario, annual.sum(axis=1))),
    )


@dataclass(frozen=True)
class _Promise:
    """The least that a county gets, in kroner and in households reached."""

    least_nok: int
    least_households: int


def _by_key(counties: Sequence[SectorCounty], annual: Ints) -> Distribution:
    shares = []
    for county, grant in zip(counties, annual, strict=True):
        within = np.flatnonzero(county.frame_nok <= grant.sum())
        if not len(within):
            raise PlanError(
                f"{county.name} må bygge for {format_nok(float(county.frame_nok[0]))}, men nøkkelen gir "
                f"{format_nok(float(grant.sum()))}.",
                advice="Øk den nasjonale rammen, endre nøkkelen, eller ta bort must_build i fylket.",
            )
        best = int(within[np.argmax(county.households[within])])
        works = county.works[county.built[best]]
        year, _ = in_years(*_arrays(works), grant.tolist())
        shares.append(CountyShare(tuple(grant.tolist()), _named(works, year), 0))
    return Distribution(tuple(shares), (), 0.0)


def _promises(
    counties: Sequence[SectorCounty], scenario: SectorScenario, key_nok: Ints
) -> list[_Promise]:
    floors = {floor.county: floor for floor in scenario.floors}
    promises = []
    for county, by_key_nok in zip(counties, key_nok.tolist(), strict=True):
        least_nok, least_households = scenario.least_key_share * by_key_nok, 0.0
        if (floor := floors.get(county.name)) is not None:
            least_nok = max(least_nok, floor.least_grant_nok)
            wanted = floor.least_served_share * county.households_now
            least_households = max(0.0, wanted - county.served_before_households)
            if least_households > county.households[-1]:
                highest = county.served_before_households + int(county.households[-1])
                raise PlanError(
                    f"{county.name} er lovet {format_percent(floor.least_served_share)} dekning, "
                    f"men når høyst {format_percent(highest / max(county.households_now, 1))}.",
                    advice="Sett ned least_served_share for fylket i sektorscenariet.",
                )
        promises.append(_Promise(ceil(least_nok), ceil(least_households)))
    return promises


def _optimal(
    footing: Footing, counties: Sequence[SectorCounty], promises: Sequence[_Promise]
) -> Distribution:
    budget = sum(footing.annual_grant_nok)
    kept = [
        np.flatnonzero(county.households >= promise.least_households)
        for county, promise in zip(counties, promises, strict=True)
    ]
    offers = [
        Offers(np.maximum(county.frame_nok[k], promise.least_nok), county.households[k])
        for county, promise, k in zip(counties, promises, kept, strict=True)
    ]
    choice = couple(offers, budget)
    if choice is None:
        least = sum(int(offer.cost_nok.min()) for offer in offers)
        raise PlanError(
            f"løftene til fylkene og det de må bygge, tar {format_nok(least)}, men den nasjonale rammen er "
            f"{format_nok(budget)}.",
            advice="Øk rammen, eller sett ned floors eller least_key_share i sektorscenariet.",
        )
    highest = _highest(counties, promises, budget)
    chosen = [int(k[plan]) for k, plan in zip(kept, choice.plan, strict=True)]
    proofs = [_proof("husstander", choice.households, highest)]
    shares, proof = _in_national_years(footing, counties, chosen, promises)
    return Distribution(shares, (*proofs, proof), choice.price_households * 1e6)


def _highest(
    counties: Sequence[SectorCounty], promises: Sequence[_Promise], budget_nok: int
) -> float:
    """Bound the households of every distribution, also by plans that the frontiers leave out.

    A plan left out takes at least as much as the point below it and reaches no more than that
    point's ``bound_households``; and it lies below the envelope of the points that are kept.
    """
    steps, envelope = [], []
    for county, promise in zip(counties, promises, strict=True):
        cost = np.maximum(county.frame_nok - county.slack_nok, promise.least_nok)
        possible = county.bound_households >= promise.least_households
        steps.append(Offers(cost[possible], county.bound_households[possible]))
        below = county.frame_nok - county.slack_nok <= promise.least_nok
        envelope.append(Offers(cost, np.where(below, county.bound_households, county.households)))
    over_steps = couple(steps, budget_nok)
    by_price = bound(envelope, budget_nok, best_price(envelope, budget_nok))
    return min(float(over_steps.households), by_price) if over_steps else by_price


def _in_national_years(
    footing: Footing,
    counties: Sequence[SectorCounty],
    chosen: Sequence[int],
    promises: Sequence[_Promise],
) -> tuple[tuple[CountyShare, ...], Proof]:
    """Build what is chosen as early as the national money allows, and hand the money out."""
    works = [county.works[county.built[k]] for county, k in zip(counties, chosen, strict=True)]
    parts = [_arrays(part) for part in works]
    first = np.cumsum([0, *(len(part) for part in works)])
    parent = [np.where(p >= 0, p + at, -1) for (_, _, p), at in zip(parts, first, strict=False)]
    cost = np.concatenate([part[0] for part in parts])
    households = np.concatenate([part[1] for part in parts])
    year, most = in_years(cost, households, np.concatenate(parent), footing.annual_grant_nok)
    years = len(footing.annual_grant_nok)
    need = np.zeros((len(counties), years), dtype=np.int64)
    named = []
    for c, part in enumerate(works):
        here = slice(int(first[c]), int(first[c + 1]))
        need[c] = np.bincount(year[here], cost[here], years)[:years].astype(np.int64)
        need[c, -1] += max(0, promises[c].least_nok - int(need[c].sum()))
        named.append(_named(part, year[here]))
    annual = handed_out(need, footing.annual_grant_nok)
    reached = float((households * (years - year)).sum())
    shares = tuple(
        CountyShare(tuple(grant.tolist()), years_of, promise.least_nok)
        for grant, years_of, promise in zip(annual, named, promises, strict=True)
    )
    return shares, _proof("husstandsår, gitt husstandene", reached, most)


def _proof(what: str, objective: float, highest: float) -> Proof:
    # Households and years are whole: nothing lies between two of them.
    highest = max(int(highest + _ROUNDING), objective)
    gap_share = (highest - objective) / objective if objective else float(highest > 0)
    within = "within_target" if gap_share <= WITHIN_TARGET_SHARE else "feasible"
    return Proof(
        what=what,
        status="optimal" if gap_share <= 1e-9 else within,
        objective=float(objective),
        bound=float(highest),
        gap_share=float(gap_share),
        solver="bredband",
        kind="rollout",
    )


def _arrays(works: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Give what each work takes, the households it reaches, and the row of its feeder or -1."""
    row = {str(area): i for i, area in enumerate(works.index)}
    parent = [row[feeder] if feeder else -1 for feeder in works["feeder_area"]]
    return (
        works["frame_nok"].to_numpy(dtype=np.int64),
        works["households"].to_numpy(dtype=np.int64),
        np.array(parent, dtype=np.int64),
    )


def _named(works: pd.DataFrame, year: Ints) -> pd.Series[int]:
    return pd.Series(year, index=works.index, name="year", dtype="int64")
