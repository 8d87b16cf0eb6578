"""Build years held against what the scenario asks for: order, money, capacity, floors, the rest."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pandas as pd

from bredband.check.ways import chosen_ways, counted_share

_ROUNDING = 1e-6

Frames = dict[str, pd.DataFrame]
"""The written tables ``areas``, ``schedule``, ``alternatives`` and ``upgrades`` by name."""


def rollout_faults(
    frames: Frames, rollout: dict[str, Any], proofs: list[dict[str, Any]]
) -> list[str]:
    """Recompute from the tables alone whether a choice of build years keeps every rule.

    Parameters
    ----------
    frames
        The tables ``areas``, ``schedule``, ``alternatives`` and ``upgrades``.
    rollout
        The section of that name as it stands in ``plan.json``.
    proofs
        The proofs as they stand there; the one of kind ``rollout`` must count what the tables do.

    Returns
    -------
    Every fault as a Norwegian sentence.
    """
    parts = (_order, _named, _too_dear, _held, _floors, _grants, _budgets, _capacity)
    found = [fault for part in parts for fault in part(frames, rollout)]
    return [*found, *_goal(frames, rollout, proofs)]


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.drop(columns="geometry", errors="ignore").to_dict("records")


def _year(frames: Frames, table: str = "schedule") -> dict[str, int]:
    return dict(zip(frames[table]["area_id"], frames[table]["build_year"].tolist(), strict=True))


def _upgrades(frames: Frames) -> dict[str, dict[Any, Any]]:
    """Give the price and trench of fibre after radio, for the areas where it may come."""
    return {r["area_id"]: r for r in _rows(frames["alternatives"]) if r["alternative"] == "upgrade"}


def _order(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Look for years outside the plan, and for areas built before what they hang on."""
    first = rollout["first_year"]
    last = first + len(rollout["annual_grant_nok"]) - 1
    year = _year(frames)
    feeder_of = {r["area_id"]: r["feeder_area"] for r in _rows(frames["areas"])}
    for area, when in year.items():
        if area not in feeder_of:
            yield f"«{area}» bygges, men finnes ikke blant områdene"
            continue
        if not first <= when <= last:
            yield f"«{area}» bygges i {when}, utenfor planens år {first}–{last}"
        feeder = feeder_of[area]
        if feeder and feeder not in feeder_of:
            yield f"«{area}» henger på «{feeder}», som ikke finnes"
        elif feeder and year.get(feeder, math.inf) > when:
            built = f"bygges først i {year[feeder]}" if feeder in year else "ikke bygges"
            yield f"«{area}» bygges i {when}, men henger på «{feeder}», som {built}"


