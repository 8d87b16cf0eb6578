"""Kommuner by name: from a name and a fylke of any year since 2020 to today's number."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bredband.errors import InputError
from bredband.reading import Fault, Reading, Rows, decode, finish, mask, members, sift

SOURCE = "kommuneinfo, eldre kommunenummer"

FYLKE_PREFIXES = {
    "viken": ("31", "32", "33"),
    "vestfold og telemark": ("39", "40"),
    "troms og finnmark": ("55", "56"),
    "oslo": ("03",), "rogaland": ("11",), "møre og romsdal": ("15",), "nordland": ("18",),
    "østfold": ("31",), "akershus": ("32",), "buskerud": ("33",), "innlandet": ("34",),
    "vestfold": ("39",), "telemark": ("40",), "agder": ("42",), "vestland": ("46",),
    "trøndelag": ("50",), "troms": ("55",), "finnmark": ("56",),
}  # fmt: skip
"""How the numbers of a fylke's kommuner begin since 2024, also for the fylker of 2020–2023."""


def find_kommuner(
    names: pd.Series[Any], fylker: pd.Series[Any], kommuner: pd.DataFrame
) -> pd.Series[Any]:
    """Find today's kommunenummer by name within the fylke; empty where there is not exactly one.

    A kommune answers to each of its official names («Kárášjohka - Karasjok»); case and an
    addition in brackets («VÅLER (VIKEN)») do not count. A fylke that is not known puts no
    limit. Fylker merged 2020–2023 stand for those they were split into.

    Parameters
    ----------
    names, fylker
        What the publisher calls them, one row per kommune.
    kommuner
        Today's kommuner: ``kommune`` and ``name``.
    """
    numbers: dict[str, set[str]] = {}
    for number, name in zip(kommuner["kommune"], kommuner["name"], strict=True):
        for part in [name, *name.split(" - ")]:
            numbers.setdefault(_plain(part), set()).add(number)
    found = []
    for name, fylke in zip(names, fylker, strict=True):
        prefixes = FYLKE_PREFIXES.get(_plain(str(fylke).split(" - ")[0]), ("",))
        fitting = {n for n in numbers.get(_plain(name), set()) if n.startswith(prefixes)}
        found.append(fitting.pop() if len(fitting) == 1 else "")
    return pd.Series(found, index=names.index, dtype="str")


def read_renumbering(paths: Sequence[Path], kommuner: pd.DataFrame) -> Reading:
    """Read old kommunenummer and pair them with today's, by name within the fylke.

    Parameters
    ----------
    paths
        Answers of kommuneinfo ``/fylkerkommuner`` from before a renumbering.
    kommuner
        Today's kommuner: ``kommune`` and ``name``.

    Returns
    -------
    Reading
        Columns ``old_kommune``, ``kommune`` and ``name``.

    Raises
    ------
    InputError
        When a file is not such an answer.
    """
    records = []
    for path in paths:
        for name, data in members(path, (".json",)):
            records += [(name, *record) for record in _parse(name, data)]
    columns = ["file", "old_kommune", "name", "name_norwegian", "fylke"]
    text = pd.DataFrame(records, columns=columns, dtype="str")
    first = find_kommuner(text["name"], text["fylke"], kommuner)
    second = find_kommuner(text["name_norwegian"], text["fylke"], kommuner)
    today = first.where(mask(first != ""), second)
    numbers = np.arange(1, len(text) + 1, dtype=np.int64)
    rows = Rows(
        SOURCE, text, text["file"].to_numpy(dtype=object), numbers, pd.DataFrame(), len(text)
    )
    keep, set_aside = sift(
        rows,
        [
            Fault(
                mask(today == ""), "name", "kommunen finnes ikke i dag, eller navnet er flertydig",
                "Kontroller om kommunen er delt eller slått sammen.",
            )
        ],
    )  # fmt: skip
    frame = pd.DataFrame(
        {"old_kommune": text["old_kommune"], "kommune": today, "name": text["name"]}
    )
    return finish(rows, keep, set_aside, frame[keep])


def _parse(name: str, data: bytes) -> list[tuple[str, str, str, str]]:
    try:
        return [
            (
                str(kommune["kommunenummer"]), str(kommune["kommunenavn"]),
                str(kommune["kommunenavnNorsk"]), str(fylke["fylkesnavn"]),
            )
            for fylke in json.loads(decode(name, data))
            for kommune in fylke["kommuner"]
        ]  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise InputError(
            "er ikke et svar fra kommuneinfo /fylkerkommuner.",
            file=name,
            advice="Fila kan være avkortet: hent den på nytt.",
        ) from fault


def _plain(name: str) -> str:
    bare = re.sub(r"\(.*?\)", " ", name.replace("\u00a0", " ")).casefold()
    return " ".join(bare.split())
