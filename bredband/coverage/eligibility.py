"""Eligibility: who may be helped under which state-aid rule, and why (not)."""

from __future__ import annotations

import tomllib
from importlib import resources

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from bredband.coverage.offers import TECHNOLOGY_NAMES
from bredband.errors import ScenarioError
from bredband.scenario.section import Section

GROUNDS = {
    "funded": "området har allerede fått støtte",
    "auction_5g": "området har utbyggingsplikt fra 5G-auksjonen",
}
"""Why premises can be taken out of every scheme, and what that is called."""

COLOURS = ("white", "grey", "black")
"""No network, one, or two and more."""

_COLOUR_NAMES = ("hvitt område", "grått område", "svart område")
_WRONG_COLOUR = np.array([f"{name}: har nett som teller" for name in _COLOUR_NAMES], dtype=object)
_UPGRADABLE = ("fibre", "cable")
"""Wired networks that a new box at each end makes a gigabit; where both are, the first is named."""

Refusal = tuple[NDArray[np.bool_], NDArray[np.object_] | str]
"""Where something takes the right to aid away, and how it is said: one sentence, or one each."""


class Tier(Section):
    """One row of a rule: who lacks, what a funded network must give them, since when, who says so."""

    valid_from: str = Field(description="Gjelder fra, ISO 8601.")
    valid_to: str = Field("", description="Gjelder til, ISO 8601; tom = ennå.")
    source: str = Field(description="Kilden.")
    lacks_down_mbps: float = Field(gt=0, description="Mangler tilbud med så mye ned, Mbit/s.")
    lacks_up_mbps: float = Field(
        0, ge=0, description="… eller med så mye opp fra samme nett. 0 = opp teller ikke."
    )
    limit_is_estimate: bool = Field(False, description="Grensa er anslag: ingen kilde gjengir den.")
    give_down_mbps: float = Field(0, ge=0, description="Nettet må gi minst så mye ned.")
    give_up_mbps: float = Field(0, ge=0, description="Nettet må gi minst så mye opp.")
    times_down: float = Field(1, ge=1, description="Og så mange ganger dagens fart ned.")
    times_up: float = Field(1, ge=1, description="Og så mange ganger dagens fart opp.")


class Regime(Section):
    """One state-aid rule: its dated rows, the lowest speed first."""

    name: str = Field(description="Navnet på regelen.")
    counted_from_down_mbps: float = Field(gt=0, description="Nett fra denne farten gir farge.")
    colours: tuple[str, ...] = Field(description="Fargene som kan få støtte.")
    exclude_upgradable: bool = Field(
        description="Fiber og kabel-TV under grensa regnes som lett å oppgradere, og tar bort retten."
    )
    tier: tuple[Tier, ...] = Field(description="Trinn, det laveste først.")


