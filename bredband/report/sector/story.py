"""The sector plan as a Word document, from the content of ``sektor.json`` alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd

from bredband.report import docx, figures
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
    Table,
)
from bredband.report.cells import in_short, millions
from bredband.report.chapters import target_in_words
from bredband.report.sector.figure import paint_counties
from bredband.report.words import Words, words
from bredband.units import format_bound, format_decimal, format_int, format_mnok, format_percent

Content = Mapping[str, Any]
_LABELS = ("contents", "page", "of", "table", "figure", "skip")


def write_sector_docx(content: Content, kommuner: gpd.GeoDataFrame | None, path: Path) -> None:
    """Write the sector plan as an editable Word document.

    Parameters
    ----------
    content
        The content of ``sektor.json``. Every number in the document comes from here.
    kommuner
        A row per kommune for the map: ``county``, ``served_after_share`` and the outline; None
        leaves the map out.
    path
        Where to write, whole or not at all. The same content gives the same bytes.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    say = words(content["publication"]["language"], "report/sector")
    paint = {} if kommuner is None else {"counties": partial(paint_counties, kommuner, say)}
    draw = figures.drawing(_as_county(content), None, paint)
    docx.write_story(sector_plan(content, has_map=kommuner is not None), draw, path)


def sector_plan(content: Content, *, has_map: bool) -> Document:
    """Compose the sector plan in the language of its scenario."""
    publication = content["publication"]
    language = publication["language"]
    say, general = words(language, "report/sector"), words(language)
    chapters = (_summary, _footing, _key, _shared, _years, _counties)
    blocks = [block for chapter in chapters for block in chapter(content, say)]
    if has_map:
        blocks += _map(content, say)
    return Document(
        language=language,
        cover=_cover(content, say),
        labels=Labels(*(general(f"cover.{name}") for name in _LABELS)),
        description=say("cover.description", counties=len(content["counties"])),
        created_on=publication["created_on"],
        blocks=(*blocks, *_method(content, say)),
    )


def _as_county(content: Content) -> Content:
    """Show the sector plan to the figures of a county plan: its counties stand as kommuner."""
    return {
        "publication": content["publication"],
        "kpis": content["kpis"]["optimal"],
        "by_year": content["by_year"]["optimal"],
        "by_kommune": [
            {"name": county["county"], **county["optimal"]["kpis"]}
            for county in content["counties"]
        ],
    }


def _span(content: Content) -> dict[str, int]:
    years = content["footing"]["years"]
    return {"first": years[0], "last": years[-1]}


def _target(content: Content) -> str:
    general = words(content["publication"]["language"])
    return target_in_words({"scenario": {"target": content["footing"]["target"]}}, general)


def _cover(content: Content, say: Words) -> Cover:
    publication, span = content["publication"], _span(content)
    general = words(publication["language"])
    key = "cover.period" if span["last"] > span["first"] else "cover.period_one"
    synthetic = ", ".join(publication["synthetic_counties"])
    return Cover(
        kind=say("cover.kind"),
        title=publication["title"],
        period=say(key, **span),
        organisation=publication["organisation"],
        date=general.date(publication["created_on"]),
        warning=say("cover.warning") if publication["synthetic"] else "",
        warning_note=say("cover.warning_note", counties=synthetic) if synthetic else "",
    )


def _summary(content: Content, say: Words) -> Iterator[Block]:
    kpis, span = content["kpis"], _span(content)
    optimal = kpis["optimal"]
    more = optimal["gained_households"] - kpis["key"]["gained_households"]
    number = format_int(abs(more))
    yield Heading(say("summary.title"))
    yield Paragraph(
        say(
            "summary.lead" if more else "summary.lead_equal",
            grant=format_mnok(sum(content["annual_grant_nok"])),
            gained=format_int(optimal["gained_households"]),
            counties=len(content["counties"]),
            target=_target(content),
            difference=say("summary.more" if more > 0 else "summary.fewer", number=number),
            **span,
        ),
        "lead",
    )
    yield KeyFigures(
        (
            (format_percent(optimal["served_after_share"]), say("summary.key_after", **span)),
            (format_int(optimal["gained_households"]), say("summary.key_gained")),
            (format_int(more), say("summary.key_difference")),
            (in_short(optimal["grant_nok"]), say("summary.key_used")),
        )
    )
    yield Bullets(tuple(_summary_points(content, say)))


