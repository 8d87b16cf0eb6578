"""The command line: read, call one function, write. Everything is said in Norwegian."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bredband.errors import BredbandError, CheckError

app = typer.Typer(
    help="Planlegg bredbåndsutbygging for et fylke: dekning, nett, rekkefølge, kart og dokument.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

consult = typer.Typer(help="Høring: skriv lista ut, og ta svarene inn.", no_args_is_help=True)
app.add_typer(consult, name="consult")

ScenarioFile = Annotated[Path, typer.Argument(help="Scenariofila (TOML).", metavar="SCENARIO")]
OutFolder = Annotated[Path, typer.Option("--out", help="Mappa som alt skrives til.")]
PlanFolder = Annotated[Path, typer.Argument(help="Mappe fra «bredband run».", metavar="MAPPE")]
AsJson = Annotated[bool, typer.Option("--json", help="Skriv svaret som JSON til standard ut.")]


@app.command()
def run(scenario: ScenarioFile, out: OutFolder, as_json: AsJson = False) -> None:
    """Lag hele planen: les filene, planlegg, og skriv kart, dokument og GeoPackage."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    with _steps() as report:
        plan = pipeline.run(read_scenario(scenario), out, report)
    if as_json:
        _print_json(plan.kpis())
        return
    _print_key_figures(plan.kpis(), synthetic=plan.scenario.synthetic)
    typer.echo(f"Kart:     {out / pipeline.MAP_FILE}")
    typer.echo(f"Dokument: {out / pipeline.DOCUMENT_FILE}")


@app.command()
def fetch(
    area: Annotated[str, typer.Argument(help="Kommune eller fylke, med navn eller nummer.")],
    to: Annotated[Path, typer.Option("--to", help="Mappa som filene lagres i.")],
) -> None:
    """Hent åpne data fra Geonorge og NVDB: adresser, grenser, veger, arealdekke og terreng."""
    from bredband.sources.fetch import fetch_area, find_area

    with _steps() as report:
        fetched = fetch_area(find_area(area), to, report=report)
    _print_table(["Fil"], [[file.file] for file in fetched])


@app.command()
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

    with _steps() as report:
        if check_only:
            rows = pipeline.check_sources(read_scenario(scenario), out, report)
        else:
            pipeline.ingest(read_scenario(scenario), out, report)
            rows = read_provenance(out)["rows"]
    if as_json:
        _print_json(rows)
        return
    _print_table(
        ["Kilde", "Lest", "Beholdt", "Lagt til side"],
        [
            [SOURCE_NAMES[name], row["rows_in"], row["kept"], row["set_aside"]]
            for name, row in rows.items()
        ],
    )


@app.command()
def coverage(scenario: ScenarioFile, out: OutFolder, as_json: AsJson = False) -> None:
    """Regn ut hvem som er dekket i dag, ut fra fylkesmappa."""
    from bredband import pipeline
    from bredband.scenario import read_scenario
    from bredband.units import format_int, format_percent

    table = pipeline.assess_coverage(read_scenario(scenario), out)
    if as_json:
        _print_json({str(k): v for k, v in table.to_dict("index").items()})
        return
    _print_table(
        ["Kommune", "Navn", "Husstander", "Dekket", "Andel"],
        [
            [code, row["name"], format_int(row["households"]), format_int(row["served_households"]),
             format_percent(row["served_share"])]
            for code, row in table.iterrows()
        ],
    )  # fmt: skip


@app.command()
def conflicts(scenario: ScenarioFile, out: OutFolder) -> None:
    """Skriv hvor svar og målinger motsier tilbyderne, og de hundre telefonene som er verdt mest."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    for path in pipeline.write_conflicts(out, read_scenario(scenario)):
        typer.echo(f"Skrevet: {path}")


@consult.command("export")
def consult_export(
    scenario: ScenarioFile,
    out: OutFolder,
    to: Annotated[Path, typer.Option("--to", help="Regnearket (CSV) som sendes på høring.")],
) -> None:
    """Skriv lista over adresser uten tilbud, med kolonner som tilbyderne fyller ut."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    count = pipeline.write_hearing(out, read_scenario(scenario), to)
    typer.echo(f"{count} adresser på høring: {to}")


