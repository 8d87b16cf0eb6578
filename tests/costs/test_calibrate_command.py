"""The prices that calibrate writes give the known sum when the plan is made again."""

from __future__ import annotations

import tomllib

import pytest

from bredband.pipeline import make_plan, run
from bredband.pipeline.prices import calibrate
from bredband.scenario import read_scenario
from tests import lilleland, lilleland_files


def test_calibrated_scenario_meets_the_figure(tmp_path):
    run(read_scenario(lilleland_files.write(tmp_path / "inn")), tmp_path / "ut")
    changes = calibrate(
        tmp_path / "ut", target_nok_per_household=75_000, out=tmp_path / "priser.toml"
    )
    # 12 households and 614 000 kr; the soft road has room from 0 to 200 kr per metre.
    assert changes["bill_before_nok"].sum() == pytest.approx(614_000, rel=0.01)
    assert changes["bill_after_nok"].sum() == pytest.approx(900_000)
    prices = tomllib.loads((tmp_path / "priser.toml").read_text("utf-8"))["costs"]
    fixed = lilleland.scenario().costs.model_dump(mode="json") | prices
    again = make_plan(lilleland.county(), lilleland.scenario(costs=fixed))
    # The written roads are a little longer than those worked out by hand.
    assert again.areas["capex_nok"].sum() == pytest.approx(900_000, rel=0.01)
