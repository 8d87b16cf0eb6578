"""The council case of one kommune: a page of facts and a map."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from bredband.plan import Plan
from bredband.report import listings
from bredband.report.blocks import Block, Bullets, Document, Figure, KeyFigures, Paragraph
from bredband.report.chapters import county_plan, target_in_words
from bredband.report.words import Words, words
from bredband.units import format_int, format_mnok, format_percent

Content = Mapping[str, Any]


def council_case(content: Content, kommune: str) -> Document:
    """Compose the case that a kommunestyre reads before it decides.

    Parameters
    ----------
    content
        The content of ``plan.json``.
    kommune
        kommunenummer, four digits.
    """
    say = words(content["publication"]["language"])
    whole = county_plan(content)
    here = next(row for row in content["by_kommune"] if row["kommune"] == kommune)
    cover = dataclasses.replace(whole.cover, title=say("case.title", kommune=here["name"]))
    return dataclasses.replace(
        whole,
        cover=cover,
        description=say("case.description", kommune=here["name"]),
        blocks=tuple(_blocks(content, here, say)),
        brief=True,
    )


def plan_of_kommune(plan: Plan, kommune: str) -> Plan:
    """Keep what lies in one kommune, for its map."""
    areas = plan.areas[plan.areas["kommune"] == kommune]
    premises = plan.premises[plan.premises["kommune"] == kommune]
    inside = premises["premises_id"]
    return dataclasses.replace(
        plan,
        kommuner=plan.kommuner[plan.kommuner["kommune"] == kommune],
        premises=premises,
        coverage=plan.coverage[plan.coverage["premises_id"].isin(inside)],
        connections=plan.connections[plan.connections["premises_id"].isin(inside)],
        routes=plan.routes[plan.routes["area_id"].isin(areas["area_id"])],
        areas=areas,
        schedule=plan.schedule[plan.schedule["area_id"].isin(areas["area_id"])],
    )


def _blocks(content: Content, here: Content, say: Words) -> Iterator[Block]:
    name, code = here["name"], here["kommune"]
    areas = [area for area in content["areas"] if area["kommune"] == code]
    built = [a for a in areas if a["build_year"] is not None and a["kind"] == "area"]
    after = here["served_before_households"] + here["gained_households"]
    shares = {
        "before": format_percent(here["served_before_share"]),
        "after": format_percent(here["served_after_share"]),
    }
    if built:
        gained = say.count("household", here["gained_households"])
        target = target_in_words(content, say)
        yield Paragraph(
            say("case.lead", gained=gained, kommune=name, target=target, **shares), "lead"
        )
    else:
        yield Paragraph(say("case.lead_none", kommune=name, **shares), "lead")
    yield KeyFigures(
        (
            (shares["after"], say("summary.key_after")),
            (format_int(here["gained_households"]), say("summary.key_gained")),
            (format_mnok(here["capex_nok"]), say("case.key_capex")),
            (format_mnok(here["grant_nok"]), say("summary.key_grant")),
        )
    )
    if built:
        yield listings.areas_of_kommune(built, say)
        if len(built) > listings.MOST_CASE_ROWS:
            shown = listings.MOST_CASE_ROWS
            yield Paragraph(say("case.more", shown=shown, all=len(built)), "note")
    yield Bullets(tuple(_points(here, areas, after, say)))
    yield Figure("map", say("case.figure", kommune=name), _map_in_words(content, here, areas, say))


def _points(here: Content, areas: list[Any], after: int, say: Words) -> Iterator[str]:
    left = here["households"] - after
    if left:
        yield say("case.left", left=say.count("household", left))
    waiting = sum(area["build_year"] is None and area["kind"] == "area" for area in areas)
    if waiting:
        yield say("case.waiting", waiting=say.count("area", waiting))
    local_nok = sum(area["local_nok"] for area in areas if area["build_year"] is not None)
    if local_nok:
        yield say("case.local", local=format_mnok(local_nok))
    yield say("case.estimate")


def _map_in_words(content: Content, here: Content, areas: list[Any], say: Words) -> str:
    counts = {year["build_year"]: 0 for year in content["by_year"]}
    for area in areas:
        if area["build_year"] is not None and area["kind"] == "area":
            counts[area["build_year"]] += 1
    return say(
        "map.figure_alt",
        county=here["name"],
        built=say.count("area", sum(counts.values())),
        years="; ".join(
            say("map.figure_alt_year", year=year, areas=say.count("area", count))
            for year, count in counts.items()
        ),
        left=say.count(
            "area", sum(area["build_year"] is None and area["kind"] == "area" for area in areas)
        ),
    )
