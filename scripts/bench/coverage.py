"""Hold the coverage model against three simpler ways, on simulated counties with known truth.

    python scripts/bench/coverage.py [--seeds 3] [--first 0] [--figure docs/figures/coverage-model.png]

``--first`` is how many seeds of each kind are skipped, so that counties can be tried that nobody has looked at;
``--seeds 0`` only takes the time, ``--untimed`` does not.

Every county differs in error rates, in the size of the patches that errors come in, in how
much evidence there is and how good it is; the model sees none of that and runs with the
numbers of an untouched scenario. Each way sees the same evidence. Scored:

* premises without evidence of their own: Brier score and log score of «served» against truth;
* one in five survey answers, held out: Brier score of the predicted answer;
* basic units (grunnkretser) with at least 30 households: how often the 90 % interval (the
  narrowest that holds nine of ten draws) of the share served holds the true share.

The simpler ways: *påstandene* (claims at face value), *naboene* (mean of the 20 nearest
answers on the same operator and technology), *logistisk* (logistic regression on operator,
technology, speed, connected, rural and place, scikit-learn). The last two get the better of
two ways to use speed tests, chosen with the truth in hand.
"""

from __future__ import annotations

if __name__ != "__main__":
    # numba asks for the library of this name, and a bench beside this one would get this file
    raise ImportError("this is a bench, not the library coverage")

import argparse
import dataclasses
import time
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from coverage_worlds import WORLDS, County, World, simulate
from scipy.spatial import KDTree
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bredband import coverage
from bredband.coverage.findings import answered
from bredband.scenario.coverage import CoverageChoices, Target, Trust

TARGET = Target(down_mbps=100)
DRAWS = 200
WAYS = ("påstandene", "naboene", "logistisk", "bredband")


@dataclasses.dataclass(frozen=True)
class Task:
    """What every way is given: claims, labels from evidence, and what it is scored on."""

    county: County
    evidence: pd.DataFrame
    claims: pd.DataFrame
    held_out: pd.DataFrame
    blind: np.ndarray


def set_task(county: County, seed: int) -> Task:
    random = np.random.default_rng(seed)
    survey = county.evidence["kind"].eq("survey").to_numpy()
    held = survey & (random.random(len(survey)) < 0.2)
    evidence = county.evidence[~held]
    claims = county.availability.assign(
        premises_row=pd.Index(county.premises["premises_id"]).get_indexer(
            county.availability["premises_id"]
        ),
        truth=county.truth,
        meets=county.availability["down_mbps"] >= TARGET.down_mbps,
    )
    keys = ["premises_id", "operator", "technology"]
    held_out = county.evidence.loc[held, [*keys, "offer"]].merge(
        claims.reset_index(names="claim")[[*keys, "claim"]], on=keys
    )
    only_held = ~held_out["premises_id"].isin(evidence["premises_id"])
    seen = county.premises["premises_id"].isin(county.evidence["premises_id"]).to_numpy()
    return Task(county, evidence, claims, held_out[only_held], ~seen)


def labels(task: Task, with_tests: bool) -> pd.Series:
    """Label claims 1 and 0 by the evidence about them; claims without evidence are absent."""
    keys = ["premises_id", "operator", "technology"]
    indexed = task.claims.reset_index(names="claim")
    said = task.evidence
    survey = said[said["kind"] == "survey"].merge(indexed[[*keys, "claim"]], on=keys)
    found = survey.set_index("claim")["offer"].eq("yes").astype(float)
    if with_tests:
        fast = said[said["down_mbps"] >= 0.9 * TARGET.down_mbps]
        real = fast[["premises_id", "operator"]].merge(
            indexed[indexed["meets"]], on=["premises_id", "operator"]
        )
        found = pd.concat([found, pd.Series(1.0, index=real["claim"])])
    return found.groupby(level=0).max()


