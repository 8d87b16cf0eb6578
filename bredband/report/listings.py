"""The tables of what the plan is about: coverage, needs, areas, years and money."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bredband.report.blocks import Bullets, Heading, Paragraph, Table
from bredband.report.cells import counted, millions, optional, quantity_in_words
from bredband.report.words import Words
from bredband.units import format_decimal, format_int, format_percent

Content = Mapping[str, Any]

MOST_ROWS = 60
"""Longest list of areas that are not built; the rest are in the data package."""

MOST_CASE_ROWS = 12
"""Longest list of areas in a council case, which is to fit a page."""


def coverage_by_kommune(content: Content, say: Words) -> Table:
    """Tabulate coverage today, a row per kommune and the county last."""
    rows = [row for row in content["coverage"] if row["settlement"] == "all"]
    county = [_coverage(row) for row in rows if not row["kommune"]]
    return _coverage_table(
        content,
        say,
        caption=say("today.table_coverage"),
        rows=[(row["name"], row) for row in rows if row["kommune"]],
        total=(say("column.total"), *county[0]) if county else (),
    )


def coverage_by_settlement(content: Content, say: Words) -> Table:
    """Tabulate coverage today inside and outside urban settlements."""
    rows = [row for row in content["coverage"] if row["settlement"] != "all"]
    ordered = sorted(rows, key=lambda row: (not row["kommune"], row["kommune"]))
    county = content["publication"]["county"]
    return _coverage_table(
        content,
        say,
        caption=say("today.table_settlement"),
        rows=[
            (
                f"{row['name'] if row['kommune'] else county}, "
                f"{say.name('settlement', row['settlement'])}",
                row,
            )
            for row in ordered
        ],
        total=(),
    )


def _coverage_table(
    content: Content,
    say: Words,
    *,
    caption: str,
    rows: Iterable[tuple[str, Content]],
    total: tuple[str, ...],
) -> Table:
    whole = content["coverage"][0]
    header = (
        say("column.kommune"),
        say("column.households"),
        *(say.name("technology", name) for name in _technologies(whole)),
        *(say("column.speed", speed=format_int(float(speed))) for speed in whole["down_share"]),
        say("column.symmetric"),
        say("column.share_served"),
    )
    figures = len(header) - 1
    return Table(
        caption=caption,
        header=header,
        rows=tuple((name, *_coverage(row)) for name, row in rows),
        numeric=(False, *(True,) * figures),
        widths=(3.0, 1.5, *(1.0,) * (figures - 1)),
        total=total,
    )


def _technologies(row: Content) -> list[str]:
    """Leave out the combinations of technologies, which are for the data package."""
    return [name for name in row["technology_share"] if "+" not in name]


def _coverage(row: Content) -> tuple[str, ...]:
    shares = [
        *(row["technology_share"][name] for name in _technologies(row)),
        *row["down_share"].values(),
        row["symmetric_gigabit_share"],
        row["served_share"],
    ]
    return (format_int(row["households"]), *(format_decimal(100 * share) for share in shares))


def needs_by_kommune(content: Content, say: Words) -> Table:
    """Tabulate who lacks the target, and what reaching them takes."""
    names = ("unserved", "planned", "eligible", "designed")
    columns = [f"{name}_households" for name in names] + ["capex_nok", "grant_nok"]
    rows = content["needs"]
    sums = {column: sum(row[column] for row in rows) for column in columns}
    return Table(
        caption=say("need.table"),
        header=(
            say("column.kommune"),
            *(say(f"column.{name}") for name in names),
            say("column.capex"),
            say("column.grant"),
        ),
        rows=tuple((row["name"], *_amounts(row, columns)) for row in rows),
        numeric=(False, *(True,) * 6),
        widths=(1.8, 1.1, 1.2, 1.2, 1.1, 1.2, 1.2),
        total=(say("column.total"), *_amounts(sums, columns)),
    )


def _amounts(row: Content, columns: Sequence[str]) -> list[str]:
    """Write counts in full and kroner in millions."""
    return [
        millions(row[column]) if column.endswith("_nok") else format_int(row[column])
        for column in columns
    ]


def priorities(content: Content, say: Words) -> Table:
    """Tabulate the areas in building order with the grant used so far."""
    columns = (
        "number", "year", "area", "kommune", "technology", "households", "capex", "grant",
        "grant_per_household", "accumulated",
    )  # fmt: skip
    built = [area for area in content["areas"] if area["build_year"] is not None]
    return Table(
        caption=say("priority.table"),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(
            (
                format_int(area["priority"]),
                str(area["build_year"]),
                area["name"] or area["area_id"],
                area["kommune_name"],
                say.name("technology", area["technology"]),
                counted(area["households"], say),
                millions(area["capex_nok"]),
                millions(area["grant_nok"]),
                optional(area["grant_per_household_nok"], format_int),
                millions(area["accumulated_grant_nok"]),
            )
            if area["kind"] == "area"
            else _shared(area, say)
            for area in _with_shared_gathered(built)
        ),
        numeric=(True, False, False, False, False, *(True,) * 5),
        widths=(0.5, 0.6, 2.7, 1.2, 1.0, 1.3, 1.0, 1.0, 1.15, 1.0),
    )


def outside_bounds(content: Content, say: Words) -> Iterator[Heading | Paragraph | Bullets]:
    """List the areas that are smaller or dearer than the scenario asks for, and why."""
    items = tuple(
        f"{area['name']} ({area['kommune_name']}): {area['size_note']}"
        for area in content["areas"]
        if area["size_note"]
    )
    if items:
        yield Heading(say("priority.bounds_title"), 2)
        yield Paragraph(say("priority.bounds"))
        yield Bullets(items)


def areas_of_kommune(built: Sequence[Content], say: Words) -> Table:
    """Tabulate the areas of one kommune in building order."""
    columns = ("year", "area", "households", "capex", "grant", "grant_per_household")
    return Table(
        caption=say("priority.table"),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(
            (
                str(area["build_year"]),
                area["name"] or area["area_id"],
                counted(area["households"], say),
                millions(area["capex_nok"]),
                millions(area["grant_nok"]),
                optional(area["grant_per_household_nok"], format_int),
            )
            for area in built[:MOST_CASE_ROWS]
        ),
        numeric=(False, False, True, True, True, True),
        widths=(0.7, 3.0, 1.1, 1.1, 1.1, 1.3),
    )


def _with_shared_gathered(built: Sequence[Content]) -> Iterator[Content]:
    """Give the areas in order, with each year's shared trench and masts as a line each before them."""
    for (_, kind), areas in itertools.groupby(built, key=lambda a: (a["build_year"], a["kind"])):
        if kind == "area":
            yield from areas
        else:
            lines = list(areas)
            yield {
                **lines[-1],
                "count": len(lines),
                **{name: sum(line[name] for line in lines) for name in ("capex_nok", "grant_nok")},
            }


