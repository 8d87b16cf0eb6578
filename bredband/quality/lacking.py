"""Nkom's lists of addresses without an offer, held against what the operators claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bredband.reading import Reading
from bredband.tables import among
from bredband.units import format_int

CLAIMED, UNLISTED, UNKNOWN = "claimed", "unlisted", "unknown"
COLUMNS = (
    "disagreement", "lacking_mbps", "premises_id", "address", "kommune", "households", "operator",
    "technology", "down_mbps", "file", "row",
)  # fmt: skip


def compare_lacking(
    premises: pd.DataFrame, availability: pd.DataFrame, lacking: Reading | None
) -> pd.DataFrame:
    """Find every address where the regulator's list and the operators' claims disagree.

    The list says that nobody offers the speed over a fixed network. It is made of what the
    operators told the regulator, so it is no second witness of the same offer: a disagreement
    means that one file is newer, wider or wrong, and the planner must ask. Hence it moves no
    probability of the coverage model. An address that nobody offers the speed, and that the
    list leaves out, counts only where somebody lives and the list covers the kommune.

    Parameters
    ----------
    premises, availability
        The tables of those names.
    lacking
        What ``nkom.read_lacking`` gave: ``premises_id``, ``lacking_mbps`` …; None without lists.

    Returns
    -------
    pandas.DataFrame
        A row per address and list: ``disagreement`` (``claimed``, ``unlisted`` or
        ``unknown``), what is claimed at best, and the list's ``file`` and ``row`` (0 where
        the list has none).
    """
    if lacking is None or not len(lacking.frame):
        return pd.DataFrame(columns=list(COLUMNS))
    best = _best_fixed(availability)
    listed = lacking.frame.assign(file=lacking.origin["file"], row=lacking.origin["row"])
    parts = []
    for speed, rows in listed.groupby("lacking_mbps"):
        here = premises[["premises_id", "address", "kommune", "households"]].merge(
            rows[["premises_id", "file", "row"]], on="premises_id", how="left"
        )
        here = here.merge(best, on="premises_id", how="left").fillna({"down_mbps": 0.0})
        on_list, offered = here["row"].notna(), here["down_mbps"] >= speed
        covered = among(here["kommune"], here.loc[on_list, "kommune"])
        missed = ~on_list & ~offered & covered & (here["households"] > 0)
        gone = ~among(rows["premises_id"], premises["premises_id"]) & (
            among(rows["kommune"], premises["kommune"]) | (rows["kommune"] == "")
        )
        parts += [
            here[on_list & offered].assign(disagreement=CLAIMED, lacking_mbps=speed),
            here[missed].assign(disagreement=UNLISTED, lacking_mbps=speed),
            rows[gone].assign(disagreement=UNKNOWN, households=0, down_mbps=0.0),
        ]
    found = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    found = found.reindex(columns=list(COLUMNS))
    words = ["operator", "technology", "file"]
    found[words] = found[words].fillna("")
    return found.assign(row=found["row"].fillna(0).astype("int64"))


def describe_lacking(
    lacking: pd.DataFrame, words: Mapping[str, Any]
) -> list[tuple[str, int, int, str]]:
    """Say what disagrees: the disagreement, addresses, households, advice."""
    return [
        (
            say_disagreement(what, speed, words),
            len(rows), int(rows["households"].sum()), words["disagreement_advice"][what],
        )
        for what in (CLAIMED, UNLISTED, UNKNOWN)
        for speed in sorted(lacking["lacking_mbps"].unique())
        if len(rows := lacking[lacking["disagreement"].eq(what) & lacking["lacking_mbps"].eq(speed)])
    ]  # fmt: skip


def say_disagreement(what: str, lacking_mbps: float, words: Mapping[str, Any]) -> str:
    """Say what list and claims disagree about, and at which speed."""
    said: str = words["at_speed"].format(
        what=words["disagreement"][what], speed=format_int(lacking_mbps)
    )
    return said


def claimants(lacking: pd.DataFrame) -> list[tuple[str, int, int]]:
    """Give the operators that claim what the list denies: name, addresses and households."""
    claimed = lacking[lacking["disagreement"] == CLAIMED]
    by_operator = claimed.groupby("operator")["households"].agg(["size", "sum"])
    by_operator = by_operator.sort_values("size", ascending=False, kind="stable")
    return [(str(name), int(n), int(homes)) for name, n, homes in by_operator.itertuples()]


def _best_fixed(availability: pd.DataFrame) -> pd.DataFrame:
    """Give the fastest fixed offer at each premises."""
    fixed = availability[
        (availability["status"] == "available")
        & ~availability["technology"].isin(["mobile", "satellite"])
    ]
    ranked = fixed.sort_values(["down_mbps", "operator"], ascending=[False, True], kind="stable")
    best = ranked.drop_duplicates("premises_id")
    return best[["premises_id", "operator", "technology", "down_mbps"]]
