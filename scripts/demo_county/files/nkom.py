"""Nkom's files: addresses, offers, planned build, who lacks, and the kommune table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from .. import coverage
from ..place import KOMMUNER, Kommune
from .table import write_csv


def write_nkom(
    folder: Path,
    premises: pd.DataFrame,
    truth: coverage.Truth,
    kommuner: Sequence[Kommune] = KOMMUNER,
    county: str = "Demofylket",
) -> None:
    """Write addresses, offers, planned build, the list of addresses without 100, the kommune table."""
    folder.mkdir(parents=True, exist_ok=True)
    number = [kommuner[k].number for k in premises.kommune]
    name = [kommuner[k].name for k in premises.kommune]
    adr = pd.DataFrame(
        {
            "adrid": premises.adresse_id,
            "fylke": county,
            "komnavn": name,
            "komnr": number,
            "postnr": premises.postnummer,
            "ertett": np.where(premises.tettsted != "", "true", "false"),
            "hus": premises.households,
            "pers": premises.persons,
            "fritid": (premises.kind == "holiday").astype(int),
        }
    )
    write_csv(folder / "adr.csv", adr, "utf-8")
    ids = premises.adresse_id
    fbb = truth.claims.assign(adrid=ids.reindex(truth.claims.premises).to_numpy())
    for column in ("hc", "egen"):
        fbb[column] = np.where(fbb[column], "true", "false")
    write_csv(
        folder / "fbb.csv", fbb[["adrid", "tilb", "tek", "ned", "opp", "hc", "egen"]], "utf-8"
    )
    planned = truth.planned.assign(adrid=ids.reindex(truth.planned.premises).to_numpy())
    write_csv(
        folder / "planlagt.csv", planned[["adrid", "tilb", "tek", "ned", "opp", "ferdig"]], "utf-8"
    )
    best = truth.claims.groupby("premises").ned.max().reindex(premises.index).fillna(0)
    lacking = premises[(best < 100_000) & (premises.kind != "holiday")]
    write_csv(folder / "Mangler_100Mbit.csv", _lacking(lacking, kommuner), "cp1252")
    table = folder / "Dekning_fbb_kommuner_husstander.csv"
    _write_kommune_table(table, premises, truth, kommuner, f"{county} (syntetisk)")


def _lacking(rows: pd.DataFrame, kommuner: Sequence[Kommune]) -> pd.DataFrame:
    road = ~rows.matrikkel
    return pd.DataFrame(
        {
            "adresseid": rows.adresse_id,
            "adressenavn": np.where(road, rows.road_name, ""),
            "nummer": np.where(road, rows.number.astype(str), ""),
            "bokstav": np.where(road, rows.letter, ""),
            "postnummer": rows.postnummer,
            "poststed": rows.poststed,
            "kommunenummer": [kommuner[k].number for k in rows.kommune],
            "gårdsnummer": rows.gnr,
            "bruksnummer": rows.bnr,
            "festenummer": np.where(rows.fnr > 0, rows.fnr.astype(str), ""),
            "øst": rows.x,
            "nord": rows.y,
        }
    )


def _write_kommune_table(
    path: Path,
    premises: pd.DataFrame,
    truth: coverage.Truth,
    kommuner: Sequence[Kommune],
    county: str,
) -> None:
    """Write Nkom's kommune table from what is true, not from what is claimed."""
    group = ["≥ 30", "≥ 100", "≥ 1000", "≥ 1000/1000"]
    technologies = (
        "Fiber;Kabel-TV-nett;DSL;FTB;Fiber + kabel-TV-nett;Fiber + kabel-TV-nett + DSL;"
        "Fiber + kabel-TV-nett + FTB;Fast bredbånd totalt"
    )
    speeds = ";".join(group)
    lines = [
        "Dekning for fast bredbånd på kommunenivå (SYNTETISK)" + ";" * 26,
        "Tettbygd og spredtbygd samlet" + ";" * 26,
        "Mobildekning (4G og 5G) er ikke inkludert i disse tabellene;;Teknologidekning" + ";" * 8
        + "Hastighet - alle teknologier på fast bredbånd" + ";" * 5 + "Hastighet uten DSL" + ";" * 5
        + "Hastighet i kablede nett" + ";" * 5 + "Hastighet for FTB;",
        f"Kommune;Fylke;{technologies};{speeds};;{speeds};;{speeds};;≥ 30;≥ 100",
    ]  # fmt: skip
    true = truth.claims[truth.claims.true_ned > 0]
    total = _by_kommune(premises, kommuner)

    def share(offers: pd.DataFrame) -> list[str]:
        covered = _by_kommune(premises[premises.index.isin(offers.premises)], kommuner)
        return [f"{100 * part:.1f} %".replace(".", ",") for part in (covered / total).fillna(0)]

    def steps(offers: pd.DataFrame) -> list[list[str]]:
        down, up = offers.true_ned, offers.true_opp
        limits = (
            down >= 30_000,
            down >= 100_000,
            down >= 1_000_000,
            (down >= 1_000_000) & (up >= 1_000_000),
        )
        return [share(offers[limit]) for limit in limits]

    fibre, radio = true[true.tek == "fiber"], true[true.tek == "ftb"]
    none, empty = ["0,0 %"] * len(kommuner), [""] * len(kommuner)
    names = [kommune.name for kommune in kommuner]
    columns = [names, [county.upper()] * len(kommuner), share(fibre), none, none, share(radio)]
    columns += [share(fibre), share(fibre), share(true), share(true)]
    columns += [*steps(true), empty, *steps(true), empty, *steps(fibre), empty, *steps(radio)[:2]]
    lines += [";".join(cells) for cells in zip(*columns, strict=True)]
    path.write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode())


def _by_kommune(premises: pd.DataFrame, kommuner: Sequence[Kommune]) -> pd.Series[int]:
    """Sum the households of each kommune."""
    summed = premises.households.groupby(premises.kommune).sum()
    return summed.reindex(range(len(kommuner)), fill_value=0)