@consult.command("import")
def consult_import(
    scenario: ScenarioFile,
    out: OutFolder,
    answers: Annotated[list[Path], typer.Argument(help="Svarene fra tilbyderne (CSV).")],
) -> None:
    """Ta svarene inn i fylkesmappa, og vis hva de endret."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    changed = pipeline.read_hearing(out, read_scenario(scenario), answers)
    typer.echo(f"{len(changed)} adresser har fått ny status; se endringer.csv i {out}.")


@app.command()
def plan(scenario: ScenarioFile, out: OutFolder, as_json: AsJson = False) -> None:
    """Lag planen fra en fylkesmappe som alt er lest inn, uten kart og dokument."""
    from bredband import pipeline
    from bredband.scenario import read_scenario

    with _steps() as report:
        made = pipeline.plan_county(read_scenario(scenario), out, report)
    if as_json:
        _print_json(made.kpis())
    else:
        _print_key_figures(made.kpis(), synthetic=made.scenario.synthetic)


@app.command("map")
def map_(folder: PlanFolder) -> None:
    """Tegn kartet på nytt fra en ferdig plan."""
    from bredband import pipeline

    typer.echo(f"Kart: {pipeline.write_map(folder, pipeline.read_plan(folder))}")


@app.command()
def report(folder: PlanFolder) -> None:
    """Skriv plandokumentet (Word, PDF, nettside) og en sak per kommune fra en ferdig plan."""
    from bredband import pipeline

    plan = pipeline.read_plan(folder)
    typer.echo(f"Dokument: {pipeline.write_report(folder, plan)}")
    for path in pipeline.write_council_cases(folder, plan):
        typer.echo(f"Kommunesak: {path}")


@app.command()
def export(folder: PlanFolder) -> None:
    """Skriv planen som åpne data: GeoJSON, GeoParquet, adresselister, OFDS og metadata."""
    from bredband import pipeline

    typer.echo(f"Datapakke: {pipeline.write_package(folder, pipeline.read_plan(folder))}")


@app.command()
def dispatch(
    folder: PlanFolder,
    send: Annotated[
        bool,
        typer.Option("--send", help="Send med nøklene i miljøet. Uten dette sendes ingenting."),
    ] = False,
) -> None:
    """Legg planen klar som SvarUt-forsendelse på disk, og send den bare om du ber om det."""
    from bredband import pipeline

    typer.echo(f"Forsendelse: {pipeline.write_dispatch(folder)}")
    if send:
        typer.echo(f"Sendt: {pipeline.send_dispatch(folder)}")


@app.command()
def check(folder: PlanFolder) -> None:
    """Regn etter en skrevet plan: rammer, rekkefølge, antall og nøkkeltall."""
    from bredband.check import check_folder
    from bredband.sector import SECTOR_FILE, check_sector

    is_sector = (folder / SECTOR_FILE).is_file()
    faults = check_sector(folder) if is_sector else check_folder(folder)
    for fault in faults[:20]:
        typer.echo(f"Avvik: {fault}")
    if faults:
        raise CheckError(
            f"{folder}: planen stemmer ikke med seg selv ({len(faults)} avvik).",
            advice=f"Lag planen på nytt med «bredband {'sector' if is_sector else 'run'}».",
        )
    typer.echo(f"{folder}: planen stemmer.")


@app.command()
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
        _print_json(json.loads(changes.to_json(orient="records")))
        return
    used = changes[changes["bill_before_nok"] > 0]
    _print_table(
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


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(help="To eller flere planmapper.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Skriv side, tabeller og kart til denne mappa.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sett flere planer ved siden av hverandre: nøkkeltall, kommuner, år og områder som flytter."""
    from bredband.county import read_json
    from bredband.units import format_decimal, format_int, format_percent

    if len(folders) < 2:
        raise BredbandError("compare trenger minst to planmapper.")
    documents = [read_json(folder / "plan.json") for folder in folders]
    if out is not None:
        from bredband import pipeline

        for path in pipeline.compare_plans(folders, out):
            typer.echo(f"Skrevet: {path}")
        return
    if as_json:
        names = [str(folder) for folder in folders]
        _print_json(dict(zip(names, (document["kpis"] for document in documents), strict=True)))
        return
    rows = []
    for key in documents[0]["kpis"]:
        values = [document["kpis"].get(key) for document in documents]
        write = (
            format_percent if key.endswith("_share")
            else format_decimal if key.endswith(("_km", "_household_years"))
            else format_int
        )  # fmt: skip
        rows.append([key, *("–" if value is None else write(value) for value in values)])
    _print_table(["Nøkkeltall", *(document["scenario"]["name"] for document in documents)], rows)


