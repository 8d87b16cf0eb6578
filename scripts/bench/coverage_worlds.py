"""Simulated counties whose truth is known: claims, errors that come in patches, evidence."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter
from scipy.stats import norm

SIDE_M = 60_000.0
WEST_M, SOUTH_M = 300_000.0, 6_700_000.0
OFFERS = {  # operator, technology: speed, share of town, village and scattered premises
    ("Fjordnett", "fibre"): (1000.0, 0.75, 0.65, 0.30),
    ("Dalfiber", "fibre"): (1000.0, 0.15, 0.35, 0.30),
    ("Bykabel", "cable"): (1000.0, 0.60, 0.05, 0.0),
    ("Landsnett", "fwa"): (100.0, 0.40, 0.60, 0.55),
    ("Landsnett", "dsl"): (20.0, 0.90, 0.80, 0.60),
}


@dataclass(frozen=True)
class World:
    """What a simulated county assumes."""

    name: str
    seed: int
    premises: int = 20_000
    reliability: tuple[float, ...] = (0.97, 0.92, 0.97, 0.85, 0.90)
    patch_m: float = 600.0
    patchy_share: float = 0.7
    rural_penalty: float = 0.3
    survey_share: float = 0.04
    survey_error: float = 0.05
    test_share: float = 0.04
    buys_top_share: float = 0.5
    complaint_bias: float = 1.0
    underreport_share: float = 0.01
    claims_factor: float = 1.0
    take_up_spread: float = 0.0


WORLDS = (
    World("grunntilfelle", 1),
    World("overdriver 20 %", 2, reliability=(0.97, 0.80, 0.97, 0.85, 0.90)),
    World("mange feil", 3, reliability=(0.90, 0.75, 0.92, 0.65, 0.80)),
    World("store flekker", 4, patch_m=2000.0, patchy_share=0.9),
    World("spredte feil", 5, patch_m=150.0, patchy_share=0.3),
    World("lite svar", 6, survey_share=0.01, test_share=0.01),
    World("slurvete svar", 7, survey_error=0.10, buys_top_share=0.25),
    World("ulik tilknytning", 9, take_up_spread=1.0),
    World("misfornøyde svarer", 8, complaint_bias=3.0,
          reliability=(0.95, 0.80, 0.97, 0.80, 0.90)),
)  # fmt: skip


@dataclass(frozen=True)
class County:
    """A simulated county; ``truth`` says for each row of ``availability`` whether it is real."""

    premises: gpd.GeoDataFrame
    availability: pd.DataFrame
    evidence: gpd.GeoDataFrame
    truth: np.ndarray
    served: np.ndarray


def simulate(world: World, target_mbps: float = 100.0) -> County:
    random = np.random.default_rng(world.seed)
    premises, kind = _place(world, random)
    availability, truth = _claims(world, premises, kind, random)
    meets = (availability["down_mbps"] >= target_mbps).to_numpy()
    row = availability["premises_row"].to_numpy()
    hidden = random.random(len(premises)) < world.underreport_share
    served = hidden.copy()
    served[row[meets & truth]] = True
    evidence = _evidence(world, premises, availability, truth, random)
    return County(premises, availability.drop(columns="premises_row"), evidence, truth, served)


def _place(world: World, random: np.random.Generator) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    n = world.premises
    kind = random.choice(3, n, p=[0.5, 0.25, 0.25])  # town, village, scattered
    x, y = random.uniform(0, SIDE_M, n), random.uniform(0, SIDE_M, n)
    for which, places, spread_m in ((0, 4, 1200.0), (1, 40, 350.0), (2, 250, 900.0)):
        members = np.flatnonzero(kind == which)
        centre = random.uniform(3000, SIDE_M - 3000, (places, 2))
        home = random.integers(0, places, len(members))
        x[members] = centre[home, 0] + random.normal(0, spread_m, len(members))
        y[members] = centre[home, 1] + random.normal(0, spread_m, len(members))
    x, y = np.clip(x, 0, SIDE_M - 1), np.clip(y, 0, SIDE_M - 1)
    kommune = np.char.add("990", (1 + (x // (SIDE_M / 3)).astype(int)).astype(str))
    krets = (x // 4000).astype(int) * 15 + (y // 4000).astype(int)
    frame = pd.DataFrame(
        {
            "premises_id": [f"p{i:06d}" for i in range(n)],
            "kommune": kommune,
            "grunnkrets": [f"{k}{g:04d}" for k, g in zip(kommune, krets, strict=True)],
            "rural": kind == 2,
            "kind": "dwelling",
            "households": np.where(kind == 0, random.integers(1, 4, n), 1),
        }
    )
    points = gpd.points_from_xy(WEST_M + x, SOUTH_M + y)
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:25833"), kind


def _field(length_m: float, xy: np.ndarray, random: np.random.Generator):
    """Give a standard normal field with about the given length at each premises."""
    cell = max(length_m / 3, 50.0)
    size = int(np.ceil(SIDE_M / cell)) + 1
    smooth = gaussian_filter(random.standard_normal((size, size)), length_m / cell, mode="wrap")
    smooth /= smooth.std()
    return smooth[(xy[:, 0] / cell).astype(int), (xy[:, 1] / cell).astype(int)]


def _claims(world, premises, kind, random):
    xy = np.column_stack([premises.geometry.x - WEST_M, premises.geometry.y - SOUTH_M])
    parts, truths = [], []
    for (key, offer), reliability in zip(OFFERS.items(), world.reliability, strict=True):
        (operator, technology), (speed, *shares) = key, offer
        wanted = norm.ppf(np.clip(world.claims_factor * np.array(shares)[kind], 1e-6, 0.98))
        where = _field(2500.0, xy, random) * 0.9 + random.normal(0, 0.44, len(kind))
        claimed = np.flatnonzero(where < wanted)
        s = world.patchy_share
        fault = np.sqrt(s) * _field(world.patch_m, xy, random)
        fault += np.sqrt(1 - s) * random.standard_normal(len(kind))
        limit = norm.ppf(reliability) - world.rural_penalty * (kind - 0.75)
        connected = (random.random(len(kind)) < _take_up(world, xy, random)) & (fault < limit)
        parts.append(
            pd.DataFrame(
                {
                    "premises_row": claimed,
                    "premises_id": premises["premises_id"].to_numpy()[claimed],
                    "operator": operator, "technology": technology,
                    "down_mbps": speed, "up_mbps": speed / 10, "status": "available",
                    "connected": connected[claimed] & (technology == "fibre"),
                    "source": "simulert", "as_of": "", "error_db": np.nan,
                }
            )
        )  # fmt: skip
        truths.append((fault < limit)[claimed])
    return pd.concat(parts, ignore_index=True), np.concatenate(truths)


def _take_up(world: World, xy: np.ndarray, random: np.random.Generator) -> np.ndarray | float:
    """Give how many of those who can are connected: half, or unlike from place to place."""
    if not world.take_up_spread:
        return 0.5
    return norm.cdf(world.take_up_spread * _field(world.patch_m, xy, random))


def _evidence(world, premises, availability, truth, random):
    """Survey answers about one claim each, and speed tests on one real line each."""
    rows = np.arange(len(availability))
    known = pd.DataFrame({"row": rows, "p": availability["premises_row"], "true": truth})
    shuffled = known.sample(frac=1.0, random_state=np.random.RandomState(world.seed))
    asked = shuffled.drop_duplicates("p")
    chance = world.survey_share * np.where(asked["true"], 1.0, world.complaint_bias)
    asked = asked[random.random(len(asked)) < chance]
    wrong = random.random(len(asked)) < world.survey_error
    survey = availability.iloc[asked["row"]][["premises_id", "operator", "technology"]].assign(
        kind="survey",
        offer=np.where(asked["true"].to_numpy() ^ wrong, "yes", "no"),
        down_mbps=np.nan,
        link="",
    )
    lines = shuffled[shuffled["true"]].drop_duplicates("p")
    lines = lines[random.random(len(lines)) < world.test_share]
    line = availability.iloc[lines["row"]]
    wifi = random.random(len(lines)) < 0.6
    top = random.random(len(lines)) < world.buys_top_share
    got = np.where(top, line["down_mbps"], random.uniform(10, 90, len(lines)))
    got = np.minimum(got, line["down_mbps"]) * np.where(
        wifi, random.uniform(0.2, 0.97, len(lines)), random.uniform(0.92, 0.97, len(lines))
    )
    tests = line[["premises_id", "operator"]].assign(
        technology="", kind="speed_test", offer="", down_mbps=got,
        link=np.where(wifi, "wifi", "cable"),
    )  # fmt: skip
    both = pd.concat([survey, tests], ignore_index=True)
    points = premises.set_index("premises_id").geometry.reindex(both["premises_id"])
    return gpd.GeoDataFrame(
        both.assign(
            evidence_id=[f"e{i}" for i in range(len(both))],
            match="id",
            up_mbps=np.nan,
            observed_on="",
        ),
        geometry=points.to_numpy(),
        crs="EPSG:25833",
    )
