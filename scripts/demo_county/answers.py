"""Decide what people say of their offers, and what they measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .coverage import Truth
from .place import KOMMUNER, Kommune

COMMENTS_YES = ("", "", "Fornøyd", "Har fiber", "Bra linje", "Greit nok", "Stabilt")
COMMENTS_NO = (
    "Fikk beskjed om at det ikke er aktuelt her",
    "Står som dekket på kartet, men får ikke bestilt",
    "Naboen venter også på fiber",
    "Bruker mobilt bredbånd",
    "Ikke tilbud om fiber, kun radio",
    "",
)


def survey(
    premises: pd.DataFrame,
    truth: Truth,
    poststed: pd.Series,
    rng: np.random.Generator,
    kommuner: Sequence[Kommune] = KOMMUNER,
) -> pd.DataFrame:
    """Ask about 600 households; they write their address as people do."""
    claimed_false = truth.claims[(truth.claims.true_ned == 0)].premises.unique()
    weight = np.where(premises.tettsted == "", 4.0, 1.0) * (premises.households > 0)
    weight = weight * np.where(premises.index.isin(claimed_false), 3.0, 1.0)
    count = min(600, len(premises) // 4)
    asked = np.sort(rng.choice(len(premises), size=count, replace=False, p=weight / weight.sum()))
    by_speed = truth.claims.sort_values("ned", ascending=False, kind="stable").groupby("premises")
    claimed = by_speed.agg(tilb=("tilb", "first"), tek=("tek", "first"))
    falsely = set(claimed_false.tolist())
    rows = []
    for k, i in enumerate(asked.tolist()):
        row, best = premises.iloc[i], truth.best_true.iloc[i]
        asked_for_fibre = row.name in falsely and rng.random() < 0.7
        has = best.down_mbps >= 30 and rng.random() > 0.03 and not asked_for_fibre
        down = up = ""
        if has and rng.random() < 0.7:
            took = min(best.down_mbps, float(rng.choice([100, 250, 500, 1000]))) * rng.uniform(
                0.75, 0.98
            )
            down, up = f"{took:.0f}", f"{min(best.up_mbps, took) * rng.uniform(0.7, 0.98):.0f}"
        tilb, tek = best.operator, best.technology
        if not has and row.name in claimed.index:
            tilb, tek = claimed.loc[row.name, "tilb"], claimed.loc[row.name, "tek"]
        day = pd.Timestamp("2026-08-20") + pd.Timedelta(days=int(rng.integers(0, 70)))
        rows.append(
            {
                "svar_id": k + 1,
                "dato": day.strftime("%d.%m.%Y"),
                "adresse": _as_written(row, rng),
                "postnummer": row.postnummer if rng.random() > 0.02 else "",
                "poststed": str(poststed.iloc[i]).capitalize()
                if rng.random() < 0.8
                else poststed.iloc[i],
                "kommunenummer": kommuner[row.kommune].number,
                "operator": tilb,
                "teknologi": tek,
                "har_tilbud": "ja" if has else "nei",
                "maalt_ned_mbps": down,
                "maalt_opp_mbps": up,
                "kommentar": str(rng.choice(COMMENTS_YES if has else COMMENTS_NO)),
            }
        )
    return pd.DataFrame(rows)


def _as_written(row: pd.Series, rng: np.random.Generator) -> str:
    """Spell an address as people do: small letters, gt., v., a space before the letter."""
    if row.matrikkel:
        return f"gnr {row.gnr} bnr {row.bnr}"
    name, letter = row.road_name, row.letter
    habit = rng.random()
    if habit < 0.12:
        name = name.replace("gata", "gt.").replace(" gate", " gt")
    elif habit < 0.24:
        name = name.replace("vegen", "veien" if rng.random() < 0.5 else "v.")
    text = f"{name} {row.number}{letter}"
    if letter and rng.random() < 0.5:
        text = f"{name} {row.number} {letter.lower()}"
    if rng.random() < 0.2:
        text = text.lower()
    elif rng.random() < 0.08:
        text = text.upper()
    if rng.random() < 0.05:
        text = f" {text.replace(' ', '  ', 1)} "
    return text


def speed_tests(premises: pd.DataFrame, truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Let about 1 500 people test their line; Wi-Fi and cheap subscriptions hide part of it."""
    weight = np.where(premises.tettsted == "", 2.5, 1.0) * (premises.kind != "public")
    tested = rng.choice(len(premises), size=1500, replace=True, p=weight / weight.sum())
    rows = []
    for k, i in enumerate(tested.tolist()):
        best = truth.best_true.iloc[i]
        operator, technology, down, up = (
            best.operator,
            best.technology,
            best.down_mbps,
            best.up_mbps,
        )
        if down == 0:
            operator, technology = "Mobilnett", "4g"
            down, up = float(rng.lognormal(2.6, 0.7)), float(rng.lognormal(1.3, 0.6))
        if technology == "fiber":
            tier = float(rng.choice([100, 250, 500, 1000], p=[0.3, 0.25, 0.25, 0.2]))
            down, up = min(down, tier), min(up, tier)
        wifi = rng.random() < 0.72
        seen = rng.beta(5, 4) if wifi else rng.beta(30, 2)
        day = pd.Timestamp("2026-01-05") + pd.Timedelta(minutes=int(rng.integers(0, 60 * 24 * 300)))
        rows.append(
            {
                "test_id": k + 1,
                "tidspunkt": day.strftime("%Y-%m-%dT%H:%M:00"),
                "x": premises.x.iloc[i] + rng.normal(0, 12),
                "y": premises.y.iloc[i] + rng.normal(0, 12),
                "operator": operator,
                "teknologi": technology,
                "tilkobling": "wifi" if wifi else "kabel",
                "ned_mbps": f"{down * seen:.1f}",
                "opp_mbps": f"{up * seen:.1f}",
                "ping_ms": f"{rng.gamma(4, {'fiber': 2.0, 'ftb': 7.0}.get(technology, 12.0)):.0f}",
            }
        )
    return pd.DataFrame(rows)