def _shared(lines: Content, say: Words) -> tuple[str, ...]:
    kind = "priority.masts" if lines["kind"] == "mast" else "priority.feeders"
    return (
        "",
        str(lines["build_year"]),
        say(kind, count=format_int(lines["count"])),
        "",
        "",
        "–",
        millions(lines["capex_nok"]),
        millions(lines["grant_nok"]),
        "–",
        millions(lines["accumulated_grant_nok"]),
    )


def years(content: Content, say: Words) -> Table:
    """Tabulate what is built and paid each year."""
    names = ("capex", "operator", "local", "grant", "budget")
    columns = ["areas", "households", *(f"{name}_nok" for name in names)]
    rows = content["by_year"]
    sums = {column: sum(row[column] for row in rows) for column in columns}
    return Table(
        caption=say("economy.table"),
        header=(
            say("column.year"),
            say("column.areas"),
            say("column.households"),
            *(say(f"column.{name}") for name in names),
            say("column.served_end"),
        ),
        rows=tuple(
            (
                str(row["build_year"]),
                *_amounts(row, columns),
                format_percent(row["served_share"]),
            )
            for row in rows
        ),
        numeric=(False, *(True,) * 8),
        widths=(0.8, 1.0, 1.2, *(1.1,) * 5, 1.2),
        total=(
            say("column.total"),
            *_amounts(sums, columns),
            format_percent(rows[-1]["served_share"]),
        ),
    )


