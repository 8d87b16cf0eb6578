"""Why an area is smaller or dearer than the scenario asks for, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from bredband.areas.joining import AsOne, freed, obstacle
from bredband.scenario.network import AreaChoices
from bredband.units import format_decimal, format_mnok
from bredband.wording import sentences

_BESIDE_TRENCH_SHARE = 0.02
"""Cabinets, joints and permits, which come on top of the trench and drops that are bounded."""


def explain_bounds(
    areas: gpd.GeoDataFrame, choices: AreaChoices, language: str = "nb"
) -> dict[str, str]:
    """Say why an area lies outside the scenario's bounds, for each that does.

    An area with too few households was to join a neighbour; the sentence tells what stands in the
    way of the nearest one, and of the nearest in its own kommune if that is another. An area
    that costs too much was to be cut in two.

    Parameters
    ----------
    areas
        The table of that name, priced.

    Returns
    -------
    Sentences by ``area_id``.
    """
    own = areas[areas["kind"] == "area"].reset_index(drop=True)
    say = sentences("areas", language)
    hung = _Hung.of(areas)
    shapes = own.geometry.to_numpy()
    everywhere = _Shapes.of(shapes, np.arange(len(own)))
    at_home = {
        kommune: _Shapes.of(shapes, rows)
        for kommune, rows in own.groupby("kommune").indices.items()
    }
    found = {}
    for i, (_, row) in enumerate(own.iterrows()):
        said = []
        if row["households"] < choices.fewest_households:
            how_many = {0: "none", 1: "one"}.get(row["households"], "few")
            said.append(
                say[how_many].format(households=row["households"], fewest=choices.fewest_households)
            )
            trees = (
                [everywhere, at_home[row["kommune"]]]
                if choices.keep_within_kommune
                else [everywhere]
            )
            looked_at = dict.fromkeys(j for tree in trees for j in _nearest(tree, shapes[i]))
            said += [
                _in_the_way(
                    row, own.iloc[j], shapely.distance(shapes[i], shapes[j]), hung, choices, say
                )
                for j in looked_at
            ] or [say["alone"]]
        if row["capex_nok"] > choices.highest_capex_nok * (1 + _BESIDE_TRENCH_SHARE):
            capex, most = format_mnok(row["capex_nok"]), format_mnok(choices.highest_capex_nok)
            said.append(say["above"].format(capex=capex, most=most))
        if said:
            found[str(row["area_id"])] = " ".join(said)
    return found


@dataclass(frozen=True)
class _Shapes:
    """Outlines of some areas, and their rows."""

    tree: shapely.STRtree
    row: NDArray[np.int64]

    @classmethod
    def of(cls, shapes: NDArray[np.object_], row: NDArray[np.int64]) -> _Shapes:
        return cls(shapely.STRtree(shapes[row]), row)


def _nearest(among: _Shapes, shape: BaseGeometry) -> list[int]:
    """Give the nearest other area, the first of those equally near; none where it is alone."""
    found = among.row[among.tree.query_nearest(shape, exclusive=True)]
    return [int(found.min())] if len(found) else []


def _in_the_way(
    here: pd.Series[Any],
    other: pd.Series[Any],
    away_m: float,
    hung: _Hung,
    choices: AreaChoices,
    say: Mapping[str, str],
) -> str:
    """Say what keeps two areas from being one, or that they lie too far apart."""
    mine, its = hung.chains[here["area_id"]], hung.chains[other["area_id"]]
    freed_nok = sum(hung.capex_nok[piece] for piece in freed(mine, its, hung.users))
    both = AsOne(
        households=here["households"] + other["households"],
        capex_nok=here["capex_nok"] + other["capex_nok"] + freed_nok,
        in_one_kommune=here["kommune"] == other["kommune"],
        on_one_path=mine <= its or its <= mine,
    )
    rule = obstacle(both, choices)
    total, most = f"{both.households}", f"{choices.most_households}"
    if rule == "dear":
        total, most = format_mnok(both.capex_nok), format_mnok(choices.highest_capex_nok)
    km = format_decimal(away_m / 1000)
    return say[rule or "far"].format(name=other["name"], sum=total, most=most, km=km)


@dataclass(frozen=True)
class _Hung:
    """The shared trench that each area hangs on, all the way to lit fibre, and what it costs.

    ``users`` has the areas that hang on each stretch.
    """

    chains: Mapping[str, frozenset[str]]
    users: Mapping[str, set[str]]
    capex_nok: Mapping[str, int]

    @classmethod
    def of(cls, areas: gpd.GeoDataFrame) -> _Hung:
        above = dict(zip(areas["area_id"], areas["feeder_area"], strict=True))
        chains = {}
        for area, feeder in above.items():
            chain, at = set(), feeder
            while at in above:
                chain.add(at)
                at = above[at]
            chains[area] = frozenset(chain)
        own = areas.loc[areas["kind"] == "area", "area_id"]
        users: dict[str, set[str]] = defaultdict(set)
        for area in own:
            for piece in chains[area]:
                users[piece].add(area)
        return cls(chains, users, dict(zip(areas["area_id"], areas["capex_nok"], strict=True)))
