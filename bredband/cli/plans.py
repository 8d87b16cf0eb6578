"""The commands that make a plan, write it out and hold it against its own tables."""

from __future__ import annotations

from typing import Annotated

import typer

from bredband.cli.arguments import AsJson, OutFolder, PlanFolder, ScenarioFile
from bredband.cli.terminal import print_json, print_key_figures, steps
from bredband.errors import CheckError


def run(
    scenario: ScenarioFile,
    out: OutFolder,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Regn ut alt på nytt; bruk ingenting fra før.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Lag hele planen: les filene, planlegg, og skriv kart, dokument og GeoPackage."""
    from bredband import pipeline
    from bredband.county import read_provenance
    from bredband.scenario import read_scenario
    from bredband.store import Store

    store = Store(out / pipeline.STORE_FOLDER, fresh=fresh)
    with steps() as report, pipeline.rehearsing():
        plan = pipeline.run(read_scenario(scenario), out, report, store)
    if as_json:
        print_json(plan.kpis())
        return
    print_key_figures(plan.kpis(), synthetic=plan.scenario.synthetic)
    for line in pipeline.what_was_done(store):
        typer.echo(line)
    if heard := read_provenance(out)["rows"].get("hearing"):
        typer.echo(f"Høringssvar er med: {heard['kept']} svar.")
    typer.echo(f"Kart:     {out / pipeline.MAP_FILE}")
    if plan.scenario.output.public_map:
        typer.echo(f"          {out / pipeline.PUBLIC_MAP_FILE}")
    typer.echo(f"Dokument: {out / pipeline.DOCUMENT_FILE}")


def plan(scenario: ScenarioFile, out: OutFolder, as_json: AsJson = False) -> None:
    """Lag planen fra en fylkesmappe som alt er lest inn, uten kart og dokument."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    with steps() as report:
        made = pipeline.plan_county(read_scenario(scenario), out, report)
    if as_json:
        print_json(made.kpis())
    else:
        print_key_figures(made.kpis(), synthetic=made.scenario.synthetic)


def map_(folder: PlanFolder) -> None:
    """Tegn kartet på nytt fra en ferdig plan, og det offentlige om scenariet ber om det."""
    from bredband import pipeline

    for path in pipeline.write_map(folder, pipeline.read_plan(folder)):
        typer.echo(f"Kart: {path}")


def report(folder: PlanFolder) -> None:
    """Skriv plandokumentet (Word, PDF, nettside) og en sak per kommune fra en ferdig plan."""
    from bredband import pipeline

    plan = pipeline.read_plan(folder)
    typer.echo(f"Dokument: {pipeline.write_report(folder, plan)}")
    for path in pipeline.write_council_cases(folder, plan):
        typer.echo(f"Kommunesak: {path}")


def export(folder: PlanFolder) -> None:
    """Skriv planen som åpne data: GeoJSON, GeoParquet, adresselister, OFDS og metadata."""
    from bredband import pipeline

    typer.echo(f"Datapakke: {pipeline.write_package(folder, pipeline.read_plan(folder))}")


def dispatch(
    folder: PlanFolder,
    send: Annotated[
        bool,
        typer.Option("--send", help="Send med nøklene i miljøet. Uten dette sendes ingenting."),
    ] = False,
) -> None:
    """Legg planen klar som SvarUt-forsendelse på disk, og send den bare om du ber om det."""
    from bredband import pipeline

    typer.echo(f"Forsendelse: {pipeline.write_dispatch(folder, pipeline.read_plan(folder))}")
    if send:
        typer.echo(f"Sendt: {pipeline.send_dispatch(folder)}")


def check(folder: PlanFolder) -> None:
    """Regn etter en skrevet plan: rammer, rekkefølge, antall og nøkkeltall."""
    from bredband.check import check_folder
    from bredband.exchange import read_plan_json
    from bredband.renewal import settle
    from bredband.sector import SECTOR_FILE, check_sector

    settle(folder)
    is_sector = (folder / SECTOR_FILE).is_file()
    if not is_sector:
        read_plan_json(folder / "plan.json")  # what lacks a figure cannot be held against others
    faults = check_sector(folder) if is_sector else check_folder(folder)
    for fault in faults[:20]:
        typer.echo(f"Avvik: {fault}")
    if faults:
        raise CheckError(
            f"{folder}: planen stemmer ikke med seg selv ({len(faults)} avvik).",
            advice=f"Lag planen på nytt med «bredband {'sector' if is_sector else 'run'}».",
        )
    typer.echo(f"{folder}: planen stemmer.")