def neighbours(task: Task, label: pd.Series) -> np.ndarray:
    claims = task.claims
    xy = np.column_stack([task.county.premises.geometry.x, task.county.premises.geometry.y])
    xy = xy[claims["premises_row"]]
    p = np.ones(len(claims))
    for rows in claims.groupby(["operator", "technology"]).groups.values():
        known = label.index.intersection(rows)
        if len(known) == 0:
            continue
        k = min(20, len(known))
        _, near = KDTree(xy[known]).query(xy[rows], k=k)
        p[rows] = label.loc[known].to_numpy()[near.reshape(len(rows), k)].mean(axis=1)
    return p


def logistic(task: Task, label: pd.Series) -> np.ndarray:
    claims = task.claims
    points = task.county.premises.geometry
    xy = np.column_stack([points.x, points.y])[claims["premises_row"]]
    xy = (xy - xy.mean(axis=0)) / xy.std(axis=0)
    who = pd.get_dummies(claims["operator"] + claims["technology"]).to_numpy(float)
    features = np.column_stack(
        [
            who,
            claims["connected"],
            task.county.premises["rural"].to_numpy()[claims["premises_row"]],
            np.log(claims["down_mbps"]),
            xy, xy**2, xy[:, :1] * xy[:, 1:],
        ]
    )  # fmt: skip
    if label.nunique() < 2:
        return np.full(len(claims), label.mean())
    scale = StandardScaler().fit(features)
    model = LogisticRegression(max_iter=1000).fit(scale.transform(features[label.index]), label)
    return model.predict_proba(scale.transform(features))[:, 1]


def serve(task: Task, p: np.ndarray) -> np.ndarray:
    """Combine claims into premises: served when any claim at the target is true."""
    meets = task.claims["meets"].to_numpy()
    doubt = np.log1p(-np.clip(p[meets], 0, 1 - 1e-9))
    row = task.claims.loc[meets, "premises_row"]
    return -np.expm1(np.bincount(row, doubt, minlength=len(task.county.premises)))


def brier(p: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean((p - truth) ** 2))


def log_score(p: np.ndarray, truth: np.ndarray) -> float:
    p = np.clip(p, 0.001, 0.999)
    return float(-np.mean(np.where(truth, np.log(p), np.log(1 - p))))


def cover(task: Task, versions: np.ndarray) -> np.ndarray:
    """Say for each grunnkrets with 30 households whether its interval holds the truth."""
    code = pd.factorize(task.county.premises["grunnkrets"])[0]
    households = task.county.premises["households"].to_numpy(float)
    total = np.bincount(code, households)

    def share(served: np.ndarray) -> np.ndarray:
        return np.bincount(code, households * served) / total

    drawn = np.stack([share(versions[:, k]) for k in range(versions.shape[1])])
    low, high = coverage.interval(drawn)
    truth = share(task.county.served)
    return ((truth >= low - 1e-9) & (truth <= high + 1e-9))[total >= 30]


