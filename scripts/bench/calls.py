"""Do the hundred calls of the call list change the coverage figure more than other hundreds?

    python scripts/bench/calls.py [--seeds 2] [--first 0] [--calls 100]

On simulated counties whose truth is known (``coverage_worlds.py``) four hundreds are telephoned:
*ringelista* (``conflicts.worth_checking``), *usikrest* (the homes whose offer is least sure, most
households first), *konflikter* (the conflict list from the top) and *tilfeldig*. An answer is the truth, wrong half
as often as the county's survey is: the county rings and can explain what it asks. The answers become evidence of
kind ``call``, and the county is believed again with the numbers learned before. The figure is the households
expected to be covered. Over all counties:

* how far it moves, up or down (root mean square), and how many households closer to the truth it comes;
* the same for the figure under the cut: households at premises that count as covered;
* the Brier score of «served» over all premises, after against before.

``--seeds`` counties of each kind, ``--first`` is how many are skipped.
"""

from __future__ import annotations

import argparse
import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
from coverage_worlds import WORLDS, County, simulate

from bredband import coverage
from bredband.scenario.coverage import CoverageChoices, Target

TARGET = Target(down_mbps=100)
KEYS = ["premises_id", "operator", "technology"]


def believe(county: County, evidence: pd.DataFrame, choices: CoverageChoices) -> coverage.Posterior:
    return coverage.believe(
        county.premises, county.availability, evidence, target=TARGET, choices=choices
    )


def hundreds(
    posterior: coverage.Posterior, county: County, count: int, random: np.random.Generator
) -> dict[str, tuple[pd.DataFrame, float]]:
    """Give the four lists, premises, operator and technology of each call, and what the first foresees."""
    claims = posterior.claims
    row = claims["premises_row"].to_numpy()
    asked = claims.assign(
        premises_id=county.premises["premises_id"].to_numpy()[row],
        spread=claims["probability"] * (1 - claims["probability"]),
        households=county.premises["households"].to_numpy()[row],
    )
    asked = asked[asked["meets"] & (asked["technology"] != "unlisted")]
    unsure = asked.sort_values(["spread", "households"], ascending=False)
    homes = county.premises.assign(address=county.premises["premises_id"])
    best = coverage.conflicts.worth_checking(posterior, homes, count)
    lists = {
        "ringelista": best[KEYS],
        "usikrest": unsure.drop_duplicates("premises_id").head(count)[KEYS],
        "konflikter": _asked_of(coverage.conflicts.find(posterior, homes), asked, count),
        "tilfeldig": asked.sample(frac=1, random_state=random.integers(2**31))
        .drop_duplicates("premises_id")
        .head(count)[KEYS],
    }
    foreseen = float(np.sqrt((best["change_households"] ** 2).sum()))
    return {name: (calls, foreseen) for name, calls in lists.items()}


def _asked_of(found: pd.DataFrame, asked: pd.DataFrame, count: int) -> pd.DataFrame:
    """Ask at the conflicts about the likeliest claim there; those that nobody claims are passed over."""
    likeliest = asked.sort_values("probability", ascending=False).drop_duplicates("premises_id")
    return found[["premises_id"]].merge(likeliest, on="premises_id").head(count)[KEYS]


def answer(
    calls: pd.DataFrame, county: County, wrong_share: float, random: np.random.Generator
) -> pd.DataFrame:
    """Telephone: what each home says about the offer it is asked about."""
    truth = calls.merge(county.availability[KEYS].assign(real=county.truth), on=KEYS, how="left")
    said = truth["real"].to_numpy(bool) ^ (random.random(len(calls)) < wrong_share)
    points = county.premises.set_index("premises_id").geometry.reindex(calls["premises_id"])
    told = calls.assign(
        kind="call", offer=np.where(said, "yes", "no"), link="", match="id", observed_on="",
        evidence_id=[f"ring{i}" for i in range(len(calls))], down_mbps=np.nan, up_mbps=np.nan,
    )  # fmt: skip
    return gpd.GeoDataFrame(told, geometry=points.to_numpy(), crs=county.premises.crs)


def telephone(seeds: int, first: int, count: int) -> pd.DataFrame:
    rows = []
    for world in WORLDS:
        for repeat in range(first, first + seeds):
            drawn = dataclasses.replace(world, seed=world.seed + 100 * repeat)
            county = simulate(drawn)
            random = np.random.default_rng(drawn.seed)
            before = believe(county, county.evidence, CoverageChoices())
            learned = before.trust.model_copy(update={"learn": False})
            p = coverage.served_probability(before)
            home = county.premises["households"].to_numpy(float)
            truth = home @ county.served
            for name, (calls, foreseen) in hundreds(before, county, count, random).items():
                said = answer(calls, county, world.survey_error / 2, random)
                evidence = pd.concat([county.evidence, said], ignore_index=True)
                q = coverage.served_probability(
                    believe(county, evidence, CoverageChoices(trust=learned))
                )
                cut_before, cut_after = home @ (p >= 0.5), home @ (q >= 0.5)
                rows.append(
                    {
                        "hundre": name,
                        "county": drawn.name,
                        "seed": drawn.seed,
                        "foreseen": foreseen,
                        "moved": home @ (q - p),
                        "closer": abs(home @ p - truth) - abs(home @ q - truth),
                        "cut_moved": cut_after - cut_before,
                        "cut_closer": abs(cut_before - truth) - abs(cut_after - truth),
                        "brier": np.mean((q - county.served) ** 2)
                        / np.mean((p - county.served) ** 2),
                    }
                )
    return pd.DataFrame(rows)


def _spread(moved: pd.Series) -> float:
    return float(np.sqrt(np.mean(moved**2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--calls", type=int, default=100)
    choice = parser.parse_args()
    found = telephone(choice.seeds, choice.first, choice.calls)
    table = found.groupby("hundre", sort=False).agg(
        moved=("moved", _spread), closer=("closer", "mean"), cut_moved=("cut_moved", _spread),
        cut_closer=("cut_closer", "mean"), brier=("brier", "mean"), foreseen=("foreseen", _spread),
    )  # fmt: skip
    counties = len(found) // len(table)
    print(f"{choice.calls} telefoner i {counties} simulerte fylker (syntetisk); husstander")
    print("| hvem som ringes | ventet tall flytter seg | forhold | nærmere sannheten | "
          "tall under grensa flytter seg | forhold | nærmere sannheten | Brier etter / før |\n"
          "|---|---|---|---|---|---|---|---|")  # fmt: skip
    usual = table.loc["tilfeldig"]
    for name, row in table.iterrows():
        print(f"| {name} | {row['moved']:.0f} | {row['moved'] / usual['moved']:.2f} × "
              f"| {row['closer']:+.0f} | {row['cut_moved']:.0f} "
              f"| {row['cut_moved'] / usual['cut_moved']:.2f} × | {row['cut_closer']:+.0f} "
              f"| {row['brier']:.3f} |")  # fmt: skip
    print(f"ringelista sier selv {table.loc['ringelista', 'foreseen']:.0f} (ett standardavvik)")
    wide = found.pivot_table(index=["county", "seed"], columns="hundre", values="moved").abs()
    for other in table.index.drop("ringelista"):
        wins = int((wide["ringelista"] > wide[other]).sum())
        print(
            f"ringelista flytter det ventede tallet mer enn {other} i {wins} av {counties} fylker"
        )


if __name__ == "__main__":
    main()
