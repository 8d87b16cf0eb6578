"""Makers of small tables for the tests of the coverage room."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from bredband import coverage, tables
from bredband.scenario.coverage import CoverageChoices, Target

EAST_M, NORTH_M = 300_000.0, 6_700_000.0


def make_premises(count: int, *, apart_m: float = 10_000.0, **columns) -> gpd.GeoDataFrame:
    """Premises ``p0``, ``p1`` … on a line, each in the middle of a 250 m cell."""
    frame = pd.DataFrame(
        {
            "premises_id": [f"p{i}" for i in range(count)],
            "street": "", "house_number": "", "address": "", "postcode": "", "postplace": "",
            "kommune": "3420", "grunnkrets": "34200101", "tettsted": "", "rural": True,
            "cadastre": "", "kind": "dwelling", "households": 1, "households_rule": "test",
            "priority_weight": 1.0,
            "access_x_m": np.nan,
            "access_y_m": np.nan,
        }
    ).assign(**columns)  # fmt: skip
    x_m = EAST_M + 125 + apart_m * np.arange(count)
    points = gpd.points_from_xy(x_m, np.full(count, NORTH_M + 125))
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:25833")


def make_offers(*rows: tuple[str, str, str, float, float, str]) -> pd.DataFrame:
    """Offers: premises, operator, technology, down, up, status."""
    if not rows:
        return tables.empty("availability")
    names = ["premises_id", "operator", "technology", "down_mbps", "up_mbps", "status"]
    frame = pd.DataFrame(rows, columns=names).astype({"down_mbps": float, "up_mbps": float})
    return frame.assign(connected=False, source="test", as_of="", error_db=np.nan)


def fibre(*ids: str, operator: str = "A") -> pd.DataFrame:
    """An offer of 1000/500 fibre at each premises."""
    return make_offers(*[(p, operator, "fibre", 1000.0, 500.0, "available") for p in ids])


def answer(premises_id: str, offer: str, operator: str = "", technology: str = "") -> dict:
    """One survey answer."""
    return {"premises_id": premises_id, "offer": offer, "operator": operator,
            "technology": technology, "kind": "survey"}  # fmt: skip


def call(premises_id: str, offer: str, operator: str = "", technology: str = "") -> dict:
    """What one home answered when the county rang."""
    return answer(premises_id, offer, operator, technology) | {"kind": "call"}


def speed(
    premises_id: str,
    down_mbps: float,
    link: str = "cable",
    operator: str = "",
    technology: str = "",
) -> dict:
    """One speed test."""
    return {"premises_id": premises_id, "down_mbps": down_mbps, "link": link,
            "operator": operator, "technology": technology, "kind": "speed_test"}  # fmt: skip


def make_evidence(*rows: dict) -> gpd.GeoDataFrame:
    """Evidence from :func:`answer`, :func:`call` and :func:`speed`."""
    blank = {"match": "id", "operator": "", "technology": "", "offer": "", "down_mbps": np.nan,
             "up_mbps": np.nan, "link": "", "observed_on": ""}  # fmt: skip
    if not rows:
        return tables.empty("evidence")
    frame = pd.DataFrame([{"evidence_id": f"e{i}", **blank, **row} for i, row in enumerate(rows)])
    points = gpd.points_from_xy([EAST_M] * len(frame), [NORTH_M] * len(frame))
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:25833")


def assess(
    premises: gpd.GeoDataFrame, offers: pd.DataFrame, evidence: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """The coverage table with an untouched scenario."""
    told = make_evidence() if evidence is None else evidence
    choices = CoverageChoices()
    posterior = coverage.believe(premises, offers, told, target=Target(), choices=choices)
    return coverage.judge(posterior, premises, offers, choices)
