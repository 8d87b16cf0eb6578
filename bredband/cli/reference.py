"""The commands that show what bredband itself knows: tables and scenario fields."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bredband.cli.arguments import AsJson
from bredband.cli.terminal import print_json, print_table
from bredband.errors import BredbandError


def tables(
    name: Annotated[
        str | None, typer.Argument(help="Vis kolonnene i denne tabellen.", metavar="TABELL")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Hele datamodellen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Vis datamodellen: hver tabell med kolonner, typer og enheter."""
    from bredband.tables import TABLES, kind_of, markdown_of_all
    from bredband.units import unit_of

    if as_json:
        print_json({key: table.column_names for key, table in TABLES.items()})
    elif name is not None:
        if name not in TABLES:
            raise BredbandError(
                f"det finnes ingen tabell «{name}».", advice="«bredband tables» viser alle."
            )
        print_table(
            ["Kolonne", "Type", "Enhet", "Innhold"],
            [[c.name, kind_of(c), unit_of(c.name), c.meaning] for c in TABLES[name].columns],
        )
    elif markdown:
        typer.echo(markdown_of_all())
    else:
        print_table(
            ["Tabell", "Nøkkel", "Geometri", "Innhold"],
            [[t.name, ", ".join(t.key), t.geometry or "–", t.meaning] for t in TABLES.values()],
        )


def scenario(
    file: Annotated[
        Path | None, typer.Argument(help="Scenariofil som skal kontrolleres.", metavar="SCENARIO")
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Skriv JSON-skjemaet.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Skriv feltlista.")] = False,
) -> None:
    """Kontroller en scenariofil, eller vis alle felt den kan ha."""
    from bredband.scenario import Scenario, read_scenario
    from bredband.scenario.document import markdown_of_fields

    if schema:
        print_json(Scenario.model_json_schema())
    elif markdown:
        typer.echo(markdown_of_fields())
    elif file is not None:
        typer.echo(f"{file}: scenariet «{read_scenario(file).name}» er gyldig.")
    else:
        raise BredbandError("oppgi en scenariofil, --schema eller --markdown.")
