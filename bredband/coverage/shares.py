"""Shares: households that have an offer, as the regulator counts and tabulates them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bredband.coverage import sheet
from bredband.coverage.belief import Posterior, served_probability
from bredband.coverage.claims import UNLISTED
from bredband.coverage.draws import draw, interval
from bredband.inert import inert
from bredband.wording import sentences

_TECHNOLOGY_COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Fiber", ("fibre",)),
    ("Kabel-TV-nett", ("cable",)),
    ("DSL", ("dsl",)),
    ("FTB", ("fwa",)),
    ("Fiber + kabel-TV-nett", ("fibre", "cable")),
    ("Fiber + kabel-TV-nett + DSL", ("fibre", "cable", "dsl")),
    ("Fiber + kabel-TV-nett + FTB", ("fibre", "cable", "fwa")),
    ("Fast bredbånd totalt", ("fibre", "cable", "dsl", "fwa", "other")),
)
_SPEED_GROUPS: dict[str, tuple[str, ...]] = {
    "Hastighet - alle teknologier på fast bredbånd": ("fibre", "cable", "dsl", "fwa", "other"),
    "Hastighet uten DSL": ("fibre", "cable", "fwa", "other"),
    "Hastighet i kablede nett": ("fibre", "cable", "dsl"),
    "Hastighet for FTB": ("fwa",),
}
_SPEEDS = (("≥ 30", 30.0, 0.0), ("≥ 100", 100.0, 0.0), ("≥ 1000", 1000.0, 0.0),
           ("≥ 1000/1000", 1000.0, 1000.0))  # fmt: skip
SETTLEMENTS = ("Tettbygd og spredtbygd samlet", "Tettbygde områder", "Spredtbygde områder")
"""The three populations of the regulator's tables."""

_SHARES = ("claimed_share", "expected_share", "low_share", "high_share")


def columns() -> list[tuple[str, str]]:
    """Name the 22 columns of the table for fixed broadband: group and column."""
    return [(group, name) for group, name, *_ in _measures()]


def table(
    premises: pd.DataFrame,
    availability: pd.DataFrame,
    *,
    by: str | Sequence[str] = "kommune",
    settlement: str = SETTLEMENTS[0],
) -> pd.DataFrame:
    """Tabulate claims at face value, with the regulator's definitions and columns.

    A household is counted where at least one offer on the premises is of the technology
    and at least as fast; the share is of all households. Homes passed count. Mobile and
    satellite are not fixed broadband. Other technologies count in the total and in the speeds: in
    the published table (1H2022) speeds without DSL exceed fibre, cable and FTB together in Os,
    Ringebu and Ullensvang. Premises without households weigh nothing.

    Parameters
    ----------
    premises, availability
        Tables of the data model; planned and modelled offers are not counted.
    by
        Column or columns of ``premises`` that make the rows: ``kommune``, ``grunnkrets``,
        ``tettsted``.
    settlement
        One of ``SETTLEMENTS``.

    Returns
    -------
    pd.DataFrame
        A row per value of ``by`` that has households; the columns of :func:`columns` as a
        two-level index; shares from 0 to 1.
    """
    chosen = premises[_population(premises, settlement)]
    row = pd.Index(chosen["premises_id"]).get_indexer(pd.Index(availability["premises_id"]))
    now = (row >= 0) & (availability["status"] == "available").to_numpy()
    offers, row = availability[now], row[now]
    households = chosen["households"].to_numpy(np.float64)
    keys = [by] if isinstance(by, str) else list(by)
    groups = chosen.groupby(keys, sort=True)
    code = groups.ngroup().to_numpy()
    names = chosen[keys].drop_duplicates().sort_values(keys)
    total = np.bincount(code, households, minlength=len(names))
    down, up = offers["down_mbps"].to_numpy(), offers["up_mbps"].to_numpy()
    shares = {}
    for group, name, technologies, down_mbps, up_mbps in _measures():
        having = offers["technology"].isin(list(technologies)).to_numpy()
        having = having & (down >= down_mbps) & (up >= up_mbps)
        has = np.zeros(len(chosen), dtype=np.bool_)
        has[row[having]] = True
        covered = np.bincount(code, households * has, minlength=len(names))
        shares[group, name] = covered / np.where(total > 0, total, np.nan)
    frame = pd.DataFrame(shares)
    frame.columns = pd.MultiIndex.from_tuples(columns())
    frame.index = pd.MultiIndex.from_frame(names) if len(keys) > 1 else pd.Index(names[keys[0]])
    return frame[total > 0]


