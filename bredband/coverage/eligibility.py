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

_COLOUR_NAMES = {"white": "hvitt", "grey": "grått", "black": "svart"}
_UPGRADABLE = ("fibre", "cable")


class Tier(Section):
    """One row of a rule: who lacks, what a funded network must give them, since when, who says so."""

    valid_from: str = Field(description="Gjelder fra, ISO 8601.")
    valid_to: str = Field("", description="Gjelder til, ISO 8601; tom = ennå.")
    source: str = Field(description="Kilden.")
    lacks_down_mbps: float = Field(gt=0, description="Mangler tilbud med så mye ned, Mbit/s.")
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
    present = networks["status"] != "planned"
    down, up = _fastest(networks[present], ids)
    later, _ = _fastest(networks, ids)
    counted = networks[networks["down_mbps"] >= rule.counted_from_down_mbps]
    number = (
        counted.drop_duplicates(["premises_id", "operator", "technology"])
        .groupby("premises_id")
        .size()
        .reindex(ids, fill_value=0)
        .to_numpy()
    )
    colour = np.array(COLOURS)[np.minimum(number, 2)]
    upgradable = _upgradable(networks[present], ids) if rule.exclude_upgradable else None

    tier = np.searchsorted([t.lacks_down_mbps for t in rule.tier], later, side="right")
    lacks = tier < len(rule.tier)
    limit = rule.tier[-1].lacks_down_mbps
    ground = _grounds(excluded, ids)
    wrong_colour = ~np.isin(colour, rule.colours)
    faults: list[tuple[NDArray[np.bool_], NDArray[np.object_] | str]] = [
        (
            (premises["kind"] == "holiday").to_numpy(),
            "fritidsboliger kan kobles til, men ikke få støtte",
        ),
        (ground != "", ground),
        (down >= limit, f"har tilbud om {limit:g} Mbit/s eller mer"),
        (~lacks, f"planlagt utbygging innen tre år gir {limit:g} Mbit/s eller mer"),
        (wrong_colour, _for_each(colour, "{} område: har nett som teller", _COLOUR_NAMES)),
    ]
    if upgradable is not None:
        faults.append(
            (upgradable != "", _for_each(upgradable, "nettet ({}) kan lett oppgraderes", {}))
        )
    reason = np.full(len(ids), "", dtype=object)
    for bad, words in faults:
        open_still = bad & (reason == "")
        reason[open_still] = words if isinstance(words, str) else words[open_still]
    eligible = reason == ""
    steps = [_step(t, down, up) for t in rule.tier]
    which = np.minimum(tier, len(rule.tier) - 1)
    give = np.where(eligible[:, None], np.stack(steps)[which, :, np.arange(len(ids))], 0.0)
    low = np.array([t.lacks_down_mbps for t in rule.tier])[which]
    why = [
        f"{_COLOUR_NAMES[c]} område, mangler {v:g} Mbit/s"
        for c, v in zip(colour.tolist(), low.tolist(), strict=True)
    ]
    return pd.DataFrame(
        {
            "premises_id": ids,
            "colour": pd.array(colour.tolist(), dtype="str"),
            "eligible": eligible,
            "give_down_mbps": give[:, 0],
            "give_up_mbps": give[:, 1],
            "reason": pd.array(np.where(eligible, why, reason).tolist(), dtype="str"),
        },
        index=premises.index,
    )


def _fastest(
    networks: pd.DataFrame, ids: pd.Index[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    speeds = networks.groupby("premises_id")[["down_mbps", "up_mbps"]].max()
    speeds = speeds.reindex(ids).fillna(0.0)
    return speeds["down_mbps"].to_numpy(np.float64), speeds["up_mbps"].to_numpy(np.float64)


def _upgradable(networks: pd.DataFrame, ids: pd.Index[str]) -> NDArray[np.object_]:
    """Name the network at each premises that could easily give a gigabit; empty if none."""
    kept = networks[networks["technology"].isin(list(_UPGRADABLE))]
    first = kept.sort_values("technology", ascending=False).drop_duplicates("premises_id")
    names = first.set_index("premises_id")["technology"].map(TECHNOLOGY_NAMES)
    return np.asarray(names.reindex(ids).fillna("").to_numpy(dtype=object))


def _grounds(excluded: pd.DataFrame | None, ids: pd.Index[str]) -> NDArray[np.object_]:
    if excluded is None or excluded.empty:
        return np.full(len(ids), "", dtype=object)
    first = excluded.sort_values("ground").drop_duplicates("premises_id")
    words = first.set_index("premises_id")["ground"].map(GROUNDS)
    return np.asarray(words.reindex(ids).fillna("").to_numpy(dtype=object))


def _for_each(
    values: NDArray[np.object_], sentence: str, names: dict[str, str]
) -> NDArray[np.object_]:
    return np.array([sentence.format(names.get(v, v)) for v in values.tolist()], dtype=object)


def _step(tier: Tier, down: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the speeds a funded network must give: a floor, and a step above today's."""
    return np.stack(
        [
            np.maximum(tier.give_down_mbps, tier.times_down * down),
            np.maximum(tier.give_up_mbps, tier.times_up * up),
        ]
    )
