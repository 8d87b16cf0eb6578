"""SSB's cells of dwellings and establishments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def write_ssb(folder: Path, premises: pd.DataFrame) -> None:
    """Write SSB's 250 m cells of dwellings and of establishments."""
    cell = _ssb_id(premises.x.to_numpy(), premises.y.to_numpy(), 250)
    homes = premises.assign(
        cell=cell, blocks=np.where(premises.households > 3, premises.households, 0)
    )
    homes = homes.assign(pair=np.where(homes.households.between(2, 3), homes.households, 0))
    sums = homes[homes.households > 0].groupby("cell")[["households", "blocks", "pair"]].sum()
    table = pd.DataFrame(
        {
            "ssbid_250": sums.index,
            "År": "2026-01-01",
            "boliger_i_alt": sums.households,
            "boliger_i_eneboliger": sums.households - sums.blocks - sums.pair,
            "boliger_i_tomannsboliger": sums.pair,
            "boliger_i_rekkehus_kjedehus_småhus": 0,
            "boliger_i_boligblokk": sums.blocks,
            "boliger_i_bofellesskap": 0,
            "boliger_i_andre_bygningstyper": 0,
            "gjennomsnittlig_bruksareal": 118,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "boliger_250m.csv").write_text(
        table.to_csv(index=False), encoding="utf-8", newline="\n"
    )
    work = premises.assign(cell=cell, one=1)[premises.employees > 0].groupby("cell")
    shops = work.agg(est_tot=("one", "sum"), emp_tot=("employees", "sum")).reset_index()
    shops = shops.rename(columns={"cell": "SSBID250M"})
    shops.insert(0, "ogc_fid", range(1, len(shops) + 1))
    text = "\ufeff" + shops.to_csv(index=False, sep=";")
    (folder / "bedrifter_250m.csv").write_text(text, encoding="utf-8", newline="\n")


def _ssb_id(x: NDArray[np.float64], y: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    east = (np.floor((x + 2_000_000) / size) * size).astype(np.int64)
    north = (np.floor(y / size) * size).astype(np.int64)
    return east * 10_000_000 + north
