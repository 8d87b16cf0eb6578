"""Radio, masts and fibre after radio, recomputed from the written tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

WAY = {"fibre": "fibre", "fwa": "radio", "hybrid": "hybrid"}


def chosen_ways(areas: pd.DataFrame, schedule: pd.DataFrame) -> dict[str, str]:
    """Name the alternative behind each built area that is not plain fibre."""
    kind = dict(zip(areas["area_id"], areas["kind"], strict=True))
    return {
        area: WAY.get(technology, technology)
        for area, technology in zip(schedule["area_id"], schedule["technology"], strict=True)
        if kind.get(area) == "area" and technology != "fibre"
    }


def radio_faults(frames: dict[str, pd.DataFrame], allowed: list[str]) -> Iterator[str]:
    """Look for radio without its mast, for people left out, and for figures of another way."""
    year = dict(zip(frames["schedule"]["area_id"], frames["schedule"]["build_year"], strict=True))
    rows = {(r["area_id"], r["alternative"]): r for r in frames["alternatives"].to_dict("records")}
    areas = {r["area_id"]: r for r in frames["areas"].to_dict("records")}
    ways = chosen_ways(frames["areas"], frames["schedule"])
    for area, way in ways.items():
        if way not in allowed:
            yield f"«{area}» bygges som {way}, som scenariet ikke tillater"
        row = rows.get((area, way))
        if row is None:
            yield f"«{area}» bygges som {way}, som ikke er blant alternativene"
            continue
        if row["left_premises"]:
            yield f"«{area}»: {way} gir ikke alle i området tilbud"
        for name in ("capex_nok", "operator_nok", "local_nok", "grant_nok"):
            if areas[area][name] != row[name]:
                yield f"«{area}»: {name} er {areas[area][name]}, alternativet {way} har {row[name]}"
        for mast in filter(None, str(row["masts"]).split("/")):
            if year.get(mast, math.inf) > year[area]:
                yield f"«{area}» får radio i {year[area]}, men masta «{mast}» er ikke bygd da"
    yield from _homes(frames, ways)


def _homes(frames: dict[str, pd.DataFrame], ways: dict[str, str]) -> Iterator[str]:
    """Hold the premises without a drop against the list of who gets radio."""
    listed = {
        r["premises_id"]: r["area_id"]
        for r in frames["radio_premises"].to_dict("records")
        if ways.get(r["area_id"]) == r["alternative"]
    }
    found = {
        r["premises_id"]: r["area_id"]
        for r in frames["connections"].to_dict("records")
        if r["area_id"] and not r["route_id"]
    }
    for premises in sorted(set(found) - set(listed))[:5]:
        yield f"adressen {premises} i «{found[premises]}» har verken stikkledning eller radio"
    for premises in sorted(set(listed) - set(found))[:5]:
        yield f"adressen {premises} i «{listed[premises]}» har både stikkledning og radio"


def mast_faults(masts: pd.DataFrame, document: dict[str, Any]) -> Iterator[str]:
    """Look for a choice of masts beyond its money or its proof, and for other masts in plan.json."""
    chosen = masts[masts["chosen"]]
    money_nok = document["scenario"]["radio"]["masts"]["money_nok"]
    if chosen["capex_nok"].sum() > money_nok + 1:
        yield f"mastene som er valgt, koster {chosen['capex_nok'].sum()} kr, rammen er {money_nok:.0f} kr"
    highest, total = chosen["households"].max() if len(chosen) else 0, chosen["households"].sum()
    for proof in document["proofs"]:
        if proof["kind"] == "masts" and not highest <= proof["objective"] <= total:
            yield (
                f"beviset for master sier {proof['objective']:.0f} husstander, mastene som er valgt, "
                f"når mellom {highest} og {total}"
            )
    rows = {row["site_id"]: row for row in masts.to_dict("records")}
    told = {mast["site_id"]: mast for mast in document["masts"]}
    if set(told) != set(rows):
        yield "plan.json: mastene er ikke de samme som i tabellen mast_candidates"
    for site in sorted(set(told) & set(rows)):
        for name in ("households", "capex_nok", "yearly_opex_nok", "chosen"):
            if told[site][name] not in (None, rows[site][name]):
                yield f"plan.json: {name} for «{site}» er {told[site][name]}, tabellen gir {rows[site][name]}"


def upgrade_faults(frames: dict[str, pd.DataFrame], scenario: dict[str, Any]) -> Iterator[str]:
    """Look for fibre after radio that comes too early, hangs on nothing, or is paid wrongly."""
    year = dict(zip(frames["schedule"]["area_id"], frames["schedule"]["build_year"], strict=True))
    built = dict(zip(frames["schedule"]["area_id"], frames["schedule"]["technology"], strict=True))
    rows = {
        r["area_id"]: r
        for r in frames["alternatives"].to_dict("records")
        if r["alternative"] == "upgrade"
    }
    saving = {(s["area_id"], s["year"]): s["saving_nok"] for s in scenario["synergies"]}
    for r in frames["upgrades"].to_dict("records"):
        area, when = r["area_id"], r["build_year"]
        if not scenario["upgrades"]:
            yield f"«{area}» får fiber etter radio, som scenariet ikke tillater"
        if built.get(area) != "fwa" or year[area] > when:
            yield f"«{area}» får fiber etter radio i {when}, men har ikke radio da"
        if area not in rows:
            yield f"«{area}» får fiber etter radio, som ikke er blant alternativene"
            continue
        feeder = rows[area]["feeder_area"]
        if feeder and year.get(feeder, math.inf) > when:
            yield f"«{area}» får fiber i {when}, men «{feeder}» er ikke bygd da"
        expected = max(0, rows[area]["grant_nok"] - round(saving.get((area, when), 0)))
        if abs(r["grant_nok"] - expected) >= 1:
            yield f"«{area}»: fiber etter radio får {r['grant_nok']} kr, trenger {expected} kr"


def counted_share(frames: dict[str, pd.DataFrame], weight_share: float) -> dict[str, float]:
    """Give what a household in each built area counts, by fibre 1."""
    ways = chosen_ways(frames["areas"], frames["schedule"])
    return {
        r["area_id"]: 1 - (1 - weight_share) * r["radio_premises"] / max(r["premises"], 1)
        for r in frames["alternatives"].to_dict("records")
        if ways.get(r["area_id"]) == r["alternative"]
    }


def radios(connections: pd.DataFrame) -> Counter[str]:
    """Count the premises of each area that hang on no trench."""
    wireless = connections[(connections["area_id"] != "") & (connections["route_id"] == "")]
    return Counter(wireless["area_id"].tolist())