def judge(task: Task, choices: CoverageChoices, seed: int) -> tuple[pd.DataFrame, dict]:
    """Score every way on one county."""
    served = task.county.served
    random = np.random.default_rng(seed)
    answer = task.held_out["offer"].eq("yes").to_numpy()
    best: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    ones = np.ones(len(task.claims))
    best["påstandene"] = (serve(task, ones), ones)
    for name, way in (("naboene", neighbours), ("logistisk", logistic)):
        tried = [way(task, labels(task, tests)) for tests in (False, True)]
        both = [(serve(task, p), p) for p in tried]
        best[name] = min(both, key=lambda pair: brier(pair[0][task.blind], served[task.blind]))
    posterior = coverage.believe(
        task.county.premises, task.county.availability, task.evidence,
        target=TARGET, choices=choices,
    )  # fmt: skip
    ours = coverage.served_probability(posterior)
    keys = ["premises_id", "operator", "technology"]
    told = posterior.claims.assign(
        premises_id=task.county.premises["premises_id"].to_numpy()[posterior.claims["premises_row"]]
    )[[*keys, "probability"]]
    per_claim = task.claims[keys].merge(told, on=keys, how="left")["probability"].to_numpy()
    right, odds = posterior.trust.survey_probability, posterior.trust.complaint_weight
    per_claim = per_claim / (per_claim + odds * (1 - per_claim))  # among those who answer
    best["bredband"] = (ours, per_claim * right + (1 - per_claim) * (1 - right))
    rows = []
    for name in WAYS:
        p, claim = best[name]
        if name == "bredband":
            versions = coverage.draw(posterior, DRAWS, seed)
        else:
            versions = random.random((len(p), DRAWS)) < p[:, None]
        held = cover(task, versions)
        rows.append(
            {
                "way": name,
                "brier": brier(p[task.blind], served[task.blind]),
                "log": log_score(p[task.blind], served[task.blind]),
                "answers": brier(claim[task.held_out["claim"]], answer),
                "held": held.sum(),
                "units": len(held),
                "mean": np.average(p, weights=task.county.premises["households"]),
                "truth": np.average(served, weights=task.county.premises["households"]),
            }
        )
    return pd.DataFrame(rows), {
        "p": ours[task.blind],
        "truth": served[task.blind],
        "answer_p": best["bredband"][1][task.held_out["claim"]],
        "answer": answer,
        "answered": int(answered(posterior.claims["pattern"].to_numpy()).sum()),
    }


def run_counties(seeds: int, first: int) -> tuple[pd.DataFrame, list[dict]]:
    parts, curves = [], []
    biased = WORLDS[-1]
    told = dataclasses.replace(biased, name=f"{biased.name}, oppgitt")
    for world in (*WORLDS, told):
        for repeat in range(first, first + seeds):
            drawn = dataclasses.replace(world, seed=world.seed + 100 * repeat)
            weight = world.complaint_bias if world is told else 1.0
            choices = CoverageChoices(trust=Trust(complaint_weight=weight))
            scores, curve = judge(set_task(simulate(drawn), drawn.seed), choices, drawn.seed)
            parts.append(scores.assign(county=world.name, seed=drawn.seed))
            curves.append({**curve, "county": world.name})
    return pd.concat(parts, ignore_index=True), curves


def print_tables(scores: pd.DataFrame) -> None:
    scores = scores.assign(cover=scores["held"] / scores["units"])
    order = scores["county"].drop_duplicates()
    for measure, title in (
        ("brier", "Brier, adresser uten eget svar (lavere er bedre)"),
        ("log", "Logaritmisk skår, adresser uten eget svar (lavere er bedre)"),
        ("answers", "Brier, svar som er holdt utenfor"),
        ("cover", "90 %-intervallet for grunnkretsen holder sannheten"),
    ):
        table = scores.pivot_table(index="county", columns="way", values=measure).loc[
            order, list(WAYS)
        ]
        print(f"\n{title}\n| fylke | {' | '.join(WAYS)} |\n|---|{'---|' * len(WAYS)}")
        for name, row in table.iterrows():
            cells = " | ".join(f"{v:.3f}" if measure == "cover" else f"{v:.4f}" for v in row)
            print(f"| {name} | {cells} |")
    ours = scores[scores["way"] == "bredband"]
    untold = ours[
        ~ours["county"].str.startswith("misfornøyde svarer")
        | ours["county"].str.endswith("oppgitt")
    ]
    print(
        f"\nDekning av 90 %-intervallene i alt: {ours['held'].sum() / ours['units'].sum():.3f}; "
        f"uten fylkene med ukjent skjevhet: {untold['held'].sum() / untold['units'].sum():.3f}"
    )
    by_kind = ours.groupby("county", sort=False)[["held", "units"]].sum()
    by_kind = by_kind["held"] / by_kind["units"]
    print(
        f"etter slag: {by_kind.min():.3f} ({by_kind.idxmin()}) til {by_kind.max():.3f} ({by_kind.idxmax()})"
    )
    wide = scores.pivot_table(index=["county", "seed"], columns="way", values="brier")
    for name in WAYS[:-1]:
        wins = (wide["bredband"] < wide[name]).sum()
        print(f"Brier lavere enn {name} i {wins} av {len(wide)} fylker; "
              f"forhold {wide['bredband'].mean() / wide[name].mean():.2f}")  # fmt: skip


