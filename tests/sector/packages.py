"""County plan packages made in memory: areas by hand or by seed, everything else as small as can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bredband import sector
from bredband.scenario.rollout import Rollout
from tests import lilleland


def areas_of(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    """Make areas from (area_id, feeder_area, households, grant_nok); no households: a feeder."""
    return pd.DataFrame(
        {
            "area_id": [row[0] for row in rows],
            "kind": ["area" if row[2] else "feeder" for row in rows],
            "feeder_area": [row[1] for row in rows],
            "households": [row[2] for row in rows],
            "weighted_households": [float(row[2]) for row in rows],
            "premises": [row[2] for row in rows],
            "trench_m": [0.0] * len(rows),
            "capex_nok": [row[3] for row in rows],
            "operator_nok": [0] * len(rows),
            "local_nok": [0] * len(rows),
            "grant_nok": [row[3] for row in rows],
        }
    )


def random_areas(seed: int, count: int, most_households: int = 9) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        feeder = f"a{random.integers(i)}" if i and random.random() < 0.6 else ""
        households = 0 if random.random() < 0.3 else int(random.integers(1, most_households + 1))
        rows.append((f"a{i}", feeder, households, int(random.integers(0, 1000))))
    return areas_of(rows)


def package(
    county: str,
    areas: pd.DataFrame,
    *,
    kommune: str,
    rollout: dict[str, Any] | None = None,
    **changes: Any,
) -> sector.Package:
    """Wrap areas as a plan package of a county where nobody is served and all is rural."""
    settings = Rollout.model_validate(
        {"first_year": 2027, "annual_grant_nok": [500_000, 500_000], **(rollout or {})}
    )
    scenario = lilleland.scenario(**changes).model_dump(mode="json")
    scenario["rollout"] = settings.model_dump(mode="json")
    found = sector.frontier(areas, settings)
    households = max(int(areas["households"].sum()), 1)
    content = {
        "publication": {"county": county, "synthetic": True},
        "scenario": scenario,
        "kpis": {
            "households": households,
            "served_before_households": 0,
            "grant_all_areas_nok": int(areas["grant_nok"].sum()),
        },
        "by_year": [
            {"build_year": year, **dict.fromkeys(sector.document.COUNTS, 0)}
            for year in settings.years
        ],
        "by_kommune": [{"kommune": kommune, "households": households}],
        "coverage": [
            {"kommune": "", "settlement": "rural", "households": households, "served_share": 0.0}
        ],
        "areas": areas.to_dict("records"),
        "frontier": {
            "area_id": list(found.area_id),
            "left_out": list(found.left_out),
            "points": [
                {
                    "grant_nok": int(found.grant_nok[k]),
                    "households": int(found.households[k]),
                    "bound_households": int(found.bound_households[k]),
                    "built": "".join("01"[int(mark)] for mark in found.built[k]),
                }
                for k in range(len(found.grant_nok))
            ],
        },
    }
    return sector.Package(county, "", content)


def shared(packages: list[sector.Package], **choices: Any) -> sector.Sector:
    scenario = sector.SectorScenario.model_validate(choices)
    footing, counties = sector.on_one_footing(packages, scenario)
    return sector.distribute(footing, counties, scenario)


def gained(distribution: sector.Distribution, whole: sector.Sector) -> list[int]:
    """Count the households that each county reaches."""
    return [
        int(county.works.loc[share.build_year.index, "households"].sum())
        for county, share in zip(whole.counties, distribution.shares, strict=True)
    ]
