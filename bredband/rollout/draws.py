"""Draw what prices, take-up and coverage may turn out to be, seeded.

A price is drawn class by class, for it is the price of a metre in rock or of a connected home that
is uncertain, and it is uncertain everywhere at once. With ``z`` standard normal, the rank of the
price of class c in work i is

    ``Phi(sqrt(s) z + sqrt((1 - s) g) z[c] + sqrt((1 - s) (1 - g)) z[i, c])``,

``s`` being what all prices have in common (``common_share``: the market), ``g`` what a class has
in common of the rest (``class_share``), and what is left the work's own ground: a Gaussian copula.
The price is at that rank of the triangle from low by likely to high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from bredband.rollout.model import Floats, Ints, Texts
from bredband.scenario.rollout import Uncertainty


@dataclass(frozen=True)
class Draws:
    """Multipliers of price and take-up, each of shape (draws, works)."""

    cost: Floats
    take_up: Floats


@dataclass(frozen=True)
class PriceClass:
    """What one class of cost may come to, in the works that have it.

    ``rows`` are works; ``low_nok``, ``likely_nok`` and ``high_nok`` have the same shape. A price
    ``is_whole`` where a work has no bill: then it has nothing in common with other classes.
    """

    rows: Ints
    low_nok: Floats
    likely_nok: Floats
    high_nok: Floats
    is_whole: bool = False


@dataclass(frozen=True)
class Prices:
    """The build price of each work, shape (works,), and the classes that it is the sum of."""

    capex_nok: Floats
    classes: tuple[PriceClass, ...]


def prices_of(
    works: pd.DataFrame, uncertainty: Uncertainty, bills: pd.DataFrame | None = None
) -> Prices:
    """Sort what the works cost by class.

    A class is an item of the bill, and for trench its ground. What has no bill of its own (radio,
    hybrid and later fibre) is one class, with the scenario's own triangle.

    Parameters
    ----------
    works
        From ``works_of``, a row per work.
    bills
        The table of that name, or None where it is not known.
    """
    capex_nok = works["capex_nok"].to_numpy(np.float64)
    row_of = {
        area: i
        for i, (area, how) in enumerate(zip(works["area_id"], works["how"], strict=True))
        if how == "fibre"
    }
    lines = pd.DataFrame() if bills is None else bills[bills["area_id"].isin(row_of.keys())]
    classes = []
    if len(lines):
        sums = lines.groupby(["item", "ground", "area_id"])[["low_nok", "likely_nok", "high_nok"]]
        for _, of_class in sums.sum().groupby(level=[0, 1]):
            rows = np.array([row_of[area] for area in of_class.index.get_level_values(2)])
            low_nok, likely_nok, high_nok = of_class.to_numpy(np.float64).T
            classes.append(PriceClass(rows, low_nok, likely_nok, high_nok))
    billed = np.zeros(len(works), dtype=np.bool_)
    for one in classes:
        billed[one.rows] = True
    rest = np.flatnonzero(~billed)
    own_nok = capex_nok[rest]
    whole = PriceClass(
        rest,
        own_nok * uncertainty.lowest_cost_share,
        own_nok * uncertainty.likely_cost_share,
        own_nok * uncertainty.highest_cost_share,
        is_whole=True,
    )
    return Prices(capex_nok, (whole, *classes))


def draw(prices: Prices, uncertainty: Uncertainty, lacking_share: Floats | None = None) -> Draws:
    """Draw prices and take-up, seeded.

    Prices are triangular and correlated as the module tells. Take-up is uniform between its
    limits and independent.

    Parameters
    ----------
    lacking_share
        What truly lacks in each area in each draw, of what the plan counts there, shape (draws,
        works), from :func:`lacking`; take-up is multiplied by it.
    """
    random = np.random.default_rng(uncertainty.seed)
    count, works = uncertainty.draws, len(prices.capex_nok)
    left_share = 1 - uncertainty.common_share
    market = np.sqrt(uncertainty.common_share) * random.normal(size=(count, 1))
    drawn_nok = np.zeros((count, works))
    for one in prices.classes:
        class_share = 0.0 if one.is_whole else left_share * uncertainty.class_share
        shared = market + np.sqrt(class_share) * random.normal(size=(count, 1))
        own = np.sqrt(left_share - class_share) * random.normal(size=(count, len(one.rows)))
        drawn_nok[:, one.rows] += _triangular(special.ndtr(shared + own), one)
    paid = prices.capex_nok > 0
    cost = np.ones((count, works))
    cost[:, paid] = drawn_nok[:, paid] / prices.capex_nok[paid]
    low, high = uncertainty.lowest_take_up_share, uncertainty.highest_take_up_share
    take_up = random.uniform(low, high, size=(count, works))
    if lacking_share is not None:
        take_up = take_up * lacking_share
    return Draws(cost, take_up)


def lacking(
    lacking_draws: pd.DataFrame, area_id: Sequence[str] | Texts, uncertainty: Uncertainty
) -> Floats | None:
    """Give what truly lacks in each area in each draw, of what the plan counts there.

    Parameters
    ----------
    lacking_draws
        The plan's table of that name: versions of the truth in which neighbours err together.
        Empty unless the plan is made on draws; then there is nothing to give.
    area_id
        The works, in order. Works that the table leaves out (shared trench) have nothing to lack: 1.
    """
    if lacking_draws.empty:
        return None
    drawn = lacking_draws.pivot_table(
        index="draw", columns="area_id", values="lacking_weighted_households"
    ).reindex(columns=list(area_id))
    share = (drawn / drawn.mean()).fillna(1.0).to_numpy(np.float64)
    return np.asarray(share[np.arange(uncertainty.draws) % len(share)], dtype=np.float64)


def _triangular(rank: Floats, prices: PriceClass) -> Floats:
    """Give the price at each rank, shape (draws, rows)."""
    low, likely, high = prices.low_nok, prices.likely_nok, prices.high_nok
    width = high - low
    rising = low + np.sqrt(rank * width * (likely - low))
    falling = high - np.sqrt((1 - rank) * width * (high - likely))
    result: Floats = np.where(rank * width < likely - low, rising, falling)
    return result
