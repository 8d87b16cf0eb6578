"""Draws of prices, take-up and truth, and what caution costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bredband import tables
from bredband.rollout import assess, works_of
from bredband.rollout.draws import draw, lacking, prices_of
from bredband.scenario.rollout import Rollout, Uncertainty
from tests.rollout.oracle import county

PAIR = county(("A", "area", "", "3401", 10, 1, 2.0), ("B", "area", "", "3401", 10, 1, 2.0))
"""Two areas of 3 million to build each."""

ROCK, HOME = ("trench", "rock", 500_000, 1_000_000, 2_000_000), ("drop", "", 1_000_000, 2_000_000, 2_500_000)  # fmt: skip


def bills(*lines: tuple) -> pd.DataFrame:
    """Make a bill from (area_id, item, ground, low, likely, high)."""
    columns = ["area_id", "item", "ground", "low_nok", "likely_nok", "high_nok"]
    return pd.DataFrame(lines, columns=columns)


def prices(uncertainty: Uncertainty, *lines: tuple):
    works = works_of(PAIR, Rollout(annual_grant_nok=(1e6,)))
    return prices_of(works, uncertainty, bills(*lines) if lines else None)


def test_what_truly_lacks_is_the_plans_own_draws():
    """Of 4 counted in A 2 and 6 truly lack, B always its 5; a feeder F has nobody to lack."""
    drawn = pd.DataFrame(
        {
            "draw": [0, 0, 1, 1],
            "area_id": ["A", "B", "A", "B"],
            "lacking_households": [2, 5, 6, 5],
            "lacking_weighted_households": [2.0, 5.0, 6.0, 5.0],
        }
    )
    uncertain = Uncertainty(draws=3, lowest_take_up_share=1.0, highest_take_up_share=1.0)
    share = lacking(drawn, ["B", "A"], uncertain)
    assert share is not None
    assert share.tolist() == [[1, 0.5], [1, 1.5], [1, 0.5]]
    assert (draw(prices(uncertain), uncertain, share).take_up == share).all()
    assert lacking(drawn, ["F"], uncertain).tolist() == [[1], [1], [1]]


def test_a_plan_on_a_cut_has_no_doubt_about_coverage():
    assert lacking(tables.empty("lacking_draws"), ["A"], Uncertainty()) is None


def test_every_class_is_drawn_from_its_own_triangle():
    """A is trench in rock and homes, 1.5 to 4.5 million; B has no bill: 0.85 to 1.5 times 3."""
    uncertain = Uncertainty(draws=4000)
    cost = 3e6 * draw(prices(uncertain, ("A", *ROCK), ("A", *HOME)), uncertain).cost
    mean_a = (0.5e6 + 1e6 + 2e6) / 3 + (1e6 + 2e6 + 2.5e6) / 3
    assert cost[:, 0].mean() == pytest.approx(mean_a, rel=0.02)
    assert cost[:, 1].mean() == pytest.approx(3e6 * (0.85 + 1 + 1.5) / 3, rel=0.02)
    assert 1.5e6 <= cost[:, 0].min() < cost[:, 0].max() <= 4.5e6


def test_prices_of_a_class_err_together_and_classes_by_what_is_common():
    """All common: one rank for everything. All of class: the same class agrees, another does not."""

    def agreement(common: float, of_class: float, *lines: tuple) -> float:
        uncertain = Uncertainty(draws=2000, common_share=common, class_share=of_class)
        drawn = draw(prices(uncertain, *lines), uncertain).cost
        return float(np.corrcoef(drawn.T)[0, 1])

    same, other = (("A", *ROCK), ("B", *ROCK)), (("A", *ROCK), ("B", *HOME))
    assert agreement(1.0, 0.5, *same) == pytest.approx(1)
    assert agreement(1.0, 0.5, *other) > 0.95
    assert agreement(0.0, 1.0, *same) == pytest.approx(1)
    assert abs(agreement(0.0, 1.0, *other)) < 0.1
    assert abs(agreement(0.0, 0.0, *same)) < 0.1
    assert 0.6 < agreement(0.5, 0.5, *same) < 0.9


def test_a_contingency_has_a_price_in_households():
    """4 million pay for both; with a twentieth held back only one of them is sure of its money."""
    choices = Rollout(
        annual_grant_nok=(4e6,), target_gap_share=0.0, uncertainty=Uncertainty(draws=5)
    )
    table = assess(PAIR, choices).candidates.set_index("contingency_share")
    assert table.loc[0.0, ["households", "price_households"]].tolist() == [20, 0]
    assert table.loc[0.05, ["households", "price_households"]].tolist() == [10, 10]
