"""Several plans for the same county side by side: who wins, who loses, and what moves."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from bredband import county
from bredband.errors import InputError
from bredband.inert import inert
from bredband.report import figures, html
from bredband.report.blocks import Block, Document, Figure, Heading, Paragraph, Table
from bredband.report.cells import optional
from bredband.report.chapters import county_plan
from bredband.report.words import Words, words
from bredband.units import format_bound, format_decimal, format_int, format_mnok, format_percent

Content = Mapping[str, Any]

_MOST_MOVES = 200
"""Areas shown in the page; the CSV has all of them."""


def write_comparison(contents: Sequence[Content], folder: Path) -> Path:
    """Write a page and tables that set plans side by side.

    Parameters
    ----------
    contents
        The contents of two or more ``plan.json`` for the same kommuner; the first is what the
        others are held against.
    folder
        Gets ``sammenligning.html``, ``nokkeltall.csv``, ``kommuner.csv``, ``omrader.csv`` and
        ``ar.csv``.

    Returns
    -------
    The path of the page.

    Raises
    ------
    InputError
        When the plans are not for the same kommuner, or the folder cannot be written to.
    """
    kommuner = [{row["kommune"] for row in content["by_kommune"]} for content in contents]
    if any(codes != kommuner[0] for codes in kommuner):
        raise InputError(
            "planene gjelder ikke de samme kommunene og kan ikke sammenlignes.",
            advice="Sammenlign planer for det samme fylket.",
        )
    say = words(contents[0]["publication"]["language"])
    tables = {
        "nokkeltall": key_figures(contents),
        "kommuner": _kommuner(contents, say),
        "omrader": _moves(contents, say),
        "ar": _years(contents, say),
    }
    for name, table in tables.items():
        _write_csv(table, folder / f"{name}.csv")
    page = folder / "sammenligning.html"

    def draw(name: str, file_format: Literal["png", "svg"]) -> bytes:
        return figures.draw_comparison(name, contents, plan_names(contents), file_format)

    html.write_story(_story(contents, tables, say), draw, page)
    return page


def plan_names(contents: Sequence[Content]) -> list[str]:
    """Name the plans by their scenarios, numbered where two have the same name."""
    names = [str(content["scenario"]["name"]) for content in contents]
    return [
        name if names.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(names, start=1)
    ]


def _story(contents: Sequence[Content], tables: Mapping[str, Table], say: Words) -> Document:
    whole = county_plan(contents[0])
    cover = dataclasses.replace(whole.cover, title=say("comparison.title"))
    blocks = tuple(_blocks(contents, tables, say))
    description = say("comparison.description", count=len(contents))
    return dataclasses.replace(
        whole, cover=cover, description=description, blocks=blocks, brief=True
    )


def _blocks(
    contents: Sequence[Content], tables: Mapping[str, Table], say: Words
) -> Iterator[Block]:
    names = plan_names(contents)
    first, *others = contents
    yield Heading(say("comparison.figures"))
    for name, other in zip(names[1:], others, strict=True):
        yield Paragraph(_difference(names[0], name, first, other, say))
    yield tables["nokkeltall"]
    yield Figure("comparison_served", say("comparison.served"), say("comparison.served_alt"))
    yield Heading(say("comparison.kommuner"))
    yield tables["kommuner"]
    yield Heading(say("comparison.years"))
    yield tables["ar"]
    yield Figure("comparison_money", say("comparison.money"), say("comparison.money_alt"))
    yield Heading(say("comparison.moves"))
    moves = tables["omrader"]
    if not moves.rows:
        yield Paragraph(say("comparison.moves_none"))
        return
    count, shown = len(moves.rows), min(len(moves.rows), _MOST_MOVES)
    more = say("comparison.moves_more", shown=format_int(shown)) if shown < count else ""
    yield Paragraph(say("comparison.moves_count", count=format_int(count)) + more)
    yield dataclasses.replace(moves, rows=moves.rows[:shown])


_GRANT = "comparison.grant_less", "comparison.grant_same", "comparison.grant_more"
_HOUSEHOLDS = (
    "comparison.households_less", "comparison.households_same", "comparison.households_more",
)  # fmt: skip


def _difference(first_name: str, name: str, first: Content, other: Content, say: Words) -> str:
    households = other["kpis"]["gained_households"] - first["kpis"]["gained_households"]
    grant_nok = other["kpis"]["grant_nok"] - first["kpis"]["grant_nok"]
    money = say(_by_sign(grant_nok, _GRANT), amount=format_mnok(abs(grant_nok)))
    return say(
        _by_sign(households, _HOUSEHOLDS),
        name=name,
        first=first_name,
        households=say.count("household", abs(households)),
        grant=money,
    )


def _by_sign(difference: float, keys: tuple[str, str, str]) -> str:
    """Choose among the sentences for less, the same and more."""
    return keys[1 + (difference > 0) - (difference < 0)]


def key_figures(contents: Sequence[Content]) -> Table:
    """Set the key figures of the plans side by side, in the language of the first."""
    say = words(contents[0]["publication"]["language"])
    write: dict[str, Callable[[float], str]] = {
        "gained_households": format_int,
        "served_before_share": format_percent,
        "served_after_share": format_percent,
        "weighted_household_years": format_decimal,
        "areas_built": format_int,
        "trench_km": format_decimal,
        "capex_nok": format_mnok,
        "operator_nok": format_mnok,
        "local_nok": format_mnok,
        "grant_nok": format_mnok,
        "budget_nok": format_mnok,
    }
    rows = [
        (say.name("kpi", key), *(form(content["kpis"][key]) for content in contents))
        for key, form in write.items()
    ]
    gaps = [
        next(
            (optional(proof["gap_share"], format_bound)
             for proof in content["proofs"] if proof["kind"] == "rollout"),
            "–",
        )
        for content in contents
    ]  # fmt: skip
    rows.append((say.name("kpi", "gap"), *gaps))
    return _table(say("comparison.figures"), (say("column.item"), *plan_names(contents)), rows)


def _kommuner(contents: Sequence[Content], say: Words) -> Table:
    """Give households that get an offer in each kommune, and the change from the first plan."""
    gained = [
        {row["kommune"]: row["gained_households"] for row in content["by_kommune"]}
        for content in contents
    ]
    rows = []
    for row in contents[0]["by_kommune"]:
        code = row["kommune"]
        counts = [plan[code] for plan in gained]
        changes = [_signed(count - counts[0]) for count in counts[1:]]
        rows.append((row["name"], *map(format_int, counts), *changes))
    names = plan_names(contents)
    header = (say("column.kommune"), *names, *(f"± {name}" for name in names[1:]))
    return _table(say("comparison.kommuner_table"), header, rows)


def _moves(contents: Sequence[Content], say: Words) -> Table:
    """List the areas whose build year is not the same in all plans."""
    years = [
        {area["area_id"]: area["build_year"] for area in content["areas"]} for content in contents
    ]
    known = {
        area["area_id"]: area
        for content in reversed(contents)
        for area in content["areas"]
        if area["kind"] == "area"
    }
    rows = []
    for area_id, area in sorted(known.items(), key=lambda item: -item[1]["households"]):
        built = [plan.get(area_id) for plan in years]
        if len(set(built)) > 1:
            when = [str(year) if year else say("comparison.not_built") for year in built]
            rows.append((area["name"], area["kommune_name"], format_int(area["households"]), *when))
    header = (
        say("column.area"), say("column.kommune"), say("column.households"), *plan_names(contents)
    )  # fmt: skip
    return _table(say("comparison.moves"), header, rows, text=2)


def _years(contents: Sequence[Content], say: Words) -> Table:
    """Give grant and households of every year in every plan."""
    by_year = [{row["build_year"]: row for row in content["by_year"]} for content in contents]
    rows = []
    for year in sorted({year for plan in by_year for year in plan}):
        cells = [str(year)]
        for plan in by_year:
            row = plan.get(year)
            cells += (
                [format_mnok(row["grant_nok"]), format_int(row["households"])]
                if row
                else ["–", "–"]
            )
        rows.append(tuple(cells))
    names = plan_names(contents)
    parts = (say("economy.grant"), say("column.households"))
    header = (say("column.year"), *(f"{name}: {part}" for name in names for part in parts))
    return _table(say("comparison.years"), header, rows)


def _table(
    caption: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, text: int = 1
) -> Table:
    figures_ = len(header) - text
    return Table(
        caption=caption,
        header=header,
        rows=tuple(rows),
        numeric=(*(False,) * text, *(True,) * figures_),
        widths=(*(2.0,) * text, *(1.0,) * figures_),
    )


def _signed(count: int) -> str:
    return f"+{format_int(count)}" if count > 0 else format_int(count)


def _write_csv(table: Table, path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([inert(name) for name in table.header])
    for row in table.rows:
        cells = zip(row, table.numeric, strict=True)
        writer.writerow([cell if numeric else inert(cell) for cell, numeric in cells])
    with county.replacing(path) as temporary:
        temporary.write_bytes(text.getvalue().encode("utf-8-sig"))