@app.command()
def explain(
    folder: PlanFolder,
    area: Annotated[str, typer.Argument(help="Området (area_id), fra kartet eller dokumentet.")],
) -> None:
    """Hvorfor ikke min grend? Si i tall hva som skal til for at et område kommer med."""
    from bredband import pipeline

    for sentence in pipeline.explain(folder, area):
        typer.echo(sentence)


@app.command()
def frontier(
    folder: PlanFolder,
    more_nok: Annotated[
        float, typer.Option("--more", help="Kroner mer i ett år: hva gir det, og hvor?")
    ] = 0.0,
    year: Annotated[int, typer.Option("--year", help="Året som får mer.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Hva andre rammer ville gitt: husstander mot samlet tilskudd, eller mer penger i ett år."""
    from bredband import pipeline
    from bredband.units import format_decimal, format_int, format_mnok, format_percent

    if more_nok:
        extra = pipeline.with_more(folder, year=year, amount_nok=more_nok)
        typer.echo(
            f"{format_mnok(more_nok)} mer i {year}: {format_int(extra.gained_households)} flere "
            f"husstander, {format_decimal(extra.gained_household_years)} flere vektede husstandsår."
        )
        _print_table(
            ["Område", "Før", "Etter"],
            [
                [row["area_id"], row["year_before"] or "–", row["year_after"] or "–"]
                for row in json.loads(extra.moves.to_json(orient="records"))
            ],
        )
        return
    table = pipeline.frontier(folder)
    if as_json:
        _print_json(json.loads(table.to_json(orient="records")))
        return
    _print_table(
        ["Ramme i alt", "Husstander", "Per mill. kr til", "Høyst fra best mulig"],
        [
            [format_mnok(row["budget_nok"]), format_int(row["households"]),
             format_decimal(row["marginal_households"]), format_percent(row["gap_share"], 2)]
            for row in table.to_dict("records")
        ],
    )  # fmt: skip


@app.command()
def sector(
    folders: Annotated[
        list[Path], typer.Argument(help="Planmapper eller planpakker fra to eller flere fylker.")
    ],
    out: OutFolder,
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="Valgene for sektorplanen (TOML).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sett fylkenes planer sammen, og fordel en nasjonal ramme: etter nøkkel og best mulig."""
    from bredband import pipeline
    from bredband.plan import SYNTHETIC_LABEL
    from bredband.units import format_int, format_mnok, format_percent

    with _steps() as report:
        content = pipeline.plan_sector(folders, out, scenario, report)
    kpis = content["kpis"]
    if as_json:
        _print_json(kpis)
        return
    if content["publication"]["synthetic"]:
        typer.echo(SYNTHETIC_LABEL)
    names = {"key": "Nøkkel", "optimal": "Beste"}
    rows = [
        [county["county"], *(
            text for kind in names for text in (
                format_mnok(county[kind]["kpis"]["budget_nok"]),
                format_int(county[kind]["kpis"]["gained_households"]),
            )
        )]
        for county in [*content["counties"], {"county": "Sum"} | {k: {"kpis": kpis[k]} for k in names}]
    ]  # fmt: skip
    header = [part for name in names.values() for part in (f"{name}, ramme", "husstander")]
    _print_table(["Fylke", *header], rows)
    proof = content["proofs"][0]
    typer.echo(f"Avvik:    høyst {format_percent(proof['gap_share'], 2)} fra best mulig (bevist)")
    typer.echo(f"Dokument: {out / pipeline.SECTOR_DOCUMENT_FILE}")
    typer.echo(f"Rammer:   {out / pipeline.BUDGET_FOLDER}")


@app.command()
def tables(
    markdown: Annotated[bool, typer.Option("--markdown", help="Hele datamodellen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Vis datamodellen: hver tabell med kolonner, typer og enheter."""
    from bredband.tables import TABLES, markdown_of_all

    if as_json:
        _print_json({name: table.column_names for name, table in TABLES.items()})
    elif markdown:
        typer.echo(markdown_of_all())
    else:
        _print_table(
            ["Tabell", "Nøkkel", "Geometri", "Innhold"],
            [[t.name, ", ".join(t.key), t.geometry or "–", t.meaning] for t in TABLES.values()],
        )


@app.command()
def scenario(
    file: Annotated[Path | None, typer.Argument(help="Scenariofil som skal kontrolleres.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Skriv JSON-skjemaet.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Skriv feltlista.")] = False,
) -> None:
    """Kontroller en scenariofil, eller vis alle felt den kan ha."""
    from bredband.scenario import Scenario, read_scenario
    from bredband.scenario.document import markdown_of_fields

    if schema:
        _print_json(Scenario.model_json_schema())
    elif markdown:
        typer.echo(markdown_of_fields())
    elif file is not None:
        typer.echo(f"{file}: scenariet «{read_scenario(file).name}» er gyldig.")
    else:
        raise BredbandError("oppgi en scenariofil, --schema eller --markdown.")


@app.command()
def studio(
    folder: Annotated[
        Path, typer.Argument(help="Mappa der fylker og scenarioer lagres.", metavar="[MAPPE]")
    ] = Path("bredband-studio"),
    port: Annotated[
        int, typer.Option(help="Port på 127.0.0.1; 0 = en ledig.", min=0, max=65535)
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Åpne siden i nettleseren.")
    ] = True,
) -> None:
    """Åpne planleggerens egen side: last inn fylket, kjør scenarioer og sammenlign."""
    from bredband.studio import serve

    serve(folder, port=port, open_browser=browser, say=typer.echo)


def main() -> NoReturn:
    """Run the command line; faults become one sentence and an exit code."""
    try:
        app()
    except BredbandError as fault:
        typer.echo(f"Feil: {fault.message}", err=True)
        if fault.advice:
            typer.echo(f"Tips: {fault.advice}", err=True)
        sys.exit(1 if isinstance(fault, CheckError) else 2)
    sys.exit(0)


@contextmanager
def _steps() -> Iterator[Any]:
    """Show the step at hand with its time on a terminal; say nothing elsewhere."""
    if not sys.stderr.isatty():
        from bredband.pipeline.progress import silent

        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        current: list[Any] = []

        def begin(step: str) -> None:
            if current:
                progress.stop_task(current[-1])
            current.append(progress.add_task(step, total=None))

        yield begin


def _print_json(content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _print_table(header: list[str], rows: list[list[Any]]) -> None:
    """Print columns wide enough for their content; numbers to the right."""
    cells = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        typer.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _print_key_figures(kpis: dict[str, Any], *, synthetic: bool) -> None:
    from bredband.plan import SYNTHETIC_LABEL
    from bredband.units import format_int, format_mnok, format_percent

    if synthetic:
        typer.echo(SYNTHETIC_LABEL)
    before, after = kpis["served_before_share"], kpis["served_after_share"]
    typer.echo(f"Dekket:   {format_percent(before)} i dag, {format_percent(after)} etter planen")
    typer.echo(
        f"Bygges:   {kpis['areas_built']} av {kpis['areas']} områder, "
        f"{format_int(kpis['gained_households'])} husstander, {format_int(kpis['trench_km'])} km grøft"
    )
    typer.echo(
        f"Penger:   {format_mnok(kpis['grant_nok'])} i tilskudd av {format_mnok(kpis['budget_nok'])}, "
        f"byggepris {format_mnok(kpis['capex_nok'])}"
    )
