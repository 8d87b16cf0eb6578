"""The county plan, chapter by chapter, from the content of ``plan.json`` alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bredband.report import basis, doubts, listings
from bredband.report.blocks import (
    Block,
    Bullets,
    Cover,
    Document,
    Figure,
    Heading,
    KeyFigures,
    Labels,
    Paragraph,
)
from bredband.report.words import Words, words
from bredband.units import (
    format_bound,
    format_decimal,
    format_int,
    format_mnok,
    format_nok,
    format_percent,
)

Content = Mapping[str, Any]


def county_plan(content: Content) -> Document:
    """Compose the county plan in the language of the scenario.

    Parameters
    ----------
    content
        The content of ``plan.json``. Every figure in the document is taken from here.
    """
    publication = content["publication"]
    say = words(publication["language"])
    chapters = (
        _summary, _goals, _today, _need, _method, _priority, _map, _economy, doubts.uncertainty,
        doubts.remaining, _appendix,
    )  # fmt: skip
    return Document(
        language=publication["language"],
        cover=_cover(content, say),
        labels=Labels(
            *(
                say(f"cover.{name}")
                for name in ("contents", "page", "of", "table", "figure", "skip")
            )
        ),
        description=say("cover.description", county=publication["county"]),
        created_on=publication["created_on"],
        blocks=tuple(block for chapter in chapters for block in chapter(content, say)),
    )


def _cover(content: Content, say: Words) -> Cover:
    publication, years = content["publication"], content["by_year"]
    first, last = years[0]["build_year"], years[-1]["build_year"]
    synthetic = publication["synthetic"]
    note = publication["synthetic_note"] or say("cover.synthetic_note")
    return Cover(
        kind=say("cover.kind", county=publication["county"]),
        title=publication["title"],
        period=say("cover.period" if last > first else "cover.period_one", first=first, last=last),
        organisation=publication["organisation"],
        date=say.date(publication["created_on"]),
        warning=say("cover.synthetic") if synthetic else "",
        warning_note=note if synthetic else "",
    )


def target_in_words(content: Content, say: Words) -> str:
    """Write the target speed: ``1 000 Mbit/s ned``."""
    target = content["scenario"]["target"]
    key = "goals.up" if target["up_mbps"] else "goals.down_only"
    return say(key, down=format_int(target["down_mbps"]), up=format_int(target["up_mbps"]))


def _years(content: Content) -> dict[str, int]:
    years = content["by_year"]
    return {"first": years[0]["build_year"], "last": years[-1]["build_year"]}


def _summary(content: Content, say: Words) -> Iterator[Block]:
    kpis, years = content["kpis"], _years(content)
    county = content["publication"]["county"]
    yield Heading(say("summary.title"))
    before = format_percent(kpis["served_before_share"])
    if not kpis["areas_built"]:
        yield Paragraph(say("summary.lead_none", county=county, before=before), "lead")
    else:
        yield Paragraph(
            say(
                "summary.lead",
                gained=say.count("household", kpis["gained_households"]),
                target=target_in_words(content, say),
                county=county,
                before=before,
                after=format_percent(kpis["served_after_share"]),
                last=years["last"],
            ),
            "lead",
        )
    yield _summary_figures(kpis, say)
    yield Bullets(tuple(_summary_points(content, say)))


def _summary_figures(kpis: Content, say: Words) -> KeyFigures:
    gained = kpis["gained_households"]
    per_household = format_nok(kpis["grant_nok"] / gained) if gained else "–"
    return KeyFigures(
        (
            (format_percent(kpis["served_after_share"]), say("summary.key_after")),
            (format_int(gained), say("summary.key_gained")),
            (format_mnok(kpis["grant_nok"]), say("summary.key_grant")),
            (per_household, say("summary.key_per_household")),
        )
    )


def _summary_points(content: Content, say: Words) -> Iterator[str]:
    kpis, years = content["kpis"], _years(content)
    if kpis["areas_built"]:
        money = {
            name: format_mnok(kpis[f"{name}_nok"])
            for name in ("capex", "operator", "local", "grant", "budget")
        }
        yield say("summary.money" if kpis["local_nok"] else "summary.money_no_local", **money)
        yield say(
            "summary.order" if years["last"] > years["first"] else "summary.order_one",
            areas=format_int(kpis["areas_built"]),
            all_areas=format_int(kpis["areas"]),
            **years,
        )
    proof = next((proof for proof in content["proofs"] if proof["kind"] == "rollout"), None)
    if proof is not None and (gap := proof["gap_share"]) is not None:
        best = proof["status"] == "optimal"
        yield (say("summary.proof_best") if best else say("summary.proof", gap=format_bound(gap)))
    joint = next((proof for proof in content["proofs"] if proof["kind"] == "joint"), None)
    if joint is not None and joint["gap_share"] is not None:
        yield say("summary.proof_joint", gap=format_bound(joint["gap_share"], 1))
    left = kpis["households"] - kpis["served_after_households"]
    if left:
        yield say("summary.left", left=say.count("household", left), chapter=say("remaining.title"))
    else:
        yield say("summary.left_none")
    if kpis["grant_all_areas_nok"] > kpis["grant_nok"]:
        yield say("summary.all_grant", all_grant=format_mnok(kpis["grant_all_areas_nok"]))


def _goals(content: Content, say: Words) -> Iterator[Block]:
    scenario = content["scenario"]
    yield Heading(say("goals.title"))
    yield Paragraph(say("goals.lead", target=target_in_words(content, say)), "lead")
    gigabit = scenario["target"]["down_mbps"] >= 1000
    yield Paragraph(say("goals.national" if gigabit else "goals.own"))
    names = [say.name("technology", name) for name in scenario["coverage"]["technologies"]]
    yield Paragraph(say("goals.served", technologies=", ".join(names)))
    yield Heading(say("goals.priorities_title"), 2)
    weights = scenario["priorities"]
    yield Paragraph(
        say(
            "goals.priorities",
            lacking=format_decimal(weights["lacking_30_weight"]),
            business=format_decimal(weights["business_weight"]),
            public=format_decimal(weights["public_weight"]),
            holiday=format_decimal(weights["holiday_weight"]),
        )
    )
    if weights["remote_weight"] != 1:
        yield Paragraph(
            say(
                "goals.priorities_remote",
                few=format_int(weights["remote_fewest_households"]),
                within=f"{format_decimal(weights['remote_within_m'] / 1000)} km",
                remote=format_decimal(weights["remote_weight"]),
            )
        )


def _today(content: Content, say: Words) -> Iterator[Block]:
    kpis, county = content["kpis"], content["publication"]["county"]
    unserved = kpis["households"] - kpis["served_before_households"]
    yield Heading(say("today.title"))
    yield Paragraph(
        say(
            "today.lead",
            share=format_percent(kpis["served_before_share"]),
            households=say.count("household", kpis["households"]),
            county=county,
            unserved=say.count("household", unserved),
        ),
        "lead",
    )
    whole = {row["settlement"]: row for row in content["coverage"] if not row["kommune"]}
    if "urban" in whole and "rural" in whole:
        shares = {name: format_percent(whole[name]["served_share"]) for name in ("urban", "rural")}
        yield Paragraph(say("today.town", **shares))
    yield listings.coverage_by_kommune(content, say)
    every = content["coverage_counts"] == "every_offer"
    yield Paragraph(say("today.technology_all" if every else "today.technology_best"), "note")
    yield listings.coverage_by_settlement(content, say)
    yield _kommune_figure(content, say)


def _kommune_figure(content: Content, say: Words) -> Figure:
    rows = "; ".join(
        say(
            "today.figure_kommuner_row",
            name=row["name"],
            before=format_percent(row["served_before_share"]),
            after=format_percent(row["served_after_share"]),
        )
        for row in content["by_kommune"]
    )
    alternative = say("today.figure_kommuner_alt", rows=rows)
    return Figure("kommuner", say("today.figure_kommuner"), alternative)


def _need(content: Content, say: Words) -> Iterator[Block]:
    kpis, needs = content["kpis"], content["needs"]
    sums = {
        name: say.count("household", sum(row[f"{name}_households"] for row in needs))
        for name in ("unserved", "planned", "eligible")
    }
    yield Heading(say("need.title"))
    yield Paragraph(say("need.lead", **sums), "lead")
    yield listings.needs_by_kommune(content, say)
    yield Paragraph(say("need.explain"), "note")
    need_nok, budget_nok = kpis["grant_all_areas_nok"], kpis["budget_nok"]
    if need_nok > 0:
        yield Paragraph(
            say(
                "need.all_grant",
                grant=format_mnok(need_nok),
                budget=format_mnok(budget_nok),
                share=format_percent(budget_nok / need_nok, 0),
            )
        )


def _method(content: Content, say: Words) -> Iterator[Block]:
    scenario, publication = content["scenario"], content["publication"]
    sizes = scenario["areas"]
    yield Heading(say("method.title"))
    yield Paragraph(say("method.lead"), "lead")
    limits = {"fewest": sizes["fewest_households"], "most": sizes["most_households"]}
    steps = ("data", "coverage", "network", "areas", "rollout")
    yield Bullets(tuple(say(f"method.step_{step}", **limits) for step in steps))
    if publication["synthetic"]:
        note = publication["synthetic_note"] or say("cover.synthetic_note")
        yield Paragraph(say("method.synthetic", note=note), "note")
    yield Heading(say("method.proof_title"), 2)
    yield Paragraph(say("method.proof"))
    yield basis.proofs(content, say)
    yield Heading(say("method.prices_title"), 2)
    yield Paragraph(say("method.prices", price_year=scenario["costs"]["price_year"]))
    yield basis.prices(content, say)
    funding = scenario["funding"]
    operator = format_nok(funding["operator_nok_per_household"])
    local = format_percent(funding["local_share"], 0)
    key = "method.funding" if funding["local_share"] else "method.funding_no_local"
    yield Paragraph(say(key, operator=operator, local=local))
    yield Heading(say("method.data_title"), 2)
    yield Paragraph(say("method.data"))
    if content["provenance"].get("files"):
        yield basis.sources(content, say)


def _priority(content: Content, say: Words) -> Iterator[Block]:
    kpis = content["kpis"]
    yield Heading(say("priority.title"))
    if not any(area["build_year"] for area in content["areas"]):
        yield Paragraph(say("priority.lead_none"), "lead")
        return
    yield Paragraph(say("priority.lead", built=say.count("area", kpis["areas_built"])), "lead")
    yield Paragraph(say("priority.explain"))
    yield listings.priorities(content, say)
    yield from listings.outside_bounds(content, say)


def _map(content: Content, say: Words) -> Iterator[Block]:
    kpis = content["kpis"]
    years = "; ".join(
        say("map.figure_alt_year", year=row["build_year"], areas=say.count("area", row["areas"]))
        for row in content["by_year"]
    )
    yield Heading(say("map.title"))
    yield Paragraph(say("map.lead"))
    alternative = say(
        "map.figure_alt",
        county=content["publication"]["county"],
        built=say.count("area", kpis["areas_built"]),
        years=years,
        left=say.count("area", kpis["areas"] - kpis["areas_built"]),
    )
    yield Figure("map", say("map.figure"), alternative)


def _economy(content: Content, say: Words) -> Iterator[Block]:
    kpis = content["kpis"]
    money = {name: format_mnok(kpis[f"{name}_nok"]) for name in ("capex", "grant")}
    carry = content["scenario"]["rollout"]["carry_over"]
    yield Heading(say("economy.title"))
    yield Paragraph(say("economy.lead", **money), "lead")
    yield Paragraph(say("economy.carry" if carry else "economy.no_carry"))
    yield listings.years(content, say)
    yield Paragraph(say("economy.rounded"), "note")
    rows = "; ".join(
        say(
            "economy.figure_alt_row",
            year=row["build_year"],
            capex=format_mnok(row["capex_nok"]),
            grant=format_mnok(row["grant_nok"]),
            budget=format_mnok(row["budget_nok"]),
        )
        for row in content["by_year"]
    )
    yield Figure("economy", say("economy.figure"), say("economy.figure_alt", rows=rows))
    served = say(
        "economy.figure_served_alt",
        before=format_percent(kpis["served_before_share"]),
        after=format_percent(kpis["served_after_share"]),
        last=_years(content)["last"],
    )
    yield Figure("served", say("economy.figure_served"), served)
    yield Heading(say("economy.kommuner_title"), 2)
    yield listings.kommuner(content, say)


def _appendix(content: Content, say: Words) -> Iterator[Block]:
    yield Heading(say("appendix.title"))
    publication = content["publication"]
    made_with = {"software": publication["software"], "version": publication["software_version"]}
    package, software = say("appendix.package"), say("appendix.software", **made_with)
    yield Paragraph(f"{package} {software}")
    yield Heading(say("appendix.terms_title"), 2)
    yield basis.terms(say)
    yield Heading(say("appendix.choices_title"), 2)
    yield basis.choices(content, say, target_in_words(content, say))
    if content["provenance"].get("files"):
        yield Heading(say("appendix.files_title"), 2)
        yield basis.files(content, say)