def kommuner(content: Content, say: Words) -> Table:
    """Tabulate what the plan gives each kommune."""
    rows, kpis = content["by_kommune"], content["kpis"]
    columns = ["households", "gained_households"]
    return Table(
        caption=say("economy.table_kommuner"),
        header=(
            say("column.kommune"),
            say("column.households"),
            say("column.gained"),
            say("column.before"),
            say("column.after"),
            say("column.capex"),
            say("column.grant"),
        ),
        rows=tuple(_kommune(row["name"], row, columns) for row in rows),
        numeric=(False, *(True,) * 6),
        widths=(2.0, *(1.1,) * 6),
        total=_kommune(say("column.total"), kpis, columns),
    )


def _kommune(name: str, row: Content, columns: Sequence[str]) -> tuple[str, ...]:
    return (
        name,
        *_amounts(row, columns),
        format_percent(row["served_before_share"]),
        format_percent(row["served_after_share"]),
        *_amounts(row, ("capex_nok", "grant_nok")),
    )


def quantities(content: Content, say: Words) -> Table:
    """Sum the bills of quantities of everything that is built."""
    sums: dict[tuple[str, str], list[float]] = {}
    for area in content["areas"]:
        if area["build_year"] is not None:
            for line in area["quantities"]:
                kind = (quantity_in_words(line, say), line["unit"])
                total = sums.setdefault(kind, [0.0] * 4)
                for i, name in enumerate(("amount", "low_nok", "likely_nok", "high_nok")):
                    total[i] += line[name]
    ordered = sorted(sums.items(), key=lambda entry: -entry[1][2])
    return Table(
        caption=say("uncertainty.table"),
        header=tuple(
            say(f"column.{name}") for name in ("item", "amount", "unit", "low", "likely", "high")
        ),
        rows=tuple(
            (
                item,
                "" if unit == "sum" else format_int(total[0]),
                say.name("unit", unit),
                *(format_int(amount) for amount in total[1:]),
            )
            for (item, unit), total in ordered
        ),
        numeric=(False, True, False, True, True, True),
        widths=(2.6, 1.1, 0.9, 1.3, 1.4, 1.3),
        total=(
            say("column.total"),
            "",
            "",
            *(format_int(sum(total[i] for total in sums.values())) for i in (1, 2, 3)),
        ),
    )


def remaining(content: Content, say: Words) -> Table:
    """Tabulate why households still lack the target after the plan."""
    rows = content["remaining"]
    return Table(
        caption=say("remaining.table"),
        header=(say("column.reason"), say("column.premises"), say("column.households")),
        rows=tuple(
            (
                _cause(row, say),
                format_int(row["premises"]),
                format_int(row["households"]),
            )
            for row in rows
        ),
        numeric=(False, True, True),
        widths=(5.0, 1.0, 1.0),
        total=(
            say("column.total"),
            format_int(sum(row["premises"] for row in rows)),
            format_int(sum(row["households"] for row in rows)),
        ),
    )


def _cause(row: Content, say: Words) -> str:
    cause = say.name("reason", row["cause"])
    if row["cause"] == "area_not_built":
        return f"{cause}: {_lower_first(say.name('reason', row['reason']))}"
    reason = row["reason"].rstrip(".")
    return f"{cause}: {_lower_first(reason)}" if reason else cause


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def areas_not_built(areas: Sequence[Content], say: Words) -> Table:
    """Tabulate the areas that are not built, cheapest per household first."""
    columns = ("area", "kommune", "households", "grant", "grant_per_household", "reason")
    return Table(
        caption=say("remaining.table_areas"),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(
            (
                area["name"] or area["area_id"],
                area["kommune_name"],
                counted(area["households"], say),
                millions(area["grant_nok"]),
                optional(area["grant_per_household_nok"], format_int),
                say.name("reason", area["not_built_reason"]),
            )
            for area in areas[:MOST_ROWS]
        ),
        numeric=(False, False, True, True, True, False),
        widths=(2.7, 1.1, 1.15, 0.9, 1.15, 2.5),
    )
