"""The command that opens the planner's own page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
