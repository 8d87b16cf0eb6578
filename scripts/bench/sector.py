"""Counties coupled through their frontiers, against the whole problem in one.

Fifteen invented counties (forests of areas and shared trench, no real data) share a national
grant. ``sector`` finds each county's frontier, couples them and proves the gap; the named
alternative gives every area of every county to the rollout solver as one problem with one budget.
Both ask for most households. Prints CPU seconds, households, bounds and the ratio. A frontier answers
every budget and is exact, which takes works × households steps; the alternative answers one budget.
"""

from __future__ import annotations

import argparse
import time
from math import ceil

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband import rollout, sector
from bredband.scenario.rollout import Rollout
from bredband.sector.coupling import Offers, couple


def invent_areas(seed: int, count: int) -> pd.DataFrame:
    """Invent a county's forest: 30 per cent shared trench, areas of 4 to 60 households."""
    random = np.random.default_rng(seed)
    shared = random.random(count) < 0.3
    feeders = np.flatnonzero(shared)
    rows = []
    for i in range(count):
        near = feeders[(feeders < i) & (feeders >= i - 25)]
        feeder = f"{seed}-{random.choice(near)}" if len(near) and random.random() < 0.8 else ""
        households = 0 if shared[i] else int(random.integers(4, 61))
        per_household = random.lognormal(np.log(110_000), 0.5)
        grant = random.integers(200_000, 3_000_000) if shared[i] else households * per_household
        rows.append((f"{seed}-{i}", feeder, households, int(grant)))
    frame = pd.DataFrame(rows, columns=["area_id", "feeder_area", "households", "grant_nok"])
    return frame.assign(
        kind=np.where(shared, "feeder", "area"),
        weighted_households=frame["households"].astype("float64"),
        capex_nok=frame["grant_nok"],
        trench_m=0.0,
        technology="fibre",
        kommune=str(seed),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--counties", type=int, default=15)
    parser.add_argument("--areas", type=int, default=300)
    parser.add_argument("--share", type=float, default=0.3, help="of what everything would take")
    chosen = parser.parse_args()
    counties = [invent_areas(seed, chosen.areas) for seed in range(chosen.counties)]
    total = sum(int(county["grant_nok"].sum()) for county in counties)
    budget = int(total * chosen.share)

    begun = time.process_time()
    settings = Rollout(annual_grant_nok=(float(budget),), target_gap_share=1e-4)
    fronts = [sector.frontier(county, settings) for county in counties]
    fronts_s = time.process_time() - begun
    offers = [Offers(front.grant_nok, front.households) for front in fronts]
    ceilings = [Offers(front.grant_nok, front.bound_households) for front in fronts]
    choice, highest = couple(offers, budget), couple(ceilings, budget)
    assert choice is not None
    assert highest is not None
    bound = min(choice.bound_households, highest.households)
    sector_s = time.process_time() - begun

    table = pd.concat(counties, ignore_index=True)
    frame = gpd.GeoDataFrame(table, geometry=[shapely.box(0, 0, 1, 1)] * len(table), crs=25833)
    begun = time.process_time()
    _, proof, _ = rollout.choose(frame, settings)
    whole_s = time.process_time() - begun

    households = int(table["households"].sum())
    print(
        f"{chosen.counties} counties, {len(table)} works, {households} households, {budget / 1e6:.0f} MNOK"
    )
    print(
        f"points on a frontier: {min(map(len, (f.grant_nok for f in fronts)))}–{max(map(len, (f.grant_nok for f in fronts)))}"
    )
    print(f"sector: {choice.households} households, bound {bound:.1f}, gap {bound / choice.households - 1:.5%}, "
          f"{sector_s:.2f} s CPU ({fronts_s:.2f} s of it the frontiers)")  # fmt: skip
    print(
        f"whole:  {proof.objective:.0f} households, bound {proof.bound:.1f}, gap {proof.gap_share:.5%}, {whole_s:.2f} s CPU"
    )
    couple_s = sector_s - fronts_s
    print(
        f"ratio of CPU time, whole to sector: {whole_s / sector_s:.2f}; coupling alone: {whole_s / couple_s:.1f}"
    )
    # A county finds its frontier once, with its plan; the nation asks again for every budget.
    if whole_s > couple_s:
        budgets = ceil(fronts_s / (whole_s - couple_s))
        print(f"the frontiers are paid for after {budgets} national budgets or keys tried")


if __name__ == "__main__":
    main()