def expected(
    believed: Sequence[Posterior],
    premises: pd.DataFrame,
    *,
    by: str = "kommune",
    draws: int = 200,
    seed: int = 1,
) -> pd.DataFrame:
    """Tabulate for each speed class what is claimed, what is believed, and how surely.

    Parameters
    ----------
    believed
        From :func:`bredband.coverage.believe`, one for each class.
    premises
        The table they were found from.
    by
        Column of ``premises`` that makes the rows.
    draws, seed
        How many versions of the truth the interval is found from, and which.

    Returns
    -------
    pd.DataFrame
        Columns ``by``, ``class_down_mbps``, ``households``, ``claimed_share``,
        ``expected_share``, ``low_share`` and ``high_share`` (the 90 % interval from draws).
        A faster class is never believed more than a slower one.
    """
    code, names = pd.factorize(premises[by], sort=True)
    households = premises["households"].to_numpy(np.float64)
    total = np.bincount(code, households, minlength=len(names))

    def share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        summed = np.bincount(code, households * weights, minlength=len(names))
        return np.asarray(summed / np.where(total > 0, total, np.nan), dtype=np.float64)

    parts = []
    slower = np.ones((4, len(names)))
    for posterior in sorted(believed, key=lambda one: one.target.down_mbps):
        claims = posterior.claims
        promised = np.zeros(len(premises))
        listed = (claims["technology"] != UNLISTED) & claims["meets"]
        promised[claims.loc[listed, "premises_row"]] = 1.0
        versions = draw(posterior, draws, seed)
        drawn = np.stack([share(versions[:, k].astype(np.float64)) for k in range(draws)])
        found = np.stack([share(promised), share(served_probability(posterior)), *interval(drawn)])
        slower = np.fmin(found, slower)
        frame = pd.DataFrame(slower.T, columns=list(_SHARES))
        frame.insert(0, by, names)
        frame.insert(1, "class_down_mbps", posterior.target.down_mbps)
        frame.insert(2, "households", total.astype(np.int64))
        parts.append(frame[total > 0])
    return pd.concat(parts, ignore_index=True)


def write_expected(
    frame: pd.DataFrame, path: Path, names: pd.Series[str], *, language: str = "nb"
) -> None:
    """Write what :func:`expected` gives by kommune for a spreadsheet, with the names of the kommuner."""
    ordered = frame.sort_values(["kommune", "class_down_mbps"])
    percent = ordered.assign(**{name: (100 * ordered[name]).round(1) for name in _SHARES})
    percent["name"] = ordered["kommune"].map(names)
    sheet.write_named(percent, sentences("coverage", language)["expected"], path)


def write_csv(
    frame: pd.DataFrame,
    path: Path,
    kommuner: pd.DataFrame,
    title: str = "",
    settlement: str = SETTLEMENTS[0],
) -> None:
    """Write a kommune table in the regulator's own layout, to lay beside the published one.

    Parameters
    ----------
    frame
        From :func:`table` by ``kommune``.
    kommuner
        ``kommune``, ``name`` and ``county``: what the first two columns say.
    title
        First line of the file; say *syntetisk* here when it is.
    settlement
        The one of ``SETTLEMENTS`` that ``frame`` counts: second line of the file.
    """
    labels = columns()
    head = ["", ""], ["Kommune", "Fylke"]
    last = ""
    for group, name in labels:
        if last.startswith("Hastighet") and group != last:
            head[0].append("")
            head[1].append("")
        head[0].append(group if group != last else "")
        head[1].append(name)
        last = group
    width = len(head[0])
    names = {
        str(code): [inert(str(name).upper()), inert(str(county).upper())]
        for code, name, county in kommuner[["kommune", "name", "county"]].itertuples(index=False)
    }
    head[0][0] = "Mobildekning (4G og 5G) er ikke inkludert i disse tabellene"
    rows = [
        [title or "Dekning for fast bredbånd på kommunenivå", *[""] * (width - 1)],
        [settlement, *[""] * (width - 1)],
        *head,
    ]
    for kommune, row in frame.iterrows():
        cells = [*names[str(kommune)]]
        last = ""
        for (group, _), value in zip(labels, row.to_numpy(np.float64), strict=True):
            if last.startswith("Hastighet") and group != last:
                cells.append("")
            cells.append(f"{100 * value:.1f} %".replace(".", ","))
            last = group
        rows.append(cells)
    sheet.write_rows(rows, path)


def _measures() -> list[tuple[str, str, tuple[str, ...], float, float]]:
    """List every column: group, name, technologies that count, lowest speed down and up."""
    found = [
        ("Teknologidekning", name, technologies, 0.0, 0.0)
        for name, technologies in _TECHNOLOGY_COLUMNS
    ]
    for group, technologies in _SPEED_GROUPS.items():
        speeds = _SPEEDS[:2] if technologies == ("fwa",) else _SPEEDS
        found += [(group, name, technologies, down, up) for name, down, up in speeds]
    return found


def _population(premises: pd.DataFrame, settlement: str) -> NDArray[np.bool_]:
    rural = premises["rural"].to_numpy(np.bool_)
    return {
        SETTLEMENTS[0]: np.ones(len(premises), dtype=np.bool_),
        SETTLEMENTS[1]: ~rural,
        SETTLEMENTS[2]: rural,
    }[settlement]
