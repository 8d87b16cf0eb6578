"""Prices held against what building is known to cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from bredband import costs
from bredband.county import read_table, replacing
from bredband.pipeline.run import read_plan
from bredband.scenario.costs import Costs
from bredband.scenario.toml_text import toml_text


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
    """Write every price, to the øre, as the section ``[costs]`` of a scenario."""
    values = prices.model_dump(mode="json").items()
    priced = {name: value for name, value in values if "_nok" in name or name == "other_methods"}
    return toml_text({"costs": _to_the_ore(priced)})


def _to_the_ore(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _to_the_ore(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_to_the_ore(inner) for inner in value]
    return round(value, 2) if isinstance(value, float) else value