def _named(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Look for areas that the scenario names and the plan treats otherwise."""
    year = _year(frames)
    for area in rollout["must_build"]:
        if area not in year:
            yield f"«{area}» skal bygges, men er ikke i planen"
    for area in rollout["must_not_build"]:
        if area in year:
            yield f"«{area}» skal ikke bygges, men er i planen"
    for group in rollout["exclusive"]:
        both = [f"«{area}»" for area in dict.fromkeys(group) if area in year]
        if len(both) > 1:
            yield f"høyst ett av områdene {', '.join(both)} skal bygges, men alle er i planen"


def _too_dear(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Look for areas that need more grant per household than the scenario accepts."""
    highest = rollout["highest_grant_nok_per_household"]
    if highest is None:
        return
    named = {*rollout["must_build"], *(one["area_id"] for one in rollout["committed"])}
    year, later, added = _year(frames), _year(frames, "upgrades"), _upgrades(frames)
    for row in _rows(frames["areas"]):
        area = row["area_id"]
        needs = [row["grant_nok"]] if area in year else []
        needs += [added[area]["grant_nok"]] if area in later and area in added else []
        most = highest * max(row["households"], 1)
        if row["kind"] == "area" and area not in named and any(need > most for need in needs):
            yield f"«{area}» trenger mer enn {highest:g} kr i tilskudd per husstand"


def _held(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Look for decided years that have moved."""
    year, later = _year(frames), _year(frames, "upgrades")
    ways = chosen_ways(frames["areas"], frames["schedule"])
    kind = dict(zip(frames["areas"]["area_id"], frames["areas"]["kind"], strict=True))
    for one in rollout["committed"]:
        area, way = one["area_id"], one["alternative"]
        when = (later if way == "upgrade" else year).get(area)
        same = way == "upgrade" or kind.get(area) != "area" or ways.get(area, "fibre") == way
        if when != one["year"] or not same:
            yield f"«{area}» er avtalt bygd som {way} i {one['year']}, men er ikke det i planen"


def _floors(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Count what each kommune has got by the year of each floor."""
    year = _year(frames)
    areas = _rows(frames["areas"])
    for floor in rollout["floors"]:
        inside = [r for r in areas if floor["kommune"] in ("", r["kommune"])]
        least = max(
            floor["least_share"] * sum(r["households"] for r in inside), floor["least_households"]
        )
        reached = sum(
            r["households"] for r in inside if year.get(r["area_id"], math.inf) <= floor["by_year"]
        )
        if reached < least - _ROUNDING:
            place = floor["kommune"] or "fylket"
            yield f"{place}: {reached} husstander innen {floor['by_year']}, kravet er {least:g}"


def _grants(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Look for grants that are not what the area needs in its year."""
    savings: dict[tuple[str, int], float] = defaultdict(float)
    for one in rollout["synergies"]:
        savings[one["area_id"], one["year"]] += one["saving_nok"]
    need = {r["area_id"]: (r["grant_nok"], r["trench_m"]) for r in _rows(frames["areas"])}
    for row in _rows(frames["schedule"]):
        grant_nok, trench_m = need.get(row["area_id"], (0, 0.0))
        saving_nok = savings[row["area_id"], row["build_year"]] if trench_m > 0 else 0.0
        expected_nok = max(0, grant_nok - saving_nok)
        if abs(row["grant_nok"] - expected_nok) > 1:
            yield (
                f"«{row['area_id']}»: planen betaler {row['grant_nok']} kr i tilskudd, "
                f"området trenger {expected_nok:.0f} kr"
            )


def _budgets(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Look for years that spend more grant than the budget and what may be carried over."""
    fund_of: dict[str, str] = {}
    budgets = {"": rollout["annual_grant_nok"]}
    for fund in rollout["funds"]:
        budgets[fund["name"]] = fund["annual_grant_nok"]
        for kommune in fund["kommuner"]:
            fund_of.setdefault(kommune, fund["name"])
    kommune_of = dict(zip(frames["areas"]["area_id"], frames["areas"]["kommune"], strict=True))
    spent: dict[tuple[str, int], int] = defaultdict(int)
    for row in [*_rows(frames["schedule"]), *_rows(frames["upgrades"])]:
        fund = fund_of.get(kommune_of.get(row["area_id"], ""), "")
        spent[fund, row["build_year"] - rollout["first_year"]] += row["grant_nok"]
    usable = 1 - rollout["contingency_share"]
    for fund, amounts in budgets.items():
        carried = 0.0
        for i, amount in enumerate(amounts):
            following = amounts[i + 1] if i + 1 < len(amounts) else 0.0
            advance = rollout["borrow_share"] * following * usable
            frame = amount * usable + carried
            if spent[fund, i] > frame + advance + 0.5:
                yield (
                    f"{rollout['first_year'] + i}: tilskudd for {spent[fund, i]} kr, rammen"
                    f"{' ' + fund if fund else ''} er {frame + advance:.0f} kr"
                )
            left = frame - spent[fund, i]
            carried = left if rollout["carry_over"] else 0.0


def _capacity(frames: Frames, rollout: dict[str, Any]) -> Iterator[str]:
    """Look for years that build for more, or dig further, than the county can."""
    own = {r["area_id"]: r for r in _rows(frames["areas"])}
    added = _upgrades(frames)
    built = [(own, *item) for item in _year(frames).items()]
    built += [(added, *item) for item in _year(frames, "upgrades").items()]
    for column, field, what in (
        ("capex_nok", "annual_capex_nok", "kroner i byggepris"),
        ("trench_m", "annual_trench_m", "meter grøft"),
    ):
        used: dict[int, float] = defaultdict(float)
        for prices, area, when in built:
            used[when] += prices[area][column] if area in prices else 0.0
        for i, most in enumerate(rollout[field]):
            year = rollout["first_year"] + i
            if used[year] > most + _ROUNDING:
                yield f"{year}: {used[year]:.0f} {what}, grensen er {most:.0f}"


def _goal(frames: Frames, rollout: dict[str, Any], proofs: list[dict[str, Any]]) -> Iterator[str]:
    """Count what the plan seeks, and hold it against the proof."""
    end = rollout["first_year"] + len(rollout["annual_grant_nok"])
    areas = {r["area_id"]: r for r in _rows(frames["areas"])}
    if rollout["goal"] == "least_grant":
        parts = [*_rows(frames["schedule"]), *_rows(frames["upgrades"])]
        found = sum(r["grant_nok"] for r in parts) / 1e6
    else:
        share = counted_share(frames, rollout["radio_weight_share"])
        found = sum(
            share.get(area, 1.0) * areas[area]["weighted_households"] * (end - when)
            for area, when in _year(frames).items()
            if area in areas
        )
        found += sum(
            (1 - rollout["radio_weight_share"]) * areas[area]["weighted_households"] * (end - when)
            for area, when in _year(frames, "upgrades").items()
            if area in areas
        )
    for proof in proofs:
        stated = proof["objective"]
        # Where radio leaves a branch undug the shared trench costs less than was reckoned with.
        over = found - stated if rollout["goal"] == "least_grant" else abs(found - stated)
        if proof["kind"] == "rollout" and over > _ROUNDING * max(1.0, abs(found)):
            yield f"beviset for {proof['what']} teller {stated:g}, tabellene gir {found:g}"
