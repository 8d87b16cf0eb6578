from __future__ import annotations

import pandas as pd

from bredband import tables
from bredband.rollout import robustness
from bredband.scenario.rollout import Uncertainty


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
    share = robustness.lacking(drawn, ["B", "F", "A"], uncertain)
    assert share is not None
    assert share.tolist() == [[1, 1, 0.5], [1, 1, 1.5], [1, 1, 0.5]]
    assert (robustness.draw(3, uncertain, share).take_up == share).all()


def test_a_plan_on_a_cut_has_no_doubt_about_coverage():
    assert robustness.lacking(tables.empty("lacking_draws"), ["A"], Uncertainty()) is None