def _summary_points(content: Content, say: Words) -> Iterator[str]:
    kpis = content["kpis"]
    after = {name: format_percent(kpis[name]["served_after_share"]) for name in kpis}
    yield say("summary.before", before=format_percent(kpis["own"]["served_before_share"]), **after)
    price = content["households_per_mnok"]
    households = format_decimal(price)
    yield say("summary.price", households=households) if price else say("summary.price_none")
    proof = content["proofs"][0]
    room = proof["bound"] - proof["objective"]
    figures = {"room": format_int(room), "gap": format_bound(proof["gap_share"])}
    yield say("summary.proof", **figures) if room >= 1 else say("summary.proof_best")
    rest = sum(content["annual_grant_nok"]) - kpis["optimal"]["budget_nok"]
    if rest > 0:
        yield say("summary.rest", rest=format_mnok(rest))


def _footing(content: Content, say: Words) -> Iterator[Block]:
    footing = content["footing"]
    yield Heading(say("footing.title"))
    yield Paragraph(say("footing.lead"))
    price_year = footing["price_year"]
    yield Paragraph(
        say("footing.target", target=_target(content), price_year=price_year, **_span(content))
    )
    columns = ("county", "households", "served", "rural", "need")
    rows = [
        (
            county["county"],
            format_int(county["households"]),
            format_percent(county["own"]["kpis"]["served_before_share"]),
            format_int(county["rural_lacking_households"]),
            millions(county["need_nok"]),
        )
        for county in content["counties"]
    ]
    whole = content["kpis"]["own"]
    total = (
        say("column.total"),
        format_int(whole["households"]),
        format_percent(whole["served_before_share"]),
        format_int(sum(county["rural_lacking_households"] for county in content["counties"])),
        millions(sum(county["need_nok"] for county in content["counties"])),
    )
    yield _table(say, "footing.caption", columns, rows, total)
    notes = [say("footing.columns"), *footing["conversions"], say("footing.carry")]
    for county, rules in footing["left_out"].items():
        named = ", ".join(say.name("rule", rule) for rule in rules)
        notes.append(say("footing.left_out", county=county, rules=named))
    yield Bullets(tuple(notes))


def _key(content: Content, say: Words) -> Iterator[Block]:
    key = content["scenario"]["key"]
    yield Heading(say("key.title"))
    yield Paragraph(say("key.lead"))
    weights = {
        name: format_decimal(key[f"{field}_weight"])
        for name, field in (
            ("rural", "rural_lacking"),
            ("need", "need"),
            ("centrality", "centrality"),
        )
    }
    yield Paragraph(say("key.weights", **weights))
    columns = ("county", "rural_share", "need_share", "centrality_share", "key_share", "key_grant")
    shares = ("rural_lacking_share", "need_share", "centrality_share", "key_share")
    rows = [
        (
            county["county"],
            *(format_percent(county[name]) for name in shares),
            millions(county["key"]["kpis"]["budget_nok"]),
        )
        for county in content["counties"]
    ]
    total = (say("column.total"), "", "", "", "", millions(content["kpis"]["key"]["budget_nok"]))
    yield _table(say, "key.caption", columns, rows, total)


