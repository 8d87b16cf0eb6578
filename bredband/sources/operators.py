"""What operators report: offers per address, planned build, and households per address.

The shape is the one analysts of Nkom's per-address data use: ``adrid;tilb;tek;ned;opp;hc``
with speeds in kbit/s. Columns whose name ends in ``mbps`` or ``mbit`` are in Mbit/s.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.errors import InputError
from bredband.reading import (
    Fault,
    Field,
    Reading,
    Repeat,
    Rows,
    constant,
    finish,
    mask,
    read_rows,
    sift,
    technology_of,
    to_dates,
    to_numbers,
)

OFFERS, PLANNED, COUNTS = "tilbydernes dekning", "planlagt utbygging", "husstander per adresse"

_ID = Field("premises_id", ("adrid", "adresseid", "lokalid", "premises_id"), required=True)
_OFFER_FIELDS = (
    _ID,
    Field("operator", ("tilb", "tilbyder", "tilbydar", "operator", "operatør"), required=True),
    Field("technology", ("tek", "teknologi", "technology"), required=True),
    Field("down_kbps", ("ned", "ned_kbit", "ned_kbps", "down_kbps")),
    Field("up_kbps", ("opp", "opp_kbit", "opp_kbps", "up_kbps")),
    Field("down_mbps", ("ned_mbps", "ned_mbit", "down_mbps")),
    Field("up_mbps", ("opp_mbps", "opp_mbit", "up_mbps")),
    Field("connected", ("hc", "homes_connected", "connected", "tilkoblet")),
    Field("as_of", ("dato", "oppdatert", "as_of", "per", "ferdig", "ferdig_dato")),
)
_COUNT_FIELDS = (
    _ID,
    Field("households", ("hus", "husstander", "households", "boliger")),
    Field("holiday", ("fritid", "fritidsboliger", "holiday")),
)
_UNIT_FIELDS = (
    Field("premises_id", ("adresseId", "adrid", "lokalid"), required=True, position=34),
    Field("unit", ("bruksenhetsnummer", "bruksenhetsnummerTekst", "bruksenhet"), position=15),
    Field("kommune", ("kommunenummer",)),
)
_TRUE = ("true", "1", "ja", "j", "yes", "sann", "hc", "t")
_FALSE = ("false", "0", "nei", "n", "no", "usann", "hp", "f", "")
_SAME_SPEED_LIMIT_KBPS = 2000


def read_offers(paths: Sequence[Path]) -> Reading:
    """Read operators' per-address coverage into the table ``availability``.

    Several rows for the same premises, operator and technology become the fastest of them;
    the others are set aside.

    Raises
    ------
    InputError
        When a file cannot be opened, lacks a column, or plainly has speeds in Mbit/s in a
        column for kbit/s.
    """
    return _read(paths, OFFERS, "available")


def read_planned(paths: Sequence[Path]) -> Reading:
    """Read planned commercial build within three years into the table ``availability``.

    ``as_of`` holds the date the build is to be finished, where the file gives one.
    """
    return _read(paths, PLANNED, "planned")


def read_household_counts(paths: Sequence[Path]) -> Reading:
    """Read households and holiday homes per address, or Matrikkelen's *Leilighetsnivå*.

    The latter has a row per dwelling (``bruksenhetsnummer``, as in H0101); they are counted
    per address, and an address whose only row has none is not a dwelling.

    Returns
    -------
    Reading
        Columns ``premises_id``, ``households`` (int), ``kind``: ``dwelling`` where there
        are households, ``holiday`` where there are only holiday homes, else ``business``; and
        ``holiday_told``: whether the row says how many holiday homes there are.
    """
    if _is_dwelling_level(paths):
        return _count_units(paths)
    rows = read_rows(paths, _COUNT_FIELDS, COUNTS)
    if not (rows.text["households"] != "").any():
        raise InputError(
            "mangler kolonnen hus (husstander per adresse).",
            file=rows.file[0] if len(rows.file) else "",
        )
    households = to_numbers(rows.text["households"].replace("", "0"))
    holiday = to_numbers(rows.text["holiday"].replace("", "0"))
    advice = "Skriv et heltall fra 0 og oppover."
    keep, set_aside = sift(
        rows,
        [
            _no_id(rows),
            Fault(~_is_count(households), "households", "antall husstander er ikke et heltall", advice),
            Fault(~_is_count(holiday), "holiday", "antall fritidsboliger er ikke et heltall", advice),
        ],
        Repeat(
            rows.text["premises_id"], "premises_id", "adressen står flere ganger",
            "Slå radene sammen til én.",
        ),
    )  # fmt: skip
    kind = np.where(households > 0, "dwelling", np.where(holiday > 0, "holiday", "business"))
    frame = pd.DataFrame(
        {
            "premises_id": rows.text["premises_id"][keep],
            "households": households[keep].astype(np.int64),
            "kind": pd.array(kind[keep], dtype="str"),
            "holiday_told": mask(rows.text["holiday"][keep] != ""),
        }
    ).reset_index(drop=True)
    return finish(rows, keep, set_aside, frame)


def _is_dwelling_level(paths: Sequence[Path]) -> bool:
    """Tell Leilighetsnivå by its name, or by its column ``bruksenhetsnummer``."""
    if all("leilighetsniva" in path.name.lower() for path in paths):
        return True
    unit = Field("unit", ("bruksenhetsnummer", "bruksenhetsnummerTekst", "bruksenhet"))
    rows = read_rows(paths, (*_COUNT_FIELDS, unit), COUNTS)
    return bool((rows.text["unit"] != "").any())


def _count_units(paths: Sequence[Path]) -> Reading:
    rows = read_rows(paths, _UNIT_FIELDS, COUNTS)
    unit = rows.text["unit"]
    wrong = ~mask(unit.str.fullmatch(r"[A-ZÆØÅa-zæøå]?\d{4}|")) & mask(unit != "")
    keep, set_aside = sift(
        rows,
        [
            _no_id(rows),
            Fault(
                wrong, "unit", "bruksenhetsnummeret er ikke en bokstav og fire siffer",
                "Kontroller at fila er Leilighetsnivå slik Geonorge leverer den.",
            ),
        ],
        Repeat(
            rows.text[["premises_id", "unit"]], "unit", "boligen står flere ganger",
            "Den første raden er brukt.",
        ),
    )  # fmt: skip
    dwelling = pd.Series(mask(unit != "").astype(np.int64))[keep]
    count = dwelling.groupby(rows.text["premises_id"][keep], sort=False).sum()
    kind = np.where(count > 0, "dwelling", "business")
    frame = pd.DataFrame(
        {
            "premises_id": pd.array(count.index.to_numpy(dtype=object), dtype="str"),
            "households": count.to_numpy(dtype=np.int64),
            "kind": pd.array(kind, dtype="str"),
            "holiday_told": np.zeros(len(count), dtype=np.bool_),
        }
    )
    units = pd.DataFrame({"file": rows.file[keep], "row": rows.row[keep]})
    of_address = units.groupby(rows.text["premises_id"][keep].to_numpy(), sort=False)
    listed = of_address["row"].agg(list)
    origin = of_address.first().assign(rows=listed).reset_index(drop=True)
    origin["file"] = origin["file"].astype("str")
    return Reading(frame, set_aside, rows.rows_in, int(keep.sum()), rows.repaired, origin)


def _read(paths: Sequence[Path], source: str, status: str) -> Reading:
    rows = read_rows(paths, _OFFER_FIELDS, source)
    text = rows.text
    down_mbps = _speed(rows, "down")
    up_mbps = _speed(rows, "up")
    technology = technology_of(text["technology"])
    connected = text["connected"].str.lower()
    faults = [
        _no_id(rows),
        Fault(mask(text["operator"] == ""), "operator", "mangler tilbyder", "Fyll ut tilbyderen."),
        Fault(
            mask(technology == ""), "technology", "ukjent teknologi",
            "Bruk fiber, kabel, ftb, dsl, mobil, satellitt eller annet.",
        ),
        Fault(
            ~(np.isfinite(down_mbps) & (down_mbps >= 0) & (down_mbps < 1e6)), "down_kbps",
            "hastigheten ned er ikke et rimelig tall", "Skriv hastigheten i kbit/s.",
        ),
        Fault(
            ~(np.isfinite(up_mbps) & (up_mbps >= 0) & (up_mbps < 1e6)), "up_kbps",
            "hastigheten opp er ikke et rimelig tall", "Skriv hastigheten i kbit/s.",
        ),
        Fault(
            ~mask(connected.isin(_TRUE + _FALSE)), "connected",
            "hc er verken sann eller usann", "Skriv true eller false.",
        ),
    ]  # fmt: skip
    frame = pd.DataFrame(
        {
            "premises_id": text["premises_id"],
            "operator": text["operator"],
            "technology": technology,
            "down_mbps": down_mbps,
            "up_mbps": up_mbps,
            "status": constant(status, len(text)),
            "connected": mask(connected.isin(_TRUE)),
            "source": pd.Series(rows.file, dtype="str"),
            "as_of": to_dates(text["as_of"]),
            "error_db": np.nan,
        }
    )
    slower = _slower_than_another(frame, ~np.logical_or.reduce([fault.bad for fault in faults]))
    faults.append(
        Fault(
            slower, "technology", "samme tilbyder og teknologi står flere ganger på adressen",
            "Raden med høyest hastighet er brukt.",
        )
    )  # fmt: skip
    keep, set_aside = sift(rows, faults)
    return finish(rows, keep, set_aside, frame[keep])


def _no_id(rows: Rows) -> Fault:
    return Fault(
        mask(rows.text["premises_id"] == ""), "premises_id", "mangler adresse-id", "Fyll ut adrid."
    )


def _is_count(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((numbers >= 0) & (numbers < 1e6) & (numbers == np.round(numbers)))


def _speed(rows: Rows, direction: str) -> NDArray[np.float64]:
    """Give speeds in Mbit/s, from whichever column has them; an empty upstream speed is 0."""
    kbps, mbps = rows.text[f"{direction}_kbps"], rows.text[f"{direction}_mbps"]
    if direction == "up":
        kbps = kbps.where(mask((kbps != "") | (mbps != "")), "0")
    numbers = to_numbers(kbps)
    if direction == "down" and 0 < np.nanmax(numbers, initial=0) <= _SAME_SPEED_LIMIT_KBPS:
        raise InputError(
            f"ingen hastighet ned er over {np.nanmax(numbers):g} kbit/s; er de i Mbit/s?",
            file=str(rows.file[0]),
            advice="Kall kolonnen «ned_mbps», eller skriv hastighetene i kbit/s.",
        )
    return np.where(np.isnan(numbers), to_numbers(mbps), numbers / 1000)


def _slower_than_another(offers: pd.DataFrame, sound: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark all but the fastest row of each premises, operator and technology."""
    slower = np.zeros(len(offers), dtype=np.bool_)
    key = ["premises_id", "operator", "technology"]
    twice = sound.copy()
    twice[sound] = offers.loc[sound, key].duplicated(keep=False).to_numpy()
    if twice.any():
        ranked = offers[twice].sort_values(
            ["down_mbps", "up_mbps", "connected"], ascending=False, kind="stable"
        )
        slower[ranked.index[ranked.duplicated(key)]] = True
    return slower
