"""Survey answers, telephone answers and speed tests: read as evidence, then matched to premises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bredband.grid import WORKING_CRS
from bredband.reading import (
    Fault,
    Field,
    Reading,
    Repeat,
    constant,
    drop_rows,
    finish,
    mask,
    read_rows,
    sift,
    technology_of,
    to_dates,
    to_numbers,
)
from bredband.sources.address_text import split_address, street_key
from bredband.sources.position import epsg_numbers, to_working

SURVEY, SPEED_TESTS, CALLS = "spørreundersøkelse", "fartstester", "telefonrunde"
_SOURCES = {"survey": SURVEY, "speed_test": SPEED_TESTS, "call": CALLS}

_FIELDS = (
    Field("id", ("svar_id", "test_id", "id", "respondent_id", "svarid", "testid")),
    Field("date", ("dato", "tidspunkt", "tid", "date", "timestamp", "observed_on")),
    Field("stated_id", ("adrid", "adresseid", "lokalid", "premises_id")),
    Field("address", ("adresse", "gateadresse", "adressetekst", "address")),
    Field("postcode", ("postnummer", "postnr", "postcode")),
    Field("kommune", ("kommunenummer", "kommunenr", "komnr")),
    Field("operator", ("operator", "operatør", "tilbyder", "tilbydar", "tilb", "leverandør", "isp")),
    Field("technology", ("teknologi", "tek", "technology")),
    Field("offer", ("har_tilbud", "tilbud", "offer", "har_bredbånd", "svar")),
    Field("down", ("maalt_ned_mbps", "målt_ned_mbps", "ned_mbps", "ned_mbit", "download_mbps", "down_mbps")),
    Field("up", ("maalt_opp_mbps", "målt_opp_mbps", "opp_mbps", "opp_mbit", "upload_mbps", "up_mbps")),
    Field("down_kbps", ("ned", "ned_kbit", "ned_kbps", "download_kbps")),
    Field("up_kbps", ("opp", "opp_kbit", "opp_kbps", "upload_kbps")),
    Field("link", ("tilkobling", "tilkoblet_via", "link", "nettverk")),
    Field("east", ("ost", "øst", "x", "lon", "lengdegrad", "longitude", "e")),
    Field("north", ("nord", "y", "lat", "breddegrad", "latitude", "n")),
    Field("epsg", ("epsg", "EPSG-kode")),
)  # fmt: skip
_LINKS = {
    "kabel": "cable", "cable": "cable", "ethernet": "cable", "lan": "cable", "kablet": "cable",
    "wifi": "wifi", "wi-fi": "wifi", "trådløst": "wifi", "wlan": "wifi", "trådløs": "wifi",
}  # fmt: skip
_OFFER_ANSWERS = {"ja": "yes", "yes": "yes", "true": "yes", "j": "yes"} | {
    "nei": "no", "no": "no", "false": "no", "n": "no",
}  # fmt: skip
_STATED = ["stated_id", "stated_address", "stated_postcode", "stated_kommune"]


def read_answers(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read survey answers: who has an offer, from whom, and what was measured.

    Returns
    -------
    Reading
        The columns of the table ``evidence``, not yet matched, and beside them what the
        answer says of where it is; ``match_to_premises`` uses these up.

    Raises
    ------
    InputError
        When a file cannot be opened or has no known column.
    """
    return _read(paths, SURVEY, "survey", default_crs)


