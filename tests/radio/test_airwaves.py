"""Radio in the plan, on Lilleland: a mast on a hill above one road and three hamlets."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from bredband import Scenario, tables
from bredband.check.ways import mast_faults
from bredband.county import County, write_county
from bredband.errors import InputError, ScenarioError
from bredband.exchange import plan_document
from bredband.grid import WORKING_CRS, Raster
from bredband.pipeline import make_plan, read_county
from bredband.pipeline.airwaves import hear_masts, map_masts, weigh_masts
from bredband.terrain import write_raster
from tests import lilleland

HILL_M = (lilleland.X0 + 1500.0, lilleland.Y0 + 300.0)


def with_mast(bands: str = "700/3500") -> County:
    """Lilleland on synthetic flat land of 100 m with a mast of 30 m beside the road."""
    county = lilleland.county()
    mast = gpd.GeoDataFrame(
        {
            "site_id": ["M1"], "kind": ["mast"], "name": ["Haugen"], "owner": ["Radio"],
            "height_m": [30.0], "bands": [bands], "sectors": [""],
        },
        geometry=[shapely.Point(*HILL_M)], crs=WORKING_CRS,
    )  # fmt: skip
    sites = gpd.GeoDataFrame(pd.concat([county.sites, mast], ignore_index=True), crs=WORKING_CRS)
    heights = np.full((800, 1000), 100.0, np.float32)
    ground = Raster(
        heights, lilleland.X0 - 1500.0, lilleland.Y0 + 4000.0, 10.0, np.zeros(heights.shape, bool)
    )
    return dataclasses.replace(county, sites=sites, terrain=ground)


def scenario(down_mbps: float = 100.0, **radio: object) -> Scenario:
    plain = lilleland.scenario()
    return Scenario.model_validate(
        {**plain.model_dump(), "target": {"down_mbps": down_mbps}, "radio": radio}
    )


def test_the_signal_table_holds_every_premises() -> None:
    county = with_mast()
    signal, offers = hear_masts(county, scenario())
    tables.check(signal, "signal")
    assert list(signal["premises_id"]) == list(county.premises["premises_id"])
    assert set(signal["site_id"]) == {"M1"}
    assert set(signal["operator"]) == {"Radio"}
    assert offers is county.availability, "nobody reports radio, so there is nothing to check"


def test_radio_offers_count_when_the_scenario_says_so() -> None:
    county = with_mast()
    _, offers = hear_masts(county, scenario(modelled_offers="all"))
    new = offers[offers["status"] == "modelled"]
    assert len(new) == len(county.premises)
    tables.check(offers, "availability")
    usual = make_plan(county, scenario())
    counted = make_plan(county, scenario(modelled_offers="all", link={"busy_hour_mbps": 0.5}))
    assert counted.coverage["served"].sum() > usual.coverage["served"].sum()
    assert "fwa" in set(counted.coverage.loc[counted.coverage["served"], "technology"])


@pytest.mark.parametrize("change", ["no terrain", "no mast", "not asked"])
def test_without_masts_terrain_or_wish_nothing_is_computed(change: str) -> None:
    county, wish = with_mast(), scenario(compute=change != "not asked")
    if change == "no terrain":
        county = dataclasses.replace(county, terrain=None)
    if change == "no mast":
        county = dataclasses.replace(county, sites=lilleland.county().sites)
    signal, offers = hear_masts(county, wish)
    assert signal.empty
    assert offers is county.availability


def test_a_band_nobody_knows_stops_the_plan_with_a_sentence() -> None:
    with pytest.raises(InputError, match="mast M1 har båndet 5000 MHz"):
        hear_masts(with_mast(bands="5000"), scenario())


def test_masts_that_could_be_raised_are_weighed_against_fibre() -> None:
    plan = make_plan(with_mast(), scenario(propose_masts=True))
    listed = plan.mast_candidates
    tables.check(listed, "mast_candidates")
    assert {"mast", "mast_candidate"} == set(listed["kind"])
    equipped = listed.set_index("site_id").loc["M1"]
    assert equipped["capex_nok"] == 600_000
    proof = next(proof for proof in plan.proofs if proof.what == "master: husstander nådd")
    assert proof.status == "optimal"
    alternatives = plan.alternatives
    tables.check(alternatives, "alternatives")
    assert "radio" in set(alternatives["alternative"])
    assert alternatives.loc[alternatives["alternative"] == "radio", "masts"].ne("").all()
    document = plan_document(plan, provenance={})
    assert {mast["site_id"] for mast in document["masts"]} == set(listed["site_id"])
    assert list(mast_faults(listed, document)) == []


def test_masts_cannot_be_proposed_without_terrain() -> None:
    county = dataclasses.replace(with_mast(), terrain=None)
    with pytest.raises(ScenarioError, match="ikke noe terreng"):
        weigh_masts(county, county.premises, scenario(propose_masts=True))


def test_the_terrain_follows_the_county_folder(tmp_path) -> None:
    county = with_mast()
    write_county(tmp_path, county)
    assert read_county(tmp_path).terrain is None
    write_raster(county.terrain, tmp_path / "terreng.tif")
    read = read_county(tmp_path)
    assert np.array_equal(read.terrain.heights_m, county.terrain.heights_m)


def test_the_signal_is_mapped_over_the_terrain() -> None:
    county = with_mast()
    mapped = map_masts(county.sites, county.terrain, scenario())
    assert mapped.site_ids == ("M1",)
    assert np.isfinite(mapped.rsrp_dbm).mean() > 0.9
    assert map_masts(county.sites, None, scenario()) is None
    assert map_masts(county.sites, county.terrain, scenario(compute=False)) is None
