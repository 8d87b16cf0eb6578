"""The price table moved until modelled totals meet a known figure per household."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from bredband.costs.trench import PLAIN_METHOD
from bredband.errors import InputError
from bredband.scenario.costs import Costs
from bredband.scenario.section import NokRange

_SINGLE = (
    "permit_nok", "landfall_nok", "drop_nok_per_m", "connection_nok", "splice_nok", "joint_nok",
    "cabinet_nok",
)  # fmt: skip
_TABLES = ("trench_nok_per_m", "road_fee_nok_per_m", "road_crossing_nok")
_ITEM_PRICE = {
    "drop": "drop_nok_per_m",
    "drop_landfall": "landfall_nok",
    **{name.removesuffix("_nok"): name for name in _SINGLE if name != "drop_nok_per_m"},
}


def calibrate(
    bills: pd.DataFrame, costs: Costs, *, households: int, target_nok_per_household: float
) -> tuple[Costs, pd.DataFrame]:
    """Move the price table until the bills sum to a given figure per household.

    Every price moves the same share of its own range, from likely towards high or low: what
    is known well moves little, what is uncertain moves much. Where the whole range is not
    enough, all prices are then scaled alike, and the frame says that they lie outside.
    Quantities stay as they are: a plan made again with the new prices may find a cheaper
    tree, never a dearer one.

    Parameters
    ----------
    bills
        The table of that name, for the areas that the figure is about.
    households
        Households in these areas.
    target_nok_per_household
        What they are known to cost to connect, for example 128 000 nationally (Nkom 2025).

    Returns
    -------
    The prices moved, and a frame with a row per price: before, after, and what the bills
    then sum to.

    Raises
    ------
    InputError
        When there is nothing to calibrate against.
    """
    likely_nok = float(bills["likely_nok"].sum())
    if households <= 0 or likely_nok <= 0 or not 0 < target_nok_per_household < math.inf:
        raise InputError(
            "planen har ingen områder med husstander og byggepris å kalibrere mot.",
            advice="Lag planen med alle områdene, og oppgi et beløp over null.",
        )
    target_nok = target_nok_per_household * households
    high_nok, low_nok = float(bills["high_nok"].sum()), float(bills["low_nok"].sum())
    dearer = target_nok >= likely_nok
    span = high_nok - likely_nok if dearer else likely_nok - low_nok
    share = min(1.0, abs(target_nok - likely_nok) / span) if span > 0 else 0.0
    moved_nok = likely_nok + share * (span if dearer else -span)
    beyond = target_nok / moved_nok
    before = _prices(costs)
    after = {name: _move(price, share, beyond, dearer=dearer) for name, price in before.items()}
    calibrated = _with_prices(costs, after)
    return calibrated, _changes(bills, before, after)


def _move(price: NokRange, share: float, beyond: float, *, dearer: bool) -> NokRange:
    end_nok = price.high_nok if dearer else price.low_nok
    likely_nok = (price.likely_nok + share * (end_nok - price.likely_nok)) * beyond
    ratio = likely_nok / price.likely_nok if price.likely_nok else 1.0
    return NokRange(
        low_nok=price.low_nok * ratio,
        likely_nok=likely_nok,
        high_nok=price.high_nok * ratio,
        source=f"{price.source}; kalibrert fra {price.likely_nok:g}",
    )


def _prices(costs: Costs) -> dict[str, NokRange]:
    """List every price that a bill of quantities uses, by its place in the scenario."""
    prices = {name: getattr(costs, name) for name in _SINGLE}
    for name in _TABLES:
        prices |= {f"{name}.{key}": price for key, price in getattr(costs, name).items()}
    for option in costs.other_methods:
        prices[f"other_methods.{option.ground}.{option.method}"] = option.nok_per_m
    return prices


def _with_prices(costs: Costs, prices: dict[str, NokRange]) -> Costs:
    changed: dict[str, object] = {name: prices[name] for name in _SINGLE}
    for name in _TABLES:
        changed[name] = {key: prices[f"{name}.{key}"] for key in getattr(costs, name)}
    changed["other_methods"] = tuple(
        option.model_copy(
            update={"nok_per_m": prices[f"other_methods.{option.ground}.{option.method}"]}
        )
        for option in costs.other_methods
    )
    return costs.model_copy(update=changed)


def _changes(
    bills: pd.DataFrame, before: dict[str, NokRange], after: dict[str, NokRange]
) -> pd.DataFrame:
    named = [
        _price_of(item, ground, method, owner)
        for item, ground, method, owner in zip(
            bills["item"], bills["ground"], bills["method"], bills["road_owner"], strict=True
        )
    ]
    amount = bills["likely_nok"].groupby(np.array(named, dtype=object)).sum()
    frame = pd.DataFrame(
        {
            "price": list(before),
            "before_nok": [price.likely_nok for price in before.values()],
            "after_nok": [price.likely_nok for price in after.values()],
            "outside_range": [
                not before[name].low_nok - 1e-6 <= after[name].likely_nok
                <= before[name].high_nok + 1e-6
                for name in before
            ],
        }
    )  # fmt: skip
    bill_nok = amount.reindex(frame["price"]).fillna(0.0).to_numpy(dtype=float)
    ratio = (frame["after_nok"] / frame["before_nok"]).where(frame["before_nok"] > 0, 1.0)
    return frame.assign(bill_before_nok=bill_nok, bill_after_nok=bill_nok * ratio)


def _price_of(item: str, ground: str, method: str, owner: str) -> str:
    """Name the price in the scenario that a line of a bill uses."""
    if item in ("trench", "surcharge", "drop_water"):
        plain = PLAIN_METHOD.get(ground) == method  # type: ignore[call-overload]
        return f"trench_nok_per_m.{ground}" if plain else f"other_methods.{ground}.{method}"
    if item in ("road_fee", "road_crossing"):
        table = "road_fee_nok_per_m" if item == "road_fee" else "road_crossing_nok"
        return f"{table}.{owner}"
    return _ITEM_PRICE[item]
