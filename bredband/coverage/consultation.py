"""Consultation: the list sent to operators, and their answers taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.county import replacing
from bredband.coverage import sheet
from bredband.coverage.claims import HEARING, WITHDRAWN
from bredband.reading import (
    Fault,
    Field,
    Reading,
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
from bredband.wording import said, sentences

ANSWERS = {
    "tilbyr": "available", "planlegger": "planned", "planlegg": "planned",
    "tilbyr ikke": "none", "tilbyr ikkje": "none",
}  # fmt: skip
"""What an operator can answer, in bokmål or nynorsk, and what it makes of the offer."""

ANSWER_COLUMNS = ("svar", "tilbyder", "teknologi", "ned_mbps", "opp_mbps", "ferdig", "kommentar")
"""Columns that the operator fills in."""

_FIELDS = (
    Field("premises_id", ("adresseid", "adresse-id", "adrid", "lokalid"), required=True),
    Field("answer", ("svar",), required=True),
    Field("operator", ("tilbyder", "tilb", "tilbydar"), required=True),
    Field("technology", ("teknologi", "tek"), required=True),
    Field("down_mbps", ("ned_mbps", "ned"), required=True),
    Field("up_mbps", ("opp_mbps", "opp")),
    Field("as_of", ("ferdig", "ferdigdato")),
    Field("comment", ("kommentar",)),
)


def export(
    premises: gpd.GeoDataFrame, coverage: pd.DataFrame, *, language: str = "nb"
) -> gpd.GeoDataFrame:
    """Make the list for the hearing: who is thought to lack the target.

    Parameters
    ----------
    premises
        Table of the data model.
    coverage
        The table ``coverage`` for them.
    language
        What ``status`` and ``grunn`` are written in: bokmål (``nb``) or nynorsk (``nn``).

    Returns
    -------
    gpd.GeoDataFrame
        A row per premises in the columns of the address list that counties send (adresseid,
        veinavn, nr, postnr, sted, kommunenr, gnr/bnr/fnr, Ø, N), with ``status`` and
        ``grunn``, the columns that the operator fills in (empty), and the point.
    """
    both = premises.merge(
        coverage[["premises_id", "served", "planned", "reason"]], on="premises_id"
    )
    shown = both[~both["served"]]
    listed = gpd.GeoDataFrame(
        {
            "adresseid": shown["premises_id"],
            "veinavn": shown["street"],
            "nr": shown["house_number"],
            "adresse": shown["address"],
            "postnr": shown["postcode"],
            "sted": shown["postplace"],
            "kommunenr": shown["kommune"],
            "gnr/bnr/fnr": shown["cadastre"],
            "Ø": shown.geometry.x.round(1),
            "N": shown.geometry.y.round(1),
            "status": _status(shown, language),
            "grunn": [said(reason, language) for reason in shown["reason"]],
        },
        geometry=shown.geometry,
        crs=premises.crs,
    ).reset_index(drop=True)
    return listed.assign(**dict.fromkeys(ANSWER_COLUMNS, ""))


def write_list(listed: pd.DataFrame, path: Path) -> None:
    """Write the list for the hearing as a spreadsheet without formulas."""
    sheet.write(pd.DataFrame(listed.drop(columns="geometry", errors="ignore")), path)


def write_list_map(listed: gpd.GeoDataFrame, path: Path) -> None:
    """Write the list as a map layer (GeoJSON in degrees, RFC 7946), without the answer columns."""
    shown = listed.drop(columns=list(ANSWER_COLUMNS)).to_crs("OGC:CRS84")
    with replacing(path) as unfinished:
        unfinished.write_text(shown.to_json(drop_id=True, ensure_ascii=False), encoding="utf-8")


def read_answers(paths: Sequence[Path]) -> Reading:
    """Read operators' answers, in the columns that :func:`export` wrote.

    Returns
    -------
    Reading
        A row per answer: ``premises_id``, ``answer`` (available, planned or none), ``operator``,
        ``technology``, ``down_mbps``, ``up_mbps``, ``as_of``. Rows that cannot be used are set aside
        with a reason; a row in which nothing is filled in is no answer.

    Raises
    ------
    InputError
        When a file cannot be opened or lacks a column.
    """
    rows = _filled_in(read_rows(paths, _FIELDS, HEARING))
    text = rows.text
    written = text["answer"].str.lower().str.strip()
    answer = written.map(ANSWERS).fillna("?").astype("str")
    technology = technology_of(text["technology"])
    down, up = to_numbers(text["down_mbps"]), to_numbers(text["up_mbps"].replace("", "0"))
    given = mask(answer.isin(["available", "planned"]))
    keep, set_aside = sift(
        rows,
        [
            Fault(
                mask(text["premises_id"] == ""), "premises_id", "mangler adresse-id",
                "Behold kolonnen adresseid slik den ble sendt ut.",
            ),
            Fault(
                mask(written == ""), "answer", "svaret mangler, men annet er fylt ut",
                "Skriv tilbyr, planlegger eller tilbyr ikke.",
            ),
            Fault(
                mask(answer == "?"), "answer", "svaret er ikke et av de tre",
                "Skriv tilbyr, planlegger eller tilbyr ikke.",
            ),
            Fault(
                mask(text["operator"] == ""), "operator",
                "mangler tilbyder", "Fyll ut hvem som svarer.",
            ),
            Fault(
                given & mask(technology == ""), "technology", "ukjent teknologi",
                "Skriv fiber, kabel, ftb, dsl, mobil, satellitt eller annet.",
            ),
            Fault(
                given & ~(np.isfinite(down) & (down > 0) & (down < 1e6)), "down_mbps",
                "hastigheten ned er ikke et rimelig tall", "Skriv hastigheten i Mbit/s.",
            ),
            Fault(
                given & ~(np.isfinite(up) & (up >= 0) & (up < 1e6)), "up_mbps",
                "hastigheten opp er ikke et rimelig tall", "Skriv hastigheten i Mbit/s.",
            ),
        ],
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "premises_id": text["premises_id"].str.removeprefix("'"),
            "answer": answer,
            "operator": text["operator"].str.removeprefix("'"),
            "technology": technology,
            "down_mbps": np.where(given, down, 0.0),
            "up_mbps": np.where(given, up, 0.0),
            "as_of": to_dates(text["as_of"]),
            "source": constant(HEARING, len(text)),
        }
    )
    return finish(rows, keep, set_aside, frame[keep])


def _filled_in(rows: Rows) -> Rows:
    """Leave out the rows in which the operator has filled in nothing."""
    names = [field.name for field in _FIELDS if field.name != "premises_id"]
    filled = (rows.text[names] != "").any(axis=1).to_numpy()
    return replace(
        rows,
        text=rows.text[filled].reset_index(drop=True),
        file=rows.file[filled],
        row=rows.row[filled],
        rows_in=rows.rows_in - int(np.count_nonzero(~filled)),
    )


def apply_answers(availability: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Put answers in place of what was known of the same operator at the same premises.

    «Tilbyr» and «planlegger» replace the operator's offers of that technology there;
    «tilbyr ikke» takes away the offers of that technology, or all when none is named.
    Of several answers on the same thing the last counts. What was on offer as published is kept
    with the status «withdrawn»: the regulator's figures were counted with it.

    Returns
    -------
    pd.DataFrame
        A new table ``availability``.
    """
    key = ["premises_id", "operator", "technology"]
    last = answers.drop_duplicates(key, keep="last")
    precise = pd.MultiIndex.from_frame(last[key])
    broad = last[(last["answer"] == "none") & (last["technology"] == "")]
    gone = pd.MultiIndex.from_frame(availability[key]).isin(precise)
    gone |= pd.MultiIndex.from_frame(availability[key[:2]]).isin(
        pd.MultiIndex.from_frame(broad[key[:2]])
    )
    told = last[last["answer"] != "none"]
    new = told[[*key, "down_mbps", "up_mbps"]].assign(
        status=told["answer"],
        connected=False,
        source=HEARING,
        as_of=told["as_of"],
        error_db=np.nan,
    )
    offered = (availability["status"] == "available").to_numpy()
    status = availability["status"].mask(gone & offered, WITHDRAWN)
    kept = availability.assign(status=status)[~gone | (status != "planned").to_numpy()]
    return pd.concat([kept, new[list(availability.columns)]], ignore_index=True)


