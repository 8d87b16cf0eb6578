"""The chapters on what is not sure and what is not reached, from ``plan.json`` alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bredband.report import listings
from bredband.report.blocks import Block, Bullets, Heading, Paragraph
from bredband.report.cells import optional
from bredband.report.words import Words
from bredband.units import format_int, format_mnok, format_percent

Content = Mapping[str, Any]


def uncertainty(content: Content, say: Words) -> Iterator[Block]:
    """Tell how much the price, the number of households and the coverage may be off."""
    kpis = content["kpis"]
    yield Heading(say("uncertainty.title"))
    yield Paragraph(
        say(
            "uncertainty.lead",
            likely=format_mnok(kpis["capex_nok"]),
            low=format_mnok(kpis["capex_low_nok"]),
            high=format_mnok(kpis["capex_high_nok"]),
        ),
        "lead",
    )
    yield Paragraph(say("uncertainty.explain"))
    if kpis["capex_nok"]:
        yield listings.quantities(content, say)
        yield Paragraph(say("uncertainty.counted"), "note")
    rules = content["household_rules"]
    counted = ", ".join(
        say(
            "uncertainty.households_rule",
            rule=row["rule"],
            count=say.count("premises", row["premises"]),
        )
        for row in rules
    )
    yield Bullets(
        (
            *_certainty(content, say),
            say("uncertainty.households", rules=counted),
            say("uncertainty.budget"),
        )
    )


def _whole(number: float) -> str:
    return format_int(round(number))


_COUNTED = {
    "cut": "uncertainty.coverage_cut",
    "expected": "uncertainty.coverage_expected",
    "draws": "uncertainty.coverage_draws",
}


def _certainty(content: Content, say: Words) -> Iterator[str]:
    """Say how sure it is who lacks the target, and what a household counts in the plan."""
    sure, kpis = content["certainty"], content["kpis"]
    yield say(
        "uncertainty.coverage",
        expected=format_percent(sure["expected_served_before_share"]),
        counted=format_percent(kpis["served_before_share"]),
    )
    gained = kpis["gained_households"]
    if gained:
        yield say(
            _COUNTED[sure["plan_on"]],
            cut=format_percent(sure["lowest_probability"], 0),
            draws=format_int(sure["draws"]),
            gained=say.count("household", gained),
            lacking=format_int(round(sure["expected_gained_households"])),
            low=optional(sure["low_gained_households"], _whole),
            high=optional(sure["high_gained_households"], _whole),
        )
    if not sure["conflicts"]:
        yield say("uncertainty.conflicts_none")
        return
    wrong = round(sure["conflict_households"])
    yield say(
        "uncertainty.conflicts",
        conflicts=say.count("premises", sure["conflicts"]),
        wrong=say.count("household", wrong),
    )


def remaining(content: Content, say: Words) -> Iterator[Block]:
    """Tell who still lacks the target after the plan, and why."""
    kpis = content["kpis"]
    left = kpis["households"] - kpis["served_after_households"]
    yield Heading(say("remaining.title"))
    if not content["remaining"]:
        yield Paragraph(say("remaining.lead_none"), "lead")
        return
    yield Paragraph(say("remaining.lead", left=say.count("household", left)), "lead")
    yield listings.remaining(content, say)
    waiting = [
        area for area in content["areas"] if area["build_year"] is None and area["kind"] == "area"
    ]
    if waiting:
        yield Paragraph(say("remaining.areas", count=say.count("area", len(waiting))))
        yield listings.areas_not_built(waiting, say)
        if len(waiting) > listings.MOST_ROWS:
            yield Paragraph(say("remaining.more", shown=listings.MOST_ROWS), "note")