def regimes() -> dict[str, Regime]:
    """Read every regime of the folder ``rules``, by id."""
    found = {}
    for file in sorted((resources.files("bredband") / "rules").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            values = tomllib.loads(file.read_text(encoding="utf-8"))
            found[file.name.removesuffix(".toml")] = Regime.model_validate(values)
    return found


def regime(name: str) -> Regime:
    """Give the regime with this id.

    Raises
    ------
    ScenarioError
        When there is none; the message lists those there are.
    """
    known = regimes()
    if name not in known:
        raise ScenarioError(
            f"coverage.regime: ukjent statsstøtteregel «{name}».",
            advice="Kjente regler er " + ", ".join(known) + ".",
        )
    return known[name]


def exclusions(premises: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, ground: str) -> pd.DataFrame:
    """List the premises inside areas that are taken out of the scheme.

    Parameters
    ----------
    premises
        Table of the data model.
    areas
        Polygons in the projection of ``premises``: already funded, or of the 5G auction.
    ground
        A key of ``GROUNDS``.

    Returns
    -------
    pd.DataFrame
        Columns ``premises_id`` and ``ground``.
    """
    inside = gpd.sjoin(premises[["premises_id", "geometry"]], areas[["geometry"]])
    ids = inside["premises_id"].drop_duplicates()
    return pd.DataFrame({"premises_id": ids, "ground": ground}).reset_index(drop=True)


def decide(
    premises: pd.DataFrame,
    networks: pd.DataFrame,
    rule: Regime,
    excluded: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Decide who may be helped, and what the funded network must give them.

    Parameters
    ----------
    premises
        Table of the data model.
    networks
        Offers that are real or credibly planned within three years: columns of the table
        ``availability``. Those of one operator and technology count as one network.
    rule
        From :func:`regime`.
    excluded
        ``premises_id`` and ``ground`` of the premises taken out; see :func:`exclusions`.

    Returns
    -------
    pd.DataFrame
        With the index and order of ``premises``: ``premises_id``, ``colour``
        (white, grey, black), ``eligible``, ``give_down_mbps`` and ``give_up_mbps`` (0 when
        not eligible), ``reason`` in Norwegian.
    """
    ids = pd.Index(premises["premises_id"])
    row = ids.get_indexer(pd.Index(networks["premises_id"]))
    networks, row = networks[row >= 0], row[row >= 0]
    present = (networks["status"] != "planned").to_numpy()
    now, row_now = networks[present], row[present]
    colour = np.minimum(_networks_at(networks, row, rule.counted_from_down_mbps, len(ids)), 2)
    given = np.stack([_given(networks, row, tier, len(ids)) for tier in rule.tier])
    tier = np.logical_and.accumulate(given).sum(axis=0)
    limit, guess = _speed(rule.tier[-1]), _guess(rule.tier[-1])
    ground = _grounds(excluded, ids)
    refusals: list[Refusal] = [
        (
            (premises["kind"] == "holiday").to_numpy(),
            "fritidsboliger kan kobles til, men ikke få støtte",
        ),
        (ground != "", ground),
        (
            _given(now, row_now, rule.tier[-1], len(ids)),
            f"har tilbud om {limit} Mbit/s eller mer{guess}",
        ),
        (
            tier == len(rule.tier),
            f"planlagt utbygging innen tre år gir {limit} Mbit/s eller mer{guess}",
        ),
        (~np.isin(COLOURS, rule.colours)[colour], _WRONG_COLOUR[colour]),
    ]
    if rule.exclude_upgradable:
        upgradable = _upgradable(now, row_now, len(ids))
        refusals.append((upgradable != "", upgradable))
    reason = _first_refusal(refusals, len(ids))
    eligible = reason == ""
    tier = np.minimum(tier, len(rule.tier) - 1)
    reason = np.where(eligible, _grounds_for_aid(rule)[colour, tier], reason)
    give = np.where(eligible[:, None], _must_give(rule, tier, now, row_now), 0.0)
    return pd.DataFrame(
        {
            "premises_id": ids,
            "colour": pd.array(np.array(COLOURS)[colour].tolist(), dtype="str"),
            "eligible": eligible,
            "give_down_mbps": give[:, 0],
            "give_up_mbps": give[:, 1],
            "reason": pd.array(reason.tolist(), dtype="str"),
        },
        index=premises.index,
    )


def _first_refusal(refusals: list[Refusal], count: int) -> NDArray[np.object_]:
    """Say why each premises is refused aid, the first reason there is; empty if it is not."""
    reason = np.full(count, "", dtype=object)
    for bad, words in refusals:
        open_still = bad & (reason == "")
        reason[open_still] = words if isinstance(words, str) else words[open_still]
    return reason


def _grounds_for_aid(rule: Regime) -> NDArray[np.object_]:
    """Say why premises may be helped, by colour and tier."""
    why = [
        [f"{name}, mangler {_speed(t)} Mbit/s{_guess(t)}" for t in rule.tier]
        for name in _COLOUR_NAMES
    ]
    return np.array(why, dtype=object)


def _must_give(
    rule: Regime, tier: NDArray[np.int64], now: pd.DataFrame, row: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the speeds, down and up, that a funded network must give: a floor, and a step above today's."""
    floor = np.array([[t.give_down_mbps, t.give_up_mbps] for t in rule.tier])[tier]
    times = np.array([[t.times_down, t.times_up] for t in rule.tier])[tier]
    today = np.zeros((len(tier), 2))
    np.maximum.at(today, row, now[["down_mbps", "up_mbps"]].to_numpy(np.float64))
    return np.asarray(np.maximum(floor, times * today), dtype=np.float64)


def _given(
    networks: pd.DataFrame, row: NDArray[np.int64], tier: Tier, count: int
) -> NDArray[np.bool_]:
    """Tell where one network gives what the tier says that those who may be helped lack."""
    enough = networks["down_mbps"] >= tier.lacks_down_mbps
    enough &= networks["up_mbps"] >= tier.lacks_up_mbps
    given = np.zeros(count, dtype=np.bool_)
    given[row[enough.to_numpy()]] = True
    return given


def _speed(tier: Tier) -> str:
    up = f"/{tier.lacks_up_mbps:g}" if tier.lacks_up_mbps else ""
    return f"{tier.lacks_down_mbps:g}{up}"


def _guess(tier: Tier) -> str:
    return " (grensa er anslag)" if tier.limit_is_estimate else ""


def _networks_at(
    networks: pd.DataFrame, row: NDArray[np.int64], lowest_mbps: float, count: int
) -> NDArray[np.int64]:
    """Count the networks at each premises; one per operator and technology."""
    operator, _ = pd.factorize(networks["operator"])
    technology, technologies = pd.factorize(networks["technology"])
    kind, kinds = pd.factorize(operator * max(len(technologies), 1) + technology)
    counted = (networks["down_mbps"] >= lowest_mbps).to_numpy()
    each = np.unique(row[counted] * max(len(kinds), 1) + kind[counted])
    return np.bincount(each // max(len(kinds), 1), minlength=count)


def _upgradable(networks: pd.DataFrame, row: NDArray[np.int64], count: int) -> NDArray[np.object_]:
    """Say which network at each premises could easily give a gigabit; empty if none."""
    found = np.full(count, "", dtype=object)
    for technology in reversed(_UPGRADABLE):
        here = (networks["technology"] == technology).to_numpy()
        found[row[here]] = f"nettet ({TECHNOLOGY_NAMES[technology]}) kan lett oppgraderes"
    return found


def _grounds(excluded: pd.DataFrame | None, ids: pd.Index[str]) -> NDArray[np.object_]:
    if excluded is None or excluded.empty:
        return np.full(len(ids), "", dtype=object)
    first = excluded.sort_values("ground").drop_duplicates("premises_id")
    words = first.set_index("premises_id")["ground"].map(GROUNDS)
    return np.asarray(words.reindex(ids).fillna("").to_numpy(dtype=object))