def changes(
    before: pd.DataFrame, after: pd.DataFrame, premises: pd.DataFrame, *, language: str = "nb"
) -> pd.DataFrame:
    """Show what the answers changed: each premises whose status is another than before.

    Parameters
    ----------
    before, after
        The table ``coverage`` without and with the answers.
    premises
        Table of the data model.
    language
        What statuses and reasons are written in: bokmål (``nb``) or nynorsk (``nn``).

    Returns
    -------
    pd.DataFrame
        ``premises_id``, ``address``, ``kommune``, ``households``, ``before``, ``after``
        (status in Norwegian) and ``reason`` now.
    """
    keyed = after.set_index("premises_id").reindex(before["premises_id"]).reset_index()
    then, now = _status_and_aid(before, language), _status_and_aid(keyed, language)
    changed = then != now
    known = premises.set_index("premises_id").reindex(before["premises_id"]).reset_index()
    return pd.DataFrame(
        {
            "premises_id": known["premises_id"][changed],
            "address": known["address"][changed],
            "kommune": known["kommune"][changed],
            "households": known["households"][changed],
            "before": then[changed],
            "after": now[changed],
            "reason": [said(reason, language) for reason in keyed["reason"][changed]],
        }
    ).reset_index(drop=True)


def write_changes(changed: pd.DataFrame, path: Path, *, language: str = "nb") -> None:
    """Write what the answers changed for a spreadsheet, headings in the language; no formulas."""
    sheet.write_named(changed, sentences("coverage", language)["changes"], path)


def _status(coverage: pd.DataFrame, language: str) -> NDArray[np.object_]:
    """Say of each premises whether it has an offer, will get one or lacks one."""
    words = sentences("coverage", language)["status"]
    otherwise = np.where(coverage["planned"], words["planned"], words["lacking"])
    return np.asarray(np.where(coverage["served"], words["served"], otherwise), dtype=object)


def _status_and_aid(coverage: pd.DataFrame, language: str) -> NDArray[np.object_]:
    """Say the status, and where public money may help."""
    helped = sentences("coverage", language)["status"]["eligible"].format
    status = _status(coverage, language)
    with_aid = np.array([helped(status=word) for word in status], dtype=object)
    return np.asarray(np.where(coverage["eligible"], with_aid, status), dtype=object)
