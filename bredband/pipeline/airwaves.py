"""Radio in the plan: what masts give today, and which masts could be raised."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband import tables
from bredband.county import County
from bredband.errors import ScenarioError
from bredband.grid import Raster
from bredband.plan import Proof
from bredband.scenario import Scenario

if TYPE_CHECKING:
    from bredband.radio import SignalMap, Terrain

_ROAD_POINT_M = 50.0
"""Roads are known to the search for mast places as points this far apart."""


def hear_masts(county: County, scenario: Scenario) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute what the masts that stand give every premises.

    Returns
    -------
    The table ``signal``, and the county's ``availability`` with the modelled offers that the
    scenario wants. Without masts, without terrain or when the scenario does not ask, the
    first is empty and the second as it was.
    """
    masts = county.sites[county.sites["kind"] == "mast"]
    if not scenario.radio.compute or county.terrain is None or masts.empty:
        return tables.empty("signal"), county.availability
    from bredband import radio  # noqa: PLC0415 - numba is slow to load, and often not needed

    reached = radio.reach_by_owner(
        _placed(masts),
        _placed(county.premises).assign(households=_loading_households(county)),
        _ground(county.terrain, county.surface),
        scenario.radio,
        threads=os.cpu_count() or 1,
    )
    modelled = radio.modelled_availability(
        reached, county.availability, scenario.target, scenario.radio
    )
    offers = pd.concat([county.availability, modelled], ignore_index=True)
    return radio.best_signal(reached), offers if len(modelled) else county.availability


def map_masts(
    sites: gpd.GeoDataFrame,
    ground: Raster | None,
    scenario: Scenario,
    surface: Raster | None = None,
) -> SignalMap | None:
    """Map the strongest signal of the masts that stand; None where none is computed."""
    masts = sites[sites["kind"] == "mast"]
    if not scenario.radio.compute or ground is None or masts.empty:
        return None
    from bredband import radio  # noqa: PLC0415

    return radio.map_signal(
        _placed(masts),
        _ground(ground, surface),
        ground.bounds_m,
        scenario.radio,
        threads=os.cpu_count() or 1,
    )


def _ground(terrain: Raster, surface: Raster | None) -> Terrain:
    """Make the terrain ready for radio, with the trees and roofs that are known."""
    from bredband import radio  # noqa: PLC0415

    return radio.make_terrain(terrain, surface_m=None if surface is None else surface.heights_m)


def weigh_masts(
    county: County, lacking: gpd.GeoDataFrame, scenario: Scenario
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, tuple[Proof, ...]]:
    """Find masts that could be raised or equipped, whom each would reach, and the best few.

    Returns
    -------
    The table ``mast_candidates``; ``site_id`` and ``premises_id`` of everybody a mast would
    give the target; the proof of the choice. All empty when the scenario does not ask.

    Raises
    ------
    ScenarioError
        When the scenario asks but there is no terrain, or the band cannot reach the target.
    """
    if not scenario.radio.propose_masts or lacking.empty:
        nobody = pd.DataFrame({"site_id": [], "premises_id": []}, dtype="str")
        return gpd.GeoDataFrame(tables.empty("mast_candidates")), nobody, ()
    if county.terrain is None:
        raise ScenarioError(
            "radio.propose_masts er sant, men scenariet har ikke noe terreng.",
            advice="Oppgi en terrengmodell under [sources] terrain, eller slå av propose_masts.",
        )
    from bredband import radio  # noqa: PLC0415

    threads = os.cpu_count() or 1
    ground = _ground(county.terrain, county.surface)
    premises = _placed(lacking)
    proposed = radio.propose_masts(
        ground,
        road_xy_m=_points_along(county.roads),
        power_xy_m=shapely.get_coordinates(county.premises.geometry.to_numpy()),
        unserved=premises,
        choices=scenario.radio,
        costs=scenario.costs,
        threads=threads,
    )
    masts = pd.concat(
        [_known_masts(county.sites, scenario), proposed.assign(kind="mast_candidate", name="")],
        ignore_index=True,
    )
    reached = radio.reach_of_masts(
        masts,
        premises,
        ground,
        scenario.radio,
        down_mbps=scenario.target.down_mbps,
        threads=threads,
    )
    money_nok = scenario.radio.masts.money_nok
    choice = radio.choose_masts(masts, premises, reached, money_nok=money_nok)
    proof = Proof(
        what="master: husstander nådd",
        status=choice.status,
        objective=choice.households,
        bound=choice.bound_households,
        gap_share=choice.gap_share,
        solver=choice.solver,
        kind="masts",
    )
    listed = radio.list_candidates(masts, premises, reached, choice)
    return listed, reached[["site_id", "premises_id"]], (proof,)


def _known_masts(sites: gpd.GeoDataFrame, scenario: Scenario) -> pd.DataFrame:
    """Price the masts of the sources: equipment where one stands, else all of it."""
    masts = _placed(sites[sites["kind"].isin(["mast", "mast_candidate"])])
    stands = (masts["kind"] == "mast").to_numpy()
    costs = scenario.costs
    return masts[["site_id", "kind", "name", "x_m", "y_m"]].assign(
        height_m=masts["height_m"].where(masts["height_m"] > 0, scenario.radio.masts.height_m),
        road_m=np.nan,
        power_m=np.nan,
        capex_nok=np.where(
            stands, costs.existing_mast_nok.likely_nok, costs.new_mast_nok.likely_nok
        ),
        yearly_opex_nok=costs.mast_opex_nok.likely_nok,
    )


def _loading_households(county: County) -> pd.Series[float]:
    """Give the households that would load a sector: none where a wired offer exists.

    A business or a holiday home counts as one.
    """
    offers = county.availability
    wired = offers["technology"].isin(["fibre", "cable"]) & (offers["status"] == "available")
    has_wire = tables.among(county.premises["premises_id"], offers.loc[wired, "premises_id"])
    households: pd.Series[float] = county.premises["households"].clip(lower=1).astype(float)
    return households.where(~has_wire, 0.0)


def _placed(points: gpd.GeoDataFrame) -> pd.DataFrame:
    """Turn points into a plain table with coordinates."""
    frame = pd.DataFrame(points.drop(columns="geometry"))
    return frame.assign(x_m=points.geometry.x, y_m=points.geometry.y)


def _points_along(roads: gpd.GeoDataFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Give points along every road a vehicle can leave."""
    open_road = roads["structure"].isin(["ground", "bridge"]).to_numpy()
    lines = shapely.segmentize(roads.geometry.to_numpy()[open_road], _ROAD_POINT_M)
    return shapely.get_coordinates(lines)
