"""Prices held against what building is known to cost."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from bredband import costs
from bredband.county import read_table, replacing
from bredband.pipeline.run import read_plan
from bredband.scenario.costs import Costs
from bredband.scenario.section import NokRange


def calibrate(
    folder: Path, *, target_nok_per_household: float, out: Path | None = None
) -> pd.DataFrame:
    """Move the prices of a written plan until all its areas cost a given sum per household.

    All areas count, built or not, with the trench that they share.

    Parameters
    ----------
    folder
        A folder that ``run`` wrote.
    out
        A TOML file for the prices found: the section ``[costs]`` of a scenario.

    Returns
    -------
    A row per price: before, after, whether it left its range, and what the bills sum to.
    """
    scenario = read_plan(folder).scenario
    areas = read_table(folder, "areas")
    prices, changes = costs.calibrate(
        read_table(folder, "bills"),
        scenario.costs,
        households=int(areas["households"].sum()),
        target_nok_per_household=target_nok_per_household,
    )
    if out is not None:
        with replacing(out) as temporary:
            temporary.write_text(_toml(prices), encoding="utf-8")
    return changes


def _toml(prices: Costs) -> str:
    """Write every price as the section ``[costs]`` of a scenario."""
    plain, tables = ["[costs]"], []
    for name in type(prices).model_fields:
        value = getattr(prices, name)
        if isinstance(value, NokRange):
            plain.append(f"{name} = {_range(value)}")
        elif isinstance(value, dict) and any(isinstance(v, NokRange) for v in value.values()):
            tables += ["", f"[costs.{name}]"]
            tables += [f"{key} = {_range(price)}" for key, price in value.items()]
    for option in prices.other_methods:
        tables += ["", "[[costs.other_methods]]", f'ground = "{option.ground}"']
        tables += [f'method = "{option.method}"', f"nok_per_m = {_range(option.nok_per_m)}"]
        tables += [f"road_owners = {json.dumps(list(option.road_owners))}"]
        tables += [f"allowed = {json.dumps(option.allowed)}"]
    return "\n".join([*plain, *tables]) + "\n"


def _range(price: NokRange) -> str:
    source = json.dumps(price.source, ensure_ascii=False)
    return (
        f"{{ low_nok = {price.low_nok:.2f}, likely_nok = {price.likely_nok:.2f}, "
        f"high_nok = {price.high_nok:.2f}, source = {source} }}"
    )
