"""Every mast owner's network over the county, and what it says of the offers reported."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bredband.radio.profile import Terrain
from bredband.radio.sectors import sectors_of
from bredband.radio.sites import WEAK, reach_premises
from bredband.scenario.coverage import Target
from bredband.scenario.radio import RadioChoices

COMPUTED = "beregnet fra master og terreng"
"""The source of every modelled offer."""


def reach_by_owner(
    masts: pd.DataFrame,
    premises: pd.DataFrame,
    terrain: Terrain,
    choices: RadioChoices,
    *,
    threads: int = 1,
) -> pd.DataFrame:
    """Find what each owner's masts give every premises.

    Owners send on frequencies of their own, so only masts of the same owner disturb each
    other, and each network carries its own households.

    Parameters
    ----------
    masts
        ``site_id``, ``owner``, ``x_m``, ``y_m``, ``height_m``, ``bands``, ``sectors``.
    premises
        ``premises_id``, ``x_m``, ``y_m``, ``households`` that load a sector.

    Returns
    -------
    pandas.DataFrame
        The columns of `bredband.radio.sites.reach_premises` and ``operator``: a row per owner
        and premises, owners in the order of the alphabet, premises in theirs.
    """
    owners = sorted(masts["owner"].unique())
    networks = [
        reach_premises(
            sectors_of(masts[masts["owner"] == owner], choices),
            premises,
            terrain,
            choices,
            threads=threads,
        ).assign(operator=owner)
        for owner in owners
    ]
    reached = pd.concat(networks, ignore_index=True)
    return reached.assign(operator=reached["operator"].astype("str"))


def best_signal(reached: pd.DataFrame) -> pd.DataFrame:
    """Keep one row per premises: the network with the highest stable speed, then peak, then signal.

    Returns
    -------
    The table ``signal`` of the data model.
    """
    order = np.lexsort(
        [
            reached["distance_m"].fillna(np.inf),
            -reached["rsrp_dbm"].fillna(-np.inf),
            -reached["down_mbps"].fillna(-np.inf),
            -reached["stable_mbps"],
            ~reached["served"],
        ]
    )
    best = reached.take(order).drop_duplicates("premises_id").sort_index()
    place = pd.Index(reached["premises_id"]).drop_duplicates()
    by_id = best.set_index("premises_id").reindex(place).rename_axis("premises_id").reset_index()
    nothing = (by_id["site_id"] == "").to_numpy()
    return by_id.assign(operator=by_id["operator"].where(~nothing, ""))


def modelled_availability(
    reached: pd.DataFrame, availability: pd.DataFrame, target: Target, choices: RadioChoices
) -> pd.DataFrame:
    """Turn what masts reach into rows of the availability table, status ``modelled``.

    The speed is the stable one at the busy hour, rounded down to whole megabits. Where the
    owner itself reports radio that meets the target, the row speaks of that claim, and is
    then also given where the signal is weaker than the threshold, with the peak speed. Where
    the owner reports something slower there is no row: it knows what it sells. Elsewhere a
    row is an offer in itself, and only made when the scenario asks for it. Sectors that are
    full and paths over holes in the terrain say nothing. The error is the model's own, by band
    and by whether the mast is seen, and what the register of masts does not say, added as
    independent.

    Parameters
    ----------
    reached
        From `reach_by_owner`.
    availability
        What the operators report.

    Returns
    -------
    Rows of the table ``availability``; none where `choices` says ``none``.
    """
    key = ["premises_id", "operator"]
    radio = availability[
        (availability["technology"] == "fwa") & (availability["status"] == "available")
    ]
    meets = (radio["down_mbps"] >= target.down_mbps) & (radio["up_mbps"] >= target.up_mbps)
    place = pd.MultiIndex.from_frame(reached[key])
    reported = place.isin(pd.MultiIndex.from_frame(radio[key]))
    promised = place.isin(pd.MultiIndex.from_frame(radio.loc[meets, key]))
    known = (reached["status"] != "void_on_path").to_numpy()
    served = reached["served"].to_numpy() & known
    weak = (reached["status"] == WEAK).to_numpy()
    kept = {
        "none": np.zeros(len(reached), bool),
        "check_claims": promised & (served | weak),
        "all": (promised & (served | weak))
        | (~reported & served & (reached["stable_mbps"] >= 1.0)),
    }[choices.modelled_offers]
    offered = reached[kept]
    down = np.where(offered["served"], offered["stable_mbps"], offered["down_mbps"])
    return pd.DataFrame(
        {
            "premises_id": offered["premises_id"],
            "operator": offered["operator"],
            "technology": pd.array(["fwa"] * len(offered), dtype="str"),
            "down_mbps": np.floor(down),
            "up_mbps": np.floor(np.minimum(offered["up_mbps"], down)),
            "status": pd.array(["modelled"] * len(offered), dtype="str"),
            "connected": False,
            "source": pd.array([COMPUTED] * len(offered), dtype="str"),
            "as_of": pd.array([""] * len(offered), dtype="str"),
            "error_db": np.hypot(offered["sigma_db"], choices.link.register_error_db),
        }
    ).reset_index(drop=True)
