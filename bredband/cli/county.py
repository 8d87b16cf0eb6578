"""The commands before the plan: what is fetched, read, weighed and heard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bredband.cli.arguments import AsJson, OutFolder, ScenarioFile
from bredband.cli.terminal import counted, print_json, print_table, steps


def fetch(
    area: Annotated[
        str, typer.Argument(help="Kommune eller fylke, med navn eller nummer.", metavar="STED")
    ],
    to: Annotated[Path, typer.Option("--to", help="Mappa som filene lagres i.")],
) -> None:
    """Hent åpne data fra Geonorge og NVDB: adresser, grenser, veger, arealdekke og terreng."""
    from bredband.sources.fetch import fetch_area, find_area

    with steps() as report:
        fetched = fetch_area(find_area(area), to, report=report)
    print_table(["Fil"], [[file.file] for file in fetched])


def ingest(
    scenario: ScenarioFile,
    out: OutFolder,
    check_only: Annotated[
        bool, typer.Option("--check-only", help="Bare valideringsrapporten, ingen fylkesmappe.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Les utgivernes filer inn i fylkesmappa, med valideringsrapport (datakvalitet.html)."""
    from bredband import pipeline
    from bredband.county import read_provenance
    from bredband.scenario import read_scenario
    from bredband.scenario.sources import SOURCE_NAMES
    from bredband.units import format_int

    with steps() as report:
        if check_only:
            rows = pipeline.check_sources(read_scenario(scenario), out, report)
        else:
            pipeline.ingest(read_scenario(scenario), out, report)
            rows = read_provenance(out)["rows"]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["Kilde", "Lest", "Beholdt", "Lagt til side"],
        [
            [SOURCE_NAMES[name], *(format_int(row[n]) for n in ("rows_in", "kept", "set_aside"))]
            for name, row in rows.items()
        ],
    )


def coverage(scenario: ScenarioFile, out: OutFolder, as_json: AsJson = False) -> None:
    """Regn ut hvem som er dekket i dag, ut fra fylkesmappa."""
    from bredband import pipeline
    from bredband.scenario import read_scenario
    from bredband.units import format_int, format_percent

    table = pipeline.assess_coverage(read_scenario(scenario), out)
    if as_json:
        print_json({str(k): v for k, v in table.to_dict("index").items()})
        return
    print_table(
        ["Kommune", "Navn", "Husstander", "Dekket", "Andel"],
        [
            [code, row["name"], format_int(row["households"]), format_int(row["served_households"]),
             format_percent(row["served_share"])]
            for code, row in table.iterrows()
        ],
    )  # fmt: skip


def conflicts(scenario: ScenarioFile, out: OutFolder) -> None:
    """Skriv hvor svar motsier tilbyderne, hvem det er verdt å ringe, og hvor sikker dekningen er."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    for path in pipeline.write_conflicts(out, read_scenario(scenario)):
        typer.echo(f"Skrevet: {path}")


def consult_export(
    scenario: ScenarioFile,
    out: OutFolder,
    to: Annotated[Path, typer.Option("--to", help="Regnearket (CSV) som sendes på høring.")],
) -> None:
    """Skriv lista over adresser uten tilbud, med kolonner som tilbyderne fyller ut, og kartlaget."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    count = pipeline.write_hearing(out, read_scenario(scenario), to)
    layer = to.with_suffix(".geojson").name
    typer.echo(f"{counted(count, 'adresse')} på høring: {to} og kartlaget {layer}")


def consult_import(
    scenario: ScenarioFile,
    out: OutFolder,
    answers: Annotated[
        list[Path], typer.Argument(help="Svarene fra tilbyderne (CSV).", metavar="SVAR")
    ],
) -> None:
    """Ta svarene inn i fylkesmappa, og vis hva de endret."""
    from bredband import pipeline
    from bredband.scenario import read_scenario
    from bredband.units import format_int

    hearing = pipeline.read_hearing(out, read_scenario(scenario), answers)
    if len(hearing.changed):
        moved = hearing.changed.groupby(["before", "after"])["households"].agg(["size", "sum"])
        print_table(
            ["Før", "Etter", "Adresser", "Husstander"],
            [[*k, *map(format_int, v)] for k, *v in moved.itertuples()],
        )
    typer.echo(
        f"{format_int(hearing.answers)} svar tatt inn, "
        f"{counted(len(hearing.set_aside), 'rad')} lagt til side."
    )
    for reason, rows in hearing.set_aside.groupby("reason"):
        typer.echo(f"  {format_int(len(rows))}: {reason}")
    typer.echo(
        f"{counted(len(hearing.changed), 'adresse')} har fått ny status; se endringer.csv i {out}."
    )
    if hearing.answers:
        typer.echo(
            f"Svarene ligger i {out / 'horing'} og er med hver gang fylket leses inn på nytt; "
            "ta bort fila der for å trekke dem."
        )
