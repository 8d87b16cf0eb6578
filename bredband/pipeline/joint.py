"""Trench and build years together: re-design for what is chosen, and bound every other network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from bredband import network, rollout
from bredband.network import Joined, Prospects
from bredband.pipeline.layout import Layout, Situation, lay_out
from bredband.plan import Proof
from bredband.scenario.rollout import Rollout
from bredband.tables import among


def choose_together(
    joined: Joined, first: Layout, at: Situation
) -> tuple[Layout, rollout.Chosen, Proof]:
    """Choose what to build, re-design the trench for it, and choose again while that gives more.

    The trench tree is the cheapest to reach everyone; what is chosen alone may be reached for
    less. A re-design lays the cheapest tree for the chosen first and extends it to the others.

    Returns
    -------
    layout, chosen, proof
        The best round, and how far it is from what any trench could give the same areas.
    """
    settings = at.scenario.rollout

    def redesign(built: frozenset[str]) -> Layout:
        mine = best_so_far[-1].connections
        ids = mine.loc[mine["area_id"].isin(built), "premises_id"]
        chosen_first = among(at.lacking["premises_id"], ids)
        designed = network.design(joined, at.lacking, at.scenario.network, first=chosen_first)
        made = lay_out(designed, at)
        layout = replace(made, proof=_against_cheapest(made, first.proof))
        best_so_far.append(layout)
        return layout

    best_so_far = [first]
    joint = rollout.alternate(first, settings, redesign, rounds=settings.redesigns)
    return joint.layout, joint.chosen, bound_jointly(joined, joint.layout, joint.chosen, at)


def _against_cheapest(layout: Layout, cheapest: Proof) -> Proof:
    """Hold the trench of a re-design against the bound on the cheapest tree for everyone."""
    trench_nok = max(float(layout.routes["trench_nok"].sum()), cheapest.bound)
    gap_share = _share_of(cheapest.bound, trench_nok)
    status = cheapest.status if gap_share is not None and gap_share <= 1e-6 else "redesigned"
    return replace(cheapest, objective=trench_nok, gap_share=gap_share, status=status)


def _share_of(smaller: float, larger: float) -> float | None:
    """Give what the larger amount is above the smaller, as a share of it; None of nothing."""
    if larger <= smaller:
        return 0.0
    return larger / smaller - 1 if smaller > 0 else None


def bound_jointly(joined: Joined, layout: Layout, chosen: rollout.Chosen, at: Situation) -> Proof:
    """Bound the household-years of every plan for the same areas, whatever trench is dug.

    A household counts once for each year at whose end it is served, so the household-years are
    the sum over years of what is reached by then, and ``network.bound_reach`` bounds each.
    The money is the grant of all funds so far, what may be borrowed and all synergies, divided
    by the part of the price that falls on the grant; no other rule of the scenario is used.
    A plan that seeks something else than household-years has the figures, but no gap: it is not
    meant to come near the bound.
    """
    settings = at.scenario.rollout
    reached = network.bound_reach(
        joined,
        at.lacking,
        layout.connections,
        layout.routes,
        _prospects(layout, at),
        _money_nok(settings, 1 - at.scenario.funding.local_share),
    )
    works = rollout.counted_years(layout.areas, layout.alternatives, settings, chosen)
    bound = max(float(reached.sum()), works)
    gap_share = _share_of(works, bound) if settings.goal == "household_years" else None
    return Proof(
        what="vektede husstandsår, med all mulig grøft",
        status="optimal" if gap_share is not None and gap_share <= 1e-6 else "bounded",
        objective=works,
        bound=bound,
        gap_share=gap_share,
        solver="bredband steiner",
        kind="joint",
    )


def _money_nok(settings: Rollout, grant_share: float) -> list[float]:
    """Give the build price, beside what operators pay, that the grants can carry by each year."""
    budgets = [settings.annual_grant_nok, *(fund.annual_grant_nok for fund in settings.funds)]
    allowed = np.sum(budgets, axis=0) * (1 - settings.contingency_share)
    money = np.cumsum(allowed)
    money[:-1] += settings.borrow_share * allowed[1:]
    for synergy in settings.synergies:
        money[synergy.year - settings.first_year :] += synergy.saving_nok
    return [float(amount) / max(grant_share, 1e-9) for amount in money]


def _prospects(layout: Layout, at: Situation) -> Prospects:
    """Give what each area counts, and the least that it costs beside trench and masts."""
    funding, settings = at.scenario.funding, at.scenario.rollout
    areas = layout.areas[layout.areas["kind"] == "area"].set_index("area_id")
    mine = layout.connections[layout.connections["area_id"].isin(areas.index)]
    kind = at.lacking.set_index("premises_id")["kind"].reindex(mine["premises_id"]).to_numpy()
    trade = pd.Series(np.isin(kind, ["business", "public"]), index=mine["area_id"])
    per_area = mine.groupby("area_id")["drop_nok"].agg(["sum", "size"]).reindex(areas.index)
    prices = at.scenario.costs
    cabinets = np.ceil(per_area["size"].to_numpy() / prices.premises_per_cabinet)
    homes_nok = per_area["sum"].to_numpy() + cabinets * prices.cabinet_nok.likely_nok
    willing = (
        areas["households"] * funding.operator_nok_per_household
        + trade.groupby(level=0).sum().reindex(areas.index) * funding.operator_nok_per_business
    ).to_numpy(dtype=np.float64)
    weight = areas["weighted_households"].to_numpy(dtype=np.float64)
    free_nok = np.full(len(areas), np.inf)
    free_weight = np.zeros(len(areas))
    works = rollout.works_of(layout.areas, settings, layout.alternatives)
    counted = rollout.counted_households(works, settings)
    masts_nok = _shares_of_masts(works)
    others = np.flatnonzero(works["how"].isin(["radio", "hybrid"]))
    for i in others:
        row = areas.index.get_loc(works["area_id"][i])
        radio = works["how"][i] == "radio"
        own_nok = float(works["capex_nok"][i]) - willing[row] if radio else -willing[row]
        free_nok[row] = min(free_nok[row], own_nok + (masts_nok[i] if radio else 0.0))
        free_weight[row] = max(free_weight[row], counted[i])
    free_nok = np.where(np.isfinite(free_nok), free_nok, 1e15)
    return Prospects(areas.index.to_numpy(), weight, homes_nok - willing, free_weight, free_nok)


def _shares_of_masts(works: pd.DataFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Share the price of each mast evenly among the radio works that may use it.

    Whichever of them are built, their shares are no more than the masts cost.
    """
    price = works.set_index("area_id")["capex_nok"][(works["kind"] == "mast").to_numpy()]
    users = works["masts"].where(works["how"] == "radio", "").str.split("/")
    count = users.explode().value_counts()
    return np.array(
        [sum(float(price[m]) / count[m] for m in masts if m) for masts in users], dtype=np.float64
    )