def draw_figure(scores: pd.DataFrame, curves: list[dict], path: Path) -> None:
    mpl.use("Agg")
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), constrained_layout=True)
    fair = [
        c for c in curves if not c["county"].startswith("misfornøyde") or "oppgitt" in c["county"]
    ]
    for p, truth, name, marker in (
        ("p", "truth", "adresser, mot sannheten", "o"),
        ("answer_p", "answer", "svar holdt utenfor", "s"),
    ):
        said = np.concatenate([c[p] for c in fair])
        came = np.concatenate([c[truth] for c in fair]).astype(float)
        step = np.clip((said * 10).astype(int), 0, 9)
        count = np.bincount(step, minlength=10)
        enough = count >= 50
        x = np.bincount(step, said, minlength=10)[enough] / count[enough]
        y = np.bincount(step, came, minlength=10)[enough] / count[enough]
        left.plot(x, y, marker=marker, label=name)
    left.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--")
    left.set(xlabel="Sannsynlighet modellen oppgir", ylabel="Andel som stemte",
             title="Stemmer sannsynlighetene?")  # fmt: skip
    left.legend(frameon=False)
    table = scores.pivot_table(index="county", columns="way", values="brier")
    table = table.loc[scores["county"].drop_duplicates(), list(WAYS)]
    place = np.arange(len(table))
    for k, name in enumerate(WAYS):
        right.barh(place + (k - 1.5) * 0.2, table[name], height=0.2, label=name)
    right.set_yticks(place, table.index)
    right.invert_yaxis()
    right.set(xlabel="Brier (lavere er bedre)", title="Simulerte fylker (syntetisk)")
    right.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)


def time_it() -> None:
    """Time 300 000 premises, three offers each and 50 000 observations, on one core."""
    world = World(
        "stort fylke", 9, premises=300_000, survey_share=0.1, test_share=0.09, claims_factor=1.6
    )
    county = simulate(world)
    task = set_task(county, 9)
    task = dataclasses.replace(task, evidence=county.evidence.iloc[:50_000])
    small = simulate(World("oppvarming", 1, premises=3000))
    coverage.believe(
        small.premises, small.availability, small.evidence, target=TARGET, choices=CoverageChoices()
    )
    seconds = {}
    choices = CoverageChoices()

    def believe() -> coverage.Posterior:
        return coverage.believe(
            county.premises, county.availability, task.evidence, target=TARGET, choices=choices
        )

    for name, work in (
        ("logistisk", lambda: serve(task, logistic(task, labels(task, True)))),
        ("bredband", lambda: coverage.served_probability(believe())),
        ("hele dekningstabellen", lambda: coverage.judge(
            believe(), county.premises, county.availability, choices)),
    ):  # fmt: skip
        runs = []
        for _ in range(3):
            start = time.process_time()
            work()
            runs.append(time.process_time() - start)
        seconds[name] = float(np.median(runs))
    print(f"\n{len(county.premises)} adresser, {len(county.availability)} tilbud, "
          f"{len(task.evidence)} svar og målinger; CPU-sekunder, median av tre:")  # fmt: skip
    for name, value in seconds.items():
        print(f"  {name:22s} {value:5.1f} s   {value / seconds['logistisk']:.2f} × logistisk")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--untimed", action="store_true")
    choice = parser.parse_args()
    if choice.seeds:
        scores, curves = run_counties(choice.seeds, choice.first)
        print_tables(scores)
        if choice.figure:
            draw_figure(scores, curves, choice.figure)
    if not choice.untimed:
        time_it()


if __name__ == "__main__":
    main()
