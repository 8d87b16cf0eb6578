"""The command line: read, call one function, write. Everything is said in Norwegian."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from bredband.cli import (
    counties,
    county,
    helping,
    misuse,
    plans,
    questions,
    reference,
    sector,
    studio,
)
from bredband.errors import BredbandError, CheckError, cause_of

app = typer.Typer(
    help="Planlegg bredbåndsutbygging for et fylke: dekning, nett, rekkefølge, kart og dokument.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
consult = typer.Typer(help="Høring: skriv lista ut, og ta svarene inn.", no_args_is_help=True)
consult.command("export")(county.consult_export)
consult.command("import")(county.consult_import)

app.command()(plans.run)
app.command()(county.fetch)
app.command()(county.ingest)
app.command()(county.coverage)
app.command()(county.conflicts)
app.add_typer(consult, name="consult")
app.command()(plans.plan)
app.command("map")(plans.map_)
app.command()(plans.report)
app.command()(plans.export)
app.command()(plans.dispatch)
app.command()(plans.check)
app.command()(questions.calibrate)
app.command()(questions.compare)
app.command()(questions.explain)
app.command()(questions.frontier)
app.command()(questions.robustness)
app.command()(counties.counties)
app.command()(sector.sector)
app.command()(reference.tables)
app.command()(reference.scenario)
app.command()(studio.studio)
helping.speak_norwegian(app)


def main() -> NoReturn:
    """Run the command line; faults become one sentence and an exit code."""
    try:
        code = app(standalone_mode=False)
    except BredbandError as fault:
        typer.echo(f"Feil: {fault.message}", err=True)
        if fault.advice:
            typer.echo(f"Tips: {fault.advice}", err=True)
        sys.exit(1 if isinstance(fault, CheckError) else 2)
    except OSError as fault:  # a folder or a disk that no room has met with words of its own
        typer.echo(f"Feil: {fault.filename or 'systemet'}: {cause_of(fault)}.", err=True)
        sys.exit(2)
    except typer.Abort:
        sys.exit(1)
    except TyperException as fault:
        typer.echo(misuse.in_words(fault), err=True)
        sys.exit(2)
    sys.exit(code or 0)