def _shared(content: Content, say: Words) -> Iterator[Block]:
    yield Heading(say("shared.title"))
    yield Paragraph(say("shared.lead"))
    columns = (
        "county", "key_grant", "optimal_grant", "key_gained", "optimal_gained", "difference",
    )  # fmt: skip
    rows = [
        (county["county"], *_compared(county["key"]["kpis"], county["optimal"]["kpis"]))
        for county in content["counties"]
    ]
    whole = _compared(content["kpis"]["key"], content["kpis"]["optimal"])
    yield _table(say, "shared.caption", columns, rows, (say("column.total"), *whole))
    promises = tuple(
        say("shared.promise", county=county["county"], amount=format_mnok(county["promised_nok"]))
        for county in content["counties"]
        if county["promised_nok"]
    )
    if promises:
        yield Bullets(promises)
    yield Figure("kommuner", say("shared.figure"), say("shared.figure_alternative"))


def _compared(key: Content, optimal: Content) -> tuple[str, ...]:
    return (
        millions(key["budget_nok"]),
        millions(optimal["budget_nok"]),
        format_int(key["gained_households"]),
        format_int(optimal["gained_households"]),
        format_int(optimal["gained_households"] - key["gained_households"]),
    )


def _years(content: Content, say: Words) -> Iterator[Block]:
    by_year = content["by_year"]
    yield Heading(say("years.title"))
    yield _year_table(say, say("years.caption"), by_year["optimal"])
    yield Figure("economy", say("years.economy"), say("years.economy_alternative"))
    yield Figure("served", say("years.served"), say("years.served_alternative"))
    rows = [
        (str(years[0]["build_year"]), *(format_int(year["households"]) for year in years))
        for years in zip(by_year["own"], by_year["key"], by_year["optimal"], strict=True)
    ]
    kinds = ("own", "key", "optimal")
    gained = [format_int(content["kpis"][kind]["gained_households"]) for kind in kinds]
    total = (say("column.total"), *gained)
    yield _table(say, "years.compare", ("year", *kinds), rows, total)


def _counties(content: Content, say: Words) -> Iterator[Block]:
    yield Heading(say("county.title"))
    for county in content["counties"]:
        yield Heading(county["county"], 2)
        caption = say("county.caption", county=county["county"])
        yield _year_table(say, caption, county["optimal"]["by_year"])


def _map(content: Content, say: Words) -> Iterator[Block]:
    yield Heading(say("map.title"))
    yield Figure("counties", say("map.caption", **_span(content)), say("map.alternative"))
    if missing := content["counties_without_map"]:
        yield Paragraph(say("map.missing", counties=", ".join(missing)), "note")


def _method(content: Content, say: Words) -> Iterator[Block]:
    yield Heading(say("method.title"))
    for part in ("front", "couple", "order"):
        yield Paragraph(say(f"method.{part}"))
    names = ("proof.households", "proof.years")
    rows = [
        (
            say(name),
            format_int(proof["objective"]),
            format_int(proof["bound"]),
            format_bound(proof["gap_share"]),
        )
        for name, proof in zip(names, content["proofs"], strict=True)
    ]
    yield _table(say, "method.caption", ("what", "value", "bound", "gap"), rows)


def _year_table(say: Words, caption: str, years: Sequence[Content]) -> Table:
    columns = ("year", "budget", "grant", "capex", "gained", "served")
    rows = tuple(
        (
            str(year["build_year"]),
            *(millions(year[name]) for name in ("budget_nok", "grant_nok", "capex_nok")),
            format_int(year["households"]),
            format_percent(year["served_share"]),
        )
        for year in years
    )
    sums = ("budget_nok", "grant_nok", "capex_nok")
    total = (
        say("column.total"),
        *(millions(sum(year[name] for year in years)) for name in sums),
        format_int(sum(year["households"] for year in years)),
        "",
    )
    header = tuple(say(f"column.{name}") for name in columns)
    return Table(caption, header, rows, (False, *[True] * 5), (1.0,) * 6, total)


def _table(
    say: Words,
    caption: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    total: tuple[str, ...] = (),
) -> Table:
    return Table(
        caption=say(caption),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(rows),
        numeric=(False, *[True] * (len(columns) - 1)),
        widths=(1.8, *[1.0] * (len(columns) - 1)),
        total=total,
    )
