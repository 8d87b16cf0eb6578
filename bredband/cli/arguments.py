"""The arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ScenarioFile = Annotated[Path, typer.Argument(help="Scenariofila (TOML).", metavar="SCENARIO")]
OutFolder = Annotated[Path, typer.Option("--out", help="Mappa som alt skrives til.")]
PlanFolder = Annotated[Path, typer.Argument(help="Mappe fra «bredband run».", metavar="MAPPE")]
AsJson = Annotated[bool, typer.Option("--json", help="Skriv svaret som JSON til standard ut.")]
