"""Do the hundred calls of the call list change the coverage figure more than other hundreds?

    python scripts/bench/calls.py [--seeds 3] [--calls 100]

On simulated counties whose truth is known (``coverage_worlds.py``) three hundreds are telephoned:
*ringelista* (``conflicts.worth_checking``), *usikrest* (the homes whose offer is least sure, most
households first) and *tilfeldig*. An answer is the truth, wrong as often as the county's survey is. The
answers become evidence, and the county is believed again with the numbers learned before. How
far the county's covered households then move, up or down, is the value of checking; the
table gives the root mean square over all counties, and beside it the households that get
another status under the cut, and the Brier score of «served» over all premises afterwards.
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
) -> dict[str, pd.DataFrame]:
    """Give the three lists: premises, operator and technology of each call."""
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
    return {
        "ringelista": coverage.conflicts.worth_checking(posterior, homes, count)[KEYS],
        "usikrest": unsure.drop_duplicates("premises_id").head(count)[KEYS],
        "tilfeldig": asked.sample(frac=1, random_state=random.integers(2**31))
        .drop_duplicates("premises_id")
        .head(count)[KEYS],
    }


def answer(
    calls: pd.DataFrame, county: County, wrong_share: float, random: np.random.Generator
) -> pd.DataFrame:
    """Telephone: what each home says about the offer it is asked about."""
    truth = calls.merge(county.availability[KEYS].assign(real=county.truth), on=KEYS, how="left")
    said = truth["real"].to_numpy(bool) ^ (random.random(len(calls)) < wrong_share)
    points = county.premises.set_index("premises_id").geometry.reindex(calls["premises_id"])
    told = calls.assign(
        kind="survey", offer=np.where(said, "yes", "no"), link="", match="id", observed_on="",
        evidence_id=[f"ring{i}" for i in range(len(calls))], down_mbps=np.nan, up_mbps=np.nan,
    )  # fmt: skip
    return gpd.GeoDataFrame(told, geometry=points.to_numpy(), crs=county.premises.crs)


def telephone(seeds: int, count: int) -> pd.DataFrame:
    rows = []
    for world in WORLDS:
        for repeat in range(seeds):
            drawn = dataclasses.replace(world, seed=world.seed + 100 * repeat)
            county = simulate(drawn)
            random = np.random.default_rng(drawn.seed)
            before = believe(county, county.evidence, CoverageChoices())
            learned = before.trust.model_copy(update={"learn": False})
            p = coverage.served_probability(before)
            home = county.premises["households"].to_numpy(float)
            for name, calls in hundreds(before, county, count, random).items():
                said = answer(calls, county, world.survey_error, random)
                evidence = pd.concat([county.evidence, said], ignore_index=True)
                q = coverage.served_probability(
                    believe(county, evidence, CoverageChoices(trust=learned))
                )
                rows.append(
                    {
                        "hundre": name,
                        "county": world.name,
                        "moved": home @ (q - p),
                        "status": home @ ((q >= 0.5) != (p >= 0.5)),
                        "brier": np.mean((q - county.served) ** 2)
                        / np.mean((p - county.served) ** 2),
                    }
                )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=100)
    choice = parser.parse_args()
    found = telephone(choice.seeds, choice.calls)
    table = found.groupby("hundre", sort=False).agg(
        moved=("moved", lambda m: np.sqrt(np.mean(m**2))),
        status=("status", "mean"),
        brier=("brier", "mean"),
    )
    print(f"{choice.calls} telefoner i {len(found) // 3} simulerte fylker (syntetisk)")
    print("| hvem som ringes | dekkede husstander flytter seg (kvadratisk middel) | forhold | "
          "husstander med ny status | Brier etter / før |\n|---|---|---|---|---|")  # fmt: skip
    for name, row in table.iterrows():
        print(f"| {name} | {row['moved']:.0f} | {row['moved'] / table.loc['tilfeldig', 'moved']:.2f} × "
              f"| {row['status']:.0f} | {row['brier']:.3f} |")  # fmt: skip
    wide = found.assign(n=found.groupby("hundre").cumcount()).pivot_table(
        index="n", columns="hundre", values="moved"
    ).abs()  # fmt: skip
    for other in ("usikrest", "tilfeldig"):
        wins = int((wide["ringelista"] > wide[other]).sum())
        print(f"ringelista flytter tallet mer enn {other} i {wins} av {len(wide)} fylker")


if __name__ == "__main__":
    main()
