"""The commands that ask a finished plan: prices, comparison, why, and what more would give."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

import typer

from bredband.cli.arguments import AsJson, PlanFolder
from bredband.cli.terminal import counted, print_json, print_table
from bredband.errors import BredbandError


def calibrate(
    folder: PlanFolder,
    per_household: Annotated[
        float,
        typer.Option("--per-household", help="Kjent byggepris per husstand, kroner."),
    ] = 128_000,
    out: Annotated[
        Path | None, typer.Option("--out", help="Skriv prisene som [costs] til denne TOML-fila.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Flytt prisene til områdene koster det som er kjent per husstand, og vis hva som endret seg."""
    from bredband.pipeline.prices import calibrate as calibrate_prices
    from bredband.units import format_decimal, format_mnok

    changes = calibrate_prices(folder, target_nok_per_household=per_household, out=out)
    if as_json:
        print_json(json.loads(changes.to_json(orient="records")))
        return
    used = changes[changes["bill_before_nok"] > 0]
    print_table(
        ["Pris", "Før", "Etter", "Byggepris før", "etter", ""],
        [
            [row["price"], format_decimal(row["before_nok"]), format_decimal(row["after_nok"]),
             format_mnok(row["bill_before_nok"]), format_mnok(row["bill_after_nok"]),
             "utenfor spennet" if row["outside_range"] else ""]
            for row in used.to_dict("records")
        ],
    )  # fmt: skip
    before, after = used["bill_before_nok"].sum(), used["bill_after_nok"].sum()
    typer.echo(f"I alt {format_mnok(before)} før, {format_mnok(after)} etter.")
    if out is not None:
        typer.echo(f"Priser: {out}. Sett dem inn i scenariet og lag planen på nytt.")


def compare(
    folders: Annotated[
        list[Path], typer.Argument(help="To eller flere planmapper.", metavar="MAPPE")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Skriv side, tabeller og kart til denne mappa.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sett flere planer ved siden av hverandre: nøkkeltall, kommuner, år og områder som flytter."""
    from bredband import report
    from bredband.county import read_json
    from bredband.renewal import settle

    if len(folders) < 2:
        raise BredbandError("compare trenger minst to planmapper.")
    for folder in folders:
        settle(folder)
    documents = [read_json(folder / "plan.json") for folder in folders]
    if out is not None:
        from bredband import pipeline

        for path in pipeline.compare_plans(folders, out):
            typer.echo(f"Skrevet: {path}")
        return
    if as_json:
        names = [str(folder) for folder in folders]
        print_json(dict(zip(names, (document["kpis"] for document in documents), strict=True)))
        return
    table = report.key_figures(documents)
    print_table(list(table.header), [list(row) for row in table.rows])


def explain(
    folder: PlanFolder,
    area: Annotated[
        str,
        typer.Argument(
            help="Området: navnet i dokumentet, eller id-en på kartet.", metavar="OMRÅDE"
        ),
    ],
) -> None:
    """Hvorfor ikke min grend? Si i tall hva som skal til for at et område kommer med."""
    from bredband import pipeline

    for sentence in pipeline.explain(folder, area):
        typer.echo(sentence)


LEAST_MORE_NOK = 10_000
"""Less than this in one year builds nothing anywhere; whoever asks for 10 means ten million."""


def frontier(
    folder: PlanFolder,
    more_nok: Annotated[
        float | None, typer.Option("--more", help="Kroner mer i ett år: hva gir det, og hvor?")
    ] = None,
    year: Annotated[int | None, typer.Option("--year", help="Året som får mer.")] = None,
    by_year: Annotated[
        bool, typer.Option("--years", help="Vis hva hver ramme gir innen hvert år.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hva andre rammer ville gitt: husstander mot samlet tilskudd, eller mer penger i ett år."""
    from bredband import pipeline
    from bredband.units import format_bound, format_decimal, format_int, format_mnok

    if (more_nok is None) != (year is None):
        raise BredbandError(
            "--more og --year hører sammen.",
            advice="Si både hvor mye mer, og hvilket år som får det.",
        )
    if more_nok is not None and not math.isfinite(more_nok):
        raise BredbandError("--more må være et beløp i kroner.")
    if more_nok is not None and 0 < abs(more_nok) < LEAST_MORE_NOK:
        raise BredbandError(
            f"--more er i kroner, og {format_decimal(more_nok, 1)} er mindre enn {format_int(LEAST_MORE_NOK)}.",
            advice=f"Er det millioner du mener, skriv --more {more_nok * 1e6:.0f}.",
        )
    if more_nok is not None and year is not None:
        extra = pipeline.with_more(folder, year=year, amount_nok=more_nok)
        money, number = ("mer", "flere") if more_nok >= 0 else ("mindre", "færre")
        years_of_homes = format_decimal(abs(extra.gained_household_years))
        typer.echo(
            f"{format_mnok(abs(more_nok))} {money} i {year}: "
            f"{counted(abs(round(extra.gained_households)), 'husstand')} {number}, "
            f"{years_of_homes} vektede husstandsår {number}."
        )
        print_table(
            ["Område", "Før", "Etter", "Navn", "Husstander"],
            [
                [row["area_id"], str(row["year_before"] or "–"), str(row["year_after"] or "–"),
                 row["name"] or "mast", format_int(row["households"] or 0)]
                for row in json.loads(extra.moves.to_json(orient="records"))
            ],
        )  # fmt: skip
        return
    table = pipeline.frontier(folder)
    if not by_year:
        table = table[table["year"] == table["year"].max()]
    if as_json:
        print_json(json.loads(table.to_json(orient="records")))
        return
    print_table(
        ["Ramme i alt", "Innen", "Brukt", "Husstander", "Per mill. kr til", "Høyst fra best mulig"],
        [
            [format_mnok(row["budget_nok"]), str(row["year"]), format_mnok(row["spent_nok"]),
             format_int(row["households"]), format_decimal(row["marginal_households"]),
             format_bound(row["gap_share"])]
            for row in table.to_dict("records")
        ],
    )  # fmt: skip


def robustness(
    folder: PlanFolder,
    by_area: Annotated[
        bool, typer.Option("--areas", help="Vis hvor ofte hvert område er bygd innen hvert år.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hva om priser og dekning blir annerledes? Planen, og planer med reserve, i mange utfall."""
    from bredband import pipeline
    from bredband.units import format_decimal, format_int, format_percent

    result = pipeline.robustness(folder)
    table = result.built_share if by_area else result.candidates.dropna()
    if as_json:
        print_json(json.loads(table.reset_index(drop=not by_area).to_json(orient="records")))
        return
    if by_area:
        print_table(
            ["Område", *(f"Bygd innen {year}" for year in table.columns)],
            [
                [str(area), *(format_percent(share, 0) for share in shares)]
                for area, *shares in table.itertuples()
            ],
        )
        return
    print_table(
        ["Reserve", "Husstander", "Reserven koster", "Husstandsår i snitt", "De dårligste",
         "Størst anger", "Sprekker"],
        [
            [format_percent(row["contingency_share"], 0), format_int(row["households"]),
             format_int(row["price_households"]), format_decimal(row["mean_household_years"]),
             format_decimal(row["tail_household_years"]),
             format_percent(row["highest_regret_share"]),
             format_percent(row["overrun_probability"], 0)]
            for row in table.to_dict("records")
        ],
    )  # fmt: skip
    typer.echo(
        "Reserven koster så mange husstander om alt blir som i kalkylen. Utfallene er trukket; "
        "spennene er anslag."
    )