def read_speed_tests(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read speed tests: where, when, how fast and how the device was attached."""
    return _read(paths, SPEED_TESTS, "speed_test", default_crs)


def read_calls(paths: Sequence[Path], *, default_crs: str = WORKING_CRS) -> Reading:
    """Read what people answered when the county rang: the call list with its column «svar» filled in.

    Rows that nobody has answered yet are set aside.
    """
    return _read(paths, CALLS, "call", default_crs)


def match_to_premises(
    reading: Reading, premises: gpd.GeoDataFrame, *, distance_m: float
) -> Reading:
    """Match evidence to premises: by id, by address text, else by the nearest within reach.

    An address is matched on street, number and postcode, then on street, number and kommune,
    then on street and number alone; never where two premises answer to it. Evidence that
    matches nothing is set aside.

    Parameters
    ----------
    reading
        What ``read_answers``, ``read_speed_tests`` or ``read_calls`` gave.
    premises
        The table ``premises``.
    distance_m
        Longest distance to the nearest premises, metres.
    """
    evidence = reading.frame
    row_of = pd.Series(np.arange(len(premises)), index=premises["premises_id"])
    row_of = row_of[~row_of.index.duplicated()]
    by_id = _as_rows(evidence["stated_id"].map(row_of))
    by_address = _match_address(evidence, premises)
    by_place = _match_nearest(evidence, premises, distance_m)
    found = np.where(by_id >= 0, by_id, np.where(by_address >= 0, by_address, by_place))
    how = np.select(
        [by_id >= 0, by_address >= 0, by_place >= 0], ["id", "address", "nearest"], "none"
    )
    placed = _has_position(evidence)
    ids = premises["premises_id"].to_numpy(dtype=object)
    points = np.asarray(premises.geometry.array, dtype=object)
    geometry = np.asarray(evidence.geometry.array, dtype=object)
    if len(premises):
        geometry = np.where(placed, geometry, points[np.maximum(found, 0)])
        matched = np.where(found >= 0, ids[np.maximum(found, 0)], "")
    else:
        matched = np.full(len(evidence), "", dtype=object)
    kind = str(evidence["kind"].iloc[0]) if len(evidence) else "survey"
    matched_frame = evidence.drop(columns=[*_STATED, "geometry"]).assign(
        premises_id=pd.array(matched, dtype="str"),
        match=pd.array(how, dtype="str"),
        sted=_written_place(evidence),
    )
    tied = replace(
        reading, frame=gpd.GeoDataFrame(matched_frame, geometry=geometry, crs=WORKING_CRS)
    )
    source = _SOURCES[kind]
    lost = matched_frame["match"].eq("none").to_numpy()
    tied = drop_rows(
        tied, lost & ~placed, source=source, column="sted",
        reason="svaret kan ikke knyttes til en adresse", advice="Rett adressen, eller oppgi koordinater.",
    )  # fmt: skip
    far = tied.frame["match"].eq("none").to_numpy()
    tied = drop_rows(
        tied, far, source=source, column="sted",
        reason=f"ingen adresse er nærmere enn {distance_m:g} m, og ingen adresse er oppgitt som finnes",
        advice="Kontroller koordinatene, eller øk match_distance_m under [coverage].",
    )  # fmt: skip
    return replace(tied, frame=tied.frame.drop(columns="sted"))


def _written_place(evidence: gpd.GeoDataFrame) -> pd.Series[Any]:
    """Write where each answer says it is: its address, else its position in whole metres."""
    address = (evidence["stated_address"] + " " + evidence["stated_postcode"]).str.strip()
    place = evidence.geometry.get_coordinates().round().astype("Int64").astype("str")
    position = "øst " + place["x"] + ", nord " + place["y"]
    position = position.reindex(address.index).fillna("")
    return pd.Series(np.where(mask(address != ""), address, position), dtype="str")


def _read(paths: Sequence[Path], source: str, kind: str, default_crs: str) -> Reading:
    rows = read_rows(paths, _FIELDS, source)
    text = rows.text
    if kind == "call":  # our own list, in which no cell may be a formula
        text = text.apply(lambda column: column.str.removeprefix("'"))
    east, north = to_numbers(text["east"]), to_numbers(text["north"])
    epsg = _guess_degrees(epsg_numbers(text["epsg"], default_crs), text, east, north)
    x_m, y_m = to_working(east, north, epsg)
    down, up = _speed(text, "down"), _speed(text, "up")
    ids = text["id"].where(mask(text["id"] != ""), pd.Series(rows.row).astype("str"))
    prefix = pd.Series(rows.file, dtype="str") + ":" if len(paths) > 1 else ""
    frame = pd.DataFrame(
        {
            "evidence_id": source + ":" + prefix + ids,
            "premises_id": constant("", len(text)),
            "match": constant("none", len(text)),
            "kind": constant(kind, len(text)),
            "operator": text["operator"],
            "technology": technology_of(text["technology"]),
            "offer": text["offer"].str.lower().map(_OFFER_ANSWERS).fillna("").astype("str"),
            "down_mbps": down.mbps,
            "up_mbps": up.mbps,
            "link": text["link"].str.lower().map(_LINKS).fillna("").astype("str"),
            "observed_on": to_dates(text["date"]),
            "stated_id": text["stated_id"],
            "stated_address": text["address"],
            "stated_postcode": text["postcode"],
            "stated_kommune": text["kommune"],
        }
    )
    located = np.isfinite(x_m) & np.isfinite(y_m)
    says_nothing = np.isnan(down.mbps) & mask((frame["offer"] == "") & (frame["operator"] == ""))
    keep, set_aside = sift(
        rows,
        [
            Fault(down.wrong, "down", "målt hastighet ned er ikke et rimelig tall", "Rett eller tøm cella."),
            Fault(up.wrong, "up", "målt hastighet opp er ikke et rimelig tall", "Rett eller tøm cella."),
            Fault(
                ~located & mask((text["address"] == "") & (text["stated_id"] == "")), "address",
                "mangler både adresse, adresse-id og gyldige koordinater", "Oppgi adresse eller koordinater.",
            ),
            Fault(
                says_nothing, "offer", "sier verken om det finnes tilbud, hvem som tilbyr, eller hastighet",
                "Fyll ut minst én av dem.",
            ),
            Fault(
                mask(frame["offer"] == "") & (kind == "call"), "offer", "ingen har svart ja eller nei",
                "Skriv ja eller nei i kolonnen svar når noen har svart.",
            ),
        ],
        Repeat(frame["evidence_id"], "id", "samme svar står flere ganger", "Den første raden er brukt."),
    )  # fmt: skip
    points = np.full(len(text), None, dtype=object)
    points[located] = shapely.points(x_m[located], y_m[located])
    evidence = gpd.GeoDataFrame(frame[keep], geometry=points[keep], crs=WORKING_CRS)
    return finish(rows, keep, set_aside, evidence)


@dataclass(frozen=True)
class _Speeds:
    mbps: NDArray[np.float64]
    wrong: NDArray[np.bool_]


def _speed(text: pd.DataFrame, direction: str) -> _Speeds:
    mbps = to_numbers(text[direction])
    kbps = to_numbers(text[f"{direction}_kbps"]) / 1000
    value = np.where(np.isnan(mbps), kbps, mbps)
    given = mask((text[direction] != "") | (text[f"{direction}_kbps"] != ""))
    return _Speeds(value, (given & np.isnan(value)) | (value < 0) | (value > 1e6))


def _guess_degrees(
    epsg: NDArray[np.int64],
    text: pd.DataFrame,
    east: NDArray[np.float64],
    north: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Take small numbers without a code for degrees: no place in Norway is at (10, 60) metres."""
    degrees = (np.abs(east) <= 180) & (np.abs(north) <= 90) & mask(text["epsg"] == "")
    return np.where(degrees, 4258, epsg)


def _match_address(evidence: pd.DataFrame, premises: pd.DataFrame) -> NDArray[np.int64]:
    said = split_address(evidence["stated_address"])
    postcode = evidence["stated_postcode"].where(
        mask(evidence["stated_postcode"] != ""), said["postcode"]
    )
    kommune = evidence["stated_kommune"]
    said_street = street_key(said["street"], said["house_number"])
    street = street_key(premises["street"], premises["house_number"])
    tries = (
        (_key(said_street, postcode), _key(street, premises["postcode"])),
        (_key(said_street, kommune), _key(street, premises["kommune"])),
        (said_street, street),
        (_key(said["cadastre"], kommune), _key(premises["cadastre"], premises["kommune"])),
    )
    found = np.full(len(evidence), -1, dtype=np.int64)
    for wanted, have in tries:
        here = pd.Series(np.arange(len(have)), index=have)
        here = here[(here.index != "") & ~here.index.duplicated(keep=False)]
        found = np.where(found >= 0, found, _as_rows(wanted.map(here)))
    return found


def _key(first: pd.Series[Any], second: pd.Series[Any]) -> pd.Series[Any]:
    return (first + "@" + second).where((first != "") & (second != ""), "")


def _as_rows(found: pd.Series[Any]) -> NDArray[np.int64]:
    return found.fillna(-1).to_numpy(dtype=np.int64)


def _has_position(evidence: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    return ~np.asarray(shapely.is_missing(np.asarray(evidence.geometry.array, dtype=object)))


def _match_nearest(
    evidence: gpd.GeoDataFrame, premises: gpd.GeoDataFrame, distance_m: float
) -> NDArray[np.int64]:
    found = np.full(len(evidence), -1, dtype=np.int64)
    placed = _has_position(evidence)
    if len(premises) and placed.any():
        tree = cKDTree(shapely.get_coordinates(premises.geometry.array))
        points = shapely.get_coordinates(evidence.geometry.array[placed])
        _, nearest = tree.query(points, distance_upper_bound=distance_m)
        found[placed] = np.where(nearest == len(premises), -1, nearest)
    return found
