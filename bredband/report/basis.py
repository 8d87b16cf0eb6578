"""The tables that tell how the plan was made: proofs, prices, sources, choices and terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bredband.report.blocks import Table
from bredband.report.cells import millions, optional, trench_in_words
from bredband.report.words import Words
from bredband.units import format_bound, format_int, format_nok, format_percent

Content = Mapping[str, Any]


def proofs(content: Content, say: Words) -> Table:
    """Tabulate status, bound and gap of everything that was optimised."""
    columns = ("what", "status", "objective", "bound", "gap", "solver")
    return Table(
        caption=say("method.table_proofs"),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(
            (
                proof["what"],
                say.name("status", proof["status"]),
                optional(proof["objective"], format_int),
                optional(proof["bound"] or None, format_int),
                optional(_proved_gap(proof), format_bound),
                proof["solver"],
            )
            for proof in content["proofs"]
        ),
        numeric=(False, False, True, True, True, False),
        widths=(2.4, 2.0, 1.4, 1.4, 1.0, 1.4),
    )


def _proved_gap(proof: Content) -> float | None:
    """Give the gap; a bound of nothing, as of a search that was cut short, proves nothing."""
    gap: float | None = proof["gap_share"]
    return gap if proof["bound"] else None


def prices(content: Content, say: Words) -> Table:
    """Tabulate the unit prices with their range and their basis."""
    lines = list(_price_lines(content["scenario"]["costs"], say))
    columns = ("item", "unit", "low", "likely", "high", "basis")
    return Table(
        caption=say("method.table_prices"),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(
            (
                item,
                unit,
                *(format_int(price[f"{level}_nok"]) for level in ("low", "likely", "high")),
                price["source"],
            )
            for item, unit, price in lines
        ),
        numeric=(False, False, True, True, True, False),
        widths=(2.4, 1.0, 1.0, 1.2, 1.0, 1.6),
    )


def _price_lines(costs: Content, say: Words) -> Iterator[tuple[str, str, Content]]:
    """Give every price range of the scenario with its name and unit."""
    metre, each = say.name("unit", "per_m"), say.name("unit", "per_each")
    for ground, price in costs["trench_nok_per_m"].items():
        yield say.name("ground", ground), metre, price
    for other in costs.get("other_methods", ()):
        if other["allowed"]:
            yield trench_in_words(other, say), metre, other["nok_per_m"]
    for key, name, unit in (
        ("road_fee_nok_per_m", "road_fee", metre),
        ("road_crossing_nok", "road_crossing", each),
    ):
        for owner, price in costs.get(key, {}).items():
            yield f"{say.name('item', name)}, {say.name('owner', owner)}", unit, price
    for key, value in costs.items():
        if isinstance(value, dict) and "likely_nok" in value:
            unit = metre if key.endswith("_nok_per_m") else each
            name = key.removesuffix("_nok_per_m").removesuffix("_nok")
            yield say.name("item", name), unit, value


def sources(content: Content, say: Words) -> Table:
    """Tabulate each source with publisher, licence, date and rows read and kept."""
    unknown = say("method.unknown")
    columns = ("source", "publisher", "licence", "date", "rows_in", "rows_kept", "rows_set_aside")
    counts = content["provenance"].get("rows", {})
    seen = {
        (
            say.name("source", file["source"]),
            file["publisher"] or unknown,
            file["licence"] or unknown,
            say.short_date(file["date"]) if file["date"] else unknown,
            *(
                optional(counts.get(file["source"], {}).get(name), format_int)
                for name in ("rows_in", "kept", "set_aside")
            ),
        ): None
        for file in content["provenance"]["files"]
    }
    return Table(
        caption=say("method.table_sources"),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(seen),
        numeric=(*(False,) * 4, *(True,) * 3),
        widths=(1.75, 4.0, 0.9, 1.1, 0.75, 0.9, 0.75),
    )


def terms(say: Words) -> Table:
    """Explain the words that a council member may not know."""
    names = ("ftb", "area", "feeder", "capex", "grant", "household_year", "rural", "gap")
    return Table(
        caption=say("appendix.table_terms"),
        header=(say("column.term"), say("column.meaning")),
        rows=tuple((say(f"term.{name}"), say(f"term.{name}_meaning")) for name in names),
        numeric=(False, False),
        widths=(1.0, 3.5),
    )


def choices(content: Content, say: Words, target: str) -> Table:
    """Tabulate the choices of the scenario that shape the plan most."""
    scenario = content["scenario"]
    rollout, areas = scenario["rollout"], scenario["areas"]
    none = say("choice.none")
    ceiling = rollout["highest_grant_nok_per_household"]
    budgets = "; ".join(
        f"{row['build_year']}: {millions(row['budget_nok'])}" for row in content["by_year"]
    )
    rows = (
        ("target", target),
        ("first_year", str(rollout["first_year"])),
        ("budgets", budgets),
        ("carry_over", say("choice.yes" if rollout["carry_over"] else "choice.no")),
        ("ceiling", format_nok(ceiling) if ceiling else none),
        ("must_build", ", ".join(rollout["must_build"]) or none),
        ("must_not_build", ", ".join(rollout["must_not_build"]) or none),
        ("plan_for", say(f"plan_for.{rollout['plan_for']}")),
        ("drop", f"{format_int(scenario['network']['longest_drop_m'])} m"),
        ("area_size", f"{areas['fewest_households']}–{areas['most_households']}"),
        ("area_capex", format_nok(areas["highest_capex_nok"])),
        ("regime", say.name("regime", scenario["coverage"]["regime"])),
        ("planned", say("choice.yes" if scenario["coverage"]["count_planned"] else "choice.no")),
        ("probability", format_percent(scenario["coverage"]["lowest_probability"], 0)),
        ("gap", format_percent(rollout["target_gap_share"], 2)),
    )
    return Table(
        caption=say("appendix.table_choices"),
        header=(say("column.choice"), say("column.value")),
        rows=tuple((say(f"choice.{name}"), value) for name, value in rows),
        numeric=(False, False),
        widths=(1.4, 2.0),
    )


def files(content: Content, say: Words) -> Table:
    """Tabulate every input file with its checksum."""
    columns = ("source", "file", "checksum")
    return Table(
        caption=say("appendix.table_files"),
        header=tuple(say(f"column.{name}") for name in columns),
        rows=tuple(
            (say.name("source", file["source"]), file["file"], file["sha256"][:16])
            for file in content["provenance"]["files"]
        ),
        numeric=(False, False, False),
        widths=(1.4, 2.6, 1.6),
    )
