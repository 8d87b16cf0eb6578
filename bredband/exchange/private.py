"""What tells of single homes, and stays out of what is laid out for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.plan import Plan
from bredband.wording import said

HOME_TABLES = frozenset({"premises", "coverage", "connections", "drops"})
"""Tables with a row for each home. What evidence contradicts (``conflicts``) is never exported."""

_COUNTS: Mapping[str, tuple[str, ...]] = {
    "areas": ("premises", "households", "weighted_households"),
    "alternatives": (
        "premises", "left_premises", "households", "weighted_households", "fibre_premises",
        "radio_premises",
    ),
    "bills": ("count",),
    "cabinets": ("premises",),
    "mast_candidates": ("premises", "households"),
}  # fmt: skip
"""What counts homes, by table; unknown (null) for small areas in what is for everybody."""

_SENTENCES: Mapping[str, tuple[str, ...]] = {
    "premises": ("households_rule",),
    "coverage": ("reason",),
    "connections": ("reason",),
}
"""What the program says in words, by table: bokmål as it is computed, in the plan's language laid out."""

_DRAWN = ("areas", "schedule")
"""Tables whose outlines show where the homes of an area are."""


def published(names: Iterable[str], plan: Plan, *, public: bool) -> tuple[str, ...]:
    """Give the tables that are written: all, or those that tell of no single home.

    Masts are written when the scenario asks for them.
    """
    left_out = HOME_TABLES if public else frozenset()
    if not plan.scenario.radio.propose_masts:
        left_out |= {"mast_candidates"}
    return tuple(name for name in names if name not in left_out)


def edition(plan: Plan, name: str, *, public: bool) -> pd.DataFrame:
    """Give a table of the plan in its own language, or with nothing that counts a few homes.

    In what is for everybody an area with fewer households than ``output.fewest_households`` has
    its price and its year, but no outline, and no number of homes; nor has a mast that reaches so few.
    """
    frame: pd.DataFrame = getattr(plan, name)
    for column in _SENTENCES.get(name, ()):
        known = {text: said(text, plan.scenario.output.language) for text in set(frame[column])}
        frame = frame.assign(**{column: frame[column].map(known)})
    if not public or not (name in _COUNTS or name in _DRAWN):
        return frame
    fewest = plan.scenario.output.fewest_households
    if name == "mast_candidates":
        hidden = (frame["households"] < fewest).to_numpy()
    else:
        few = (plan.areas["households"] < fewest) & (plan.areas["kind"] == "area")
        hidden = frame["area_id"].isin(plan.areas.loc[few, "area_id"]).to_numpy()
    counts = _COUNTS.get(name, ())
    told = frame.assign(**{column: _without(frame[column], hidden) for column in counts})
    if name in _DRAWN and isinstance(told, gpd.GeoDataFrame):
        told = told.set_geometry(frame.geometry.where(~hidden, None))
    return told


def edition_of_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the content of ``plan.json`` without what counts the homes of small areas and masts."""
    fewest = document["scenario"]["output"]["fewest_households"]
    areas = [
        {**area, **dict.fromkeys(_UNTOLD_OF_AREA), "quantities": [], "size_note": ""}
        if area["kind"] == "area" and area["households"] < fewest
        else area
        for area in document["areas"]
    ]
    masts = [
        {**mast, "premises": None, "households": None} if mast["households"] < fewest else mast
        for mast in document["masts"]
    ]
    return {**document, "areas": areas, "masts": masts}


_UNTOLD_OF_AREA = ("premises", "households", "weighted_households", "grant_per_household_nok")


def _without(values: pd.Series[Any], hidden: NDArray[np.bool_]) -> pd.Series[Any]:
    """Make some values unknown; whole numbers stay whole."""
    whole = values.dtype.kind == "i"
    return (values.astype("Int64") if whole else values.astype("float64")).mask(hidden)
